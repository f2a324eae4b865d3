"""The cells of an exercise by tag and name, and the running of those that only instructors see.

Tags: ``given`` (code that students get), ``answer`` (what they fill), ``check`` (below an answer), ``cases``,
``hidden-cases``, ``wrong`` and ``equivalent`` (for the build alone). The name of a cell is that of the
function it is about. For ``written`` and ``rubric`` see `kit.written`.
"""

from collections.abc import Callable
from typing import Any

from nbformat import NotebookNode

from kit.author import place
from kit.check import attempt
from kit.errors import KitError


def tagged(notebook: NotebookNode, *tags: str) -> list[NotebookNode]:
    """The cells with one of these tags, in order."""
    return [cell for cell in notebook.cells if set(tags) & set(cell.metadata.get("tags", []))]


def served(cell: NotebookNode, names: list[str]) -> list[str]:
    """The objectives of a cell of cases: those after ``:serves:``, or all ``names`` of its exercise."""
    if "serves" not in cell.metadata:
        return names
    found = listed(cell, "serves")
    if unknown := [name for name in found if name not in names]:
        remedy = f"known here are {', '.join(names)}" if names else "write serves: […] into the front matter"
        raise refuse(cell, f"the exercise does not serve {unknown[0]!r}", remedy)
    return found


def listed(cell: NotebookNode, key: str) -> list[str]:
    """The names that the option ``key`` of a cell lists, with commas or as YAML."""
    said = cell.metadata.get(key, "")
    return [name.strip() for name in (said.split(",") if isinstance(said, str) else said) if name.strip()]


def refuse(cell: NotebookNode, problem: str, remedy: str = "") -> KitError:
    """An error that says where ``cell`` was written."""
    return KitError(problem, *place(cell), remedy)


def answers(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """The answer cells by name. Each has one check cell, and every other cell with a role belongs to one."""
    found: dict[str, NotebookNode] = {}
    for cell in tagged(notebook, "answer"):
        name = cell.metadata.get("name", "")
        if not name.isidentifier() or name in found:
            raise refuse(cell, f"{name!r} cannot name an answer here", "give it the name of its function")
        found[name] = cell
    for cell in tagged(notebook, "check", "cases", "hidden-cases", "wrong", "equivalent"):
        if cell.metadata.get("name", "") not in found:
            raise refuse(cell, "the cell belongs to no answer", f"add :name: with one of {sorted(found)}")
    checked = [cell.metadata.name for cell in tagged(notebook, "check")]
    for name, cell in found.items():
        if checked.count(name) != 1:
            raise refuse(cell, f"{name} has {checked.count(name)} check cells", "give each answer one")
    return found


def execute(cell: NotebookNode, namespace: dict[str, Any]) -> None:
    """Run an author's cell in ``namespace``; whatever it raises is a KitError with its place."""
    _, error = attempt(exec, cell.source, namespace)
    if error is not None:
        raise refuse(cell, f"the cell raised {type(error).__name__}: {error}") from error


def record(cell: NotebookNode, function: Callable[..., Any], namespace: dict[str, Any]) -> list[Any]:
    """What each call of ``function`` in the cell gives, in order."""
    made: list[Any] = []
    namespace[function.__name__] = lambda *args, **kwargs: made.append(function(*args, **kwargs))
    execute(cell, namespace)
    return made
