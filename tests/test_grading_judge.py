"""A submission's marks: what students do to a notebook without meaning to, and what the marks are of."""

import json
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest

from kit import packs
from kit.cases import frozen
from kit.exercises import student
from kit.grading import judge
from kit.grading.assignment import assignment
from kit.prove import prove
from kit.wrong import wrong_answers
from tests.small_assignment import ASSIGNMENT, DOUBLE, GIVEN, TOTAL, array, case, cell, known, marks, notebook
from tests.small_exercise import pair

FULL = {"double": (4, 4), "total": (2, 2)}
STUB = 'def double(x):\n    """The numbers, twice."""\n    # YOUR CODE HERE\n    raise NotImplementedError()'
WALLED = set(judge.protection()) >= set(judge.NEEDED)


def graded(content, known=ASSIGNMENT):
    return judge.grade(content, known, trusted=not WALLED)


def version_3(*cells):
    made = [{"cell_type": "code", "input": [f"{line}\n" for line in each.split("\n")]} for each in cells]
    return json.dumps({"nbformat": 3, "worksheets": [{"cells": made}]}).encode()


@pytest.mark.parametrize(
    ("content", "remarks"),
    [
        pytest.param(notebook(DOUBLE, TOTAL), [], id="as it should be"),
        pytest.param(version_3(DOUBLE, TOTAL), [], id="format 3"),
        pytest.param(notebook(f"{DOUBLE}\n\n{TOTAL}"), [], id="one cell"),
        pytest.param(notebook(TOTAL, DOUBLE), [], id="another order"),
        pytest.param(notebook(DOUBLE, TOTAL, STUB), [], id="a copy of the empty answer behind it"),
        pytest.param(
            notebook("def double(x):\n    return x", DOUBLE, TOTAL), [], id="a first attempt is left above"
        ),
        pytest.param(
            notebook(
                "def pair(value):\n    return ()", "def double(x):\n    return pair(2 * x)[0]", TOTAL, GIVEN
            ),
            [],
            id="what is given stands below",
        ),
        pytest.param(
            notebook(
                cell("def pair(value): return 1", "given-02"), "def double(x): return pair(2 * x)[0]", TOTAL
            ),
            [],
            id="what is given was edited",
        ),
        pytest.param(
            notebook("from checks import check", DOUBLE, "check('double')", "assert check('total')", TOTAL),
            ["cell 4: AssertionError: "],
            id="checks",
        ),
        pytest.param(
            notebook(f"import matplotlib.pyplot as plt\nplt.plot([1])\n{DOUBLE}", TOTAL),
            ["cell 1: ModuleNotFoundError: No module named 'matplotlib'"],
            id="a picture",
        ),
        pytest.param(
            notebook(
                "%matplotlib inline\n!pip install x\nn = !ls\nnp.sum?",
                f"%%time\n{DOUBLE}",
                f"{TOTAL}\n%time 1",
            ),
            [],
            id="lines of Jupyter",
        ),
        pytest.param(notebook("%%bash\necho $(ls)", DOUBLE, TOTAL), [], id="a cell that is not Python"),
        pytest.param(
            notebook("def x(:", DOUBLE, TOTAL),
            ["cell 1: SyntaxError: invalid syntax (<cell 1>, line 1)"],
            id="a broken cell",
        ),
        pytest.param(
            notebook(DOUBLE, TOTAL, "1 / 0\nx = 1"),
            ["cell 3: ZeroDivisionError: division by zero"],
            id="an error",
        ),
        pytest.param(
            notebook("numbers = open('numbers.json').read()", DOUBLE, TOTAL), [], id="files of the pack"
        ),
    ],
)
def test_what_a_student_does_to_the_notebook_costs_nothing(content, remarks):
    verdict = graded(content)
    assert marks(verdict) == FULL
    assert verdict["remarks"] == remarks


@pytest.mark.parametrize(
    ("content", "remark"),
    [
        pytest.param(b"", "the file is not a notebook", id="empty"),
        pytest.param(b"\xff\xfe\x00", "the file is not a notebook", id="bytes"),
        pytest.param(b"[" * 10**6, "the file is not a notebook", id="deep"),
        pytest.param(b"[1, 2]", "the file is not a notebook, or has no cells", id="a list"),
        pytest.param(b'{"cells": 3}', "the file is not a notebook, or has no cells", id="a number of cells"),
        pytest.param(b" " * (1 << 24) + b"{}", "the file has more than 16,777,216 bytes", id="large"),
        pytest.param(
            b'{"cells": [1, null, {}, {"cell_type": "code", "source": [3, {}]}]}', None, id="odd cells"
        ),
        pytest.param(notebook("\ud800 = 1", "\0", "(" * 10**4), ..., id="odd characters"),
    ],
)
def test_what_is_no_notebook_has_a_remark_and_no_marks(content, remark):
    verdict = graded(content)
    assert marks(verdict) == {"double": (0, 0), "total": (0, 0)}
    json.dumps(verdict, ensure_ascii=False).encode()
    if remark is not ...:
        assert verdict["remarks"] == ([] if remark is None else [remark])


