"""A whole class graded: nothing of one submission touches another, and nothing that is done is lost."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from kit.errors import KitError
from kit.grading import judge, marking
from kit.grading.collect import Submission
from tests.conftest import ROOT
from tests.small_class import ASSIGNMENTS, DOUBLE, HALVE, STUB, notebook

CLASS = [
    Submission("ada", "01_double", "a", notebook(DOUBLE)),
    Submission("ada", "02_halve", "b", notebook(HALVE, words="Because of the half.")),
    Submission("bob", "01_double", "c", notebook(STUB)),
    Submission("cy", "01_double", "d", notebook("import os; os._exit(0)", DOUBLE)),
    Submission("di", "01_double", "e", b"{"),
    Submission("eve", "01_double", "f", b"", "larger than 32 MiB"),
]


class Counting(ThreadPoolExecutor):
    """Two threads that know how much they were asked to do."""

    asked = 0

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        self.asked += 1
        return super().submit(*args, **kwargs)


class Ended(Executor):
    """An executor whose every piece of work comes to this end."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self.error is None:
            future.cancel()
            future.set_running_or_notify_cancel()
        else:
            future.set_exception(self.error)
        return future


def graded(store: Path) -> tuple[dict[tuple[str, str], marking.Marked], int]:
    """What is said of the class, and how many submissions had to be graded for it."""
    with Counting(2) as pool:
        done = list(marking.grade_all(CLASS, ASSIGNMENTS, pool, store))
    return {each.submission[:2]: each for each in done}, pool.asked


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[tuple[str, str], marking.Marked]]:
    """A folder of results, and what was said when they were made."""
    store = tmp_path_factory.mktemp("results")
    done, asked = graded(store)
    assert asked == 5
    return store, done


def test_every_submission_has_its_own_marks(first: tuple[Path, dict]) -> None:
    points = {key: each.result["answers"][0]["alone"] for key, each in first[1].items()}
    assert points == {
        **{("ada", "01_double"): 3, ("ada", "02_halve"): 3, ("bob", "01_double"): 0, ("cy", "01_double"): 3},
        **{("di", "01_double"): 0, ("eve", "01_double"): 0},
    }
    assert first[1]["ada", "02_halve"].result["written"][0]["text"] == "Because of the half."


def test_what_cannot_be_read_has_a_reason_and_no_points(first: tuple[Path, dict]) -> None:
    assert first[1]["di", "01_double"].result["remarks"] == ["the file is not a notebook"]
    broken = first[1]["eve", "01_double"]
    assert broken.problem == "larger than 32 MiB"
    assert {case["alone"] for case in broken.result["answers"][0]["cases"]} == {": not graded"}


def test_a_second_run_grades_nothing_again(first: tuple[Path, dict]) -> None:
    store, done = first
    assert graded(store) == (done, 0)


@pytest.mark.parametrize("damage", [b"", b'{"digest": "0", "result": {}}', b"[]", b"\xff"], ids=str)
def test_a_damaged_result_is_made_again(first: tuple[Path, dict], damage: bytes) -> None:
    store, done = first
    file = min(store.glob("*.json"))
    whole = file.read_bytes()
    file.write_bytes(damage)
    assert graded(store) == (done, 1)
    assert file.read_bytes() == whole


def test_a_result_counts_for_what_it_was_made_of_and_nothing_else() -> None:
    one, two = ASSIGNMENTS.values()
    keys = [
        *(marking.key(b"a", one, False), marking.key(b"b", one, False), marking.key(b"a", two, False)),
        *(marking.key(b"a", {**one, "version": "1"}, False), marking.key(b"a", one, True)),
    ]
    assert len(set(keys)) == 5
    assert keys[0] == marking.key(b"a", json.loads(json.dumps(one)), False)


def test_an_unexpected_error_is_a_row_and_not_kept(tmp_path: Path) -> None:
    done = list(marking.grade_all(CLASS[:2], ASSIGNMENTS, Ended(OSError(28, "No space left")), tmp_path))
    assert [each.problem for each in done] == ["could not be graded: OSError: [Errno 28] No space left"] * 2
    assert list(tmp_path.iterdir()) == []


def test_an_executor_that_stops_is_one_line() -> None:
    with pytest.raises(KitError) as told:
        list(marking.grade_all(CLASS[:1], ASSIGNMENTS, Ended(None)))
    assert str(told.value) == "the executor has stopped; run it again: what is done is kept"
    assert isinstance(told.value.__cause__, CancelledError)


PROGRAM = """
import sys
from pathlib import Path
from kit.grading import marking
from kit.grading.collect import Submission
from tests.small_class import ASSIGNMENTS, DOUBLE, notebook
work = [Submission(f"s{n}", "01_double", "", notebook(f"# {n}", DOUBLE)) for n in range(6)]
for each in marking.grade_all(work, ASSIGNMENTS, store=Path(sys.argv[1])):
    print(each.submission.student, flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_an_interrupted_run_goes_on(tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as one:
        assert one.stdout
        one.stdout.readline()
        one.send_signal(how)
    kept = {file.name for file in tmp_path.glob("*.json")}
    assert 1 <= len(kept) < 6
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in kept}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, check=True)
    assert sorted(done.stdout.split()) == [f"s{n}" for n in range(6)]
    assert len(list(tmp_path.glob("*.json"))) == 6
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in kept} == before


def test_a_machine_without_walls_needs_to_be_told_of_trust() -> None:
    walls = {"this machine": ["limits", "landlock", "namespaces"], "tcp://x:1": ["limits"]}
    with pytest.raises(KitError) as told:
        marking.protected(walls, trusted=False)
    assert str(told.value) == (
        "tcp://x:1 has no namespaces and no landlock to keep submissions from the network and other programs "
        "and your files; grade in a container or on Linux, or say --trusted if you trust them"
    )
    marking.protected(walls, trusted=True)
    marking.protected({"this machine": ["namespaces", "landlock", "seccomp"]}, trusted=False)


def test_submissions_are_handed_over_as_they_are(first: tuple[Path, dict]) -> None:
    each = CLASS[0]
    assert first[1][each[:2]].result == judge.grade(each.content, ASSIGNMENTS[each.exercise])
