"""nbgrader itself on the course folder that the kit makes: it releases our students' notebooks, and grades.

Where it is not installed (``pip install -e '.[nbgrader]'``) these tests are skipped; CI has it.
"""

import os
import sys
from pathlib import Path

import nbformat
import pytest
from traitlets.config import Config

from kit import packs
from kit.cells import tagged
from tests.every_exercise import EVERY, ready

apps = pytest.importorskip("nbgrader.apps")
validator = pytest.importorskip("nbgrader.validator")

# One worker makes every exercise. The warnings are nbgrader's: a session of SQLAlchemy, a kernel on TCP.
pytestmark = [pytest.mark.xdist_group("every exercise"), pytest.mark.filterwarnings("ignore")]


def write(folder, files):
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The folder and nbgrader's interface to it, with every exercise released."""
    folder = tmp_path_factory.mktemp("course")
    for name in EVERY:
        one = ready(name)
        write(folder / "source" / name, packs.nbgrader_files(one.exercise, one.solution, one.checks))
    settings = Config()
    settings.CourseDirectory.root = str(folder)
    settings.Exchange.root = str(folder / "exchange")
    with pytest.MonkeyPatch.context() as patch:
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        patch.setenv("PATH", programs)  # nbgrader starts alembic, which is installed beside it, by its name
        api = apps.NbGraderAPI(config=settings)
        for name in EVERY:
            done = api.generate_assignment(name)
            assert done["success"], done["log"]
        yield folder, api


@pytest.mark.parametrize("name", EVERY)
def test_nbgrader_releases_the_notebook_that_our_students_get(name, course):
    released = nbformat.read(course[0] / "release" / name / f"{name}.ipynb", as_version=4)
    ours = nbformat.reads(ready(name).pack[f"{name}.ipynb"].decode(), as_version=4)
    assert [cell.id for cell in released.cells] == [cell.id for cell in ours.cells]
    assert [cell.source for cell in released.cells] == [cell.source for cell in ours.cells]
    assert released == ours  # outputs and all metadata, nbgrader's among them


@pytest.mark.parametrize("name", EVERY)
def test_nbgrader_releases_the_files_of_the_pack_and_nothing_else(name, course):
    folder = course[0] / "release" / name
    released = {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.suffix != ".ipynb"
    }
    about = ("README.md", "MANIFEST.json", "requirements.txt", f"{name}.ipynb")
    assert released == {path: data for path, data in ready(name).pack.items() if path not in about}


def graded(course, name, who, notebook):
    """What nbgrader gives for a notebook: points, the most there are, and answers that wait for a person."""
    folder, api = course
    write(folder / "submitted" / who / name, {f"{name}.ipynb": notebook})
    done = api.autograde(name, who)
    assert done["success"], done["log"]
    with api.gradebook as book:
        submission = book.find_submission(name, who)
        notebook = submission.notebooks[0]
        waiting = sum(grade.needs_manual_grade for grade in notebook.grades)
        return submission.score, submission.max_score, waiting


def test_nbgrader_gives_the_solution_full_marks(course):
    one = ready("02_conv2d")
    source = packs.nbgrader_files(one.exercise, one.solution, one.checks)["02_conv2d.ipynb"]
    assert graded(course, "02_conv2d", "solution", source) == (12, 12, 0)


def test_nbgrader_gives_the_stub_nothing(course):
    assert graded(course, "02_conv2d", "stub", ready("02_conv2d").pack["02_conv2d.ipynb"]) == (0, 12, 0)


@pytest.mark.parametrize(("folder", "failed"), [("source", 0), ("release", 2)])
def test_nbgrader_finds_the_solution_valid_and_the_stub_not(folder, failed, course):
    file = course[0] / folder / "02_conv2d" / "02_conv2d.ipynb"
    found = validator.Validator(ignore_checksums=True).validate(str(file))
    assert len(found.get("failed", [])) == failed, found


def test_nbgrader_leaves_answers_in_words_to_a_person(course):
    one = ready("13_systems_questions")
    source = packs.nbgrader_files(one.exercise, one.solution, one.checks)["13_systems_questions.ipynb"]
    asked = tagged(one.exercise, "written")
    score, maximum, waiting = graded(course, "13_systems_questions", "solution", source)
    assert (score, waiting) == (0, len(asked))
    assert maximum == sum(cell.metadata.points for cell in asked)
