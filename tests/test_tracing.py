"""Recorded runs: every step is compared with what the loops must have done, worked out here another way."""

import functools
import inspect
import json
import re
import sys
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from kit import listing
from tinyspatial import loops
from tinyspatial.tracing import LIMIT, Trace, compact, record

RNG = np.random.default_rng(0)
X, WEIGHT = RNG.normal(size=(2, 2, 4, 5)), RNG.normal(size=(3, 2, 2, 3))
MEAN, VAR = np.array([0.5, -1.0]), np.array([2.0, 0.25])

RUNS = [
    pytest.param(loops.conv2d, (X, WEIGHT, [1.0, 2.0, 3.0], (2, 1), (1, 0)), {}, id="conv2d"),
    pytest.param(loops.max_pool2d, (X, (2, 3), 1), {"padding": 1}, id="max_pool2d"),
    pytest.param(loops.avg_pool2d, (X, 2, None, 1, False), {}, id="avg_pool2d"),
    pytest.param(loops.batch_norm, (X, MEAN, VAR), {}, id="batch_norm in evaluation"),
    pytest.param(loops.batch_norm, (X, None, None), {"training": True}, id="batch_norm in training"),
    pytest.param(loops.linear, (X[0, 0], WEIGHT.reshape(6, 6)[:, 1:], None), {}, id="linear"),
    pytest.param(loops.relu, (X,), {}, id="relu"),
]
every_run = pytest.mark.parametrize(("function", "args", "options"), RUNS)


@every_run
def test_a_trace_ends_with_what_the_function_itself_gives(
    function: Callable, args: tuple, options: dict
) -> None:
    trace = record(function, *args, **options)
    assert trace.function == function.__name__
    assert trace.result == function(*args, **options).tolist()


@every_run
def test_the_output_is_filled_with_the_result_cell_by_cell(
    function: Callable, args: tuple, options: dict
) -> None:
    trace = record(function, *args, **options)
    filled = {step.writes["out"]: step.values["out"] for step in trace.steps if "out" in step.writes}
    assert filled == dict(np.ndenumerate(np.array(trace.result)))
    assert len(filled) == sum("out" in step.writes for step in trace.steps)


@every_run
def test_the_lines_are_those_of_the_listing_on_the_slide(
    function: Callable, args: tuple, options: dict
) -> None:
    trace = record(function, *args, **options)
    source = listing.source(f"tinyspatial.loops.{function.__name__}")
    assert "\n".join(trace.listing) == listing.without_docstring(source)
    for step in trace.steps:
        line = trace.listing[step.line - 1]
        assert not line.lstrip().startswith("for ")
        assert all(f"{array}[" in line for array in [*step.reads, *step.writes])
        assert bool(step.writes) == bool(re.match(r" *\w+\[.*\] = ", line))


@every_run
def test_a_value_read_from_a_cell_is_the_value_of_that_cell(
    function: Callable, args: tuple, options: dict
) -> None:
    trace = record(function, *args, **options)
    for step in trace.steps:
        simple = re.match(r" *(\w+) = (\w+)\[[^\]]*\](?: *#.*)?$", trace.listing[step.line - 1])
        if simple:
            name, array = simple.groups()
            assert step.values[name] == np.array(trace.arrays[array])[step.reads[array]]


@every_run
def test_the_same_run_gives_the_same_trace(function: Callable, args: tuple, options: dict) -> None:
    before = [np.array(arg) for arg in args]
    assert record(function, *args, **options) == record(function, *args, **options)
    for arg, was in zip(args, before, strict=True):
        np.testing.assert_array_equal(arg, was)


@every_run
def test_the_json_holds_the_whole_trace(function: Callable, args: tuple, options: dict) -> None:
    trace = record(function, *args, **options)
    assert expanded(compact(trace)) == json.loads(json.dumps(trace._asdict() | {"steps": steps(trace)}))


def steps(trace: Trace) -> list[dict]:
    return [step._asdict() for step in trace.steps]


def expanded(text: str) -> Any:
    """What a page has to do: the steps one by one again, cells as indices, the infinities as numbers."""
    page = json.loads(text, parse_constant=pytest.fail)
    boxes, columns = page.pop("windows"), page["steps"]
    shapes = {name: np.shape(array) for name, array in page["arrays"].items()}

    def row(k: int, part: str) -> dict:
        named = {name: column[k] for name, column in columns[part].items() if column[k] is not None}
        if part in ("reads", "writes"):
            return {name: [*map(int, np.unravel_index(at, shapes[name]))] for name, at in named.items()}
        return named

    parts = ("places", "values", "reads", "writes")
    page["steps"] = [
        {"line": line, **{part: row(k, part) for part in parts}, "windows": boxes[columns["window"][k]]}
        for k, line in enumerate(columns["line"])
    ]
    return numbers(page)


def numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [numbers(item) for item in value]
    return float(value) if value in ("Infinity", "-Infinity", "NaN") else value


def test_conv2d_step_by_step() -> None:
    """Two steps for each product, in the order of the loops, and one before and after each output."""
    bias, stride, padding = np.array([1.0, 2.0, 3.0]), (2, 1), (1, 0)
    trace = record(loops.conv2d, X, WEIGHT, bias, stride, padding)
    padded = np.pad(X, ((0, 0), (0, 0), (1, 1), (0, 0)))
    arrays = {"bias": bias, "x": padded, "weight": WEIGHT, "out": np.zeros((2, 3, 3, 3))}
    assert trace.arrays == {name: array.tolist() for name, array in arrays.items()}
    found = iter(trace.steps)
    for n, f, p, q in np.ndindex(2, 3, 3, 3):
        places, total = {"n": n, "f": f, "p": p, "q": q}, bias[f]
        windows = {
            "x": ((n, n + 1), (0, 2), (2 * p, 2 * p + 2), (q, q + 3)),
            "weight": ((f, f + 1), (0, 2), (0, 2), (0, 3)),
            "bias": ((f, f + 1),),
        }
        assert next(found) == (9, places, {"total": total}, {"bias": (f,)}, {}, windows)
        for c, i, j in np.ndindex(2, 2, 3):
            inner, cell = places | {"c": c, "i": i, "j": j}, (n, c, 2 * p + i, q + j)
            values = {"total": total, "pixel": padded[cell]}
            assert next(found) == (13, inner, values, {"x": cell}, {}, windows)
            total += padded[cell] * WEIGHT[f, c, i, j]
            values = {"total": total, "pixel": padded[cell]}
            assert next(found) == (14, inner, values, {"weight": (f, c, i, j)}, {}, windows)
        values = {"total": total, "out": total}
        assert next(found) == (15, places, values, {}, {"out": (n, f, p, q)}, windows)
    assert next(found, None) is None


def test_numbers_known_before_the_first_step_are_told() -> None:
    trace = record(loops.conv2d, X, WEIGHT, None, (2, 1))
    expected = {"N": 2, "F": 3, "C": 2, "I": 2, "J": 3, "P": 2, "Q": 3, "s": 2, "t": 1, "padding": 0}
    assert trace.numbers == expected


def test_max_pool2d_shows_the_largest_so_far_and_the_lines_that_ran() -> None:
    trace = record(loops.max_pool2d, [[[[-3.0, -5.0, -1.0]]]], (1, 3))
    told = [(trace.listing[step.line - 1].split("#")[0].strip(), step.values) for step in trace.steps]
    test, inf = "if value > best or value != value:", np.inf
    assert told == [
        ("best = -np.inf", {"best": -inf}),
        ("value = x[n, c, p * s + i, q * t + j]", {"best": -inf, "value": -3}),
        (test, {"best": -inf, "value": -3}),
        ("best = value", {"best": -3, "value": -3}),
        ("value = x[n, c, p * s + i, q * t + j]", {"best": -3, "value": -5}),
        (test, {"best": -3, "value": -5}),
        ("value = x[n, c, p * s + i, q * t + j]", {"best": -3, "value": -1}),
        (test, {"best": -3, "value": -1}),
        ("best = value", {"best": -1, "value": -1}),
        ("out[n, c, p, q] = best", {"best": -1, "out": -1}),
    ]


def test_avg_pool2d_has_two_accumulators() -> None:
    trace = record(loops.avg_pool2d, [[[[1.0, 2.0], [3.0, 4.0]]]], 2)
    assert [step.values for step in trace.steps][-1] == {"total": 10, "count": 4, "out": 2.5}


