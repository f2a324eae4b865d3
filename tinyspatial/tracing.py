"""A run of the loops, watched: which line ran, where the loops stood, which cells it read, what it summed up.

`record(conv2d, x, weight)` runs the function itself, once, while Python tells which line runs (sys.settrace,
the same in all versions of Python). The source is read only to know which lines stand inside loops, and
which cell is meant by `x[n, c, p * s + i, q * t + j]`.
"""

from __future__ import annotations

import inspect
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from tinyspatial import loop_source
from tinyspatial.shapes import INTEGERS, integer

__all__ = ["LIMIT", "Step", "Trace", "compact", "record"]

NUMBERS = (int, float, np.number)
LIMIT = 10_000  # steps; conv2d on 1×1×5×5 with a kernel of 3×3 takes 180
Index = tuple[int, ...]
Box = tuple[tuple[int, int], ...]  # first and stop on each axis


class Step(NamedTuple):
    """One line inside the loops that has run. `for` is no step: its variables are the places of others."""

    line: int  # of the listing, from 1
    places: dict[str, Any]  # the variables of the loops round the line: {"n": 0, "f": 0, "p": 2, ...}
    values: dict[str, float]  # what the loops have computed after the line: {"pixel": 0.5, "total": 1.5}
    reads: dict[str, Index]  # the cells that the line reads: {"x": (0, 0, 2, 1)}
    writes: dict[str, Index]  # the cell it fills: {"out": (0, 0, 2, 1)}; what it fills in is in `values`
    windows: dict[str, Box]  # what is read for one value of the output: {"x": (..., (2, 5), (1, 4))}


class Trace(NamedTuple):
    """A whole run as plain values: arrays are nested lists."""

    function: str
    listing: tuple[str, ...]  # its source without the docstring
    numbers: dict[str, float]  # what is known before the first step: {"s": 2, "P": 3, "momentum": 0.1}
    arrays: dict[str, Any]  # what is in each array before the first step; the input has its border already
    steps: tuple[Step, ...]
    result: Any  # what the function gave back


def record(function: Callable[..., Any], *args: Any, limit: int = LIMIT, **options: Any) -> Trace:
    """The steps of `function(*args, **options)`, of any function that is made of loops like those in `loops`.

    The windows of a step are the parts of the arrays that are read for the same value of the output, from one
    cell filled to the next; arguments that are changed in place do not count. A value is shown as long as
    the loops last in which it is first assigned. Functions that are called on the way run unwatched, and so
    do comprehensions: the cells that go into the mean of `batch_norm` are in no step, the mean is. The run
    is a real one: `batch_norm` in training moves the statistics that it is given. The same arguments give
    the same trace; of an empty batch it has no steps, and NaN is a value like any other.

    Raises ValueError when the run takes more steps than `limit` (it says how many: the function runs to its
    end first), when `limit` is not an integer of at least 1 and when `function` is not written with `def`;
    whatever the function raises is passed on. A trace function set before, such as a debugger's, is back
    afterwards.
    """
    watcher = Watcher(function, integer("limit", limit, 1))
    before = sys.gettrace()
    sys.settrace(watcher.enter)
    try:
        result = function(*args, **options)
    finally:
        sys.settrace(before)
    if watcher.count > limit:
        raise ValueError(
            f"{function.__name__} takes {watcher.count:,} steps here, more than limit={limit:,}; "
            "give it smaller arrays or a higher limit"
        )
    steps = tuple(with_windows(watcher.steps, inspect.signature(function).parameters))
    source = watcher.source
    return Trace(function.__name__, source.listing, watcher.numbers, watcher.arrays, steps, listed(result))


