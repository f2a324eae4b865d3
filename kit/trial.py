"""Tries of a pack, in a Python process of their own: run the notebook's cells, then cases.

Started by `kit.tries` as a file, with a task as JSON on its input and what came of it as JSON on its output.
It uses the check module of the pack and nothing else of the kit: what is proved is what students have.
Where Python can fork, each try has a process of its own in which NumPy is there already; elsewhere a task
has one try.
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
from pathlib import Path
from typing import Any

FORKS = hasattr(os, "fork")
LEAST = 0.3  # seconds of computing that every faulty program has
TIMES = 10  # and as many times what the solution takes


def main() -> None:
    task = json.load(sys.stdin)
    os.chdir(task["folder"])
    sys.path.insert(0, task["folder"])
    checks = importlib.import_module("checks")
    for module in task["modules"]:  # loaded once, and not in each fork
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    outcomes = [
        apart(functools.partial(attempt_all, checks, cells, task["cases"]), task["timeout"])
        for cells in task["programs"]
    ]
    refusals = [refused(checks, group, task["cases"], task["timeout"]) for group in task["groups"]]
    json.dump({"outcomes": outcomes, "refusals": list(itertools.chain(*refusals))}, sys.stdout)


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
    """What a child writes before it ends; one that takes longer than ``timeout`` is ended."""
    told, end = b"", time.monotonic() + timeout
    with os.fdopen(receiver, "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], max(0, end - time.monotonic()))[0]:
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


if __name__ == "__main__":
    main()
