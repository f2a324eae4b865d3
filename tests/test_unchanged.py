"""Whether dist/ is still what a build would make."""

import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from kit import unchanged, write
from kit.files import Built
from kit.kept import Made, Moment, keep, kept, known, newer, now


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A project that has been built from a deck and a module which the deck's cells have imported."""
    for name in (
        "decks/01_a.md",
        "library/used.py",
        "library/other.py",
        "package-lock.json",
        "pyproject.toml",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    began = now()
    kept(tmp_path, "run/01_a", "cells", lambda: Made("outputs", ["library/used.py"]))
    write.write(Built(tmp_path, {"public/a.html": b"a", "public/b.html": b"b"}), tmp_path / "dist")
    unchanged.note(tmp_path, began)
    return tmp_path


def test_nothing_has_changed(built: Path) -> None:
    assert unchanged.unchanged(built) == 3
    (built / "library" / "other.py").write_text("which nothing has read")
    (built / "decks" / "01_a.md").touch()
    assert unchanged.unchanged(built) == 3


@pytest.mark.parametrize(
    "name",
    [
        "decks/01_a.md",
        "decks/02_new.md",
        "library/used.py",
        "package-lock.json",
        "dist/public/a.html",
        "dist/public/new.html",
        "dist/manifest.json",
        ".cache/built.json",
    ],
)
def test_something_has_changed(built: Path, name: str) -> None:
    (built / name).write_text("another")
    assert unchanged.unchanged(built) == 0


@pytest.mark.parametrize(
    "name", ["decks/01_a.md", "library/used.py", "dist/public/a.html", ".cache/built.json"]
)
def test_something_has_gone(built: Path, name: str) -> None:
    (built / name).unlink()
    assert unchanged.unchanged(built) == 0


def test_other_packages_are_a_change(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unchanged, "versions", lambda: "Python 4")
    assert unchanged.unchanged(built) == 0


def test_what_was_saved_during_the_build_is_built_again(built: Path) -> None:
    (built / ".cache" / "built.json").unlink()
    unchanged.note(built, began=now()._replace(clock=(built / "decks" / "01_a.md").stat().st_ctime_ns - 1))
    assert unchanged.unchanged(built) == 0


def slow(root: Path) -> str:
    def make() -> Made:
        with (root / "made").open("a") as file:
            file.write("x")
        while not (root / "go").exists():
            time.sleep(0.01)
        return Made("outputs")

    return str(kept(root, "run/a", "cells", make))


def test_what_another_process_is_making_is_waited_for(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        both = [pool.submit(slow, tmp_path) for _ in range(2)]
        while not (tmp_path / "made").exists():
            time.sleep(0.01)
        time.sleep(1)  # the other one has begun, too
        (tmp_path / "go").touch()
        assert [each.result() for each in both] == ["outputs", "outputs"]
    assert (tmp_path / "made").read_text() == "x"


def test_a_file_that_was_changed_while_it_was_used_is_read_again(tmp_path: Path) -> None:
    source, times = tmp_path / "data.csv", []
    source.write_text("1")

    def make() -> Made:
        times.append(source.read_text())
        source.write_text("2")
        return Made(times[-1], ["data.csv"])

    assert [kept(tmp_path, "run/01_a", "cells", make) for _ in range(2)] == ["1", "2"]


HOUR = 3600 * 10**9


@pytest.mark.parametrize("hours", [-1000, 1000], ids=["past", "future"])
def test_a_time_that_a_file_claims_to_have_changes_nothing(tmp_path: Path, hours: int) -> None:
    source = tmp_path / "data.csv"
    claimed = now().clock + hours * HOUR

    def saved(text: str) -> None:
        source.write_text(text)
        os.utime(source, ns=(claimed, claimed))

    def make() -> Made:
        return Made(source.read_text(), ["data.csv"])

    def make_while_it_is_saved() -> Made:
        before = source.read_text()
        saved("3")
        return Made(before, ["data.csv"])

    saved("1")
    assert kept(tmp_path, "run/a", "cells", make) == "1"
    assert known(tmp_path, "run/a", "cells") == ["1"]
    saved("2")
    assert kept(tmp_path, "run/a", "cells", make_while_it_is_saved) == "2"
    assert known(tmp_path, "run/a", "cells") == []
    assert kept(tmp_path, "run/a", "cells", make) == "3"


def test_what_is_saved_after_the_clock_was_set_back_is_newer_than_what_began_before(tmp_path: Path) -> None:
    source = tmp_path / "data.csv"
    began = Moment(now().clock + HOUR, now().passed)  # by a clock that was set back by an hour after this
    time.sleep(0.02)  # file systems count in steps of up to 10 ms
    source.write_text("1")
    assert newer(source, began)
    keep(tmp_path, "run/a", "cells", Made("0", ["data.csv"]), began)
    assert known(tmp_path, "run/a", "cells") == []
