"""Builds that are killed, and that meet each other: dist/ stays whole, and the next one is right."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.conftest import ROOT
from tests.small_course import DECK, small_course

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("faults")]
KILLS = int(os.environ.get("KIT_KILLS", "2"))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """A small course in a folder with a space and an accent in its name, and how long its build has taken."""
    root = tmp_path_factory.mktemp("faults") / "a course à la carte"
    root.mkdir()
    small_course(root)
    began = time.monotonic()
    assert succeeds(root)
    return root, time.monotonic() - began


@pytest.fixture(scope="module")
def course(first: tuple[Path, float]) -> Path:
    return first[0]


def build(root: Path) -> subprocess.Popen[str]:
    """Start a build that has a folder of temporary files to itself, beside the course."""
    command = [sys.executable, str(root / "build.py")]
    temporary(root).mkdir(exist_ok=True)
    env, pipe = {**os.environ, "TMPDIR": str(temporary(root))}, subprocess.PIPE
    return subprocess.Popen(command, cwd=root, env=env, encoding="utf-8", stdout=pipe, stderr=pipe)


def succeeds(root: Path, says: str = "files") -> bool:
    process = build(root)
    return says in process.communicate()[0] and process.returncode == 0


def temporary(root: Path) -> Path:
    return root.parent / "t"  # short, as the paths of sockets must be


def nothing_left(root: Path) -> bool:
    """Whether a build has left nothing but dist/ and what is kept."""
    files = [*root.glob(".dist*"), *root.rglob("*.part"), *(root / ".cache" / "temporary").iterdir()]
    return [*files, *temporary(root).iterdir(), *strays(root)] == []


def strays(root: Path) -> list[psutil.Process]:
    """The processes that builds have started and that do not end."""
    for _ in range(100):
        if not (left := [each for each in psutil.process_iter() if temporary_files(each) == temporary(root)]):
            break
        time.sleep(0.05)
    return left


def temporary_files(process: psutil.Process) -> Path | None:
    """The folder in which a process was told to have the folder of its temporary files."""
    try:
        return Path(process.environ().get("TMPDIR", "")).parent
    except psutil.Error:  # it has ended, or is somebody else's
        return None


def whole(root: Path) -> dict[str, str]:
    """The sums of dist/, which must be those of its manifest."""
    sums = json.loads((root / "dist" / "manifest.json").read_bytes())["files"]
    files = {path.relative_to(root / "dist").as_posix(): path for path in (root / "dist").rglob("*.*")}
    files = {name: path for name, path in files.items() if path.is_file() and name != "manifest.json"}
    assert {name: sha256(path.read_bytes()).hexdigest() for name, path in files.items()} == sums
    return sums


def edit(root: Path, words: str) -> None:
    (root / "decks" / "01_small.md").write_text(DECK.replace("Words.", words), encoding="utf-8")


def test_killed_at_any_moment_it_leaves_a_whole_dist_and_the_next_build_is_right(
    first: tuple[Path, float],
) -> None:
    chance = random.Random(7)
    course, length = first
    for n in range(KILLS):
        good = whole(course)
        edit(course, f"Words of kill {n}.")
        process = build(course)
        time.sleep(chance.uniform(0, length))
        process.kill()
        process.communicate()
        assert strays(course) == []
        if (course / "dist").exists():  # between two renames it is beside its place
            assert whole(course) == good or f"Words of kill {n}." in page(course)
    assert succeeds(course)
    assert whole(course)
    assert f"Words of kill {KILLS - 1}." in page(course)
    assert succeeds(course, "Nothing has changed")
    assert nothing_left(course)


def page(root: Path) -> str:
    return (root / "dist" / "public" / "slides" / "01_small.html").read_text(encoding="utf-8")


def test_of_two_builds_at_once_the_second_waits(course: Path) -> None:
    edit(course, "Two at once.")
    first, second = build(course), build(course)
    told = [process.communicate() for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0]
    assert sum("this one waits for it" in out for out, _ in told) == 1
    assert "Two at once." in page(course)


NAMESPACES = shutil.which("unshare") and subprocess.run(["unshare", "-rm", "true"]).returncode == 0
ROOM = "; make room, and see that the folder may be written\ndist/ is as it was.\n"


@pytest.fixture(scope="module")
def refused(course: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of builds on a small disk of their own that refuses to write."""
    command = ["unshare", "-rm", sys.executable, "-m", "tests.refusing"]
    arguments = [str(course), str(tmp_path_factory.mktemp("d"))]
    done = subprocess.run([*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout))


@pytest.mark.skipif(not NAMESPACES, reason="needs disks of its own")
@pytest.mark.parametrize(
    ("build", "message"),
    [
        ("read-only dist/", r"dist/ cannot be written: Device or resource busy" + ROOM),
        ("read-only project", r"\S.*/\.cache/build\.lock cannot be written: Read-only file system" + ROOM),
        ("full for dist/", r"dist/ cannot be written: No space left on device" + ROOM),
        ("full", r"\S.*/\.cache/temporary/\S+ cannot be written: No space left on device" + ROOM),
        (
            "full for what is temporary",
            r"(a file in \S+ cannot be written: No space left on device"
            r"|decks/01_small.md: Chromium crashed twice while it printed this).*\ndist/ is as it was\.\n",
        ),
        ("next", ""),
    ],
    ids=["read-only dist", "read-only", "full for dist", "full", "full for what is temporary", "next"],
)
def test_a_disk_that_refuses_is_told_in_one_line_and_nothing_is_lost_or_left(
    refused: dict[str, Any], build: str, message: str
) -> None:
    told = refused[build]
    assert re.fullmatch(f"error: {message}" if message else "", told["said"])
    assert told["code"] == bool(message)
    assert told["sums"] == refused["sums"]
    assert (told["left"], told["processes"]) == ([], 0)


FLOOD = """
```{code-cell} python
while True:
    try:
        print("more and more " * 100)
    except BaseException:
        pass
```
"""


def test_a_cell_that_floods_its_output_is_named_and_nothing_is_lost_or_left(course: Path) -> None:
    good, deck = whole(course), course / "decks" / "01_small.md"
    before = deck.read_text(encoding="utf-8")
    edit(course, FLOOD)
    process = build(course)
    _, told = process.communicate()
    assert told == (
        "error: decks/01_small.md, line 10: cell writes more than 10 MB; "
        "mend the cell; it must run from top to bottom\ndist/ is as it was.\n"
    )
    assert process.returncode == 1
    assert whole(course) == good
    assert nothing_left(course)
    deck.write_text(before, encoding="utf-8")
    assert succeeds(course, "Nothing has changed")