def test_batch_norm_moves_the_statistics_that_it_is_given() -> None:
    mean, var, x = np.zeros(1), np.ones(1), [[[[1.0, 2.0], [3.0, 6.0]]]]
    trace = record(loops.batch_norm, x, mean, var, training=True)
    assert [mean.tolist(), var.tolist()] == [[0.1 * 3], [0.9 + 0.1 * 14 / 3]]
    moved = [
        (step.writes, step.values[name]) for step in trace.steps for name in step.writes if name != "out"
    ]
    assert moved == [({"running_mean": (0,)}, mean[0]), ({"running_var": (0,)}, var[0])]
    assert trace.arrays["running_mean"] == [0]
    lines = [trace.listing[step.line - 1].split(" = ")[0].split("#")[0].strip() for step in trace.steps]
    assert lines[:7] == [
        *("mean, var", "if training and M > 0:", "mean", "var", "unbiased"),
        *("running_mean[c]", "running_var[c]"),
    ]
    assert lines[7:] == ["normal", "out[n, c, p, q]"] * 4
    assert [step.values["mean"] for step in trace.steps[2:]] == [3.0] * 13
    cell = ((0, 1), (0, 1), (0, 1), (0, 1))
    assert [step.windows.get("x") == cell for step in trace.steps] == [True] * 9 + [False] * 6


def test_linear_reads_one_row_of_weights_for_each_output() -> None:
    trace = record(loops.linear, [[1.0, 2.0, 3.0]], [[1.0, 1.0, 1.0], [0.0, 0.0, 2.0]])
    totals = [step.values["total"] for step in trace.steps if "x" in step.reads]
    assert totals == [1, 3, 6, 0, 0, 6]
    assert [step.windows["weight"] for step in trace.steps] == [((0, 1), (0, 3))] * 5 + [((1, 2), (0, 3))] * 5


def test_relu_counts_with_a_whole_index() -> None:
    trace = record(loops.relu, [[-1.0, 2.0]])
    assert [(step.places, step.values) for step in trace.steps] == [
        ({"place": (0, 0)}, {"out": 0.0}),
        ({"place": (0, 1)}, {"out": 2.0}),
    ]


def test_conv2d_on_5x5_is_a_small_page() -> None:
    trace = record(loops.conv2d, RNG.normal(size=(1, 1, 5, 5)), RNG.normal(size=(1, 1, 3, 3)))
    assert len(trace.steps) == 9 * (1 + 2 * 9 + 1) == 180
    assert len(compact(trace).encode()) < 20_000


def test_the_largest_trace_fits_on_a_slide_too() -> None:
    x, weight = RNG.normal(size=(1, 3, 6, 6)), RNG.normal(size=(1, 3, 3, 3))
    trace = record(loops.conv2d, x, weight)
    assert (len(trace.steps), len(compact(trace).encode()) < 150_000) == (16 * (2 * 27 + 2), True)


@pytest.mark.parametrize(
    "x",
    [
        pytest.param(np.arange(40).reshape(2, 2, 2, 5), id="integers"),
        pytest.param(X.astype(np.float32), id="float32"),
        pytest.param(X.transpose(1, 0, 3, 2)[:, :, ::-1], id="not contiguous"),
        pytest.param(X[:0], id="an empty batch"),
        pytest.param(np.where(X > 1, np.nan, X), id="NaN"),
    ],
)
@pytest.mark.parametrize(
    ("function", "args"),
    [(loops.conv2d, (WEIGHT[:, :, :, :2],)), (loops.max_pool2d, (2, 1, 1)), (loops.avg_pool2d, (2,)),
     (loops.batch_norm, (MEAN, VAR)), (loops.batch_norm, (None, None, None, None, True)),
     (loops.relu, ())],
    ids=["conv2d", "max_pool2d", "avg_pool2d", "evaluation", "training", "relu"],
)  # fmt: skip
def test_any_input_that_the_loops_take_can_be_watched(function: Callable, args: tuple, x: np.ndarray) -> None:
    trace, filled = record(function, x, *args), function(x, *args)
    np.testing.assert_array_equal(trace.result, filled.tolist())
    for step in trace.steps:
        if "out" in step.writes:
            np.testing.assert_equal(step.values["out"], filled[step.writes["out"]])
    page = json.loads(compact(trace), parse_constant=pytest.fail)
    assert len(page["steps"]["line"]) == len(trace.steps)


# The rest is about watching itself.


def test_another_trace_function_is_back_afterwards_and_has_not_been_called_meanwhile() -> None:
    seen = []

    def debugger(frame: Any, event: str, arg: Any) -> None:
        seen.append(frame.f_code.co_name)

    before = sys.gettrace()
    sys.settrace(debugger)
    try:
        record(loops.relu, [1.0])
        after = sys.gettrace()
    finally:
        sys.settrace(before)
    assert after is debugger
    assert "relu" not in seen


def test_an_error_of_the_function_comes_through_and_watching_ends() -> None:
    before = sys.gettrace()
    with pytest.raises(ValueError, match="Expected 4D input"):
        record(loops.conv2d, X[0], WEIGHT)
    assert sys.gettrace() is before


