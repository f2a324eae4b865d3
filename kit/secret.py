"""What only an instructor may have, and what is shown on purpose: the two lists that `kit.leaks` compares."""

from collections.abc import Mapping
from typing import NamedTuple

from nbformat import NotebookNode

from kit import directives
from kit.cases import Case, Checks
from kit.cells import answers
from kit.exercises import tags, visible, written
from kit.slides import published
from kit.written import by_name
from kit.wrong import Wrong

SPOKEN = {"notes": "speaker notes", "answer": "answers"}  # directives of a deck that students do not have


class Secrets(NamedTuple):
    """What must be in no public file, each by what to call it."""

    code: dict[str, str]
    prose: dict[str, str]
    cases: dict[str, Case]


class Shown(NamedTuple):
    """What may stand in a public file."""

    code: str  # stubs, given cells, public cases, the check module; listings on slides
    words: str  # all of its texts


def of_exercise(
    exercise: NotebookNode, solution: NotebookNode, checks: list[Checks], wrong: list[Wrong]
) -> Secrets:
    """Solutions, wrong answers, hidden cases, and the words of a solution, those of its exercise included.

    Model answers and rubrics of written answers are among the words.
    """
    name = exercise.metadata.kit["name"]
    code = {f"the solution of {answer} in {name}": cell.source for answer, cell in answers(solution).items()}
    code |= {f"the wrong answer {each.name!r} of {each.answer} in {name}": each.code for each in wrong}
    models = by_name(solution, "written")
    prose = {f"the model answer of {each} in {name}": cell.source for each, cell in models.items()}
    prose |= {f"the rubric of {each['name']} in {name}": each["rubric"] for each in written(solution)}
    others = [
        cell for cell in visible(solution) if cell.cell_type == "markdown" and "written" not in tags(cell)
    ]
    words = [*(cell.source for cell in others), *(each.why for each in wrong)]
    prose[f"the discussion of {name}"] = "\n\n".join(words)
    hidden = [case for each in checks for case in each.hidden]
    cases = {f"the hidden case {case['name']!r} of {case['call']} in {name}": case for case in hidden}
    return Secrets(code, prose, cases)


def of_deck(deck: NotebookNode) -> Secrets:
    """What the speaker says, and the answers to what the audience is asked, unless they are published."""
    found: dict[str, list[str]] = {name: [] for name in spoken(deck)}

    def keep(block: directives.Block) -> str:
        found.get(block.name, []).append(block.text)
        return block.text

    for cell in deck.cells:
        if cell.cell_type == "markdown":
            directives.replace(cell.source, keep)
    name = deck.metadata.kit["name"]
    prose = {
        f"the {what} of {name}": "\n\n".join(found[directive]) for directive, what in spoken(deck).items()
    }
    return Secrets({}, prose, {})


def spoken(deck: NotebookNode) -> dict[str, str]:
    """SPOKEN, less the answers once the front matter says that they are published."""
    return {name: what for name, what in SPOKEN.items() if name != "answer" or not published(deck)}


def shown_by_exercise(exercise: NotebookNode, pack: Mapping[str, bytes]) -> Shown:
    """What a pack says on purpose.

    A line of the solution in its prose is none of it, and so a leak: what is to be given goes into a cell.
    """
    cells = visible(exercise)
    others = [content.decode() for path, content in pack.items() if not path.endswith(".ipynb")]
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    return Shown("\n\n".join(code + others), "\n\n".join(cell.source for cell in cells))


def shown_by_deck(deck: NotebookNode) -> Shown:
    """What stands on the slides of a deck, listings among it: what its author decided to show."""

    secret = spoken(deck)

    def silent(block: directives.Block) -> str | None:
        return None if block.name in secret else block.text

    cells = [cell.source for cell in deck.cells if cell.cell_type == "markdown"]
    text = "\n\n".join(directives.replace(source, silent) for source in cells)
    return Shown(text, text)
