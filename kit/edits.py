"""Small faults by rule: what can be edited at one node of a program, as text.

Each rule gives edits of the bytes at the node's place and leaves the rest as it was written, so that a faulty
program differs from the right one in as little as can be shown.
"""

import ast
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from kit.syntax import parsed


class Edit(NamedTuple):
    """New text in the place of the bytes from ``start`` to ``end``."""

    start: int
    end: int
    new: str


ARITHMETIC = {
    **{ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "+"), ast.Div: ("/", "*")},
    **{ast.FloorDiv: ("//", "/"), ast.Mod: ("%", "//"), ast.Pow: ("**", "*")},
}
COMPARISONS = {  # the operator, a neighbour, and the contrary
    **{ast.Lt: ("<", "<=", ">="), ast.LtE: ("<=", "<", ">"), ast.Gt: (">", ">=", "<=")},
    **{ast.GtE: (">=", ">", "<"), ast.Eq: ("==", "!="), ast.NotEq: ("!=", "==")},
    **{ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is"), ast.In: ("in", "not in")},
    ast.NotIn: ("not in", "in"),
}
WHOLE = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant, ast.List, ast.Dict)
SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Raise, ast.Delete, ast.Assert)
SYMMETRIC = ("max", "min")
COUNTING = ("range", "len", "zip", "enumerate")  # without these calls a program only fails at once


class Text:
    """A program as bytes, in which every node of its syntax tree can be found."""

    def __init__(self, code: str) -> None:
        self.code = code.encode()
        self.tree = parsed(code)
        self.starts = [0]
        for line in self.code.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        # of a, b = c, d it is enough to swap one side
        assigned = [node for node in ast.walk(self.tree) if isinstance(node, ast.Assign)]
        pairs = [(node.value, target) for node in assigned for target in node.targets]
        self.twins = {target for value, target in pairs if isinstance(value, ast.Tuple)}

    def span(self, node: Any) -> tuple[int, int]:
        start = self.starts[node.lineno - 1] + node.col_offset
        return start, self.starts[node.end_lineno - 1] + node.end_col_offset

    def of(self, node: Any) -> str:
        start, end = self.span(node)
        return self.code[start:end].decode()

    def whole(self, node: Any) -> str:
        """The text of an expression, in brackets where it might fall apart in another place."""
        return self.of(node) if isinstance(node, WHOLE) else f"({self.of(node)})"

    def between(self, left: Any, right: Any, old: str, new: str) -> Iterator[Edit]:
        """``new`` for the sign ``old`` that stands between two nodes."""
        start = self.code.find(old.encode(), self.span(left)[1], self.span(right)[0])
        if start >= 0:
            yield Edit(start, start + len(old.encode()), new)

    def swapped(self, nodes: list[Any]) -> Iterator[Edit]:
        """Each two neighbours in each other's place."""
        for left, right in pairwise(nodes):
            (start, middle), (after, end) = self.span(left), self.span(right)
            if self.of(left) != self.of(right):
                sign = self.code[middle:after].decode()
                yield Edit(start, end, f"{self.of(right)}{sign}{self.of(left)}")


def arithmetic(node: ast.AST, text: Text) -> Iterator[Edit]:
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        yield from text.between(node.left, node.right, *ARITHMETIC[type(node.op)])
    if isinstance(node, ast.AugAssign) and type(node.op) in ARITHMETIC:
        old, new = (f"{sign}=" for sign in ARITHMETIC[type(node.op)])
        yield from text.between(node.target, node.value, old, new)
        yield from text.between(node.target, node.value, old, "=")


def part(node: ast.AST, text: Text) -> Iterator[Edit]:
    operands = [node.left, node.right] if isinstance(node, ast.BinOp) else []
    operands = node.values if isinstance(node, ast.BoolOp) else operands
    if len(operands) == 2:
        yield from (Edit(*text.span(node), text.whole(operand)) for operand in operands)


def comparison(node: ast.AST, text: Text) -> Iterator[Edit]:
    if isinstance(node, ast.Compare):
        for (left, right), sign in zip(pairwise([node.left, *node.comparators]), node.ops, strict=True):
            old, *others = COMPARISONS[type(sign)]
            for new in others:
                yield from text.between(left, right, old, new)


def condition(node: ast.AST, text: Text) -> Iterator[Edit]:
    if isinstance(node, ast.BoolOp):
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in pairwise(node.values):
            yield from text.between(left, right, old, new)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield Edit(*text.span(node), text.of(node.operand))
    tests = [node.test] if isinstance(node, ast.If | ast.IfExp | ast.While) else []
    tests = node.ifs if isinstance(node, ast.comprehension) else tests
    for test in tests:
        if not isinstance(test, ast.Compare | ast.UnaryOp):  # for those there is a shorter way to say it
            yield Edit(*text.span(test), f"not {text.whole(test)}")


