"""The zip for Gradescope, in a copy of Gradescope's folders: what it writes for all that students hand in."""

import ast
import io
import json
import os
import subprocess
import venv
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import pytest

from kit import autograder, gradescope
from kit.grading.assignment import assignment
from tests.every_exercise import answered, ready
from tests.small_exercise import changed

NAME = "02_conv2d"

pytestmark = pytest.mark.xdist_group("every exercise")  # one worker makes them all


def assignment_of(name):
    one = ready(name)
    return assignment(one.exercise, one.solution, one.checks, one.pack)


@pytest.fixture(scope="module")
def content():
    return gradescope.archive(assignment_of(NAME))


def test_its_programs_are_at_the_root_and_can_be_run(content):
    modes = {e.filename: e.external_attr >> 16 for e in zipfile.ZipFile(io.BytesIO(content)).infolist()}
    assert {"setup.sh", "run_autograder", "assignment.json", "kit/__init__.py", "kit/check.py"} <= set(modes)
    assert {path for path, mode in modes.items() if mode & 0o111} == {"setup.sh", "run_autograder"}


def test_it_installs_numpy_and_nothing_else(content):
    setup = zipfile.ZipFile(io.BytesIO(content)).read("setup.sh").decode()
    assert [line.split()[4:] for line in setup.split("\n") if "pip install" in line] == [["'numpy>=1.26'"]]
    subprocess.run(["bash", "-n"], input=setup, text=True, check=True)


def test_every_module_in_it_has_the_syntax_of_python_3_10(content):
    archive = zipfile.ZipFile(io.BytesIO(content))
    codes = [path for path in archive.namelist() if path.endswith(".py") or path == "run_autograder"]
    assert len(codes) > 5
    for path in codes:
        ast.parse(archive.read(path), path, feature_version=(3, 10))


def test_the_same_assignment_gives_the_same_bytes(content):
    assert gradescope.archive(assignment_of(NAME)) == content


# In a copy of Gradescope's folders. -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """A Python that has NumPy and nothing else."""
    folder = tmp_path_factory.mktemp("python")
    venv.create(folder, symlinks=os.name != "nt")
    (packages,) = folder.glob("lib/python3*/site-packages")
    numpy = Path(np.__file__).parent
    for package in (numpy, numpy.with_name("numpy.libs")):
        (packages / package.name).symlink_to(package)
    return folder / "bin" / "python"


@pytest.fixture
def graded(tmp_path, python, content):
    """What Gradescope is told of a submission, given as its files."""

    def grade(files):
        archive = zipfile.ZipFile(io.BytesIO(content))
        archive.extractall(tmp_path / "source")
        (tmp_path / "submission").mkdir()
        for path, text in files.items():
            (tmp_path / "submission" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "submission" / path).write_bytes(text)
        program = tmp_path / "run_autograder"  # Gradescope copies it there
        program.write_bytes(archive.read("run_autograder"))
        done = subprocess.run([python, "-I", program, tmp_path], capture_output=True, text=True, cwd="/")
        assert (done.returncode, done.stderr) == (0, "")
        assert not (tmp_path / "source" / "assignment.json").exists(), "no student's code may read it"
        return json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))

    return grade


def notebook(*edits):
    """The solution as a student's notebook, with these texts in it replaced."""
    made = nbformat.reads(ready(NAME).pack[f"{NAME}.ipynb"].decode(), as_version=4)
    made.cells = answered(NAME, made)
    text = nbformat.writes(made)
    for old, new in edits:
        text = changed(text, old, new)
    return text.encode()


def stub():
    return ready(NAME).pack[f"{NAME}.ipynb"]


def points(told, visibility):
    """Points and their maximum of the tests that are shown to these."""
    shown = [test for test in told["tests"] if test["visibility"] == visibility]
    return round(sum(t["score"] for t in shown), 2), round(sum(t["max_score"] for t in shown), 2)


def test_only_numpy_can_be_imported_there(python):
    code = "import numpy, importlib.util as u; print([n for n in ('nbformat', 'kit') if u.find_spec(n)])"
    done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout == "[]\n"


def test_the_solution_has_all_points(graded):
    told = graded({"my own name.ipynb": notebook()})
    assert told["score"] == 12
    assert all(test["score"] == test["max_score"] for test in told["tests"])
    assert told["output"] == f"{NAME}, version {json.loads(ready(NAME).pack['MANIFEST.json'])['version']}."


