"""Code by its structure: two pieces are the same if only names, layout, comments and docstrings differ."""

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from kit import syntax

LEAST = 12  # nodes from which on a piece is nobody's accident
CODE = re.compile(r"[=(\[:]")  # no piece worth finding is without one of these


def pieces_in(text: str) -> Iterator[str]:
    """The pieces of all code in a text of any kind: of each block, or of each line if a block is no code."""
    for block in re.split(r"\n\s*\n|^\s*(?:```|~~~).*$|^\s*%.*$", text, flags=re.MULTILINE):
        if CODE.search(block):
            yield from pieces_of_block(block)


@lru_cache(maxsize=10_000)
def pieces_of_block(block: str) -> frozenset[str]:
    """The same for one block; packs and what they may show have many blocks in common."""
    if tree := parsed(textwrap.dedent(block.strip("\n"))):
        return frozenset(pieces_of(tree))
    return frozenset(piece for line in block.split("\n") for piece in pieces_of_line(line.strip()))


def pieces_of_line(line: str) -> Iterator[str]:
    """The pieces of one line that may be code, such as the head of a loop."""
    code = line.partition("#")[0].rstrip()
    if (
        len(code) >= LEAST
        and CODE.search(code)
        and (tree := parsed(code + (" pass" if code[-1] == ":" else "")))
    ):
        yield from pieces_of(tree)


def parsed(code: str) -> ast.Module | None:
    """The syntax tree of Python code, None of anything else."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # prose has odd escapes
            return syntax.parsed(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def pieces_of(tree: ast.AST) -> Iterator[str]:
    """Every statement and expression of at least LEAST nodes, in a spelling that does not depend on names."""
    nodes = list(ast.walk(tree))
    sizes: dict[ast.AST, int] = {}  # load and store marks left out
    for node in reversed(nodes):  # parts before wholes
        parts = (part for part in ast.iter_child_nodes(node) if not isinstance(part, ast.expr_context))
        sizes[node] = 1 + sum(sizes[part] for part in parts)
    for node in nodes:
        if isinstance(node, ast.stmt | ast.expr) and sizes[node] >= LEAST:
            yield spelt(node, {})


def spelt(value: Any, names: dict[str, str]) -> str:
    """A piece as text, each name replaced by the order in which it first appears."""
    if isinstance(value, list):
        return "[" + ",".join(spelt(item, names) for item in value) + "]"
    if not isinstance(value, ast.AST):
        return repr(value)
    if isinstance(value, ast.Name):
        return names.setdefault(value.id, f"n{len(names)}")
    if isinstance(value, ast.arg):
        return names.setdefault(value.arg, f"n{len(names)}")
    fields = [(field, part) for field, part in ast.iter_fields(value) if field not in ("ctx", "type_comment")]
    if isinstance(value, ast.FunctionDef):
        fields = [("args", value.args), ("body", without_docstring(value.body))]
    return f"{type(value).__name__}({','.join(spelt(part, names) for _, part in fields)})"


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    told = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return body[1:] if told else body
