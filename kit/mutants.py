"""Mutants: the solution with one small fault each, made by rule, to see whether the cases would notice.

Named wrong answers are mistakes that somebody has met; mutants are those that nobody thought of. The rules
are in `kit.edits`; edited is the body of an answer, but not its docstring, nor the message of an error, which
are for people.
"""

import ast
import difflib
from collections.abc import Iterator
from typing import NamedTuple

from kit.edits import KINDS, Edit, Text
from kit.syntax import parsed


class Mutant(NamedTuple):
    """A solution with one fault."""

    answer: str
    kind: str  # which rule: a key of KINDS
    line: int  # of the answer, from 1
    before: str  # the lines that the edit touches
    after: str
    code: str  # the whole answer


def mutants(answer: str, code: str) -> list[Mutant]:
    """Every mutant of the function ``answer`` in ``code``, from its first line to its last."""
    text, seen = Text(code), {code}
    found: dict[tuple[int, int], Mutant] = {}
    for node in inner(text.tree, answer):
        for kind, (make, _) in KINDS.items():
            for edit in make(node, text):
                changed = (text.code[: edit.start] + edit.new.encode() + text.code[edit.end :]).decode()
                if changed not in seen and parses(changed):
                    seen.add(changed)
                    found[edit.start, len(found)] = made(answer, kind, text, edit, changed)
    return [found[place] for place in sorted(found)]


def inner(tree: ast.AST, answer: str) -> Iterator[ast.AST]:
    """The nodes in the body of the function; of an error that is raised, only the statement."""
    waiting: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == answer:
            waiting = list(node.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, ast.Raise | ast.JoinedStr):
            waiting += ast.iter_child_nodes(node)


def parses(code: str) -> bool:
    try:
        parsed(code)
    except SyntaxError:
        return False
    return True


def made(answer: str, kind: str, text: Text, edit: Edit, changed: str) -> Mutant:
    """The mutant, with the lines that the edit touches as they were and as they are."""
    first = text.code[: edit.start].count(b"\n")
    before = text.code[: edit.end].decode().count("\n") + 1
    after = before + changed.count("\n") - text.code.count(b"\n")
    lines, others = text.code.decode().split("\n"), changed.split("\n")
    touched = "\n".join(lines[first:before]), "\n".join(others[first:after])
    return Mutant(answer, kind, first + 1, *touched, changed)


def diff(mutant: Mutant, right: str) -> str:
    """What was changed, as a unified diff with a line before and behind it, less its two lines of head."""
    lines = difflib.unified_diff(right.split("\n"), mutant.code.split("\n"), lineterm="", n=1)
    return "\n".join(list(lines)[2:])