def test_students_see_their_cases_at_once_the_number_of_others_later_and_which_never(graded):
    told = graded({"a.ipynb": notebook()})
    cases = {each.name: each for each in ready(NAME).checks}
    public = [f"{name}: {case['name']}" for name, each in cases.items() for case in each.public]
    shown = {test["name"]: test["visibility"] for test in told["tests"]}
    assert [name for name, kind in shown.items() if kind == "visible"] == public
    assert [test["output"] for test in told["tests"] if test["visibility"] == "after_published"] == [
        f"{len(each.hidden)} of {len(each.hidden)} pass" for each in cases.values()
    ]
    hidden = [case["name"] for each in cases.values() for case in each.hidden]
    for test in told["tests"]:
        assert any(name in str(test) for name in hidden) == (test["visibility"] == "hidden")
    assert points(told, "visible")[1] + points(told, "after_published")[1] == 12
    assert points(told, "hidden") == (0, 0)


def test_the_stub_has_none_and_is_told_why(graded):
    told = graded({f"{NAME}.ipynb": stub()})
    assert told["score"] == 0
    assert {
        test["output"].partition(": ")[2] for test in told["tests"] if test["visibility"] == "visible"
    } == {"not implemented yet"}


def test_a_wrong_answer_loses_its_own_points_and_no_others(graded):
    told = graded({"a.ipynb": notebook(("total = bias[f]", "total = 0.0"))})
    failed = [test for test in told["tests"] if test["visibility"] == "visible" and not test["score"]]
    assert 3 < told["score"] < 12
    assert failed
    assert all(test["name"].startswith("conv2d: ") and "at index" in test["output"] for test in failed)
    assert told["score"] == pytest.approx(sum(test["score"] for test in told["tests"]), abs=1e-2)


def test_a_file_that_is_no_notebook_has_no_points_and_is_told_so(graded):
    told = graded({f"{NAME}.ipynb": b"{ this is no notebook"})
    assert told["score"] == 0
    assert "notebook" in told["output"]


def test_of_two_notebooks_the_one_that_fits_is_graded(graded):
    other = ready("04_max_pool").pack["04_max_pool.ipynb"]
    files = {"later.ipynb": other, "sub folder/mine.ipynb": notebook(), "a.ipynb": stub(), "z.ipynb": b"{}"}
    told = graded({**files, "__MACOSX/sub folder/mine.ipynb": b"x", "notes.txt": b"x"})
    assert told["score"] == 12
    assert told["output"].startswith(
        "Graded: sub folder/mine.ipynb. Not graded: z.ipynb, later.ipynb, a.ipynb.\n\n"
    )


def test_without_a_notebook_the_student_reads_what_to_hand_in(graded):
    told = graded({"02_conv2d.py": b"print()", "photo/page 1.jpg": b""})
    assert told == {
        "score": 0,
        "output": "There is no notebook in this submission. Hand in 02_conv2d.ipynb, under this name or "
        "another that ends in .ipynb. There is: 02_conv2d.py, photo/page 1.jpg.",
    }


@pytest.mark.skipif(Path("/autograder").exists(), reason="this is Gradescope's machine")
def test_the_folder_is_gradescopes_unless_another_is_named(python):
    done = subprocess.run([python, "-I", autograder.__file__], capture_output=True, text=True, cwd="/")
    assert done.stderr.endswith("No such file or directory: '/autograder/source/assignment.json'\n")


def test_an_answer_in_words_is_shown_for_a_person_to_mark_and_its_rubric_to_instructors_only():
    asked = {"name": "sharing", "points": 4.0, "title": "Who shares?", "rubric": "| 4 | the weights |"}
    verdict = {"exercise": "13", "version": "1", "answers": [], "remarks": []}
    told = {
        text: autograder.results(
            {**verdict, "written": [{"name": "sharing", "points": 4.0, "text": text}]},
            {"answers": [], "written": [asked]},
        )
        for text in ("The weights.", " ")
    }
    assert [each["score"] for each in told.values()] == [0, 0]
    assert [test["output"] for each in told.values() for test in each["tests"]] == [
        "The weights.",
        asked["rubric"],
        "no answer",
        asked["rubric"],
    ]
    assert [(test["visibility"], test["max_score"]) for test in told[" "]["tests"]] == [
        ("visible", 0),
        ("hidden", 0),
    ]
    assert told[" "]["tests"][0]["name"] == "Who shares? (4 points, marked by hand)"
