"""``build.py grade``: from a folder or zip of submissions to a folder of grades."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from kit.errors import KitError
from kit.grading import by_hand, executors, folder, marking, report
from kit.grading.collect import Collected, collect

SHOWN = 5  # files that were not graded


class Asked(NamedTuple):
    """What the user said."""

    submissions: Path
    to: Path | None = None
    pattern: str = ""
    cascade: bool = False
    trusted: bool = False
    executor: str = ""


def assignments(root: Path) -> dict[str, dict[str, Any]]:
    """What the build says of every exercise; KitError when it has not been run."""
    files = sorted((root / "dist" / "instructor" / "grading").glob("*.json"))
    if not files:
        problem = "there is nothing to grade by in dist/instructor/grading"
        raise KitError(problem, remedy="run python3 build.py first")
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def run(asked: Asked, root: Path, console: Console) -> Path:
    """Grade everything and write the report; return its folder. KitError for a mistake of the user's."""
    known = assignments(root)
    target = folder.chosen(asked.submissions, asked.to, root)
    rows = by_hand.read(target / by_hand.SHEET)
    with console.status("reading the submissions"):
        found = collect(asked.submissions, known, asked.pattern)
    if not found.submissions:
        raise KitError(f"{asked.submissions} has no notebook of any exercise", remedy=first_reason(found))
    with executors.opened(asked.executor, asked.trusted) as executor:
        folder.claim(target)
        marked = grade(found, known, executor, target / "results", asked.trusted, console)
    grades = [
        report.grade_of(each, known[each.submission.exercise], words, asked.cascade)
        for each in marked
        for words in [by_hand.words(each, known[each.submission.exercise], rows)]
    ]
    walls = sorted({wall for each in marked for wall in each.result["protection"]})
    made = report.files(grades, found.left, known, rows, asked.cascade, walls)
    for name in folder.publish(target, made, by_hand.SHEET):
        console.print(f"You had changed a file: it is now {name}")
    tell(grades, found, console)
    return target


def grade(
    found: Collected,
    known: Mapping[str, dict[str, Any]],
    executor: Any,
    store: Path,
    trusted: bool,
    console: Console,
) -> list[marking.Marked]:
    """Every submission's result in the order of the submissions, with a bar that says who is done."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    order = {each: number for number, each in enumerate(found.submissions)}
    done = []
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("grading", total=len(order))
        for each in marking.grade_all(found.submissions, known, executor, store, trusted):
            done.append(each)
            told = f"{each.submission.student}, {each.submission.exercise}"
            progress.update(bar, advance=1, description=told.replace("[", "\\[")[:60].ljust(30))
    return sorted(done, key=lambda each: order[each.submission])


def first_reason(found: Collected) -> str:
    """Why nothing could be graded: of the first file that was left out."""
    return (
        f"{found.left[0].place}: {found.left[0].reason}"
        if found.left
        else "it holds no file ending in .ipynb"
    )


def tell(grades: list[report.Grade], found: Collected, console: Console) -> None:
    """What the instructor should look at before anything is handed back."""
    out: Callable[[str], None] = lambda line: console.print(line, markup=False, soft_wrap=True)  # noqa: E731
    if found.left:
        out(f"{len(found.left)} file{'s' * (len(found.left) != 1)} not graded:")
    for left in found.left[:SHOWN]:
        out(f"  {left.place}: {left.reason}")
    if len(found.left) > SHOWN:
        out("  and others, in index.html")
    if unmarked := sum(grade.unmarked for grade in grades):
        out(f"{report.waiting(unmarked)}: read written.html and fill in written.csv")
    students = len({grade.student for grade in grades})
    out(f"{len(grades)} notebooks of {students} students are graded")
