"""What makes an exercise safe to give: its stub passes nothing, its solution everything, no mistake survives.

Each variant of the answers runs in a Python process of its own with the files that students get, and must
pass or fail their cases and the hidden ones. The code is the author's own: this is a proof, not a sandbox.
"""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import jinja2
import nbformat
from nbformat import NotebookNode

from kit import trial
from kit.cases import Case, Checks
from kit.cells import answers, refuse
from kit.errors import KitError
from kit.run import ONE_THREAD
from kit.wrong import Wrong

WORKERS = 2
TIMEOUT = 60  # seconds for one variant; the loops of an exercise take less than one
THEME = Path(__file__).with_name("theme")

# An answer that knows the shape of the result and nothing else: the hardest to tell of those that do no work.
ZEROS = """

def _zeros(function):
    import numpy
    def zeros(*args, **kwargs):
        try:
            result = function(*args, **kwargs)
        except (TypeError, ValueError):  # what the cases of errors ask for
            return 0
        return tuple(0 for _ in result) if isinstance(result, tuple) else numpy.zeros_like(result)[()]
    return zeros

{name} = _zeros({name})
"""


class Variant(NamedTuple):
    """A program for every answer of an exercise."""

    name: str
    codes: dict[str, str]  # by answer; where there is none, the stub stays


class Outcome(NamedTuple):
    """What a variant did: the errors of its cells, and the names of the cases that it fails, by answer."""

    raised: list[str]
    problems: dict[tuple[str, str], str]  # (answer, case) -> what is wrong


class Proof(NamedTuple):
    """What has been shown for one exercise."""

    name: str
    title: str
    checks: list[Checks]
    caught: list[tuple[Wrong, list[str]]]  # each wrong answer with the cases that refuse it


def prove(
    exercise: NotebookNode,
    solution: NotebookNode,
    checks: list[Checks],
    wrong: list[Wrong],
    files: Mapping[str, bytes],
) -> Proof:
    """Try every variant in the pack ``files``. KitError for one that passes, or fails, where it must not."""
    name, title = (exercise.metadata.kit[key] for key in ("name", "title"))
    if not checks:  # all answers are in words; that the notebook runs to its end, kit.pairs sees to
        return Proof(name, title, [], [])
    idle, right = idle_variants(exercise, solution), right_codes(solution)
    broken = [
        Variant(f"wrong answer {each.name!r} of {each.answer}", {**right, each.answer: each.code})
        for each in wrong
    ]
    done = try_all([*idle, Variant("the solution", right), *broken], checks, files, exercise)
    for variant in idle:
        fails_everything(variant, done[variant.name], exercise)
    passes_everything(done["the solution"], solution)
    caught = [(each, refusing(each, done[variant.name])) for each, variant in zip(wrong, broken, strict=True)]
    return Proof(name, title, checks, caught)


def idle_variants(exercise: NotebookNode, solution: NotebookNode) -> list[Variant]:
    """Answers that do no work: the stub as it is, stubs that give something, and zeros in the right shape."""
    stubs = {name: cell.source for name, cell in answers(exercise).items()}
    found = [Variant("the stub", {})]
    for line in ("return None", "return 0"):
        codes = {name: code.replace("raise NotImplementedError()", line) for name, code in stubs.items()}
        found.append(Variant(f"a stub with “{line}”", codes))
    zeros = {name: code + ZEROS.format(name=name) for name, code in right_codes(solution).items()}
    return [*found, Variant("an answer of zeros", zeros)]


def right_codes(solution: NotebookNode) -> dict[str, str]:
    """The solution of every answer."""
    return {name: cell.source for name, cell in answers(solution).items()}


