"""The checks of an exercise: ``from checks import check``, then ``check("name")`` under your function.

Each case in ``checks/<name>.json`` is one call of your function and what should come back. ``check`` makes
the calls, prints a line a case, and returns the part that passes. Whatever your function does, your notebook
goes on. Nothing here is secret: read it, read the cases, and try one case by hand when you are stuck.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

FOLDER = os.path.join(os.path.dirname(__file__), "checks")


def check(name: str) -> float:
    """Try your function on every case of ``checks/<name>.json``; return the part that passes, 0 to 1.

    Where the file gives points, the result is that part of the points. It looks for your function among the
    variables of the notebook that calls it, so run the cell with your function first.
    """
    namespace = sys._getframe(1).f_globals  # the variables of your notebook
    file = os.path.join(FOLDER, f"{name}.json")
    if not os.path.isfile(file):
        names = sorted(each.removesuffix(".json") for each in os.listdir(FOLDER) if each.endswith(".json"))
        print(f"There is no check {name!r}; there are {names}")
        return 0.0
    with open(file, encoding="utf-8") as text:
        checks = json.load(text)
    passes = [not report(case, namespace) for case in checks["cases"]]
    weights = [case.get("weight", 1) for case in checks["cases"]]
    earned = sum(weight for weight, passed in zip(weights, passes, strict=True) if passed) / sum(weights)
    points = checks.get("points", 1)
    told = f": {points * earned:g} of {points:g} points" if "points" in checks else ""
    print(f"{sum(passes)} of {len(passes)} cases pass{told}")
    return float(points * earned)


def report(case: dict[str, Any], namespace: dict[str, Any]) -> str:
    """Print the line of one case; return what is wrong, which is nothing when the case passes."""
    # Warnings go to the same place as print: some graders take anything on the error stream for a failure.
    with contextlib.redirect_stderr(sys.stdout):
        problem = examine(namespace.get(case["call"]), case)
    print(f"FAIL  {case['name']}{problem}" if problem else f"PASS  {case['name']}")
    return problem


def examine(function: Any, case: dict[str, Any]) -> str:
    """What is wrong with ``function`` in this case: nothing, an empty text, when it passes."""
    if not callable(function):
        return f": {case['call']} is not defined yet; run the cell that defines it"
    args, kwargs = decode(case["args"]), decode(case["kwargs"])  # a fresh copy for every call
    got, error = attempt(function, *args, **kwargs)
    return verdict(case, [args, kwargs], got, error, function)


def verdict(case: dict[str, Any], given: list[Any], got: Any, error: Any, function: Any) -> str:
    """What is wrong with ``got`` or ``error``, which a call came to that left ``given`` of its arguments."""
    if isinstance(error, NotImplementedError):
        return ": not implemented yet"
    found, trouble = attempt(judge, case, given, got, error, function)
    found = found if trouble is None else {"got": f"a {type(got).__name__} that cannot be compared"}
    return rows({"call": call(case), **found, "hint": case.get("hint", "")}) if found else ""


def attempt(work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> tuple[Any, BaseException | None]:
    """(result, None), or (None, error) for whatever was raised: one bad case must not stop the others."""
    try:
        return work(*args, **kwargs), None
    except KeyboardInterrupt:
        raise  # the stop button must stop
    except BaseException as error:  # sys.exit() too
        return None, error


def judge(case: dict[str, Any], given: list[Any], got: Any, error: Any, function: Any) -> dict[str, str]:
    """Nothing when the outcome is what the case asks for, else labels and texts that say what is wrong."""
    if "raises" in case:
        return error_difference(case, got, error, function)
    want = decode(case["want"])
    if error is not None:
        return {"got": describe_error(error, function), "expected": describe(want)}
    rtol, atol = case.get("rtol", 1e-6), case.get("atol", 1e-9)
    return difference(got, want, rtol, atol) or changes(case, given, rtol, atol)


def changes(case: dict[str, Any], given: list[Any], rtol: float, atol: float) -> dict[str, str]:
    """What the call should have done to its arguments: nothing, but for those that ``after`` names."""
    args, kwargs, after = given[0], dict(given[1]), decode(case.get("after", {}))
    for name, want in after.items():
        if found := difference(kwargs.pop(name), want, rtol, atol):
            return {"in": f"{name}, as your function leaves it (the result is right)", **found}
    untouched = {name: value for name, value in decode(case["kwargs"]).items() if name not in after}
    if difference([args, kwargs], [decode(case["args"]), untouched], 0, 0):
        return {"got": "the right result, but your function changed its input", "expected": "work on a copy"}
    return {}


def error_difference(case: dict[str, Any], got: Any, error: Any, function: Any) -> dict[str, str]:
    """The case asks for an error: is this one of that kind, and does its message contain what it should?"""
    match = case.get("match", "")
    kinds = [kind.__name__ for kind in type(error).__mro__]
    if case["raises"] in kinds and match.lower() in str(error).lower():
        return {}
    found = describe(got) + ", and no error" if error is None else describe_error(error, function)
    return {"got": found, "expected": case["raises"] + (f" with {match!r} in its message" if match else "")}


def difference(got: Any, want: Any, rtol: float, atol: float) -> dict[str, str]:
    """Where ``got`` first differs from ``want``: nothing when they agree."""
    if isinstance(want, np.ndarray):
        return array_difference(got, want, rtol, atol)
    if isinstance(want, dict) and isinstance(got, dict):
        return difference(list(got.items()), list(want.items()), rtol, atol)
    if isinstance(want, (tuple, list)) and type(got) is type(want) and len(got) == len(want):
        pairs = (difference(*pair, rtol, atol) for pair in zip(got, want, strict=True))
        return next(({"at index": f"[{i}]", **found} for i, found in enumerate(pairs) if found), {})
    same = same_number if isinstance(want, (int, float)) else same_thing
    return {} if same(got, want, rtol, atol) else {"got": describe(got), "expected": describe(want)}


def array_difference(got: Any, want: np.ndarray, rtol: float, atol: float) -> dict[str, str]:
    """The first index where two arrays differ; NaN equals NaN, and 2 equals 2.0."""
    numbers = isinstance(got, np.ndarray) and got.dtype.kind in "biuf"
    if not numbers or got.shape != want.shape:
        return {"got": describe(got), "expected": describe(want)}
    got = np.asarray(got)  # of a subclass, such as a masked array, only the numbers
    differs = ~np.isclose(got, want, rtol, atol, equal_nan=True)
    if not differs.any():
        return {}
    index = tuple(np.argwhere(differs)[0].tolist())
    where = f"{list(index)} (the first of {differs.sum()} that differ, of {differs.size})"
    return {"at index": where, "got": str(got[index]), "expected": str(want[index])}


def same_number(got: Any, want: float, rtol: float, atol: float) -> bool:
    """A whole number must come back as an int (5, not 5.0); any number will do for a float."""
    if isinstance(want, bool):
        return isinstance(got, (bool, np.bool_)) and bool(got) == want
    if isinstance(want, int):
        return isinstance(got, (int, np.integer)) and not isinstance(got, bool) and int(got) == want
    number = isinstance(got, (int, float, np.number, np.ndarray)) and not isinstance(got, bool)
    return number and np.shape(got) == () and bool(np.isclose(got, want, rtol, atol, equal_nan=True))


def same_thing(got: Any, want: Any, rtol: float, atol: float) -> bool:
    """Texts and None: the same type and equal."""
    return type(got) is type(want) and got == want


def decode(value: Any) -> Any:
    """JSON to Python: {"nd", "shape", "dtype"} is an array, {"tuple"} a tuple, {"float"} infinity or NaN."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "nd" in value:
        return np.array(value["nd"], dtype=value["dtype"]).reshape(value["shape"])
    if "tuple" in value:
        return tuple(decode(item) for item in value["tuple"])
    if "float" in value:
        return float(value["float"])
    return {key: decode(item) for key, item in value.items()}


