"""How many submissions a second: a class that has handed in everything between the solution and the stub."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import nbformat

from benchmarks.report import Row
from kit import cases, exercises, packs, pairs
from kit.grading import marking
from kit.grading.assignment import assignment
from kit.grading.collect import Submission
from kit.wrong import wrong_answers

ROOT = Path(__file__).parents[1]
EXERCISE = "05_avg_pool"
STUDENTS = 48
OF_NBGRADER = 6  # students whom nbgrader grades, for it takes seconds for each
RUNS = 3
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"  # it calls programs by name


def grading() -> list[Row]:
    """On one core, on two, on two workers of dask, and by nbgrader, where these are installed."""
    exercise, solution = pairs.authored(EXERCISE, ROOT)
    checks = cases.frozen(solution)
    known = assignment(exercise, solution, checks, packs.pack(exercise, checks))
    right = {each["name"]: each["code"] for each in known["answers"]}
    handed_in = [{}, right, *({**right, each.answer: each.code} for each in wrong_answers(solution))]
    notebooks = [filled(exercises.student(exercise), codes) for codes in islice(cycle(handed_in), STUDENTS)]
    rates: dict[str, list[float]] = {
        f"{n} a second": [] for n in ("one core", "two cores", "two dask workers")
    }
    with ExitStack() as stack:
        ways: list[tuple[str, Executor]] = [
            ("one core", stack.enter_context(ThreadPoolExecutor(1))),
            ("two cores", stack.enter_context(ThreadPoolExecutor(2))),
        ]
        if find_spec("distributed"):
            ways.append(("two dask workers", stack.enter_context(dask())))
        for _, pool in ways:
            rate_of(notebooks[:4], known, pool)  # warms up
        for _ in range(RUNS):
            for name, pool in ways:
                rates[f"{name} a second"].append(rate_of(notebooks, known, pool))
    found = {name: median(each) for name, each in rates.items() if each}
    count = sum(len(answer["cases"]) for answer in known["answers"])
    work = f"grading {STUDENTS} submissions, {count} cases in both ways, behind all walls, on two cores"
    rows = [Row(work, found["two cores a second"], "at least", 10, "a second", found)]
    if shutil.which("nbgrader", path=PATH):
        with tempfile.TemporaryDirectory() as folder:
            theirs = OF_NBGRADER / nbgrader(
                Path(folder), notebooks, packs.nbgrader_files(exercise, solution, checks)
            )
        ratio = found["one core a second"] / theirs
        details = {**found, "nbgrader a second": theirs}
        rows.append(
            Row(
                "… the same on one core", ratio, "at least", 5, "times as many as nbgrader autograde", details
            )
        )
    return rows


def filled(notebook: nbformat.NotebookNode, codes: dict[str, str]) -> bytes:
    """The notebook of a student who has written these answers."""
    made = json.loads(packs.notebook_bytes(notebook))
    for cell in made["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "").removeprefix("answer-")
        cell["source"] = codes.get(name, cell["source"])
    return json.dumps(made).encode()


def rate_of(notebooks: list[bytes], known: dict, pool: Executor) -> float:
    """Submissions a second, each graded anew."""
    handed_in = [Submission(f"s{n:02d}", EXERCISE, "", content) for n, content in enumerate(notebooks)]
    began = time.perf_counter()
    done = sum(1 for _ in marking.grade_all(handed_in, {EXERCISE: known}, pool, trusted=True))
    return done / (time.perf_counter() - began)


@contextmanager
def dask() -> Iterator[Executor]:
    """Two worker processes on this machine."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client.get_executor()


def nbgrader(folder: Path, notebooks: list[bytes], source: packs.Files) -> float:
    """Seconds for a part of the class."""
    for path, content in source.items():
        write(folder / "source" / EXERCISE / path, content)
    asked(folder, "generate_assignment")
    for n, content in enumerate(notebooks[:OF_NBGRADER]):
        submitted = folder / "submitted" / f"s{n}" / EXERCISE
        shutil.copytree(folder / "release" / EXERCISE, submitted)
        write(submitted / f"{EXERCISE}.ipynb", content)
    began = time.perf_counter()
    asked(folder, "autograde")
    return time.perf_counter() - began


def asked(folder: Path, word: str) -> None:
    environment = {**os.environ, "PATH": PATH}
    command = ["nbgrader", word, EXERCISE, "--course-dir", str(folder)]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
