"""Grading on a dask cluster: a real scheduler and two worker processes on this machine."""

import os
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from kit import cluster
from kit.errors import KitError
from kit.grading import executors, marking
from kit.grading.collect import Submission
from tests.small_class import ASSIGNMENTS, DOUBLE, STUB, notebook
from tests.small_cluster import scheduler, worker

pytest.importorskip("distributed")
SUBMISSIONS = [
    Submission(f"s{n}", "01_double", "", notebook(f"# {n}\n{code}"))
    for n, code in enumerate([DOUBLE, STUB, DOUBLE.replace("2 *", "3 *"), "1 / 0"] * 2)
]


def test_a_worker_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    done = {}
    with ExitStack() as stack:
        place = scheduler(stack)
        workers = [worker(place, stack, "--no-nanny", "--local-directory", str(tmp_path)) for _ in range(2)]
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
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
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
