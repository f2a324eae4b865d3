"""Programs tried in a pack: what every case says of them, and which case refuses each mutant.

Each program runs in a process of its own with the files that students get. The code is the author's
own: this is a proof, not a sandbox. What came of it is kept until a program, a file or a case changes.
"""

import ast
import json
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from multiprocessing import Pipe, get_context
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from nbformat import NotebookNode

from kit import apart, trial
from kit.cases import Case
from kit.errors import KitError
from kit.kept import digest, same
from kit.syntax import parsed

WORKERS = 2
POOL = ThreadPoolExecutor(WORKERS)  # for the tries of all exercises that are proved at the same time
TIMEOUT = 60  # seconds for one program; the loops of an exercise take less than one


class Variant(NamedTuple):
    """A program for every answer of an exercise."""

    name: str
    codes: dict[str, str]  # by answer; where there is none, the stub stays
    whole: bool = False  # with the cells in which students look at what they have made


class Faulty(NamedTuple):
    """A program for one answer, which has the solutions of the others beside it."""

    name: str
    answer: str
    code: str
    most: int | None  # after so many failed cases no other is tried


class Outcome(NamedTuple):
    """What a variant did: the errors of its cells, and the names of the cases that it fails, by answer."""

    raised: list[str]
    problems: dict[tuple[str, str], str]  # (answer, case) -> what is wrong


class Refusal(NamedTuple):
    """What a faulty program did: the names of its cases that it fails, or why it stops."""

    cases: list[str]
    stopped: str


Pack = Mapping[str, bytes]


class Trials(NamedTuple):
    """All that is to be tried in one pack."""

    variants: list[Variant]
    faulty: list[Faulty]
    right: dict[str, str]  # the solution of every answer
    cases: list[Case]
    pack: Pack


def try_all(name: str, trials: Trials, root: Path) -> tuple[list[Outcome], list[Refusal]]:
    """What came of every variant and of every faulty program, in order; ``name`` is what to keep it under."""
    pack = [part for path, content in sorted(trials.pack.items()) for part in (path, content)]
    inputs = digest(json.dumps(trials[:-1]), *pack)
    done = same(root, f"proof/{name}", inputs, lambda: in_folder(trials))
    names = [(case["call"], case["name"]) for case in trials.cases]
    outcomes = [
        Outcome([error for error in each["raised"] if error], dict(zip(names, each["problems"], strict=True)))
        for each in done["outcomes"]
    ]
    return outcomes, [Refusal(each.get("cases", []), each.get("stopped", "")) for each in done["refusals"]]


def notebook_cells(pack: Pack) -> list[NotebookNode]:
    """The cells of code of the students' notebook."""
    notebook = next(content for path, content in pack.items() if path.endswith(".ipynb"))
    return [c for c in nbformat.reads(notebook.decode(), as_version=4).cells if c.cell_type == "code"]


def grade_id(cell: NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def with_answers(cells: list[NotebookNode], codes: Mapping[str, str]) -> list[str]:
    """The code of the cells, with these answers in the place of the stubs."""
    by_id = {f"answer-{name}": code for name, code in codes.items()}
    return [by_id.get(grade_id(cell), cell.source) for cell in cells]


def needed(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The code that is given, and the answers: all that the expected values were made with."""
    return [cell for cell in cells if grade_id(cell).startswith(("given-", "answer-"))]


def program(cells: list[NotebookNode], variant: Variant) -> list[str]:
    """The code of a variant, cell by cell."""
    if variant.whole:
        return with_answers(cells, variant.codes)
    return ["import numpy as np", *with_answers(needed(cells), variant.codes)]


def groups(cells: list[NotebookNode], faulty: list[Faulty], right: Mapping[str, str]) -> list[dict[str, Any]]:
    """Faulty programs by answer, with what they need: the code that is given and the other answers."""
    parts = needed(cells)
    ids, codes = [grade_id(cell) for cell in parts], with_answers(parts, right)
    found = []
    for (answer, most), programs in groupby(faulty, lambda each: (each.answer, each.most)):
        place = ids.index(f"answer-{answer}")
        tried = [codes[place], *(each.code for each in programs)]
        beside = {"before": codes[:place], "behind": codes[place + 1 :]}
        found.append({"answer": answer, "most": most, "codes": tried, **beside})
    return found


def in_folder(trials: Trials) -> dict[str, Any]:
    """All tries, in a folder that holds the pack: what `kit.trial` says, in order."""
    outcomes: dict[int, Any] = {}
    refusals: dict[int, Any] = {}
    cells = notebook_cells(trials.pack)
    with tempfile.TemporaryDirectory() as folder:
        for path, content in trials.pack.items():
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_bytes(content)

        def work(share: tuple[list[int], list[int]]) -> None:
            variants, faulty = [trials.variants[n] for n in share[0]], [trials.faulty[n] for n in share[1]]
            task = {
                **{"folder": folder, "cases": trials.cases, "timeout": TIMEOUT},
                "modules": modules(cells) if variants else [],
                "programs": [program(cells, variant) for variant in variants],
                "groups": groups(cells, faulty, trials.right),
            }
            told = run(task, [*variants, *faulty])
            outcomes.update(zip(share[0], told["outcomes"], strict=True))
            refusals.update(zip(share[1], told["refusals"], strict=True))

        list(POOL.map(work, shares(len(trials.variants), len(trials.faulty))))
    for n, variant in enumerate(trials.variants):
        if "stopped" in outcomes[n]:
            raise KitError(f"{variant.name} {outcomes[n]['stopped']}")
    return {"outcomes": in_order(outcomes), "refusals": in_order(refusals)}


def modules(cells: list[NotebookNode]) -> list[str]:
    """What the cells that students get import from packages."""
    trees = (parsed(cell.source) for cell in cells)
    imports = [each for tree in trees for each in ast.walk(tree) if isinstance(each, ast.Import)]
    return sorted({alias.name for each in imports for alias in each.names})


def in_order(found: Mapping[int, Any]) -> list[Any]:
    return [found[n] for n in sorted(found)]


def shares(variants: int, faulty: int) -> list[tuple[list[int], list[int]]]:
    """Who tries which: a few tasks where Python can fork, elsewhere a task for each try."""
    if not trial.FORKS:
        return [*(([n], []) for n in range(variants)), *(([], [n]) for n in range(faulty))]
    lots = [(list(range(variants)), []), *(([], list(range(n, faulty, WORKERS))) for n in range(WORKERS))]
    return [lot for lot in lots if any(lot)]


def run(task: Mapping[str, Any], programs: list[Any]) -> dict[str, Any]:
    """The task done in a process of its own.

    What students may use is loaded for whole notebooks only. The many faulty programs have a small process,
    since a fork of a large one takes longer than most of them run.
    """
    receiver, sender = Pipe(duplex=False)
    large = apart.processes()  # sets what small ones are to have, too
    kind = large if task["programs"] else get_context("spawn")
    process = kind.Process(target=trial.answer, args=(task, sender), daemon=True)
    process.start()
    sender.close()
    try:
        if receiver.poll(TIMEOUT * max(1, len(programs))):
            return dict(json.loads(receiver.recv_bytes()))
        stopped = "does not end"
    except EOFError:
        stopped = "ends its process"
    finally:
        receiver.close()
        process.kill()
        process.join()
    if trial.FORKS or task["programs"]:
        raise KitError(f"{programs[0].name} {stopped}")
    return {"outcomes": [], "refusals": [{"stopped": stopped}]}  # a try that had the process for itself