def test_alone_an_answer_has_the_reference_before_it_and_in_cascade_the_students_own():
    verdict = graded(notebook("def double(x):\n    return 3 * x", TOTAL))
    assert marks(verdict) == {"double": (0, 0), "total": (2, 0)}
    assert marks(graded(notebook(DOUBLE, "def total(x):\n    return 0"))) == {
        "double": (4, 4),
        "total": (0, 0),
    }


def test_no_answer_is_supplied_with_itself_or_with_a_later_one():
    assert marks(graded(notebook("double = total"))) == {"double": (0, 0), "total": (0, 0)}


def test_the_marks_are_the_part_of_the_weights():
    verdict = graded(notebook("def double(x):\n    return 2 * x[:2]", TOTAL))
    assert marks(verdict)["double"] == (3, 3)


def test_the_verdict_is_the_same_each_time():
    content = notebook("1 / 0", "def double(x):\n    return x", TOTAL)
    assert graded(content) == graded(content)


def test_words_are_found_by_name_or_where_the_names_are_lost_below_their_heading():
    asked = {"name": "why", "points": 3.0, "title": "Why so slow?", "rubric": "| 3 | loops |"}
    heading = cell("## Why so slow?\nGive two reasons.", kind="markdown")
    for name in ("written-why", ""):
        content = notebook(
            heading, cell("Because of \x1b[31mloops.", name, "markdown"), cell("## End", "", "markdown")
        )
        verdict = graded(content, known(written=[asked]))
        assert verdict["written"] == [{"name": "why", "points": 3.0, "text": "Because of �[31mloops."}]


def of(code, *cases):
    return known(("f", 1.0, code, list(cases)))


DOUBLED = case("f", "a", [], 1, kwargs={"x": array(1)}, after={"x": array(2)})
NO_X = case("f", "a", [], 0, raises="LookupError", match="no x")
NO_LINE = case("f", "a", [], 0, raises="KeyError", match="of your cell")


@pytest.mark.parametrize(
    ("code", "asked", "passes"),
    [
        ("def f(x): x *= 2; return x", case("f", "a", [array(1, 2)], array(2, 4)), False),
        (
            "def f(*, x): x *= 2; return 1",
            DOUBLED,
            True,
        ),
        (
            "def f(*, x): return 1",
            DOUBLED,
            False,
        ),
        ("def f(): raise KeyError('no x')", NO_X, True),
        (
            "def f(): raise ValueError('no x')",
            NO_X,
            False,
        ),
        (
            "def f(): raise KeyError('line')",
            NO_LINE,
            False,
        ),
        ("def f(): return (1, [2.0])", case("f", "a", [], {"tuple": [1, [2.0]]}), True),
        ("def f(): return {'tuple': [1]}", case("f", "a", [], {"tuple": [1]}), False),
        ("def f(): return 5.0", case("f", "a", [], 5), False),
        ("def f(): return np.int64(5)", case("f", "a", [], 5), True),
        ("def f(): return np.bool_(True)", case("f", "a", [], True), True),
        ("def f(): return 1", case("f", "a", [], True), False),
        ("def f(): return np.float32(0.5)", case("f", "a", [], 0.5), True),
        ("def f(): return -np.inf", case("f", "a", [], {"float": "-inf"}), True),
        ("def f(): return type('text', (str,), {})('a')", case("f", "a", [], "a"), False),
        ("def f(): return np.ma.array([1.0, 2])", case("f", "a", [], array(1, 2)), True),
        ("def f(): return np.array([1, 2], np.longdouble)", case("f", "a", [], array(1, 2)), True),
        ("def f(): return np.array([1, 2], object)", case("f", "a", [], array(1, 2)), False),
    ],
)
def test_a_case_passes_here_when_it_passes_in_the_students_check(code, asked, passes):
    verdict = graded(notebook(code), of(code, asked))
    assert [not each["alone"] for each in verdict["answers"][0]["cases"]] == [passes]


def test_a_wrong_answer_fails_the_cases_that_refuse_it_in_the_proof(tmp_path):
    exercise, solution = pair(tmp_path)
    checks, wrong = frozen(solution), wrong_answers(solution)
    pack = packs.pack(exercise, checks)
    proof = prove(exercise, solution, checks, wrong, pack, tmp_path)
    found = assignment(exercise, solution, checks, pack)
    page = student(exercise)
    for mistake, refused in proof.caught:
        place = next(
            each for each in page.cells if each.metadata.get("nbgrader", {}).get("grade_id") == "answer-half"
        )
        place.source = mistake.code
        verdict = graded(nbformat.writes(page).encode(), found)
        assert [each["name"] for each in verdict["answers"][0]["cases"] if each["alone"]] == refused


def test_many_at_once_are_no_other_than_one_by_one():
    contents = [notebook(f"def double(x):\n    return {n} * x", TOTAL) for n in (1, 2, 3) for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(graded, contents)) == [graded(content) for content in contents]
