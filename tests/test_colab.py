"""The one-file variant: the same notebook, which brings its checks along and needs nothing else but NumPy."""

import ast
import json
import sys

import nbformat
import pytest

from kit import colab, leaks, packs, run, secret
from kit.cases import frozen
from kit.errors import KitError
from kit.wrong import wrong_answers
from tests.every_exercise import EVERY, ROOT, answered, ready
from tests.small_exercise import pair

pytestmark = pytest.mark.xdist_group("every exercise")  # one worker makes them all


def variant(name):
    """The one file of an exercise as a notebook."""
    return nbformat.reads(colab.one_file(ready(name).pack).decode(), as_version=4)


@pytest.fixture
def small(tmp_path):
    """A pack of two cases."""
    exercise, solution = pair(tmp_path)
    return packs.pack(exercise, frozen(solution))


def code_of(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("name", EVERY)
def test_it_is_the_students_notebook_with_one_cell_more_below_its_title(name):
    one, notebook = variant(name), nbformat.reads(ready(name).pack[f"{name}.ipynb"].decode(), as_version=4)
    added = [cell for cell in one.cells if cell.id == "setup"]
    assert one.cells[:1] + added + one.cells[1 + len(added) :] == one.cells
    assert [cell for cell in one.cells if cell.id != "setup"] == notebook.cells
    assert len(added) == bool(ready(name).checks)
    nbformat.validate(one)


def test_the_cell_is_collapsed_and_says_what_it_is(small):
    cell = nbformat.reads(colab.one_file(small).decode(), as_version=4).cells[1]
    version = json.loads(small["MANIFEST.json"])["version"]
    assert cell.source.split("\n")[0] == (
        f'#@title The checks of 01_halves, version {version}: run this cell first {{ display-mode: "form" }}'
    )
    assert cell.metadata == {"cellView": "form", "jupyter": {"source_hidden": True}}
    assert cell.outputs == []


@pytest.mark.parametrize("name", EVERY)
def test_it_needs_numpy_and_python_and_downloads_nothing(name):
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else alias.name).partition(".")[0]
        for code in [*code_of(variant(name)), ready(name).pack.get("checks.py", b"").decode()]
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported - {"checks", "numpy"} <= set(sys.stdlib_module_names)
    assert not imported & {"urllib", "http", "socket", "ftplib", "subprocess", "pip"}


# The stub and then the solution, in one kernel that starts in an empty folder. ------------------------------


@pytest.mark.parametrize("name", [name for name in EVERY if name[:2] in ("02", "10")])
def test_in_an_empty_folder_the_stub_fails_with_reasons_and_the_solution_passes(name):
    notebook = variant(name)
    stubs = len(notebook.cells)
    notebook.cells += [{**cell, "id": f"again-{n}"} for n, cell in enumerate(answered(name, notebook))]
    done = run.run_beside({}, nbformat.from_dict(notebook), ROOT, {}).value
    told = [
        [
            "".join(output.get("text", "") for output in cell.outputs).split("\n")
            for cell in part
            if is_check(cell)
        ]
        for part in (done.cells[:stubs], done.cells[stubs:])
    ]
    cases = sum(len(each.public) for each in ready(name).checks)
    for part, first in zip(told, ("FAIL", "PASS"), strict=True):
        lines = [line for lines in part for line in lines if line.startswith(("FAIL", "PASS"))]
        assert len(lines) == cases
        assert {line.partition("  ")[0] for line in lines} == {first}
    assert all(
        line.endswith(": not implemented yet") for part in told[:1] for line in part[0] if "FAIL" in line
    )


def is_check(cell):
    return cell.cell_type == "code" and cell.source.startswith("check(")


def test_data_are_put_beside_the_notebook_and_checks_elsewhere(small, tmp_path, monkeypatch, capsys):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (tmp_path / "here" / "mine.csv").write_text("my own\n", encoding="utf-8")
    notebook = colab.one_file({**small, "data/three.csv": b"3,1,4\n", "mine.csv": b"yours\n"})
    exec(code_of(nbformat.reads(notebook.decode(), as_version=4))[0], {})
    found = {path.relative_to(tmp_path / "here").as_posix() for path in (tmp_path / "here").rglob("*.*")}
    assert found == {"data/three.csv", "mine.csv"}
    assert (tmp_path / "here" / "data" / "three.csv").read_bytes() == b"3,1,4\n"
    assert (tmp_path / "here" / "mine.csv").read_text(encoding="utf-8") == "my own\n", (
        "nothing is overwritten"
    )
    assert capsys.readouterr().out == "The checks are ready. Go on with the next cell.\n"


def test_files_in_the_cell_are_byte_for_byte_those_of_the_pack():
    pack = ready("02_conv2d").pack
    files = ast.literal_eval(ast.parse(code_of(variant("02_conv2d"))[0]).body[0].value)
    assert {path: text.encode() for path, text in files.items()} == {
        path: content for path, content in pack.items() if path.startswith("checks")
    }


@pytest.mark.parametrize(
    "text",
    ["a = '''x'''\n", "say 'no'", "a\r\nb\n", "C:\\"],
    ids=["quotes", "a quote", "return", "backslash"],
)
def test_a_text_that_could_not_be_quoted_is_refused(small, text):
    with pytest.raises(KitError, match=r"three\.csv"):
        colab.one_file({**small, "three.csv": text.encode()})


def test_a_pack_without_anything_beside_its_notebook_is_that_notebook(small):
    alone = {path: content for path, content in small.items() if not path.startswith("checks")}
    assert colab.one_file(alone) == small["01_halves.ipynb"]


def test_a_hidden_case_in_the_cell_would_be_found():
    one = ready("02_conv2d")
    secrets = secret.of_exercise(one.exercise, one.solution, one.checks, wrong_answers(one.solution))
    shown = {"": secret.shown_by_exercise(one.exercise, one.pack)}
    case = one.checks[0].hidden[0]  # of so few numbers that only its reading as JSON gives it away
    stray = json.dumps({"cases": [{**case, "name": "x", "hint": ""}]}, indent=1, sort_keys=True).encode()
    leaking = colab.one_file({**one.pack, "checks/more.json": stray + b"\n"})
    found = leaks.find({"02_conv2d-colab.ipynb": leaking}, secrets, shown)
    assert [leak.what for leak in found] == [f"the hidden case {case['name']!r} of window_sum in 02_conv2d"]
