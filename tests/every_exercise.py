"""Every exercise of this kit with what the tests need of it, made once in a process."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from nbformat import NotebookNode

from kit import assets, course, packs
from kit.cases import Checks
from kit.cells import answers
from kit.sources import discover
from kit.wrong import Wrong

ROOT = Path(__file__).resolve().parent.parent
EVERY = [source.name for source in discover(ROOT) if source.kind == "exercises"]


class Ready(NamedTuple):
    """An exercise as its author wrote it, and what students get."""

    exercise: NotebookNode
    solution: NotebookNode
    checks: list[Checks]
    pack: packs.Files
    wrong: list[Wrong]


@cache
def ready(name: str) -> Ready:
    fonts = assets.figure_fonts(ROOT, ROOT / ".cache" / "fonts")
    made = course.written(name, ROOT, fonts)
    return Ready(made.exercise, made.solution, made.checks, made.pack, made.wrong)


def answered(name: str, notebook: NotebookNode) -> list[NotebookNode]:
    """The cells of a student's notebook with the solution in the place of every stub."""
    right = {f"answer-{answer}": cell.source for answer, cell in answers(ready(name).solution).items()}
    return [
        NotebookNode(
            {**cell, "source": right.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)}
        )
        for cell in notebook.cells
    ]