def describe(value: Any) -> str:
    """A value in a few words: the shape of an array, the value and type of anything else."""
    if isinstance(value, np.ndarray):
        kind = "" if value.dtype.kind in "biuf" else f", dtype {value.dtype}"
        return f"array of shape {value.shape}{kind}"
    if value is None:
        return "None (does your function end with a return?)"
    value = value.item() if isinstance(value, np.generic) else value  # 13.0, whether NumPy's or Python's
    text = repr(value)
    return f"{text if len(text) <= 70 else text[:67] + '...'} ({type(value).__name__})"


def call(case: dict[str, Any]) -> str:
    """The call as you would type it, with arrays by their shape."""
    args = [typed(value) for value in decode(case["args"])]
    args += [f"{key}={typed(value)}" for key, value in decode(case["kwargs"]).items()]
    return f"{case['call']}({', '.join(args)})"


def typed(value: Any) -> str:
    """A value as you would type it, an array by its shape, also in a dictionary."""
    if isinstance(value, np.ndarray):
        return f"<array {value.shape}>"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {typed(item)}" for key, item in value.items()) + "}"
    return repr(value)


def describe_error(error: BaseException, function: Any) -> str:
    """Kind and message of an error, and the line of your own cell in which it arose, if that is known."""
    own = getattr(getattr(function, "__code__", None), "co_filename", None)
    trace = traceback.walk_tb(error.__traceback__)
    lines = [line for frame, line in trace if frame.f_code.co_filename == own]
    where = f" (line {lines[-1]} of your cell)" if lines else ""
    return f"{type(error).__name__}: {error}{where}"


def rows(found: dict[str, str]) -> str:
    """Labels and texts as lines below the case, the labels in one column."""
    return "".join(f"\n      {label:<9} {text}" for label, text in found.items() if text)
