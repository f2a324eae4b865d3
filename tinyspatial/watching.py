"""A run of the loops as a step-through for a slide: the trace, what each line did, the telling moments.

`watch` gives text: a fenced block {watch} of one line of JSON, that of `tracing.compact` and beside it

    "symbol"   where the function is: "tinyspatial.loops.conv2d"
    "part"     first and last line of the listing that belong to the loops
    "roles"    {"x": "input", "weight": "kernel", "out": "output"}: the arrays to show, in this order
    "rows"     {"count": ["input", "output"]}: names of the rows of an array
    "added"    {"x": [0, 1, …]}: cells that the function has put round what it was given
    "told"     for each step what its line did: "[input 3.0] × [kernel 0.5] = [ 1.5], total [output 4.5]";
               brackets hold a role, which may be empty, and a number
    "by", "stops"   what a long step is, and the steps that end one
    "moments"  [[step, caption], …] for a film strip
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tinyspatial.data import digits
from tinyspatial.telling import tellings
from tinyspatial.tracing import Step, Trace, compact, record

__all__ = ["ink", "levels", "watch"]

ROLES = {
    **{"x": "input", "weight": "kernel", "out": "output"},
    **{"running_mean": "statistics", "running_var": "statistics"},
}
FRAMES = 6  # of a film strip, at most
ZERO = re.compile(r" -?0\.0\](,|$)")  # a result that says nothing yet


def watch(
    symbol: str,
    *args: Any,
    roles: Mapping[str, str] | None = None,
    rows: Mapping[str, Iterable[str]] | None = None,
    by: str | None = None,
    captions: Iterable[str] = (),
    **options: Any,
) -> str:
    """The fenced block that steps through `symbol(*args, **options)`, a real run.

    `roles` names the arrays to show, in their order, each as input, kernel, output or statistics; without it
    those that have the names of `loops`. `rows` names the rows of an array. `by` is what a long step is: an
    array, of which it fills one cell, or the variable of a loop, of which it is one pass; without it the last
    array shown. `captions` replace those of the telling moments, one for each.
    Raises ValueError for an array or a variable that the run does not have, for another number of captions
    than of moments, for a run without steps, and whatever `tracing.record` and the function raise.
    """
    module, _, name = symbol.rpartition(".")
    function = getattr(importlib.import_module(module), name)
    trace = record(function, *args, **options)
    if not trace.steps:
        raise ValueError(f"{name} has no step to watch with these arguments")
    shown = dict(roles) if roles else {name: role for name, role in ROLES.items() if name in trace.arrays}
    if missing := set(shown) - set(trace.arrays):
        raise ValueError(f"{name} has no array {min(missing)!r}; it has {', '.join(trace.arrays)}")
    told = tellings(trace, function, shown)
    by = by or list(shown)[-1]
    stops = ends(trace, by)
    page = {
        "symbol": symbol,
        "part": part(trace),
        "roles": shown,
        "rows": {name: list(names) for name, names in (rows or {}).items()},
        "added": added(trace, inspect.signature(function).bind(*args, **options).arguments),
        "told": told,
        "by": by,
        "stops": stops,
        "moments": captioned(moments(trace, told, stops, by), trace, told, list(captions)),
    }
    return "\n".join(["```{watch}", joined(compact(trace), page), "```"])


def ink(number: int, rows: tuple[int, int], columns: tuple[int, int]) -> Any:
    """A piece of a handwritten digit in its 17 shades, 0 paper to 16 ink: (1, 1, height, width).

    `number` counts the digits of `data.digits`; rows and columns are first and stop.
    """
    return np.round(16 * digits()[0][number : number + 1, :, slice(*rows), slice(*columns)])


def levels(batches: int, size: int, rows: int = 4, columns: int = 3) -> Any:
    """How dark one pixel is in the first digits, in batches: (batches, size), from 0, paper, to 16, ink."""
    return np.round(16 * digits()[0][: batches * size, 0, rows, columns].reshape(batches, size))


def joined(text: str, page: dict[str, Any]) -> str:
    """One JSON object of two, safe in a fenced block: no backticks."""
    more = json.dumps(page, ensure_ascii=False, separators=(",", ":"))
    return (text[:-1] + "," + more[1:]).replace("`", "\\u0060")


def part(trace: Trace) -> tuple[int, int]:
    """First and last line of the loops, from 1: from the outermost `for` to the line of the last step."""
    last = max(step.line for step in trace.steps)
    heads = [(indent(text), number) for number, text in enumerate(trace.listing[:last], 1) if is_loop(text)]
    return min(heads)[1], last


def indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def is_loop(line: str) -> bool:
    return line.lstrip().startswith("for ")


def added(trace: Trace, given: Mapping[str, Any]) -> dict[str, list[int]]:
    """The cells of each array that are no part of the argument of its name: what padding has put round it."""
    found = {}
    for name, array in trace.arrays.items():
        shape, inner = np.shape(array), np.shape(given.get(name, 0))
        if len(shape) == len(inner) and shape != inner:
            border = np.ones(shape, dtype=bool)
            border[
                tuple(slice((a - b) // 2, (a - b) // 2 + b) for a, b in zip(shape, inner, strict=True))
            ] = False
            found[name] = np.flatnonzero(border).tolist()
    return found


def ends(trace: Trace, by: str) -> list[int]:
    """The steps that fill a cell of the array `by`, or after which the loop variable `by` moves on."""
    if by in trace.arrays:
        return [k for k, step in enumerate(trace.steps) if by in step.writes]
    passes = [(k, before(step.places, by)) for k, step in enumerate(trace.steps) if by in step.places]
    if not passes:
        raise ValueError(f"{trace.function} has no array and no loop variable {by!r}")
    following = [place for _, place in passes[1:]] + [None]
    return [k for (k, place), after in zip(passes, following, strict=True) if place != after]


def before(places: Mapping[str, Any], by: str) -> list[Any]:
    """Where the loops stand, from the outermost to that of `by`."""
    names = list(places)
    return [places[name] for name in names[: names.index(by) + 1]]


def moments(trace: Trace, told: list[str], stops: list[int], by: str) -> list[int]:
    """The steps worth a picture.

    By passes of a loop: the first step, then the ends of passes. By cells: the first two results that are
    not 0, the first two cells, the first after an outer loop has moved on, and the last.
    """
    if by not in trace.arrays:
        return sorted({0, *(stops[round(k)] for k in np.linspace(0, len(stops) - 1, FRAMES - 1))})
    first = [k for k, text in enumerate(told[: stops[0]]) if text.count("[") > 1 and not ZERO.search(text)][
        :2
    ]
    start = outer(trace.steps[stops[0]])
    rows = [k for k in stops if outer(trace.steps[k]) != start]
    return sorted({*first, *stops[:2], *rows[:1], stops[-1]})


def outer(step: Step) -> list[Any]:
    """Where all loops but the innermost stand."""
    return list(step.places.values())[:-1]


def captioned(steps: list[int], trace: Trace, told: list[str], captions: list[str]) -> list[tuple[int, str]]:
    """Each moment with the author's caption, or with where its loops stand and what its line did."""
    if captions and len(captions) != len(steps):
        raise ValueError(
            f"{trace.function} has {len(steps)} telling moments here, and {len(captions)} captions"
        )
    return list(zip(steps, captions or [told[k] for k in steps], strict=True))
