"""The check module that students get: what it prints and returns, and that no function can stop it."""

import json

import numpy as np
import pytest

from kit import check as checks

DOUBLE = {"call": "double", "args": [{"nd": [1.0, 2.0, 3.0], "shape": [3], "dtype": "float64"}], "kwargs": {}}
WANT = {"nd": [2.0, 4.0, 6.0], "shape": [3], "dtype": "float64"}


def case(name="doubles", hint="", **more):
    return {**DOUBLE, "name": name, "want": WANT, "hint": hint, **more}


def scalar(want, **more):
    return {"name": "a number", "call": "f", "args": [7, 3], "kwargs": {"stride": 2}, "want": want, **more}


@pytest.fixture
def double_file(tmp_path, monkeypatch):
    """A folder with one check, double.json, of two cases, the second worth three times the first."""

    def write(**more):
        cases = [case("first"), case("second", weight=3, want={**WANT, "nd": [2.0, 4.0, 7.0]})]
        (tmp_path / "double.json").write_text(json.dumps({"name": "double", "cases": cases, **more}))

    monkeypatch.setattr(checks, "FOLDER", tmp_path)
    write()
    return write


def run(code):
    """Execute a notebook cell, and give the value of `result` that it leaves."""
    namespace = {"np": np, "check": checks.check}
    exec(code, namespace)
    return namespace["result"]


def test_a_line_a_case_with_what_was_got_and_expected(double_file, capsys):
    run("def double(x): return 2 * x\nresult = check('double')")
    assert capsys.readouterr().out == (
        "PASS  first\n"
        "FAIL  second\n"
        "      call      double(<array (3,)>)\n"
        "      at index  [2] (the first of 1 that differ, of 3)\n"
        "      got       6.0\n"
        "      expected  7.0\n"
        "1 of 2 cases pass\n"
    )


def test_the_result_is_the_weighted_part_that_passes(double_file):
    assert run("def double(x): return np.array([2, 4, 7])\nresult = check('double')") == 0.75


def test_points_multiply_the_part(double_file):
    double_file(points=6)
    assert run("def double(x): return np.array([2, 4, 7])\nresult = check('double')") == 4.5


def test_a_stub_is_said_to_be_not_implemented_yet_in_every_case(double_file, capsys):
    assert run("def double(x): raise NotImplementedError()\nresult = check('double')") == 0
    assert capsys.readouterr().out == (
        "FAIL  first: not implemented yet\nFAIL  second: not implemented yet\n0 of 2 cases pass\n"
    )


IN_PLACE = {"name": "moves", "call": "move", "args": [[5.0]], "want": 1}
IN_PLACE |= {"kwargs": {"state": DOUBLE["args"][0], "other": DOUBLE["args"][0]}, "after": {"state": WANT}}


def move(by_two=True, other_too=False):
    def function(x, state, other):
        state *= 2 if by_two else 1
        other += other_too
        return 1

    return function


def test_an_array_may_and_must_change_as_the_case_says():
    assert checks.examine(move(), IN_PLACE) == ""
    assert checks.examine(move(by_two=False), IN_PLACE) == (
        "\n      call      move([5.0], state=<array (3,)>, other=<array (3,)>)"
        "\n      in        state, as your function leaves it (the result is right)"
        "\n      at index  [0] (the first of 3 that differ, of 3)"
        "\n      got       1.0"
        "\n      expected  2.0"
    )


def test_no_other_array_may_change():
    assert "changed its input" in checks.examine(move(other_too=True), IN_PLACE)


def test_a_missing_function_says_to_run_its_cell(double_file, capsys):
    assert run("result = check('double')") == 0
    assert "FAIL  first: double is not defined yet; run the cell that defines it\n" in capsys.readouterr().out


def test_an_unknown_check_names_those_there_are(double_file, capsys):
    assert run("result = check('doubel')") == 0
    assert capsys.readouterr().out == "There is no check 'doubel'; there are ['double']\n"


def test_what_a_function_says_on_the_error_stream_is_printed(double_file, capsys):
    run("import sys\ndef double(x):\n print('careful', file=sys.stderr)\n return x\nresult = check('double')")
    out, err = capsys.readouterr()
    assert "careful\nFAIL  first" in out
    assert err == ""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise RuntimeError('lost')", "got       RuntimeError: lost (line 3 of your cell)"),
        ("return [][1]", "got       IndexError: list index out of range (line 3 of your cell)"),
        ("return np.reshape(x, (2, 2))", "(line 3 of your cell)"),
        ("raise SystemExit", "got       SystemExit:"),
        ("return double(x)", "got       RecursionError"),
        ("return", "got       None (does your function end with a return?)"),
        ("return 0", "got       0 (int)"),
        ("return 2.5", "got       2.5 (float)"),
        ("return 'six'", "got       'six' (str)"),
        ("return [2.0, 4.0, 6.0]", "got       [2.0, 4.0, 6.0] (list)"),
        ("return (2 * x).reshape(1, 3)", "got       array of shape (1, 3)"),
        ("return (2 * x)[:2]", "got       array of shape (2,)"),
        ("return (2 * x).astype(object)", "got       array of shape (3,), dtype object"),
        ("return 2 * x + np.nan", "got       nan"),
        ("return 2 * x + np.inf", "got       inf"),
        ("return type('Tensor', (), {'__array__': lambda self: 2 * x})()", "(Tensor)"),
        ("return type('Proud', (), {'__eq__': lambda self, other: True})()", "(Proud)"),
        (
            "return type('Rude', (), {'__repr__': lambda self: 1 / 0})()",
            "got       a Rude that cannot be compared",
        ),
        ("yield 2 * x", "(generator)"),
        ("return np.ma.masked_array([2.0, 4.0, 0.0], mask=[0, 0, 1])", "got       0.0"),
        ("x *= 2; return x", "got       the right result, but your function changed its input"),
    ],
)
def test_whatever_a_function_does_the_case_fails_and_says_why(body, said):
    namespace = {"np": np}
    exec(f"def double(x):\n  x = x\n  {body}", namespace)
    assert said in checks.examine(namespace["double"], case())


