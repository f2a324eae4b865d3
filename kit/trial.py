"""Tries of a pack, in a Python process of their own: run the notebook's cells, then every case.

Started by `kit.prove` as a file, with a task as JSON on its input and the outcomes as JSON on its output. It
uses the check module of the pack and nothing else of the kit, so that what is proved is what students have.
Where Python can fork, each try has a process of its own in which NumPy is there already; elsewhere a task
has one try.
"""

import contextlib
import importlib
import io
import json
import multiprocessing
import os
import sys
from collections.abc import Callable
from typing import Any


def main() -> None:
    task = json.load(sys.stdin)
    os.chdir(task["folder"])
    sys.path.insert(0, task["folder"])
    checks = importlib.import_module("checks")

    def attempt(cells: list[str]) -> dict[str, Any]:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return attempt_all(checks, cells, task["cases"])

    forks = "fork" in multiprocessing.get_all_start_methods()
    tries = task["tries"]
    outcomes = [apart(attempt, cells, task["timeout"]) if forks else attempt(cells) for cells in tries]
    json.dump(outcomes, sys.stdout)


def apart(attempt: Callable, cells: list[str], timeout: float) -> dict[str, Any]:
    """The outcome of one try in a fork of this process, or {"stopped": why there is none}."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=lambda: sender.send_bytes(json.dumps(attempt(cells)).encode()))
    process.start()
    sender.close()
    try:
        if receiver.poll(timeout):
            return dict(json.loads(receiver.recv_bytes()))
        return {"stopped": f"does not end within {timeout} seconds"}
    except EOFError:
        return {"stopped": "ends its process"}
    finally:
        process.kill()
        process.join()


def attempt_all(checks: Any, cells: list[str], cases: list[dict[str, Any]]) -> dict[str, Any]:
    """What each cell raised and what is wrong in each case; an empty text where all is well."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    raised = [checks.attempt(exec, cell, namespace)[1] for cell in cells]
    return {
        "raised": ["" if error is None else f"{type(error).__name__}: {error}" for error in raised],
        "problems": [checks.examine(namespace.get(case["call"]), case) for case in cases],
    }


if __name__ == "__main__":
    main()
