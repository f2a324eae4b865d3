"""An exercise and its solution in all their forms, proved on the way."""

import json
import pickle
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from nbformat import NotebookNode

from kit import assets, cases, data, exercises, gradescope, math, packs, proofpage, prove, render, run
from kit.apart import apart
from kit.author import author, place
from kit.errors import KitError
from kit.files import Built, Files
from kit.grading.assignment import as_file, assignment
from kit.kept import digest, same
from kit.pictures import typeface
from kit.secret import Secrets, of_exercise
from kit.sources import Source
from kit.wrong import Wrong, wrong_answers


class Pair(NamedTuple):
    """What one pair of sources gives."""

    name: str
    about: dict[str, Any]
    exercise: NotebookNode  # as authored
    solution: NotebookNode
    checks: list[cases.Checks]
    pack: packs.Files  # what a student gets
    beside: packs.Files  # what is beside the solution while it runs
    graded: packs.Files  # nbgrader's source
    proof: prove.Proof
    secrets: Secrets  # what no public file may have
    solved: NotebookNode  # executed
    page: str  # the solution to read


class Written(NamedTuple):
    """An exercise and its solution as authored, with all that comes from running an author's code."""

    exercise: NotebookNode
    solution: NotebookNode
    checks: list[cases.Checks]
    wrong: list[Wrong]
    pack: packs.Files
    beside: packs.Files
    given: packs.Files  # data


def authored(name: str, root: Path) -> tuple[NotebookNode, NotebookNode]:
    """An exercise and its solution, from their texts to notebooks."""
    texts = (Source(kind, name, f"{kind}/{name}.md") for kind in ("exercises", "solutions"))
    exercise, solution = (author(text, root) for text in texts)
    return exercise, solution


def written(name: str, root: Path, fonts: Path) -> Written:
    """All that comes from running an author's code: it belongs in a process of its own."""
    with typeface(fonts):
        exercise, solution = authored(name, root)
    checks = cases.frozen(solution)
    pack, beside = packs.pack(exercise, checks), packs.solution_files(solution, checks)
    return Written(exercise, solution, checks, wrong_answers(solution), pack, beside, data.files(exercise))


def pair(made: Written, root: Path) -> Pair:
    """Prove and run one exercise with its solution; KitError for a promise that does not hold."""
    exercise, solution, checks, wrong, pack, beside, given = made
    name = exercise.metadata.kit.name
    proof = prove.prove(exercise, solution, checks, wrong, pack, root)
    idle = run.cached(f"{name}-stub", exercises.student(exercise), root, {"KIT_UNSEEN": "1"}, pack)
    none_says(idle, "PASS", "a check passes in the students' notebook", "have every case fail there")
    solved = run.cached(f"{name}-solved", exercises.solved(solution, checks, wrong), root, {}, beside)
    none_says(solved, "FAIL", "a check fails in the executed solution", "mend the solution")
    graded = packs.nbgrader_files(exercise, solution, checks, given)
    secrets = of_exercise(exercise, solution, checks, wrong)
    about = {"subtitle": "", "lang": "en", **exercise.metadata.kit}
    cells = json.dumps(solved.cells, sort_keys=True)
    body = same(root, f"solutions/{name}", cells, lambda: apart(root, render.cells_html, solved.cells).value)
    page = solution_page(body, about, solution.metadata.kit["source"], root)
    return Pair(name, about, exercise, solution, checks, pack, beside, graded, proof, secrets, solved, page)


def solution_page(body: str, about: dict[str, Any], file: str, root: Path) -> str:
    """The executed solution, to read."""
    typeset = math.typeset({(file, "body"): body}, root)
    css = assets.theme_css(root, "tokens.css", "article.css")
    return render.page("solution.html.j2", about=about, css=css, body=typeset[file, "body"])


def none_says(executed: NotebookNode, word: str, problem: str, remedy: str) -> None:
    """Raise unless every check printed its cases, and none of them with ``word``."""
    for cell in executed.cells:
        if cell.cell_type == "code" and cell.source.lstrip().startswith("check("):
            lines = "".join(o.get("text", "") for o in cell.outputs).split("\n")
            if any(line.startswith(word) for line in lines) or not any(
                "cases pass" in line for line in lines
            ):
                raise KitError(problem, *place(cell), remedy)


def files(p: Pair) -> packs.Files:
    """What of dist/ comes from one exercise alone."""
    solution = {f"{p.name}.ipynb": packs.notebook_bytes(p.solved), f"{p.name}.html": p.page.encode()}
    known = assignment(p.exercise, p.solution, p.checks, p.pack)
    return {
        **{f"public/exercises/{path}": data for path, data in packs.public_pack(p.name, p.pack).items()},
        **{f"instructor/solutions/{path}": data for path, data in solution.items()},
        **{f"instructor/nbgrader/source/{p.name}/{path}": data for path, data in p.graded.items()},
        f"instructor/grading/{p.name}.json": as_file(known),
        f"instructor/gradescope/{p.name}.zip": gradescope.archive(known),
    }


def of_all(pairs: list[Pair], each: Built, root: Path) -> packs.Files:
    """What of dist/ comes from all exercises together; ``each`` has the files that come from one alone.

    The two archives, which grow with the course, are among ``each`` then.
    """
    folder = "public/exercises/"
    packed = [path for path in each if path.startswith(folder) and path.count("/") > 2]
    given = Files({path.removeprefix(folder): each.at[path] for path in packed})
    with each.writing(f"{folder}all-exercises.zip") as target:
        packs.write_all(target, given, given.sums())
    # each solution with its checks beside it, so that it runs
    notebooks = {f"{p.name}/{p.name}.ipynb": each.at[f"instructor/solutions/{p.name}.ipynb"] for p in pairs}
    beside = {f"{p.name}/{path}": content for p in pairs for path, content in p.beside.items()}
    with each.writing("instructor/solutions.zip") as target:
        packs.write_zip(target, "solutions", {**beside, **Files(notebooks)})
    proofs = [p.proof for p in pairs]
    proof = partial(proofpage.proof_page, proofs, assets.reading_css(root))
    return {"instructor/proof.html": same(root, "proofs", digest(pickle.dumps(proofs)), proof)}
