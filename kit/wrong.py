"""Named wrong answers: mistakes that students make, as edits of the solution that must not pass.

In a cell tagged ``wrong`` stands ``wrong("no floor", "room // stride", "room / stride", why="…")``: a name,
text of the solution, and what the mistake puts in its place. The text must occur once, so that a change of
the solution cannot leave a wrong answer without its fault. In a cell tagged ``equivalent`` stands
``equivalent("range(n)", "range(1, n)", why="…")``: a mutant that no case can tell from the solution.
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
    hidden: str  # why only a hidden case can refuse it, or ""
    file: str
    line: int | None


class Equivalent(NamedTuple):
    """An edit of a solution that makes no mistake."""

    answer: str
    change: str
    code: str
    why: str
    file: str
    line: int | None


class Mistake(NamedTuple):
    """A wrong answer as an author wrote it."""

    name: str
    edits: tuple[str, ...]
    why: str
    code: str
    hidden: str


def wrong(name: str, /, *edits: str, why: str, code: str = "", hidden: str = "") -> Mistake:
    """What ``wrong`` means in a cell: edits, old text and new text in turn, or the whole code.

    A case that students have must refuse it, unless ``hidden`` says why only a hidden one can.
    """
    return Mistake(name, edits, why, code, hidden)


def equivalent(old: str, new: str, /, *, why: str) -> Mistake:
    """What ``equivalent`` means in a cell: an edit, and why it changes nothing that a case could show."""
    return Mistake(f"{old} → {new}", (old, new), why, "", "")


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


def equivalents(solution: NotebookNode) -> list[Equivalent]:
    """What the author has marked as equivalent, in order."""
    right = {name: cell.source for name, cell in answers(solution).items()}
    found = []
    for cell in tagged(solution, "equivalent"):
        name = cell.metadata.name
        for mark in record(cell, equivalent, {}):
            code, change = edited(mark, right[name], cell)
            found.append(Equivalent(name, change, code, mark.why, *place(cell)))
    return found


def made_wrong(mistake: Mistake, answer: str, right: str, cell: NotebookNode) -> Wrong:
    """The mistake made in ``right``. KitError when its text is not there, or there more than once."""
    if bool(mistake.edits) == bool(mistake.code) or len(mistake.edits) % 2:
        raise refuse(cell, f"wrong answer {mistake.name!r} is not in pairs of old and new text, nor in code=")
    code, change = edited(mistake, mistake.code.strip("\n") or right, cell)
    return Wrong(answer, mistake.name, mistake.why, change, code, mistake.hidden, *place(cell))


def edited(mistake: Mistake, code: str, cell: NotebookNode) -> tuple[str, str]:
    """The code with the edits in it, and the edits in one line."""
    pairs = list(zip(mistake.edits[::2], mistake.edits[1::2], strict=True))
    for old, new in pairs:
        if code.count(old) != 1:
            what = "wrong answer" if cell.metadata.tags == ["wrong"] else "equivalent"
            problem = f"{what} {mistake.name!r}: {old!r} is in the solution {code.count(old)} times"
            raise refuse(cell, problem, "name text that occurs once")
        code = code.replace(old, new)
    return code, "; ".join(f"{old} → {new}" for old, new in pairs).replace("\n", "\\n")
