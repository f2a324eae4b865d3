"""Questions that are answered in words: a cell of the student's, a model answer, and a rubric to mark by.

In Markdown, ``+++ {"tags": ["written"], "name": "sharing", "points": 4}`` begins the cell of an answer. It
holds ``YOUR ANSWER HERE`` in the exercise and the model answer in the solution, where a cell with the tag
``rubric`` and the same name says what the points are for, in a table with the points in its first column.
"""

import re
from typing import Any

import nbformat
from nbformat import NotebookNode

from kit.cells import refuse, tagged

STUB = "YOUR ANSWER HERE"  # as nbgrader writes it over the whole of a cell of words
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
ROW = re.compile(r"^\| *(\d+(?:\.\d+)?) *\|", re.MULTILINE)


def written(solution: NotebookNode) -> list[dict[str, Any]]:
    """The written answers of a solution in order: name, points, title (the heading above) and rubric.

    A student's answer is the cell whose nbgrader grade_id is ``written-<name>``.
    KitError for two of the same name, for one without model answer, and for a rubric that is not there, has
    another sum of points, or belongs to none.
    """
    models, rubrics = by_name(solution, "written"), by_name(solution, "rubric")
    for name, cell in rubrics.items():
        if name not in models:
            raise refuse(cell, f"the rubric {name!r} belongs to no written answer", "name both alike")
    found, title = [], ""
    for cell in solution.cells:
        if cell.cell_type != "markdown":
            continue
        if cell.metadata.get("name") in models and "written" in cell.metadata.get("tags", []):
            name = cell.metadata.name
            check_model(cell, name)
            rubric = check_rubric(cell, rubrics.get(name))
            found.append({"name": name, "points": points(cell), "title": title, "rubric": rubric})
        elif headings := HEADING.findall(cell.source):
            title = headings[-1]
    return found


def by_name(notebook: NotebookNode, tag: str) -> dict[str, NotebookNode]:
    """The cells with this tag by name; KitError for a name that cannot be one, or is there twice."""
    found: dict[str, NotebookNode] = {}
    for cell in tagged(notebook, tag):
        name = str(cell.metadata.get("name", ""))
        if not name.isidentifier() or name in found:
            remedy = f'write +++ {{"tags": ["{tag}"], "name": "a_name_of_its_own"}}'
            raise refuse(cell, f"{name!r} cannot name a cell of words here", remedy)
        found[name] = cell
    return found


def points(cell: NotebookNode) -> float:
    """The points of a written answer, 1 unless it says something else."""
    value = cell.metadata.get("points", 1)
    if not isinstance(value, int | float) or value <= 0:
        raise refuse(cell, f"{value!r} are no points", 'write "points": 4')
    return float(value)


def check_model(cell: NotebookNode, name: str) -> None:
    """Raise unless the solution has a model answer that nbgrader takes out as a whole."""
    if STUB in cell.source or not cell.source.strip():
        raise refuse(
            cell, f"the written answer {name!r} has no model answer", "fill its block in the solution"
        )
    if "BEGIN SOLUTION" in cell.source:
        problem = f"the model answer {name!r} has a mark of nbgrader, which would leave the rest of it there"
        raise refuse(cell, problem, "take BEGIN SOLUTION out: the whole cell is the solution")


def check_rubric(cell: NotebookNode, rubric: NotebookNode | None) -> str:
    """The text of the rubric; KitError unless the points of its table are those of the answer."""
    name = cell.metadata.name
    if rubric is None:
        raise refuse(
            cell, f"the written answer {name!r} has no rubric", "write a cell tagged rubric below it"
        )
    total = sum(float(found) for found in ROW.findall(rubric.source))
    if total != points(cell):
        problem = f"the rubric of {name!r} gives {total:g} points, and its answer has {points(cell):g}"
        raise refuse(rubric, problem, "begin each row of its table with its points")
    return str(rubric.source)


def stub(cell: NotebookNode) -> NotebookNode:
    """The cell that students get; KitError if it has anything but the stub, which could be an answer."""
    if cell.source.strip() != STUB:
        problem = f"the written answer {cell.metadata.get('name')!r} is not empty in the exercise"
        raise refuse(cell, problem, f"write {STUB} there, and the answer into the solution")
    return NotebookNode({**cell, "source": STUB})


def explained(cell: NotebookNode, rubric: str) -> list[NotebookNode]:
    """The model answer and the rubric as instructors read them."""
    total = points(cell)
    rule = f"**Rubric**, {total:g} point{'s' if total != 1 else ''}:\n\n{rubric}"
    texts = (f"**A full answer.**\n\n{cell.source}", rule)
    return [nbformat.v4.new_markdown_cell(text) for text in texts]
