"""Grading on a dask cluster: a real scheduler and two worker processes on this machine."""

import os
import re
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from kit.errors import KitError
from kit.grading import executors, marking
from kit.grading.collect import Submission
from tests.conftest import ROOT
from tests.small_class import ASSIGNMENTS, DOUBLE, STUB, notebook

pytest.importorskip("distributed")
SUBMISSIONS = [
    Submission(f"s{n}", "01_double", "", notebook(f"# {n}\n{code}"))
    for n, code in enumerate([DOUBLE, STUB, DOUBLE.replace("2 *", "3 *"), "1 / 0"] * 2)
]


def started(*words: str, says: str, stack: ExitStack) -> tuple[subprocess.Popen[str], str]:
    """A dask process, ended with ``stack``, and what it says when it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", *words, "--no-dashboard"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    )
    stack.callback(process.communicate)
    stack.callback(process.kill)
    assert process.stderr
    found = (re.search(says, line) for line in process.stderr)
    return process, next(match for match in found if match)[1]


def scheduler(stack: ExitStack) -> str:
    """HOST:PORT of a scheduler."""
    words = ("scheduler", "--host", "127.0.0.1", "--port", "0")
    return started(*words, says=r"Scheduler at: +tcp://(\S+)", stack=stack)[1]


def test_a_worker_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    done = {}
    with ExitStack() as stack:
        place = scheduler(stack)
        words = (
            "worker",
            f"tcp://{place}",
            "--no-nanny",
            "--nthreads",
            "1",
            "--local-directory",
            str(tmp_path),
        )
        workers = [started(*words, says="(Registered to)", stack=stack)[0] for _ in range(2)]
        with executors.opened(f"dask://{place}", trusted=False) as executor:
            for each in marking.grade_all(SUBMISSIONS, ASSIGNMENTS, executor):
                if not done:
                    os.kill(workers[0].pid, signal.SIGKILL)
                done[each.submission.student] = each
    assert done == {each.submission.student: each for each in marking.grade_all(SUBMISSIONS, ASSIGNMENTS)}
    assert [done[f"s{n}"].result["answers"][0]["alone"] for n in range(4)] == [3, 0, 1, 0]


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("dask://127.0.0.1:1", "no dask scheduler answers at 127.0.0.1:1"),
        ("ray://127.0.0.1", "there is no executor 'ray://127.0.0.1'; write dask://HOST:PORT"),
    ],
)
def test_an_address_where_nobody_is_is_told(
    address: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "PATIENCE", 0.5)
    with pytest.raises(KitError) as told, executors.opened(address, trusted=False):
        pass
    assert str(told.value).startswith(problem)


def test_a_scheduler_without_workers_is_told() -> None:
    with ExitStack() as stack:
        place = scheduler(stack)
        with (
            pytest.raises(KitError, match="has no workers"),
            executors.opened(f"dask://{place}", trusted=False),
        ):
            pass