def test_the_stop_button_still_stops():
    def double(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        checks.examine(double, case())


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(np.array([2, 4, 6]), id="integers for floats"),
        pytest.param(np.array([2, 4, 6], dtype=np.float32), id="another precision"),
        pytest.param(np.array([2.0, 4.0, 6.0 + 1e-7]), id="within the tolerance"),
        pytest.param(np.ma.masked_array([2.0, 4.0, 6.0]), id="a subclass with the same numbers"),
    ],
)
def test_arrays_are_equal_by_value(result):
    assert checks.examine(lambda x: result, case()) == ""


def test_nan_is_right_where_nan_is_expected():
    wanted = {**WANT, "nd": [2.0, "nan", "inf"]}
    assert checks.examine(lambda x: np.array([2, np.nan, np.inf]), case(want=wanted)) == ""
    assert "at index  [2]" in checks.examine(lambda x: np.array([2, np.nan, 6]), case(want=wanted))


@pytest.mark.parametrize(
    ("got", "want", "passes"),
    [
        (3, 3, True),
        (np.int64(3), 3, True),
        (4, 3, False),
        (3.0, 3, False),
        (np.float64(3), 3, False),
        (True, 1, False),
        (np.array(3), 3, False),
        (3, 3.0, True),
        (np.float32(3), 3.0, True),
        (np.array(3.0), 3.0, True),
        (np.array([3.0]), 3.0, False),
        (None, {"float": "nan"}, False),
        (float("nan"), {"float": "nan"}, True),
        ("3", 3.0, False),
        (True, True, True),
        (np.bool_(True), True, True),
        (1, True, False),
        ((2, 3), {"tuple": [2, 3]}, True),
        ([2, 3], {"tuple": [2, 3]}, False),
        ((2, 3, 1), {"tuple": [2, 3]}, False),
        ((2, 3.0), {"tuple": [2, 3]}, False),
        ("same", "same", True),
    ],
)
def test_a_whole_number_must_be_an_int_and_a_tuple_a_tuple(got, want, passes):
    assert (checks.examine(lambda *args, **kwargs: got, scalar(want)) == "") is passes


def test_the_first_entry_of_a_tuple_that_differs_is_named():
    assert checks.examine(lambda *args, **kwargs: (2, 5), scalar({"tuple": [2, 3]})) == (
        "\n      call      f(7, 3, stride=2)"
        "\n      at index  [1]"
        "\n      got       5 (int)"
        "\n      expected  3 (int)"
    )


def test_a_tuple_of_another_length_is_shown_whole():
    problem = checks.examine(lambda *args, **kwargs: (2, 3, 1), scalar({"tuple": [2, 3]}))
    assert "got       (2, 3, 1) (tuple)" in problem


def test_the_hint_is_the_last_line():
    problem = checks.examine(lambda *args, **kwargs: 3.5, scalar(3, hint="half a step is no step"))
    assert problem.endswith("\n      hint      half a step is no step")


def raising(error):
    def function(*args, **kwargs):
        raise error

    return function


@pytest.mark.parametrize(
    ("function", "passes"),
    [
        pytest.param(raising(ValueError("Stride must be at least 1")), True, id="the kind and the word"),
        pytest.param(raising(UnicodeError("stride")), True, id="a kind of ValueError"),
        pytest.param(raising(ValueError("no")), False, id="another message"),
        pytest.param(raising(TypeError("stride")), False, id="another kind"),
        pytest.param(raising(NotImplementedError("stride")), False, id="a stub"),
        pytest.param(lambda *args, **kwargs: None, False, id="no error"),
    ],
)
def test_a_case_may_ask_for_an_error(function, passes):
    wanted = scalar(None, raises="ValueError", match="stride")
    del wanted["want"]
    assert (checks.examine(function, wanted) == "") is passes


def test_each_call_has_its_own_copy_of_the_input():
    def double(x):
        x[:] = 0
        return x

    wanted = case()
    assert checks.examine(double, wanted) != ""
    assert wanted == case()
    assert checks.examine(lambda x: 2 * x, wanted) == ""


def test_a_call_is_told_with_arrays_by_their_shape_also_in_a_dictionary():
    array = {"nd": [1, 2], "shape": [1, 2], "dtype": "int64"}
    case = {
        "call": "forward",
        "args": [array, {"a.weight": array, "steps": 2}],
        "kwargs": {"weights": {"b": array}},
    }
    told = "forward(<array (1, 2)>, {'a.weight': <array (1, 2)>, 'steps': 2}, weights={'b': <array (1, 2)>})"
    assert checks.call(case) == told
