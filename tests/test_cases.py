"""Cases and wrong answers as an author writes them: what is frozen, what is refused and where."""

import json

import numpy as np
import pytest

from kit import check
from kit.cases import case, encode, file_of, frozen, weak_input
from kit.errors import KitError
from kit.wrong import wrong_answers
from tests.small_exercise import EXERCISE, SOLUTION, changed, pair


@pytest.fixture
def checks(tmp_path):
    return frozen(pair(tmp_path)[1])[0]


def test_expected_values_are_those_of_the_solution(checks):
    assert [case["name"] for case in checks.public] == ["two parts", "three parts"]
    assert [check.decode(case["want"]).tolist() for case in checks.public] == [[3, 1, 4], [3, 1]]


def test_a_case_stands_in_the_file_as_a_call(checks):
    assert json.loads(file_of(checks, checks.public))["cases"][1] == {
        "name": "three parts",
        "call": "half",
        "args": [{"nd": [3, 1, 4, 1, 5, 9], "shape": [6], "dtype": "int64"}],
        "kwargs": {"parts": 3},
        "want": {"nd": [3, 1], "shape": [2], "dtype": "int64"},
        "hint": "Count the parts.",
    }


def test_hidden_cases_are_apart_and_an_error_may_be_expected(checks):
    assert [case["name"] for case in checks.hidden] == ["a part is left over", "no parts", "all in one part"]
    assert (checks.hidden[1]["raises"], checks.hidden[1]["match"]) == ("ValueError", "parts")


def test_points_come_from_the_check_cell(checks):
    assert checks.points == 4
    assert json.loads(file_of(checks, checks.public))["points"] == 4


def test_the_file_has_a_case_a_line(checks):
    assert file_of(checks, checks.public).count(b"\n") == 4


def test_wrong_answers_are_edits_of_the_solution(tmp_path):
    first, second, *_ = wrong_answers(pair(tmp_path)[1])
    assert (first.answer, first.name, first.change) == ("half", "parts forgotten", "// parts] → // 2]")
    assert first.code.endswith("return values[: len(values) // 2]")
    assert second.why == "Nothing may be left over."
    assert (second.file, second.line) == ("solutions/01_halves.md", 25)


def test_a_wrong_answer_may_be_whole_code(tmp_path):
    code = 'wrong("nothing", code="def half(x, parts=2): return x[:0]", why="Too careful.")'
    solution = changed(SOLUTION, 'wrong("rounded up"', f'{code}\nwrong("rounded up"')
    assert wrong_answers(pair(tmp_path, solution=solution)[1])[1].code == "def half(x, parts=2): return x[:0]"


PUBLIC = 'case("two parts", np.array([3, 1, 4, 1, 5, 9]))'


def test_weight_is_an_argument_like_any_other_and_worth_is_that_of_the_case():
    asked = case("heavy", 1, weight=7, worth=3)
    assert (asked.kwargs, asked.extra) == ({"weight": 7}, {"weight": 3})


def in_place(tmp_path, call):
    """The case of a function that halves an array where it lies."""
    exercise = changed(EXERCISE, 'case("two parts", np.array([3, 1, 4, 1, 5, 9]))', call)
    solution = changed(SOLUTION, "    if parts < 1:", "    x[:] = x / 2\n    if parts < 1:")
    return frozen(pair(tmp_path, exercise, solution)[1])[0].public[0]


def test_a_case_has_the_arrays_that_its_call_changes_as_they_are_afterwards(tmp_path):
    case = in_place(tmp_path, 'case("in place", x=np.array([8.0, 2]), changes=("x",))')
    assert case["kwargs"]["x"]["nd"] == [8.0, 2.0]
    assert case["after"] == {"x": {"nd": [4.0, 1.0], "shape": [2], "dtype": "float64"}}


def test_a_case_that_says_an_array_changes_must_be_right(tmp_path):
    with pytest.raises(KitError, match="'in place' does not change x"):
        in_place(tmp_path, 'case("in place", x=np.array([0.0, -0.0]), changes=("x",))')


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ('case("three parts", np.array([3, 2]))', "'three parts' has the name of another case"),
        ('case("again", np.array([3, 1, 4, 1, 5, 9]), parts=3)', "'again' makes the same call as another"),
        ('case("square", np.arange(9).reshape(3, 3))', "'square' has equal sizes in (3, 3)"),
        ('case("mirror", np.array([1, 2, 1]))', "'mirror' has an array that equals its mirror image"),
        ('case("thirds", np.array([1, 1 / 3]))', "'thirds' has input that is not in whole or half numbers"),
        (
            'case("none", np.array([1, 2]), parts=0)',
            "'none' gives ValueError: parts must be at least 1, got 0",
        ),
        ('case("fine", np.array([1, 2]), raises=ValueError)', "'fine' raises no error"),
        ('case("word", np.array([1, 2]), parts=0, raises="ValueError: size")', "'word' gives ValueError"),
        ('case("kind", np.array([1, 2]), parts=0, raises=TypeError)', "'kind' gives ValueError"),
        ("case()", "the cell raised TypeError"),
        ('case("typo", np.arry([1]))', "the cell raised AttributeError"),
        ("case(", "the cell raised SyntaxError"),
        ("sys.exit()", "the cell raised NameError"),
        ("", "half has no cases"),
    ],
)
def test_a_case_that_is_no_good_is_refused_at_its_place(tmp_path, written, problem):
    cell = 'case("three parts", np.array([3, 1, 4, 1, 5, 9]), parts=3, hint="Count the parts.")'
    exercise = changed(EXERCISE, f"{PUBLIC}\n{cell}", f"{cell}\n{written}" if written else "")
    with pytest.raises(KitError) as caught:
        frozen(pair(tmp_path, exercise)[1])
    assert problem in str(caught.value)
    place = "exercises/01_halves.md, line 39" if written else "solutions/01_halves.md, line 3"
    assert str(caught.value).startswith(place)


