"""Where the browser is looked for.

The last place, npm's own Chromium, prints every page of these tests where no other browser is installed.
"""

import stat
from pathlib import Path

import pytest

from kit import browser
from kit.errors import KitError
from tests.conftest import ROOT


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_the_environment_variable_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = executable(tmp_path / "my-chrome")
    monkeypatch.setenv("KIT_BROWSER", str(chosen))
    assert browser.find(ROOT) == (chosen, {})


def test_a_variable_that_names_no_file_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIT_BROWSER", "/nowhere/chrome")
    with pytest.raises(KitError, match="KIT_BROWSER names /nowhere/chrome, which is no file"):
        browser.find(ROOT)


def test_then_an_installed_one_and_then_playwrights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KIT_BROWSER", raising=False)
    monkeypatch.setattr(browser, "PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "managed"))
    older = executable(tmp_path / "managed" / "chromium-1180" / "chrome-linux" / "chrome")
    assert browser.find(ROOT) == (older, {})
    newer = executable(
        tmp_path / "managed" / "chromium_headless_shell-1200" / "chrome-linux" / "headless_shell"
    )
    assert browser.find(ROOT) == (newer, {})
    installed = executable(tmp_path / "bin" / "chromium")
    assert browser.find(ROOT) == (installed, {})
