"""What the source of a function says of its loops: the listing, the lines inside loops, the cells they name.

Nothing is run here. Line numbers are those of the listing, the source without its docstring, from 1.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any, NamedTuple

__all__ = ["Line", "Source", "read"]

Cells = tuple[tuple[str, CodeType], ...]  # an array and what stands in its brackets: x, n, c, p * s + i
INSIDE = (ast.stmt, ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp, ast.Lambda)


class Line(NamedTuple):
    """A statement inside loops; of one that holds others, such as `if`, the part before those."""

    number: int
    loops: tuple[str, ...]  # the variables of the loops round it
    reads: Cells
    writes: Cells


class Source(NamedTuple):
    """The listing of a function, its lines inside loops, and what these assign and look into."""

    listing: tuple[str, ...]
    lines: dict[int, Line]  # by the number of the line in its file
    names: dict[str, tuple[str, ...]]  # what they assign, and the loops round the first assignment
    arrays: tuple[str, ...]  # what they look into


def read(function: Callable[..., Any]) -> Source:
    """The source of a function that is written with `def`; raises ValueError for anything else."""
    if not inspect.isfunction(function) or function.__name__ == "<lambda>":
        raise ValueError(f"Expected a function written in Python with def, got {function!r}")
    given, start = inspect.getsourcelines(function)
    text = textwrap.dedent("".join(given)).splitlines()
    tree = ast.parse("\n".join(text)).body[0]
    shown = [number for number, _ in enumerate(text, 1) if number not in docstring(tree, text)]
    lines: dict[int, Line] = {}
    names: dict[str, tuple[str, ...]] = {}
    for node, loops in statements(tree, ()):
        line = Line(shown.index(node.lineno) + 1, loops, cells(node, ast.Load), cells(node, ast.Store))
        lines |= dict.fromkeys(range(node.lineno + start - 1, last(node) + start), line)
        for name in assigned(node):
            names.setdefault(name, loops)
    arrays = [name for line in lines.values() for name, _ in line.reads + line.writes]
    listing = tuple(text[number - 1] for number in shown)
    return Source(listing, lines, names, tuple(dict.fromkeys(arrays)))


def docstring(tree: ast.AST, text: list[str]) -> range:
    """The lines of the docstring, with a blank line behind it."""
    assert isinstance(tree, ast.FunctionDef)
    if ast.get_docstring(tree) is None:
        return range(0)
    end = tree.body[0].end_lineno or 0
    return range(tree.body[0].lineno, end + 1 + (not "".join(text[end : end + 1]).strip()))


def statements(tree: ast.AST, loops: tuple[str, ...]) -> Iterator[tuple[ast.stmt, tuple[str, ...]]]:
    """The statements inside loops, each with the variables of its loops; `for` itself is none of them."""
    for node in inner(tree):
        if isinstance(node, ast.For):
            yield from statements(node, loops + tuple(target(node.target)))
            continue
        if loops:
            yield node, loops
        yield from statements(node, loops)


def inner(node: ast.AST) -> list[ast.stmt]:
    """The statements right inside this one."""
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]


def target(node: ast.expr) -> list[str]:
    """The variables that a loop counts with."""
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def last(node: ast.stmt) -> int:
    """The last line of a statement, or of its part before the statements inside it."""
    body = inner(node)
    return max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno


def parts(node: ast.AST) -> Iterator[ast.AST]:
    """What a statement is made of, without the statements and the comprehensions inside it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, INSIDE):
            yield child
            yield from parts(child)


def assigned(statement: ast.stmt) -> list[str]:
    """The names that a statement gives a value to."""
    found = [part for part in parts(statement) if isinstance(part, ast.Name)]
    return [name.id for name in found if isinstance(name.ctx, ast.Store)]


def cells(statement: ast.stmt, way: type[ast.expr_context]) -> Cells:
    """The cells, written as x[n, c], that a statement reads (ast.Load) or fills (ast.Store)."""
    return tuple(
        (part.value.id, compile(ast.Expression(part.slice), "<index>", "eval"))
        for part in parts(statement)
        if isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name) and isinstance(part.ctx, way)
    )
