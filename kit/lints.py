"""What the cases of an answer miss together: signs that no input has, and ends that are always read.

A cell of cases may say ``:positive: var`` of arrays that have no negative numbers by nature, and
``:leftover: x`` of an argument whose end some case must leave unread. Of one case see `kit.cases.weakness`.
"""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from kit.check import attempt, decode, difference

Case = dict[str, Any]


def unsigned(cases: list[Case], function: Callable[..., Any], positive: list[str]) -> str:
    """An argument, never negative in any array that is given for it; "" if there is none.

    Without numbers below 0 a lost sign does not show, nor a maximum that begins with 0.
    """
    found: dict[str, bool] = {}
    for case in cases:
        for name, value in call(case, function).arguments.items():
            if isinstance(value, np.ndarray) and value.dtype.kind in "if":
                found[name] = bool(found.get(name) or (value < 0).any())
    return next((name for name, negative in found.items() if not negative and name not in positive), "")


def all_read(cases: list[Case], function: Callable[..., Any], name: str) -> bool:
    """Whether in every case the end of the argument ``name`` matters: without it the result is another."""
    for case in cases:
        for smaller in shrunk(call(case, function).arguments.get(name)):
            asked = call(case, function)
            asked.arguments[name] = smaller
            got, error = attempt(function, *asked.args, **asked.kwargs)
            if "want" in case and error is None and not difference(got, decode(case["want"]), 0, 0):
                return False
    return True


def call(case: Case, function: Callable[..., Any]) -> inspect.BoundArguments:
    """The call of a case, each argument under its name."""
    return inspect.signature(function).bind(*decode(case["args"]), **decode(case["kwargs"]))


def shrunk(value: Any) -> Iterator[Any]:
    """The value a little smaller: a number by 1, a tuple in one place, an array less the end of one axis."""
    if isinstance(value, np.ndarray):
        yield from (np.delete(value, -1, axis) for axis, size in enumerate(value.shape) if size > 1)
    elif isinstance(value, tuple):
        yield from ((*value[:n], size - 1, *value[n + 1 :]) for n, size in enumerate(value))
    elif isinstance(value, int):
        yield value - 1