def try_all(
    variants: list[Variant], checks: list[Checks], files: Mapping[str, bytes], exercise: NotebookNode
) -> dict[str, Outcome]:
    """The outcome of every variant, by name, in a folder that holds the pack."""
    cases = [case for each in checks for case in [*each.public, *each.hidden]]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(WORKERS) as pool:
        for path, content in files.items():
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_bytes(content)
        # a process for many variants where it can fork for each of them, elsewhere a process for each
        forks = "fork" in multiprocessing.get_all_start_methods()
        chunk = -(-len(variants) // WORKERS) if forks else 1
        notebook = next(content for path, content in files.items() if path.endswith(".ipynb"))
        cells = [
            cell for cell in nbformat.reads(notebook.decode(), as_version=4).cells if cell.cell_type == "code"
        ]
        try:
            parts = [variants[n : n + chunk] for n in range(0, len(variants), chunk)]
            done = list(pool.map(lambda part: run(part, cells, cases, folder), parts))
        except KitError as error:
            raise KitError(error.problem, exercise.metadata.kit["source"], remedy=error.remedy) from error
    outcomes = [outcome for part in done for outcome in part]
    return {variant.name: outcome for variant, outcome in zip(variants, outcomes, strict=True)}


def run(variants: list[Variant], cells: list[NotebookNode], cases: list[Case], folder: str) -> list[Outcome]:
    """The student's cells with the answers of each variant among them, in a Python process of their own."""
    tries = [with_answers(cells, variant) for variant in variants]
    task = json.dumps({"folder": folder, "tries": tries, "cases": cases, "timeout": TIMEOUT})
    command = [sys.executable, "-I", trial.__file__]
    try:
        done = subprocess.run(
            command,
            input=task,
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, **ONE_THREAD},
            timeout=TIMEOUT * len(tries),
        )
    except subprocess.TimeoutExpired as error:
        raise KitError(f"{variants[0].name} does not end within {TIMEOUT} seconds") from error
    if done.returncode:
        raise KitError(f"{variants[0].name} ends its process: {done.stderr[-300:]}")
    found = json.loads(done.stdout)
    for variant, outcome in zip(variants, found, strict=True):
        if "stopped" in outcome:
            raise KitError(f"{variant.name} {outcome['stopped']}")
    names = [(case["call"], case["name"]) for case in cases]
    return [
        Outcome([error for error in each["raised"] if error], dict(zip(names, each["problems"], strict=True)))
        for each in found
    ]


def with_answers(cells: list[NotebookNode], variant: Variant) -> list[str]:
    """The code of the cells, with the variant's answers in the place of the stubs."""
    codes = {f"answer-{name}": code for name, code in variant.codes.items()}
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in cells]
    return [codes.get(grade_id, cell.source) for grade_id, cell in zip(ids, cells, strict=True)]


def fails_everything(variant: Variant, outcome: Outcome, exercise: NotebookNode) -> None:
    """A student who has done nothing runs the notebook to its end and passes no case."""
    for (answer, case), problem in outcome.problems.items():
        if not problem:
            cell = answers(exercise)[answer]
            raise refuse(
                cell, f"{variant.name} passes the case {case!r}", "change the case, or what the stub keeps"
            )
    if outcome.raised and variant.name == "the stub":
        problem = f"the students' notebook does not run to its end: {outcome.raised[0]}"
        raise KitError(
            problem, exercise.metadata.kit["source"], remedy="cells may not need a finished answer"
        )


def passes_everything(outcome: Outcome, solution: NotebookNode) -> None:
    """The solution runs to the end and passes every case."""
    for (answer, case), problem in outcome.problems.items():
        if problem:
            raise refuse(answers(solution)[answer], f"the solution fails the case {case!r}{problem}")
    if outcome.raised:
        raise KitError(f"the solution raises {outcome.raised[0]}", solution.metadata.kit["source"])


def refusing(wrong: Wrong, outcome: Outcome) -> list[str]:
    """The names of the cases that a wrong answer fails."""
    found = [
        case for (answer, case), problem in outcome.problems.items() if problem and answer == wrong.answer
    ]
    if not found:
        problem = f"wrong answer {wrong.name!r} of {wrong.answer} passes every case"
        raise KitError(problem, wrong.file, wrong.line, "add a case in which the mistake shows")
    return found


def proof_page(proofs: list[Proof], css: str = "") -> bytes:
    """One HTML page: for every exercise a table of wrong answers by cases."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(THEME),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("proof.html.j2").render(proofs=proofs, css=css).encode()
