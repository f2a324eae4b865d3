"""Notebooks and assignments as small as they can be, for the tests of grading."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from kit.grading.collect import Submission
from kit.grading.marking import Marked

DOUBLE = "def double(x):\n    return 2 * x\n"
HALVE = "def halve(x):\n    return x / 2\n"
STUB = "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()\n"


def case(name: str, call: str, argument: float, want: float, hidden: bool = False) -> dict[str, Any]:
    """A call with one argument."""
    return {"name": name, "call": call, "args": [argument], "kwargs": {}, "want": want, "hidden": hidden}


def assignment(exercise: str, answer: str, code: str, written: bool = False) -> dict[str, Any]:
    """One answer for 3 points, with two public cases and a hidden one; and a question in words for 4."""
    scope: dict[str, Any] = {}
    exec(code, scope)
    want = scope[answer]
    question = {"name": "why", "points": 4.0, "title": "Why?", "rubric": "| 4 | a *reason* |"}
    cases = [
        case(f"{answer} one", answer, 1.0, want(1.0)),
        case(f"{answer} six", answer, 6.0, want(6.0)),
        case(f"{answer} nothing at all", answer, 0.0, want(0.0), hidden=True),
    ]
    return {
        **{
            "exercise": exercise,
            "title": f"To {answer} it",
            "version": "0a1b2c3d",
            "given": [],
            "given_ids": [],
            "files": {},
        },
        "answers": [{"name": answer, "points": 3.0, "code": code, "cases": cases}],
        "written": [question] if written else [],
    }


ASSIGNMENTS = {
    "01_double": assignment("01_double", "double", DOUBLE),
    "02_halve": assignment("02_halve", "halve", HALVE, written=True),
}


def notebook(*codes: str, words: str = "", grade_id: str = "") -> bytes:
    """A notebook with these cells of code; ``words`` answers the question."""
    about = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": about,
            "source": code,
            "outputs": [],
            "execution_count": 1,
        }
        for n, code in enumerate(codes)
    ]
    if words:
        metadata = {"nbgrader": {"grade_id": "written-why", "grade": True, "solution": True}}
        cells.append({"cell_type": "markdown", "id": "w", "metadata": metadata, "source": words})
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return target.getvalue()


def laid_out(folder: Path, files: dict[str, bytes]) -> Path:
    """The files, written below the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def marked(
    student: str, exercise: str, problems: tuple[str, str, str], words: str = "", **more: Any
) -> Marked:
    """What grading gives: ``problems`` of the three cases, in both ways; a third of the points for each."""
    about = ASSIGNMENTS[exercise]
    (answer,) = about["answers"]
    cases = [
        {"name": c["name"], "hidden": c["hidden"], "alone": problem, "cascade": more.get("cascade", problem)}
        for c, problem in zip(answer["cases"], problems, strict=True)
    ]
    points = {way: float(sum(not c[way] for c in cases)) for way in ("alone", "cascade")}
    result = {
        **{"exercise": exercise, "version": about["version"], "remarks": more.get("remarks", [])},
        "answers": [{"name": answer["name"], "points": 3.0, **points, "cases": cases}],
        "written": [{"name": w["name"], "points": w["points"], "text": words} for w in about["written"]],
        "protection": ["limits", "namespaces", "landlock"],
    }
    return Marked(Submission(student, exercise, f"{student}/{exercise}.ipynb", b"{}"), result)
