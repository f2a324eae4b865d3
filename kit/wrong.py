"""Named wrong answers: mistakes that students make, as edits of the solution that must not pass.

In a cell tagged ``wrong`` stands ``wrong("no floor", "room // stride", "room / stride", why="…")``: a name,
text of the solution, and what the mistake puts in its place. The text must occur once, so that a change of
the solution cannot leave a wrong answer without its fault.
"""

from typing import NamedTuple

import numpy as np
from nbformat import NotebookNode

from kit.author import place
from kit.cells import answers, record, refuse, tagged


class Wrong(NamedTuple):
    """One wrong answer."""

    answer: str
    name: str
    why: str  # what a student was thinking, or what to say to one
    change: str  # the edit in one line, a line end in it as \n, or "" when the code is another
    code: str
    file: str
    line: int | None


class Mistake(NamedTuple):
    """A wrong answer as an author wrote it."""

    name: str
    edits: tuple[str, ...]
    why: str
    code: str


def wrong(name: str, /, *edits: str, why: str, code: str = "") -> Mistake:
    """What ``wrong`` means in a cell: edits, old text and new text in turn, or the whole code."""
    return Mistake(name, edits, why, code)


def wrong_answers(solution: NotebookNode) -> list[Wrong]:
    """The wrong answers of a solution notebook, in order."""
    right = {name: cell.source for name, cell in answers(solution).items()}
    found: list[Wrong] = []
    for cell in tagged(solution, "wrong"):
        for mistake in record(cell, wrong, {"np": np}):
            made = made_wrong(mistake, cell.metadata.name, right[cell.metadata.name], cell)
            if any((made.answer, made.name) == (other.answer, other.name) for other in found):
                raise refuse(
                    cell, f"there are two wrong answers {made.name!r}", "give each a name of its own"
                )
            found.append(made)
    return found


def made_wrong(mistake: Mistake, answer: str, right: str, cell: NotebookNode) -> Wrong:
    """The mistake made in ``right``. KitError when its text is not there, or there more than once."""
    if bool(mistake.edits) == bool(mistake.code) or len(mistake.edits) % 2:
        raise refuse(cell, f"wrong answer {mistake.name!r} is not in pairs of old and new text, nor in code=")
    code = mistake.code.strip("\n") or right
    pairs = list(zip(mistake.edits[::2], mistake.edits[1::2], strict=True))
    for old, new in pairs:
        if code.count(old) != 1:
            problem = f"wrong answer {mistake.name!r}: {old!r} is in the solution {code.count(old)} times"
            raise refuse(cell, problem, "name text that occurs once")
        code = code.replace(old, new)
    change = "; ".join(f"{old} → {new}" for old, new in pairs).replace("\n", "\\n")
    return Wrong(answer, mistake.name, mistake.why, change, code, *place(cell))
