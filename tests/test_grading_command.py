"""``build.py grade`` from one end to the other."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kit.grading import tables
from kit.grading.assignment import as_file, assignment
from tests.conftest import ROOT
from tests.every_exercise import EVERY, ready
from tests.small_class import ASSIGNMENTS, DOUBLE, HALVE, STUB, laid_out, notebook, zipped

SMALL = {
    "Ada L_1_assignsubmission_file_/01_double.ipynb": notebook(DOUBLE),
    "Ada L_1_assignsubmission_file_/02_halve.ipynb": notebook(HALVE, words="It is half."),
    "Bob_2_assignsubmission_file_/01_double.ipynb": notebook(STUB),
    "Cy_3_assignsubmission_file_/report.pdf": b"%PDF",
}


@pytest.fixture
def course(tmp_path: Path) -> Callable[[Path | None], Path]:
    """A folder with the command and what a build says of two small exercises; or with a real ``dist``."""

    def make(dist: Path | None = None) -> Path:
        root = tmp_path / "course"
        root.mkdir()
        for name in ("build.py", "pyproject.toml"):
            shutil.copy(ROOT / name, root / name)
        if dist:
            (root / "dist").symlink_to(dist)
        else:
            files = {f"{name}.json": json.dumps(about).encode() for name, about in ASSIGNMENTS.items()}
            laid_out(root / "dist" / "instructor" / "grading", files)
        return root

    return make


def grade(root: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / "build.py"), "grade", *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, encoding="utf-8", cwd=root, env=environment)


def points(folder: Path, column: str = "points") -> dict[tuple[str, str], float]:
    rows = tables.read((folder / "grades.csv").read_bytes())
    return {(row["student"], row["exercise"]): float(row[column]) for row in rows}


def test_a_folder_becomes_grades_beside_it(course: Callable, tmp_path: Path) -> None:
    root, given = course(), laid_out(tmp_path / "hw1", SMALL)
    done = grade(root, given)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "1 file not graded:",
        "  Cy_3_assignsubmission_file_/report.pdf: its student handed in no notebook (.ipynb)",
        "1 answer in words has no points yet: read written.html and fill in written.csv",
        "3 notebooks of 2 students are graded",
        f"Open {tmp_path / 'hw1-grades' / 'index.html'}",
    ]
    assert points(tmp_path / "hw1-grades") == {
        ("Ada L", "01_double"): 3,
        ("Ada L", "02_halve"): 3,
        ("Bob", "01_double"): 0,
    }
    assert sorted(p.name for p in (tmp_path / "hw1-grades").iterdir()) == [
        *(".files.json", "feedback", "grades.csv", "index.html", "results", "students"),
        *("written.csv", "written.html"),
    ]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["nowhere"], "nowhere is not there; name the folder or zip of submissions"),
        (["hw", "--to", "other"], "has other files; name a new folder with --to"),
        (["empty"], "empty has no notebook of any exercise; it holds no file ending in .ipynb"),
    ],
    ids=["nowhere", "foreign", "empty"],
)
def test_a_mistake_is_one_line(course: Callable, words: list[str], problem: str) -> None:
    root = course()
    laid_out(root / "hw", SMALL)
    laid_out(root / "other", {"thesis.txt": b"years"})
    laid_out(root / "empty", {})
    done = grade(root, *words)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert problem in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_a_build_it_says_so(course: Callable) -> None:
    root = course()
    shutil.rmtree(root / "dist")
    assert grade(root, ".").stderr == (
        "error: there is nothing to grade by in dist/instructor/grading; run python3 build.py first\n"
    )


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the build says for grading of every exercise."""
    made = {}
    for name in EVERY:
        one = ready(name)
        made[f"instructor/grading/{name}.json"] = as_file(assignment(*one[:4]))
    return laid_out(tmp_path_factory.mktemp("dist"), made)


def handed_in(dist: Path) -> dict[str, bytes]:
    """Of every exercise the solution, the pack as it is, and all but the first answer."""
    files = {}
    for name in EVERY:
        about = json.loads((dist / "instructor" / "grading" / f"{name}.json").read_text(encoding="utf-8"))
        given = json.loads(ready(name).pack[f"{name}.ipynb"])
        right = {f"answer-{each['name']}": each["code"] for each in about["answers"]}
        right |= {f"written-{each['name']}": "All of it." for each in about["written"]}
        partly = dict(list(right.items())[1:])
        for student, codes in (("all", right), ("none", {}), ("some", partly)):
            files[f"{student}/{name}.ipynb"] = filled(given, codes)
    return files


def filled(given: dict[str, Any], codes: dict[str, str]) -> bytes:
    """The notebook with these sources in the cells of these names."""
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in given["cells"]]
    cells = [
        {**cell, "source": codes.get(name, cell["source"])}
        for name, cell in zip(ids, given["cells"], strict=True)
    ]
    return json.dumps({**given, "cells": cells}).encode()


@pytest.mark.xdist_group("nbgrader")  # whose tests have every exercise ready
def test_every_exercise_from_pack_to_grades(course: Callable, dist: Path, tmp_path: Path) -> None:
    root, files = course(dist), handed_in(dist)
    (tmp_path / "class.zip").write_bytes(zipped(files))
    target = tmp_path / "class-grades"
    assert grade(root, tmp_path / "class.zip").returncode == 0
    if (target / "written.csv").exists():  # a person gives all points for words
        sheet = tables.read((target / "written.csv").read_bytes())
        told = [{**row, "points": row["max"]} for row in sheet]
        (target / "written.csv").write_bytes(tables.written(list(sheet[0]), told))
    laid_out(tmp_path / "class", files)
    done = grade(root, tmp_path / "class", "--to", target)
    assert done.returncode == 0, done.stderr
    found, most = points(target), points(target, "max")
    names = {name for _, name in found}
    assert names == set(EVERY)
    assert {name: found["all", name] for name in names} == {name: most["all", name] for name in names}
    assert {name: found["none", name] for name in names} == dict.fromkeys(names, 0)
    assert [name for name in names if not 0 < found["some", name] < most["some", name]] == []
