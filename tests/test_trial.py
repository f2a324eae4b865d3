"""Tries of programs, as far as no proof shows it."""

import multiprocessing
import os
import sys
import time
import tracemalloc
from pathlib import Path

import psutil

from kit import apart, trial

MB = 1_000_000


def test_what_a_try_prints_is_not_kept() -> None:
    tracemalloc.start()
    told = trial.quietly(lambda: {"printed": [print("x" * MB) for _ in range(20)]})
    assert tracemalloc.get_traced_memory()[1] < 4 * MB
    tracemalloc.stop()
    assert len(told["printed"]) == 20


def imports(task: dict, sender: multiprocessing.connection.Connection) -> None:
    trial.as_students_have_it(task["folder"])
    project = [path for path in sys.path if Path(path) == Path(__file__).parent.parent]
    sender.send((sys.path[0], project, [name for name in sys.modules if name.startswith("kit")]))


def test_a_try_finds_packages_and_its_folder_but_nothing_of_the_project(tmp_path: Path) -> None:
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = apart.processes().Process(target=imports, args=({"folder": str(tmp_path)}, sender))
    process.start()
    assert receiver.recv() == (str(tmp_path), [], [])
    process.join()


def endless(folder: str) -> None:
    """A build that waits for a try that never ends."""
    task = {"folder": folder, "cases": [], "timeout": 60, "modules": [], "groups": []}
    program = f"import os, time; open({folder!r} + '/here', 'w').write(str(os.getpid())); time.sleep(60)"
    target = {"programs": [[program]], **task}
    _, sender = multiprocessing.Pipe(duplex=False)
    multiprocessing.get_context("spawn").Process(target=trial.answer, args=(target, sender)).start()


def test_a_try_ends_when_the_build_that_wanted_it_is_killed(tmp_path: Path) -> None:
    checks = "def attempt(function, *args):\n    return function(*args), None\n"
    (tmp_path / "checks.py").write_text(checks, encoding="utf-8")
    build = multiprocessing.get_context("spawn").Process(target=endless, args=(str(tmp_path),))
    build.start()
    place = tmp_path / "here"
    while not (place.exists() and place.read_text(encoding="utf-8")):
        time.sleep(0.05)
    tried = psutil.Process(int(place.read_text(encoding="utf-8")))
    family = [tried, tried.parent()]
    os.kill(build.pid or 0, 9)
    build.join()
    _, alive = psutil.wait_procs([each for each in family if each], timeout=5)
    assert alive == []