def test_a_case_that_expects_none_is_refused(tmp_path):
    solution = changed(SOLUTION, "    return values[: len(values) // parts]\n", "")
    solution = (
        solution[: solution.index("```{code-cell} python\n:name: half\n:tags: [wrong]")] + "{% endblock %}"
    )
    with pytest.raises(KitError, match="'two parts' expects None"):
        frozen(pair(tmp_path, solution=solution)[1])


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            ":name: half\n:tags: [check]",
            ":tags: [check]",
            "line 32: the cell belongs to no answer; add :name: with",
        ),
        (":name: half\n:tags: [check]", ":tags: [other]", "line 3: half has 0 check cells"),
        (
            "def flat(x):",
            "def flap(x):",
            "line 39: case 'two parts' gives NameError: name 'flat' is not defined",
        ),
    ],
)
def test_cells_must_belong_together(tmp_path, old, new, problem):
    with pytest.raises(KitError) as caught:
        frozen(pair(tmp_path, changed(EXERCISE, old, new))[1])
    assert problem in str(caught.value)


def test_two_answers_of_one_name_are_refused(tmp_path):
    again = "```{code-cell} python\n:name: half\n:tags: [answer]\nhalf = None\n```\n"
    with pytest.raises(KitError, match="'half' cannot name an answer here"):
        frozen(pair(tmp_path, changed(EXERCISE, "## Your turn", again))[1])


def test_a_case_keeps_the_input_that_it_was_given(tmp_path):
    written = f"x = np.array([1, 5])\ncase('before', x)\nx += 1\ncase('after', x)\n{PUBLIC}"
    checks = frozen(pair(tmp_path, changed(EXERCISE, PUBLIC, written))[1])[0]
    assert [case["args"][0]["nd"] for case in checks.public[:2]] == [[1, 5], [2, 6]]


def test_an_answer_must_define_its_function(tmp_path):
    solution = changed(SOLUTION, "def half(x, parts=2):", "def halve(x, parts=2):")
    with pytest.raises(KitError, match="line 3: the answer does not define half"):
        frozen(pair(tmp_path, solution=solution)[1])


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"// parts]", "// 2]"', '"// part]", "// 2]"', "'// part]' is in the solution 0 times"),
        ('"// parts]", "// 2]"', '"parts", "2"', "'parts' is in the solution 5 times"),
        ('"// parts]", "// 2]"', '"// parts]"', "is not in pairs of old and new text"),
        (', why="Nothing may be left over."', "", "the cell raised TypeError"),
        ('"rounded up"', '"parts forgotten"', "there are two wrong answers 'parts forgotten'"),
    ],
)
def test_a_wrong_answer_that_cannot_be_made_is_refused_at_its_place(tmp_path, old, new, problem):
    with pytest.raises(KitError) as caught:
        wrong_answers(pair(tmp_path, solution=changed(SOLUTION, old, new))[1])
    assert str(caught.value).startswith("solutions/01_halves.md, line 25: ")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        7,
        2.5,
        float("-inf"),
        "text",
        None,
        True,
        (2, 3),
        [(1, 2), 3],
        {"stride": (2, 1)},
        np.array([[1.5, -2.0, np.nan], [np.inf, 0.0, 3.0]], dtype=np.float32),
        np.zeros((0, 3)),
        np.array([True, False]),
    ],
    ids=repr,
)
def test_what_is_encoded_can_be_decoded(value):
    back = check.decode(json.loads(json.dumps(encode(value), allow_nan=False)))
    assert check.difference(back, value, 0, 0) == {}
    assert getattr(back, "dtype", type(back)) == getattr(value, "dtype", type(value))


@pytest.mark.parametrize(
    "value",
    [
        (2, 2),
        np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])[:, :2],
        np.array([[1.0, 2.0, 1.0], [4.0, 5.0, 4.0]]),
        np.array([0.3, 0.5]),
    ],
    ids=["equal tuple", "square", "mirror", "tenths"],
)
def test_weak_input_is_found(value):
    assert weak_input(encode(value))


@pytest.mark.parametrize(
    "value", [5, (1, 1), (2, 1), np.ones((1, 1, 1, 1)), np.array([[1.5, -2], [np.nan, 1], [0, 7]])], ids=repr
)
def test_good_input_is_left_alone(value):
    assert not weak_input(encode(value))