def constant(node: ast.AST, text: Text) -> Iterator[Edit]:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield Edit(*text.span(node), str(not node.value))
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield from (Edit(*text.span(node), repr(node.value + step)) for step in (1, -1))


def statement(node: ast.AST, text: Text) -> Iterator[Edit]:
    silent = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)  # a docstring
    if isinstance(node, (*SIMPLE, ast.Expr)) and not silent:
        yield Edit(*text.span(node), "pass")


def jump(node: ast.AST, text: Text) -> Iterator[Edit]:
    if isinstance(node, ast.Break | ast.Continue):
        yield Edit(*text.span(node), "continue" if isinstance(node, ast.Break) else "break")


def argument(node: ast.AST, text: Text) -> Iterator[Edit]:
    given = [*node.args, *node.keywords] if isinstance(node, ast.Call) else []
    for before, this, after in zip([None, *given], given, [*given[1:], None], strict=False):
        if isinstance(this, ast.keyword):
            start, end = text.span(this)
            start = text.code.find(b",", text.span(before)[1], start) if before else start
            yield Edit(start, end if before or not after else text.span(after)[0], "")


def order(node: ast.AST, text: Text) -> Iterator[Edit]:
    if isinstance(node, ast.Call) and text.of(node.func) not in SYMMETRIC:
        yield from text.swapped(node.args)
    row = node.elts if isinstance(node, ast.Tuple | ast.List) and node not in text.twins else []
    if not all(isinstance(each, ast.Constant) for each in row):  # axis=(0, 2) is axis=(2, 0)
        yield from text.swapped(row)


def call(node: ast.AST, text: Text) -> Iterator[Edit]:
    if isinstance(node, ast.Call) and text.of(node.func) not in COUNTING:
        if node.args and not isinstance(node.args[0], ast.Starred | ast.GeneratorExp):
            yield Edit(*text.span(node), text.whole(node.args[0]))
        elif not node.args and isinstance(node.func, ast.Attribute):
            yield Edit(*text.span(node), text.of(node.func.value))


def sign(node: ast.AST, text: Text) -> Iterator[Edit]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield Edit(*text.span(node), text.of(node.operand))


def bound(node: ast.AST, text: Text) -> Iterator[Edit]:
    if isinstance(node, ast.Slice):
        for limit in (node.lower, node.upper, node.step):
            if limit is not None:
                yield Edit(*text.span(limit), "")


def loop(node: ast.AST, text: Text) -> Iterator[Edit]:
    over = node.iter if isinstance(node, ast.For | ast.comprehension) else None
    if isinstance(over, ast.Call) and text.of(over.func) == "range" and len(over.args) < 3:
        *start, end = over.args
        first = f"{text.whole(start[0])} + 1" if start else "1"
        begin = f"{text.of(start[0])}, " if start else ""
        yield Edit(*text.span(over), f"range({first}, {text.of(end)})")
        yield Edit(*text.span(over), f"range({begin}{text.whole(end)} - 1)")
    elif over is not None:
        yield from (Edit(*text.span(over), f"list({text.of(over)}){cut}") for cut in ("[1:]", "[:-1]"))


def name(node: ast.AST, text: Text) -> Iterator[Edit]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        for other in neighbours(text.tree).get(node.id, []):
            yield Edit(*text.span(node), other)


def neighbours(tree: ast.AST) -> dict[str, list[str]]:
    """For each name that is unpacked together with others, the one beside it."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store):
            names = [each.id for each in node.elts if isinstance(each, ast.Name)]
            for one, other in zip(names, [*names[1:], *names[-2:-1]], strict=False):
                found.setdefault(one, [other])
    return found


# In words, as the page has them: what each kind of edit does.
KINDS: dict[str, tuple[Callable[[ast.AST, Text], Iterator[Edit]], str]] = {
    "arithmetic": (arithmetic, "another operator, such as + for −, / for //, = for +="),
    "part": (part, "one side of an operator left out"),
    "comparison": (comparison, "another comparison: <= or >= for <"),
    "condition": (condition, "a condition turned round, “or” for “and”"),
    "constant": (constant, "a number one larger or smaller, True for False"),
    "statement": (statement, "a statement left out"),
    "jump": (jump, "continue for break"),
    "argument": (argument, "a named argument left out"),
    "order": (order, "two neighbours in a call, an index or a pair swapped"),
    "call": (call, "the argument of a call in place of its result"),
    "sign": (sign, "a minus left out"),
    "bound": (bound, "one end of a slice left out"),
    "loop": (loop, "a loop without its first or its last turn"),
    "name": (name, "the name beside it: t for s where s, t was unpacked"),
}