def test_an_error_inside_the_loops_comes_through_too() -> None:
    def turned(numbers):
        for k in range(4):
            numbers[k] = 1 / numbers[k]

    with pytest.raises(ZeroDivisionError):
        record(turned, [1, 2, 0, 4])


def test_lists_are_not_cells_but_what_is_computed_from_them_is_seen() -> None:
    def total(numbers):
        for k in range(2):
            found = numbers[k]
        return found

    assert [step[1:] for step in record(total, [5, 6]).steps] == [
        ({"k": 0}, {"found": 5}, {}, {}, {}),
        ({"k": 1}, {"found": 6}, {}, {}, {}),
    ]


def test_a_function_is_watched_inside_its_decorator() -> None:
    def shouting(function):
        @functools.wraps(function)
        def wrapper(*args):
            for _ in range(3):
                result = function(*args)
            return result

        return wrapper

    @shouting
    def summed(x):
        total = 0.0
        for k in range(2):
            total += x[k]
        return total

    trace = record(summed, np.array([1.0, 2.0]))
    assert [step.values for step in trace.steps] == [{"total": 1.0}, {"total": 3.0}]
    assert trace.listing[trace.steps[0].line - 1] == "        total += x[k]"


def test_rows_are_not_cells() -> None:
    def rows(x):
        for k in range(2):
            x[k] = x[k - 1, :] + x[0:1]
        return x

    trace = record(rows, np.zeros((2, 2)))
    assert [step[1:] for step in trace.steps] == [({"k": 0}, {}, {}, {}, {}), ({"k": 1}, {}, {}, {}, {})]
    assert trace.arrays == {"x": [[0.0, 0.0], [0.0, 0.0]]}


@pytest.mark.parametrize("limit", [179, 1], ids=["one too few", "a single one"])
def test_a_run_that_is_too_long_says_how_long_it_is(limit: int) -> None:
    message = (
        f"conv2d takes 180 steps here, more than limit={limit}; give it smaller arrays or a higher limit"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        record(loops.conv2d, np.ones((1, 1, 5, 5)), np.ones((1, 1, 3, 3)), limit=limit)


def test_the_limit_itself_is_allowed_and_there_is_one() -> None:
    assert len(record(loops.relu, [1.0, 2.0], limit=2).steps) == 2
    with pytest.raises(ValueError, match=r"^relu takes 10,001 steps here, more than limit=10,000; "):
        record(loops.relu, np.ones(LIMIT + 1))


@pytest.mark.parametrize(
    ("args", "options", "message"),
    [
        ((len, X), {}, "Expected a function written in Python with def, got <built-in function len>"),
        ((lambda x: x, X), {}, "Expected a function written in Python with def, got <function <lambda>"),
        ((int, 3), {}, "Expected a function written in Python with def, got <class 'int'>"),
        ((loops.relu, X), {"limit": 0}, "limit must be an integer of at least 1, got 0"),
        ((loops.relu, X), {"limit": 1e4}, "limit must be an integer of at least 1, got 10000.0"),
    ],
    ids=["built in", "lambda", "class", "no limit", "float"],
)
def test_record_refuses(args: tuple, options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        record(*args, **options)


def doubled(x):
    """Two lines of documentation,

    and a blank line after it.
    """

    out = np.zeros_like(x)
    for k in range(len(x)):
        out[k] = sum(
            x[k]
            for _ in range(2)
        )  # fmt: skip
    for row, column in product([0], [0, 1]):
        if (
            x[row] > 100
            and x[column] > 100
        ):  # fmt: skip
            out[row] = x[column]
        out = twice(out) if column else out
    return out


def twice(x):
    if len(x) > 1:
        for k in range(len(x)):
            x[k] = x[k] * 2
        doubled(x[:1])
    return x


def test_statements_of_several_lines_are_one_step_and_calls_are_none() -> None:
    trace = record(doubled, np.array([1.0, 2.0]))
    assert trace.listing[:2] == ("def doubled(x):", "    out = np.zeros_like(x)")
    assert len(trace.listing) == len(inspect.getsource(doubled).splitlines()) - 5
    assert [(step.line, step.places) for step in trace.steps] == [
        (4, {"k": 0}),
        (4, {"k": 1}),
        *((line, {"row": 0, "column": column}) for column in (0, 1) for line in (9, 14)),
    ]
    assert [step.reads for step in trace.steps] == [{}, {}, {"x": (0,)}, {}, {"x": (1,)}, {}]
    assert trace.result == [4.0, 8.0]
