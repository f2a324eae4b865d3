#!/usr/bin/env -S python3 -I
"""What Gradescope runs for each submission: find the notebook, grade it, write results.json.

This file is `run_autograder` in the zips that `kit.gradescope` makes. In source/, where Gradescope unpacks
them, are the assignment and the modules that grade one notebook. They need NumPy and nothing else.

Gradescope makes a container for each submission, and that is the wall around students' code: where namespaces
and Landlock cannot be had in it, grading goes on without (``trusted``). The limits of time and memory hold as
everywhere. The file with the reference and the hidden cases is deleted before any student's code runs.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NOTEBOOK = re.compile(r"\.ipynb(\.json|\.txt)?$", re.IGNORECASE)  # browsers add another ending
COPIES = {"__MACOSX", ".ipynb_checkpoints"}  # folders that no student has made
DEFINED = re.compile(r"^def (\w+)", re.MULTILINE)
STUB = re.compile(r"raise NotImplementedError\(\)|YOUR ANSWER HERE")

Json = dict[str, Any]


def main(folder: Path) -> None:
    """Grade what is in ``folder``/submission with what is in ``folder``/source."""
    file = folder / "source" / "assignment.json"
    assignment = json.loads(file.read_bytes())
    sys.path.insert(0, str(folder / "source"))
    from kit.grading import judge

    file.unlink()
    found = sorted(notebooks(folder / "submission"), key=lambda each: fit(each[1], assignment))
    if found:
        told = results(judge.grade(found[-1][1], assignment, trusted=True), assignment)
        told["output"] = chosen([place for place, _ in found]) + told["output"]
    else:
        told = {"score": 0, "output": none_found(folder / "submission", assignment)}
    (folder / "results").mkdir(exist_ok=True)
    (folder / "results" / "results.json").write_text(json.dumps(told, indent=1), encoding="utf-8")


def notebooks(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every notebook below the folder with its path, in order. Links are not followed."""
    for file in sorted(folder.rglob("*")):
        place = file.relative_to(folder)
        own = file.is_file() and not file.is_symlink() and not COPIES & set(place.parts)
        if own and NOTEBOOK.search(file.name):
            yield place.as_posix(), file.read_bytes()


def fit(notebook: bytes, assignment: Json) -> tuple[int, int]:
    """How well a notebook fits: how many of the answers are in it, and how few of them are still stubs."""
    try:
        cells = json.loads(notebook)["cells"]
        texts = ["".join(cell["source"]) for cell in cells]
        names = {str(cell["metadata"].get("nbgrader", {}).get("grade_id")) for cell in cells}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return -1, 0  # whatever it is
    names |= {name for text in texts for name in DEFINED.findall(text)}
    asked = {answer["name"] for answer in assignment["answers"]}
    asked |= {f"written-{answer['name']}" for answer in assignment["written"]}
    return len(asked & names), -sum(len(STUB.findall(text)) for text in texts)


def chosen(places: list[str]) -> str:
    """Which of the notebooks is graded, the last, where there are several."""
    *others, place = places
    return f"Graded: {place}. Not graded: {', '.join(others)}.\n\n" if others else ""


def none_found(folder: Path, assignment: Json) -> str:
    """What a student reads who has handed in something else."""
    files = [file.relative_to(folder).as_posix() for file in sorted(folder.rglob("*")) if file.is_file()]
    name = f"{assignment['exercise']}.ipynb"
    return (
        f"There is no notebook in this submission. Hand in {name}, under this name or another that ends in "
        f".ipynb. There is: {', '.join(files) or 'nothing'}."
    )


def results(graded: Json, assignment: Json) -> Json:
    """Gradescope's results: an entry a case that students know, and one an answer for those they do not."""
    tests = []
    for answer, asked in zip(graded["answers"], assignment["answers"], strict=True):
        weights = [case.get("weight", 1) for case in asked["cases"]]
        unit = answer["points"] / sum(weights)
        cases = list(zip(answer["cases"], (unit * weight for weight in weights), strict=True))
        tests += [known(answer["name"], case, points) for case, points in cases if not case["hidden"]]
        if hidden := [(case, points) for case, points in cases if case["hidden"]]:
            tests += unknown(answer["name"], hidden)
    for answer, asked in zip(graded["written"], assignment["written"], strict=True):
        tests += in_words(answer, asked)
    alone, cascade = (sum(each[way] for each in graded["answers"]) for way in ("alone", "cascade"))
    return {"score": alone, "tests": tests, "output": summary(graded, alone, cascade)}


def known(answer: str, case: Json, points: float) -> Json:
    """A case that stands in the student's pack, with what the check says of it."""
    problem = case["alone"]
    return {
        **entry(f"{answer}: {case['name']}", 0 if problem else points, points),
        "output": f"FAIL  {case['name']}{problem}" if problem else f"PASS  {case['name']}",
        "visibility": "visible",
    }


def unknown(answer: str, cases: list[tuple[Json, float]]) -> list[Json]:
    """The hidden cases: how many pass, once grades are published; which ones, for instructors only."""
    passed = [points for case, points in cases if not case["alone"]]
    total = sum(points for _, points in cases)
    name = f"{answer}: cases that are not in your file"
    shown = {
        **entry(name, sum(passed), total),
        "output": f"{len(passed)} of {len(cases)} pass",
        "visibility": "after_published",
    }
    lines = [
        f"FAIL  {case['name']}{case['alone']}" if case["alone"] else f"PASS  {case['name']}"
        for case, _ in cases
    ]
    secret = {**entry(f"{name}, for instructors", 0, 0), "output": "\n".join(lines), "visibility": "hidden"}
    return [shown, secret]


def in_words(answer: Json, asked: Json) -> list[Json]:
    """A written answer, which a person gives points in Gradescope, and what to give them for."""
    name, empty = f"{asked['title']} ({asked['points']:g} points, marked by hand)", not answer["text"].strip()
    words = {**entry(name, 0, 0), "output": "no answer" if empty else answer["text"], "visibility": "visible"}
    rubric = {**entry(f"{name}, for instructors", 0, 0), "output": asked["rubric"], "visibility": "hidden"}
    return [words, rubric]


def entry(name: str, score: float, maximum: float) -> Json:
    return {"name": name, "score": round(score, 4), "max_score": round(maximum, 4)}


def summary(graded: Json, alone: float, cascade: float) -> str:
    """Both numbers where they differ, and what was odd."""
    points = sum(answer["points"] for answer in graded["answers"])
    lines = [f"{graded['exercise']}, version {graded['version']}."]
    if alone != cascade:
        lines.append(
            f"Each answer by itself, with right ones before it: {alone:g} of {points:g} points, which count. "
            f"The notebook as one program: {cascade:g}."
        )
    return "\n".join([*lines, *graded["remarks"]])


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "/autograder"))