class Watcher:
    """Is told by Python what runs, and keeps the steps of the first call of one function."""

    def __init__(self, function: Callable[..., Any], limit: int) -> None:
        self.source = loop_source.read(function)
        self.code, self.limit, self.entered = inspect.unwrap(function).__code__, limit, False
        self.line: loop_source.Line | None = None  # the one that runs now
        self.count, self.steps = 0, list[Step]()
        self.arrays: dict[str, Any] = {}
        self.numbers: dict[str, float] = {}

    def enter(self, frame: FrameType, event: str, arg: Any) -> Any:
        """Python calls this for each function that begins: watch ours, and none that it calls."""
        if frame.f_code is not self.code or self.entered:
            return None
        self.entered = True
        return self.follow

    def follow(self, frame: FrameType, event: str, arg: Any) -> Any:
        """Python calls this before each line of our function, and when it returns."""
        line = self.source.lines.get(frame.f_lineno) if event == "line" else None
        if line is None or line is not self.line:  # not a statement that goes on over several lines
            self.end(frame.f_locals)
            self.line = line
            self.begin(frame)
        return self.follow

    def begin(self, frame: FrameType) -> None:
        """Note where the line that runs next stands, and what it reads."""
        if self.line is None:
            return
        self.count += 1
        if self.count == 1:
            found = {name: frame.f_locals.get(name) for name in self.source.arrays}
            self.arrays = {name: listed(a) for name, a in found.items() if isinstance(a, np.ndarray)}
            known = {name: a for name, a in frame.f_locals.items() if isinstance(a, NUMBERS)}
            self.numbers = {name: listed(a) for name, a in known.items() if name not in self.line.loops}
        if self.count <= self.limit:
            places = {name: frame.f_locals[name] for name in self.line.loops}
            reads, writes = located(self.line.reads, frame), located(self.line.writes, frame)
            self.steps.append(Step(self.line.number, places, {}, reads, writes, {}))

    def end(self, variables: Any) -> None:
        """Add to the last step what is known only now, after its line has run."""
        if self.line is None or self.count > self.limit:
            return
        for name, loops in self.source.names.items():
            alive = self.line.loops[: len(loops)] == loops
            if alive and isinstance(variables.get(name), NUMBERS):
                self.steps[-1].values[name] = listed(variables[name])
        for name, index in self.steps[-1].writes.items():
            self.steps[-1].values[name] = listed(variables[name][index])


def located(cells: loop_source.Cells, frame: FrameType) -> dict[str, Index]:
    """The index of each cell of an array as things stand; rows and other parts are left out."""
    found = {}
    for name, brackets in cells:
        array, value = frame.f_locals.get(name), eval(brackets, frame.f_globals, frame.f_locals)
        index = value if isinstance(value, tuple) else (value,)
        whole = isinstance(array, np.ndarray) and len(index) == array.ndim
        if whole and all(isinstance(number, INTEGERS) for number in index):
            found[name] = tuple(map(int, index))
    return found


def with_windows(steps: Iterable[Step], arguments: Iterable[str]) -> Iterator[Step]:
    """The steps in groups, one for each value that is filled in, with the windows of the group."""
    group: list[Step] = []
    for step in steps:
        group.append(step)
        if step.writes.keys() - set(arguments):
            yield from boxed(group)
            group = []
    yield from boxed(group)


def boxed(group: list[Step]) -> list[Step]:
    """The same steps, each with the smallest box round all cells that they read, of each array."""
    read: dict[str, list[Index]] = {}
    for step in group:
        for name, index in step.reads.items():
            read.setdefault(name, []).append(index)
    boxes = {name: tuple((min(axis), max(axis) + 1) for axis in zip(*cells, strict=True))
             for name, cells in read.items()}  # fmt: skip
    return [step._replace(windows=boxes) for step in group]


def compact(trace: Trace) -> str:
    """The trace as JSON for a page, about 100 bytes a step: columns with one item for each step.

        {"function": ..., "listing": [...], "numbers": {...}, "arrays": {...}, "result": ...,
         "windows": [{...}, ...],
         "steps": {"line": [...], "window": [...], "places": {"n": [...], ...}, "values": {...},
                   "reads": {"x": [...], ...}, "writes": {"out": [...]}}}

    Cells are counted through the array, the last axis running fastest; "window" says which of "windows". What
    a step does not have is null. Numbers keep every digit; JSON has no infinity, so it is "Infinity",
    "-Infinity" or "NaN" as text, which JavaScript's Number() reads.
    """
    boxes = list({json.dumps(step.windows): step.windows for step in trace.steps}.values())
    shapes = {name: np.shape(array) for name, array in trace.arrays.items()}
    steps = {
        "line": [step.line for step in trace.steps],
        "window": [boxes.index(step.windows) for step in trace.steps],
        "places": columns([step.places for step in trace.steps]),
        "values": columns([step.values for step in trace.steps]),
        "reads": columns([counted(step.reads, shapes) for step in trace.steps]),
        "writes": columns([counted(step.writes, shapes) for step in trace.steps]),
    }
    page = trace._asdict() | {"windows": boxes, "steps": steps}
    return json.dumps(finite(page), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Of rows with names, a list for each name, with None where a row has nothing of that name."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def counted(cells: dict[str, Index], shapes: dict[str, tuple[int, ...]]) -> dict[str, int]:
    """How many cells of its array come before each cell."""
    return {name: int(np.ravel_multi_index(index, shapes[name])) for name, index in cells.items()}


def finite(value: Any) -> Any:
    """The same value with text in place of the numbers that JSON does not have."""
    if isinstance(value, dict):
        return {name: finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return json.dumps(value) if isinstance(value, float) and not math.isfinite(value) else value


def listed(value: Any) -> Any:
    """An array as nested lists; of several, each."""
    return [listed(item) for item in value] if isinstance(value, tuple) else np.asarray(value).tolist()
