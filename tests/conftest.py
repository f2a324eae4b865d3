"""Loops and fast for one suite, a course in a temporary folder, and the kit built once for browser tests."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from filelock import FileLock
from playwright.sync_api import Browser
from threadpoolctl import threadpool_limits

from benchmarks.browsing import opened
from kit import assets, course, write
from kit.browser import find
from tinyspatial import fast, loops

ROOT = Path(__file__).resolve().parent.parent
HEAD = "---\ntitle: A small lecture\nauthor: A. Lecturer\n---\n\n"


def pytest_configure() -> None:
    """One thread for matrix products: in the tests they are small, and threads would wait for each other."""
    threadpool_limits(1)


def pytest_sessionstart(session: pytest.Session) -> None:
    """On a fresh clone, have what comes from npm, and a browser, before two workers ask for it at once."""
    if not hasattr(session.config, "workerinput"):
        assets.install(ROOT)
        find(ROOT)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the kit's dist/ comes last: until then one worker has built it for all."""
    items.sort(key=lambda item: "dist" in getattr(item, "fixturenames", ()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """On CI everything is installed, so a test that was skipped has not said what it should."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session", params=[loops, fast], ids=["loops", "fast"])
def ops(request: pytest.FixtureRequest) -> ModuleType:
    """Whoever asks for it runs twice: once over the loops, once over their fast twin."""
    return request.param


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """A folder with the sources given by name; what the browser needs is shared with the project itself."""

    def make(**sources: str) -> Path:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(ROOT / name, tmp_path / name)
        (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
        (tmp_path / ".cache").mkdir()
        (ROOT / ".cache" / "chromium").mkdir(parents=True, exist_ok=True)
        (tmp_path / ".cache" / "chromium").symlink_to(ROOT / ".cache" / "chromium")
        for name, text in sources.items():
            kind, _, stem = name.partition("_")
            path = tmp_path / kind / f"{stem}.md"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return make


@pytest.fixture
def deck_folder(project: Callable[..., Path]) -> Callable[[str], Path]:
    """A course of one deck, decks/01_small.md, whose front matter takes five lines."""
    return lambda text: project(decks_01_small=HEAD + text)


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kit's own dist/, built for real, and once for all workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "dist"
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            write.write(course.build(ROOT), folder)
    return folder


@pytest.fixture(scope="module")
def chromium(dist: Path) -> Iterator[Browser]:
    """One real browser for a module of tests, started after the build has closed its own."""
    with opened(ROOT) as browser:
        yield browser
