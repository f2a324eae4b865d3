"""A pack as files: complete, reproducible, of a version, and able to run where nothing else is."""

import ast
import hashlib
import io
import json
import subprocess
import sys
import zipfile

import nbformat
import pytest

from kit import colab, packs
from kit.cases import frozen
from kit.cells import answers
from tests.every_exercise import EVERY, ready
from tests.small_exercise import EXERCISE, changed, pair

pytestmark = pytest.mark.xdist_group("every exercise")  # one worker makes them all


def made(root, exercise=EXERCISE):
    root.mkdir(exist_ok=True)
    authored, solution = pair(root, exercise)
    return packs.pack(authored, frozen(solution))


@pytest.fixture
def files(tmp_path):
    return made(tmp_path)


def public(files):
    """What students get, all packs in one zip included."""
    pack = {f"01_halves/{path}": content for path, content in files.items()}
    everything = io.BytesIO()
    packs.write_all(everything, pack, {p: hashlib.sha256(content).hexdigest() for p, content in pack.items()})
    return {**packs.public_pack("01_halves", files), "all-exercises.zip": everything.getvalue()}


@pytest.fixture
def published(files):
    return public(files)


def test_a_pack_has_the_notebook_the_checks_and_what_explains_them(files):
    assert sorted(files) == [
        "01_halves.ipynb",
        "MANIFEST.json",
        "README.md",
        "checks.py",
        "checks/half.json",
        "requirements.txt",
    ]


def test_the_manifest_has_the_hash_of_every_other_file(files):
    manifest = json.loads(files["MANIFEST.json"])
    assert (manifest["exercise"], manifest["title"], manifest["checks"]) == ("01_halves", "Halves", ["half"])
    assert manifest["files"] == {
        path: hashlib.sha256(content).hexdigest()
        for path, content in files.items()
        if path != "MANIFEST.json"
    }


def test_hidden_cases_are_beside_a_solution_and_in_no_pack(tmp_path, files):
    beside = packs.solution_checks(frozen(pair(tmp_path)[1]))
    assert sorted(beside) == ["checks.py", "checks/half.json", "checks/half_hidden.json"]
    assert b"a part is left over" in beside["checks/half_hidden.json"]
    assert json.loads(beside["checks/half_hidden.json"])["points"] == 1, (
        "hidden cases give a part, not points"
    )
    assert not any(b"a part is left over" in content for content in files.values())


def test_an_answer_without_hidden_cases_has_no_file_of_them(tmp_path):
    checks = frozen(pair(tmp_path)[1])[0]._replace(hidden=[])
    assert sorted(packs.solution_checks([checks])) == ["checks.py", "checks/half.json"]


def test_nbgrader_gets_the_solution_and_the_public_checks(tmp_path):
    exercise, solution = pair(tmp_path)
    course = packs.nbgrader_files(exercise, solution, frozen(solution))
    assert sorted(course) == ["01_halves.ipynb", "checks.py", "checks/half.json"]
    assert b"### BEGIN SOLUTION" in course["01_halves.ipynb"]


def test_what_is_published_is_every_pack_as_folder_one_file_and_zip_and_one_zip_of_all(published):
    assert [path for path in published if path.count("/") == 0] == [
        "01_halves-colab.ipynb",
        "01_halves.zip",
        "all-exercises.zip",
    ]
    assert "01_halves/checks/half.json" in published


def test_a_zip_has_one_folder_that_carries_the_version(files, published):
    names = zipfile.ZipFile(io.BytesIO(published["01_halves.zip"])).namelist()
    version = json.loads(files["MANIFEST.json"])["version"]
    assert names == sorted(f"01_halves-{version}/{path}" for path in files)


def test_the_same_sources_give_the_same_bytes(tmp_path, published):
    again = public(made(tmp_path / "again"))
    assert again == published


def test_a_zip_does_not_know_when_or_where_it_was_made(published):
    entries = zipfile.ZipFile(io.BytesIO(published["all-exercises.zip"])).infolist()
    facts = {(e.date_time, e.create_system, e.external_attr, e.comment, e.extra) for e in entries}
    assert facts == {((1980, 1, 1, 0, 0, 0), 3, 0o644 << 16, b"", b"")}


