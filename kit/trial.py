"""One try of a pack, in a Python process of its own: run the notebook's cells, then every case.

Started by `kit.prove` as a file, with a task as JSON on its input and the outcome as JSON on its output. It
uses the check module of the pack and nothing else of the kit, so that what is proved is what students have.
"""

import contextlib
import importlib
import io
import json
import os
import sys
from typing import Any


def main() -> None:
    task = json.load(sys.stdin)
    os.chdir(task["folder"])
    sys.path.insert(0, task["folder"])
    checks = importlib.import_module("checks")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        outcome = attempt_all(checks, task["cells"], task["cases"])
    json.dump(outcome, sys.stdout)


def attempt_all(checks: Any, cells: list[str], cases: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What each cell raised and what is wrong in each case; an empty text where all is well."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    raised = [checks.attempt(exec, cell, namespace)[1] for cell in cells]
    return {
        "raised": ["" if error is None else f"{type(error).__name__}: {error}" for error in raised],
        "problems": [checks.examine(namespace.get(case["call"]), case) for case in cases],
    }


if __name__ == "__main__":
    main()
