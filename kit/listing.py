"""Tested source on a slide: a symbol's own lines, and which of them each step lights.

Nothing is copied by hand: the lines are those that Python imports and the tests run.
"""

import ast
import importlib
import inspect
import json
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from kit.errors import KitError
from kit.syntax import parsed

Step = tuple[int, int, str]  # first line, last line (from 1, in the listing), caption


def listing(
    symbol: str,
    steps: Iterable[str] | Mapping[str, str] = (),
    start: str | None = None,
    end: str | None = None,
) -> str:
    """A fenced block with the source of ``symbol`` less its docstring; its steps are in the info string.

    A step names text that occurs in exactly one line; ``"a .. b"`` is the range from the line with ``a`` to
    the line with ``b``. A mapping gives each step its caption. ``start`` to ``end`` cuts a part.
    """
    lines = without_docstring(source(symbol)).split("\n")
    if start or end:
        first = find(lines, start, symbol) if start else 1
        last = find(lines, end, symbol) if end else len(lines)
        lines = textwrap.dedent("\n".join(lines[first - 1 : last])).split("\n")
    captions = steps if isinstance(steps, Mapping) else dict.fromkeys(steps, "")
    info = {"symbol": symbol, "steps": [(*span(lines, a, symbol), text) for a, text in captions.items()]}
    told = json.dumps(info, ensure_ascii=False).replace("`", "\\u0060")  # an info string may not have any
    return "\n".join([f"```python {told}", *lines, "```"])


def source(symbol: str) -> str:
    """The whole tested source of a function, class or method, moved to the left margin."""
    return textwrap.dedent(inspect.getsource(find_symbol(symbol))).rstrip("\n")


def stub(symbol: str, docstring: str | None = None) -> str:
    """Signature and docstring of a function, and in place of its body the line that a student replaces."""
    text = source(symbol)
    function = parsed(text).body[0]
    assert isinstance(function, ast.FunctionDef), f"{symbol} is not a function"
    lines = text.split("\n")
    documented = ast.get_docstring(function) is not None
    header = lines[: function.body[0].lineno - 1]
    told = lines[function.body[0].lineno - 1 : function.body[0].end_lineno] if documented else []
    if docstring is not None:
        told = textwrap.indent(f'"""{docstring.strip()}"""', "    ").split("\n")
    return "\n".join([*header, *told, "    # YOUR CODE HERE", "    raise NotImplementedError()"])


def find_symbol(symbol: str) -> Any:
    """The object behind a dotted name, modules imported on the way."""
    parts = symbol.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError as error:
            if error.name and not symbol.startswith(error.name):
                raise
            continue
        for name in parts[length:]:
            if not hasattr(found, name):
                raise KitError(f"there is no {symbol}", remedy=f"{found.__name__} has no {name}")
            found = getattr(found, name)
        return found
    raise KitError(f"there is no {symbol}", remedy=f"no module {parts[0]} can be imported")


def without_docstring(text: str) -> str:
    """The same lines less those of the docstring and a blank line after it."""
    node = parsed(text).body[0]
    if not isinstance(node, ast.FunctionDef | ast.ClassDef) or ast.get_docstring(node) is None:
        return text
    lines = text.split("\n")
    first, last = node.body[0].lineno, node.body[0].end_lineno or 0
    rest = lines[last:]
    return "\n".join(lines[: first - 1] + (rest[1:] if rest and not rest[0].strip() else rest))


def span(lines: list[str], anchor: str, symbol: str) -> tuple[int, int]:
    """First and last line that a step lights."""
    first, _, last = anchor.partition(" .. ")
    begin = find(lines, first, symbol)
    finish = find(lines, last, symbol) if last else begin
    if finish < begin:
        raise KitError(f'the step "{anchor}" ends before it begins in {symbol}', remedy="swap its two ends")
    return begin, finish


def find(lines: list[str], text: str, symbol: str) -> int:
    """Number, from 1, of the one line that has ``text``."""
    hits = [number for number, line in enumerate(lines, 1) if text in line]
    if len(hits) != 1:
        where = f"is in {len(hits)} lines of" if hits else "is not in"
        raise KitError(f'"{text}" {where} {symbol}', remedy="name text that one line of the listing has")
    return hits[0]
