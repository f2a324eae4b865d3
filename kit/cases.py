"""The cases of an exercise: an author writes the calls, and the solution says what they should give.

In a cell tagged ``cases`` or ``hidden-cases`` stands ``case("stride 2", 8, 3, stride=2)``: a name and a call.
The expected value is never typed: it is what the solution in the same notebook gives when the kit is built.
Cases in which a mistake could not show are refused.
"""

import copy
import json
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from nbformat import NotebookNode

from kit import lints
from kit.cells import answers, execute, listed, record, refuse, served, tagged
from kit.check import attempt
from kit.errors import KitError
from kit.grading.values import encode

Case = dict[str, Any]  # as it stands in checks/<name>.json: see kit.check


class Checks(NamedTuple):
    """All cases of one answer, with the expected values."""

    name: str  # of the answer, and of its function
    points: float
    public: list[Case]
    hidden: list[Case]
    serves: Counter[str]  # how many of the cases serve each objective


class Asked(NamedTuple):
    """A call as an author wrote it."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    error: str  # the kind of error that is expected, or ""
    match: str  # what its message must contain
    changes: tuple[str, ...]  # the keywords of the arrays that the call is to change in place
    extra: dict[str, Any]  # hint, weight, rtol, atol, where they are given


def case(
    name: str,
    /,
    *args: Any,
    raises: type[Exception] | str = "",
    changes: tuple[str, ...] = (),
    **kwargs: Any,
) -> Asked:
    """What ``case`` means in a cell. ``raises`` is a kind of error, or "ValueError: a part of its message".

    ``changes`` names the keywords of arrays that the function is to change in place; no other may change.
    ``hint``, ``worth``, ``rtol`` and ``atol`` go to the case, all other arguments to the function.
    """
    error, _, match = (raises if isinstance(raises, str) else raises.__name__).partition(": ")
    # Not "weight" when it is written: so many layers have an argument of that name.
    keys = {"hint": "hint", "worth": "weight", "rtol": "rtol", "atol": "atol"}
    extra: dict[str, Any] = {key: kwargs.pop(name) for name, key in keys.items() if name in kwargs}
    return Asked(name, copy.deepcopy(args), copy.deepcopy(kwargs), error, match, changes, extra)


def frozen(solution: NotebookNode) -> list[Checks]:
    """The checks of every answer of a solution notebook, in order. KitError for a case that is no good."""
    functions = reference(solution)
    points = {cell.metadata.name: float(cell.metadata.get("points", 1)) for cell in tagged(solution, "check")}
    found = {name: Checks(name, points[name], [], [], Counter()) for name in answers(solution)}
    names = solution.metadata.kit.get("serves", [])
    helpers: dict[str, Any] = {"np": np}  # what a cell of public cases defines, all later ones may use
    for cell in [*tagged(solution, "cases"), *tagged(solution, "hidden-cases")]:
        checks, objectives = found[cell.metadata.name], served(cell, names)
        for asked in record(cell, case, helpers):
            made = freeze(asked, checks.name, functions[checks.name], cell)
            if problem := weakness(made, [*checks.public, *checks.hidden]):
                raise refuse(cell, f"case {asked.name!r} {problem}")
            (checks.hidden if "hidden-cases" in cell.metadata.tags else checks.public).append(made)
            checks.serves.update(objectives)
    for name, cell in answers(solution).items():
        if not found[name].public:
            raise refuse(cell, f"{name} has no cases", "write a cell tagged cases")
    for name, checks in found.items():
        not_blind(checks, functions[name], solution)
    asked_in_words = {name for cell in tagged(solution, "written") for name in served(cell, names)}
    for name in names:
        if not any(checks.serves[name] for checks in found.values()) and name not in asked_in_words:
            file = solution.metadata.kit["source"].replace("solutions/", "exercises/", 1)
            raise KitError(f"no case serves {name!r}", file, remedy=f"add :serves: {name} to a cell of cases")
    return list(found.values())


def not_blind(checks: Checks, function: Callable[..., Any], solution: NotebookNode) -> None:
    """Raise for what the cases of an answer miss together: see `kit.lints`."""
    own = [c for c in tagged(solution, "cases", "hidden-cases") if c.metadata.name == checks.name]
    cases = [*checks.public, *checks.hidden]
    positive = [name for cell in own for name in listed(cell, "positive")]
    if name := lints.unsigned(cases, function, positive):
        problem = f"no case of {checks.name} has a number below 0 in {name}"
        remedy = f"add one, or say :positive: {name} in the cell if there can be none"
        raise refuse(own[0], problem, remedy)
    for name in (name for cell in own for name in listed(cell, "leftover")):
        if lints.all_read(cases, function, name):
            problem = f"in every case of {checks.name} the end of {name} matters"
            raise refuse(own[0], problem, f"add a case in which something of {name} is left over")


def reference(solution: NotebookNode) -> dict[str, Any]:
    """The namespace that the answers leave, after the cells of code that students are given."""
    namespace: dict[str, Any] = {"np": np}
    for cell in tagged(solution, "given", "answer"):
        execute(cell, namespace)
    for name, cell in answers(solution).items():
        if not callable(namespace.get(name)):
            raise refuse(cell, f"the answer does not define {name}", "name the cell after its function")
    return namespace


def freeze(asked: Asked, answer: str, function: Callable[..., Any], cell: NotebookNode) -> Case:
    """The call as it stands in the file, with what ``function`` gives or the error that it raises."""
    made = {
        "name": asked.name,
        "call": answer,
        "args": encode(list(asked.args)),
        "kwargs": encode(asked.kwargs),
    }
    result, error = attempt(function, *asked.args, **asked.kwargs)
    kind = "" if error is None else type(error).__name__
    if kind != asked.error or asked.match.lower() not in str(error).lower():
        told = f"gives {kind}: {error}" if kind else "raises no error"
        raise refuse(
            cell, f"case {asked.name!r} {told}", "mend the solution, or what the case says of errors"
        )
    outcome = {"raises": kind, "match": asked.match} if kind else {"want": encode(result)}
    after = {name: encode(asked.kwargs.get(name)) for name in asked.changes}
    if same := [name for name, value in after.items() if value == made["kwargs"].get(name)]:
        raise refuse(
            cell, f"case {asked.name!r} does not change {same[0]}", "name keywords of arrays that do change"
        )
    return {**made, **outcome, **({"after": after} if after else {}), **asked.extra}


def weakness(case: Case, others: list[Case]) -> str:
    """Why a case could pass for the wrong reason; empty when there is nothing against it."""
    if any(case["name"] == other["name"] for other in others):
        return "has the name of another case; names must differ"
    if any((case["args"], case["kwargs"]) == (other["args"], other["kwargs"]) for other in others):
        return "makes the same call as another case; change its input"
    if "want" in case and case["want"] is None:
        return "expects None, which a function without a return gives too; let the solution return something"
    found = (weak_input(value) for value in [*case["args"], *case["kwargs"].values()])
    return next((problem for problem in found if problem), "")


def weak_input(value: Any) -> str:
    """Equal sizes hide swapped axes, mirror images hide flips, and odd fractions make equality a guess."""
    if not isinstance(value, dict):
        return ""
    shape: Any = value.get("shape", value.get("tuple", []))
    sizes = [n for n in shape if isinstance(n, int) and n > 1]
    if len(sizes) != len(set(sizes)):
        return f"has equal sizes in {tuple(shape)}; make every size different"
    if "nd" not in value:
        return ""
    array = np.array(value["nd"], float).reshape(shape)
    if not np.array_equal(2 * array, np.round(2 * array), equal_nan=True):
        return "has input that is not in whole or half numbers; use those, so that results are exact"
    axes = [axis for axis, size in enumerate(shape) if size > 1]
    if any(np.array_equal(array, np.flip(array, axis)) for axis in axes):
        return "has an array that equals its mirror image; a flip would not show"
    return ""


def file_of(checks: Checks, cases: list[Case]) -> bytes:
    """The bytes of checks/<name>.json: a case a line, so that people can read it."""
    lines = ",\n  ".join(json.dumps(case, ensure_ascii=False, allow_nan=False) for case in cases)
    head = json.dumps({"name": checks.name, "points": checks.points})[1:-1]
    return f'{{{head}, "cases": [\n  {lines}\n]}}\n'.encode()