@pytest.mark.parametrize(
    ("old", "new"),
    [("two ends", "a middle"), ("parts=3", "parts=1"), ("title: Halves", "title: Halfs")],
    ids=["words", "a case", "the title"],
)
def test_whatever_changes_gives_another_version(tmp_path, files, old, new):
    other = made(tmp_path / "other", changed(EXERCISE, old, new))
    versions = [json.loads(each["MANIFEST.json"])["version"] for each in (files, other)]
    assert versions[0] != versions[1]


def test_the_readme_says_how_to_start_and_that_work_is_safe(files):
    text = files["README.md"].decode()
    assert "jupyter lab 01_halves.ipynb" in text
    assert "## Your work is safe" in text
    assert json.loads(files["MANIFEST.json"])["version"] in text


def unpacked(zips, folder):
    """Every zip unpacked in the folder, whatever is there."""
    for content in zips:
        zipfile.ZipFile(io.BytesIO(content)).extractall(folder)


def written_into(folder, name):
    """A student's work in each unpacked copy of the exercise, under this name, and what the files hold."""
    work = {}
    for notebook in sorted(folder.rglob("01_halves.ipynb")):
        mine = notebook.rename(notebook.with_name(name))
        mine.write_text("my work", encoding="utf-8")
        (mine.with_name("notes.txt")).write_text("my notes", encoding="utf-8")
        work |= {mine: "my work", mine.with_name("notes.txt"): "my notes"}
    assert len(work) == 4, "the exercise alone and among all"
    return work


@pytest.fixture
def corrected(tmp_path):
    """What is published after a word of the exercise has changed."""
    other = made(tmp_path / "other", changed(EXERCISE, "two ends", "a middle"))
    return public(other)


@pytest.mark.parametrize(
    ("name", "again"),
    [("01_halves.ipynb", False), ("01_halves_yourname.ipynb", False), ("01_halves_yourname.ipynb", True)],
    ids=["a corrected one, not renamed", "a corrected one, renamed", "the same one, renamed"],
)
def test_unpacking_over_a_students_work_leaves_it_as_it_is(name, again, tmp_path, published, corrected):
    folder = tmp_path / "downloads"
    zips = ("01_halves.zip", "all-exercises.zip")
    unpacked([published[path] for path in zips], folder)
    work = written_into(folder, name)
    unpacked([(published if again else corrected)[path] for path in zips], folder)
    assert {file: file.read_text(encoding="utf-8") for file in work} == work


def test_no_file_that_is_published_has_the_name_that_the_readme_asks_for(files, published):
    asked = "01_halves_yourname.ipynb"
    assert f"for example to `{asked}`" in files["README.md"].decode()
    zips = [
        zipfile.ZipFile(io.BytesIO(c)).namelist() for path, c in published.items() if path.endswith(".zip")
    ]
    assert not any(path.endswith(asked) for paths in [list(published), *zips] for path in paths)


def test_the_readme_names_the_folder_that_the_zip_unpacks(files, published):
    (folder,) = {
        n.partition("/")[0] for n in zipfile.ZipFile(io.BytesIO(published["01_halves.zip"])).namelist()
    }
    assert f"`{folder}`" in files["README.md"].decode()


@pytest.mark.parametrize("name", EVERY)
def test_every_file_of_a_pack_has_the_syntax_of_python_3_10(name):
    pack = ready(name).pack
    notebooks = (pack[f"{name}.ipynb"], colab.one_file(pack))
    cells = [cell for each in notebooks for cell in nbformat.reads(each.decode(), as_version=4).cells]
    codes = [cell.source for cell in cells if cell.cell_type == "code"]
    codes += [content.decode() for path, content in pack.items() if path.endswith(".py")]
    codes += [cell.source for cell in answers(ready(name).solution).values()]
    for code in codes:
        ast.parse(code, feature_version=(3, 10))


def test_the_unpacked_folder_works_on_its_own(tmp_path, published):
    zipfile.ZipFile(io.BytesIO(published["01_halves.zip"])).extractall(tmp_path)
    (folder,) = tmp_path.glob("01_halves-*")
    notebook = nbformat.read(folder / "01_halves.ipynb", as_version=4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    script = "import sys; sys.path.insert(0, '')\n" + "\n".join(cells)
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        "FAIL  two parts: not implemented yet\n"
        "FAIL  three parts: not implemented yet\n"
        "0 of 2 cases pass: 0 of 4 points\n"
    )
