"""Tries of a pack, in a process of their own, which `kit.tries` starts: run the notebook's cells, then cases.

They use the check module of the pack and nothing of the kit: what is proved is what students have. Where
Python can fork, each try has a process of its own in which NumPy is there already; elsewhere a task has one
try.
"""

import contextlib
import functools
import importlib
import itertools
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

FORKS = hasattr(os, "fork")
LEAST = 0.3  # seconds of computing that every faulty program has
TIMES = 10  # and as many times what the solution takes


def answer(task: dict[str, Any], sender: Connection) -> None:
    """Do a task and tell what came of it. As text: who waits for it opens no pickle of an author's code."""
    sender.send_bytes(json.dumps(tried(task)).encode())


def tried(task: dict[str, Any]) -> dict[str, Any]:
    """What came of a task, in a process that does nothing else."""
    os.chdir(task["folder"])
    as_students_have_it(task["folder"])
    checks = importlib.import_module("checks")
    for module in task["modules"]:  # loaded once, and not in each fork
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    outcomes = [
        apart(functools.partial(attempt_all, checks, cells, task["cases"]), task["timeout"])
        for cells in task["programs"]
    ]
    refusals = [refused(checks, group, task["cases"], task["timeout"]) for group in task["groups"]]
    return {"outcomes": outcomes, "refusals": list(itertools.chain(*refusals))}


def as_students_have_it(folder: str) -> None:
    """Have imports find what is in the folder, and packages; nothing of this project."""
    project = Path(__file__).resolve().parent.parent
    sys.path[:] = [folder, *(path for path in sys.path if path and Path(path).resolve() != project)]
    for name in list(sys.modules):
        if name.partition(".")[0] in ("kit", "tinyspatial", "checks"):
            del sys.modules[name]


def apart(work: Callable[[], dict[str, Any]], timeout: float, computing: float = 0) -> dict[str, Any]:
    """What ``work`` gives in a fork of this process, or {"stopped": why it gives nothing}.

    ``computing`` is how many seconds of the processor it may have, however busy the machine is (0: no limit).
    """
    if not FORKS:
        return quietly(work)
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signal.setitimer(signal.ITIMER_PROF, computing)  # the signal at its end ends the process
            told = json.dumps(quietly(work)).encode()
            with os.fdopen(sender, "wb") as pipe:
                pipe.write(told)
        finally:
            os._exit(0)
    os.close(sender)
    return awaited(child, receiver, timeout)


def awaited(child: int, receiver: int, timeout: float) -> dict[str, Any]:
    """What a child writes before it ends; one that takes longer than ``timeout`` is ended.

    So is all, when the build that wants to know is gone.
    """
    told, end = b"", time.monotonic() + timeout
    build = parent_process()
    parent: list[Any] = [build.sentinel] if build else []
    with os.fdopen(receiver, "rb", buffering=0) as pipe:
        while ready := select.select([pipe, *parent], [], [], max(0, end - time.monotonic()))[0]:
            if pipe not in ready:
                os.kill(child, signal.SIGKILL)
                os._exit(1)
            if not (part := pipe.read(1 << 16)):
                break
            told += part
        else:
            os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if told:
        return dict(json.loads(told))
    signals = {-signal.SIGPROF: "does not end", -signal.SIGKILL: f"does not end within {timeout} seconds"}
    return {"stopped": signals.get(os.waitstatus_to_exitcode(status), "ends its process")}


def quietly(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What ``work`` gives. What it prints is not kept: that may be without end."""
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        return work()


def attempt_all(checks: Any, cells: list[str], cases: list[dict[str, Any]]) -> dict[str, Any]:
    """What each cell raised and what is wrong in each case; an empty text where all is well."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    raised = [checks.attempt(exec, cell, namespace)[1] for cell in cells]
    return {
        "raised": ["" if error is None else f"{type(error).__name__}: {error}" for error in raised],
        "problems": [checks.examine(namespace.get(case["call"]), case) for case in cases],
    }


def refused(
    checks: Any, group: dict[str, Any], cases: list[dict[str, Any]], timeout: float
) -> list[dict[str, Any]]:
    """For each faulty program of an answer the names of the cases that it fails, or why it stops.

    The first program is the solution, with which the others' time is measured. Mutants have one case at most.
    """
    own = [case for case in cases if case["call"] == group["answer"]]
    namespace: dict[str, Any] = {"np": importlib.import_module("numpy")}
    quietly(lambda: {"raised": [checks.attempt(exec, cell, namespace) for cell in group["before"]]})

    def attempt(code: str, most: int | None) -> dict[str, Any]:
        start = time.process_time()
        raised, *_ = [checks.attempt(exec, cell, namespace)[1] for cell in [code, *group["behind"]]]
        if raised is not None:
            return {"stopped": f"cannot be run: {type(raised).__name__}: {raised}"}
        failed = (case["name"] for case in own if checks.examine(namespace.get(case["call"]), case))
        return {"cases": list(itertools.islice(failed, most)), "seconds": time.process_time() - start}

    right, *others = group["codes"]
    limit = LEAST + TIMES * apart(lambda: attempt(right, None), timeout).get("seconds", 0)
    found = [apart(functools.partial(attempt, code, group["most"]), timeout, limit) for code in others]
    return [{key: each[key] for key in ("stopped", "cases") if key in each} for each in found]
