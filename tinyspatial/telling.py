"""What a line did, in numbers: `total += pixel * weight[f, c, i, j]` is 3 × 0.5 = 1.5, total 4.5.

The text of each line is its own source, with the value of every name and cell in its place.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tinyspatial.tracing import Step, Trace

__all__ = ["tellings"]

SIGNS = (
    (" ** 2", "²"),
    (" * ", " × "),
    (" / ", " ÷ "),
    (" - ", " − "),
    ("!=", "≠"),
    (">=", "≥"),
    ("<=", "≤"),
)
GROWTH = {ast.Add: "+", ast.Sub: "−", ast.Mult: "×", ast.Div: "÷"}


def tellings(trace: Trace, function: Callable[..., Any], roles: Mapping[str, str]) -> list[str]:
    """For each step what its line did: "[input 3.0] × [kernel 0.5] = [ 1.5], total [output 4.5]".

    Brackets hold the role of an array, or nothing, and a number with all its digits. A name has the role of
    the array whose cell it holds, or which it is written to. The text is empty for a line that is neither an
    assignment nor an `if`, and where a value is not known.
    """
    lines = statements(trace)
    colours = dict(named(lines, roles)) | dict(roles)
    state = {name: np.array(array, dtype=float) for name, array in trace.arrays.items()}
    changing = {name for step in trace.steps for name in step.values}
    known = {name: value for name, value in trace.numbers.items() if name not in changing}
    found, last = [], dict[str, Any]()
    for step in trace.steps:
        numbers = known | last | step.places
        found.append(Teller(step, numbers, state, colours, function).text(lines.get(step.line)))
        last = {name: value for name, value in step.values.items() if name not in state}
        for name, index in step.writes.items():
            state[name][index] = step.values[name]
    return found


def statements(trace: Trace) -> dict[int, ast.stmt]:
    """The statement that begins on each line of the listing."""
    tree = ast.parse("\n".join(trace.listing))
    return {
        node.lineno: node for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.AugAssign | ast.If)
    }


def named(lines: Mapping[int, ast.stmt], roles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Names that hold a cell of an array, or are written to one, with the role of that array."""
    for node in lines.values():
        match node:
            case ast.Assign([ast.Name(name)], ast.Subscript(ast.Name(array))) if array in roles:
                yield name, roles[array]
            case ast.Assign([ast.Subscript(ast.Name(array))], ast.Name(name)) if array in roles:
                yield name, roles[array]


class Teller(ast.NodeTransformer):
    """One step put into words. As a visitor it puts values into an expression and keeps their looks."""

    def __init__(
        self,
        step: Step,
        numbers: Mapping[str, Any],
        state: Mapping[str, np.ndarray],
        colours: Mapping[str, str],
        function: Callable[..., Any],
    ) -> None:
        self.step, self.numbers, self.state, self.colours = step, numbers, state, colours
        self.scope: dict[str, Any] = {**function.__globals__}
        self.marks: dict[str, str] = {}

    def text(self, node: ast.stmt | None) -> str:
        """What the line did; "" if that cannot be said."""
        try:
            match node:
                case ast.AugAssign(target, op, ast.Name() | ast.Subscript() | ast.Constant() as value):
                    grown = f"{self.place(target)} {GROWTH[type(op)]} {self.formula(value)}"
                    return f"{grown} = {self.now(target, None)}"
                case ast.AugAssign(target, _, value):
                    return f"{self.formula(value)} = {mark('', self.value(value))}, {self.now(target, ' ')}"
                case ast.Assign([ast.Tuple(parts), *_], _):
                    return ", ".join(self.now(part, " = ") for part in parts)
                case ast.Assign(targets, value):
                    single = isinstance(value, ast.Name | ast.Subscript | ast.Constant | ast.UnaryOp)
                    sides = [*map(self.place, targets), *([] if single else [self.formula(value)])]
                    return " = ".join([*sides, self.now(targets[0], None)])
                case ast.If(test):
                    return self.test(test)
        except KeyError:  # a value that the trace does not have
            return ""
        return ""

    def test(self, node: ast.expr) -> str:
        """The comparison that decides, and how: of several joined by `or` the first that holds."""
        parts = node.values if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) else [node]
        told = [(self.formula(part), self.value(part)) for part in parts]
        text, holds = next((each for each in told if each[1]), told[0])
        return f"{text}: {'yes' if holds else 'no'}"

    def now(self, target: ast.expr, sign: str | None) -> str:
        """What a target holds after the line, behind its name and a sign."""
        name = self.name(target)
        value = mark(self.colours.get(name, ""), self.step.values[name])
        return value if sign is None else f"{self.place(target)}{sign}{value}"

    def name(self, target: ast.expr) -> str:
        return ast.unparse(target.value if isinstance(target, ast.Subscript) else target)

    def place(self, target: ast.expr) -> str:
        """total, or out[0, 1, 2, 2]."""
        name = self.name(target)
        return f"{name}{list(self.step.writes[name])}" if isinstance(target, ast.Subscript) else name

    def formula(self, node: ast.expr) -> str:
        """The expression with numbers in the place of names and cells."""
        text = ast.unparse(self.visit(copied(node)))
        for sign, better in SIGNS:
            text = text.replace(sign, better)
        return re.sub(r"(?P<operator>[×+−÷] )?\b(?P<name>_\d+_)", self.put, text)

    def put(self, found: re.Match[str]) -> str:
        """A number for its mark, in brackets of its own where it is negative and follows an operator."""
        operator, text = found["operator"] or "", self.marks[found["name"]]
        return f"{operator}({text})" if operator and " -" in text else operator + text

    def value(self, node: ast.expr) -> Any:
        """What the expression gives."""
        shown = self.visit(copied(node))
        values = {name: float(text[1:-1].split(" ")[1]) for name, text in self.marks.items()}
        return eval(
            compile(ast.fix_missing_locations(ast.Expression(shown)), "<line>", "eval"), self.scope, values
        )

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.scope and node.id not in self.numbers:
            return node  # a module or a function
        return self.marked(self.colours.get(node.id, ""), self.numbers[node.id])

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        name = self.name(node)
        return self.marked(self.colours.get(name, ""), self.state[name][self.step.reads[name]])

    def marked(self, role: str, value: Any) -> ast.expr:
        """A name that stands for a number."""
        name = f"_{len(self.marks)}_"
        self.marks[name] = mark(role, value)
        return ast.Name(name, ast.Load())


def mark(role: str, value: Any) -> str:
    """A number with its role: [input 3.0]."""
    return f"[{role} {float(value)!r}]"


def copied(node: ast.expr) -> ast.expr:
    """The same expression to change: transforming a tree changes it."""
    return ast.parse(ast.unparse(node), mode="eval").body
