"""What the grader must know of an exercise: made while building, read by `kit.grading.judge`."""

import json
from typing import Any

from nbformat import NotebookNode

from kit.cases import Checks
from kit.cells import answers
from kit.exercises import student, written


def assignment(
    exercise: NotebookNode, solution: NotebookNode, checks: list[Checks], pack: dict[str, bytes]
) -> dict[str, Any]:
    """The cells that are given, the files of the pack, the answers with all their cases, the questions."""
    manifest = json.loads(pack["MANIFEST.json"])
    given = {
        name: cell.source
        for cell in student(exercise).cells
        if (name := cell.metadata.get("nbgrader", {}).get("grade_id", "")).startswith("given-")
    }
    right = {name: cell.source for name, cell in answers(solution).items()}
    beside = [path for path in pack if path == "checks.py" or path.endswith(".json")]
    return {
        "exercise": manifest["exercise"],
        "title": manifest["title"],
        "version": manifest["version"],
        "given": list(given.values()),
        "given_ids": list(given),
        "files": {path: pack[path].decode() for path in beside},
        "answers": [
            {"name": each.name, "points": each.points, "code": right[each.name], "cases": cases_of(each)}
            for each in checks
        ],
        "written": written(solution),
    }


def cases_of(checks: Checks) -> list[dict[str, Any]]:
    """All cases of an answer, the public ones first."""
    found = [(case, False) for case in checks.public] + [(case, True) for case in checks.hidden]
    return [{**case, "hidden": hidden} for case, hidden in found]


def as_file(known: dict[str, Any]) -> bytes:
    """The bytes of dist/instructor/grading/<exercise>.json."""
    return json.dumps(known, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"
