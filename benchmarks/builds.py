"""Whole builds of a generated course, beside the stock way on the same decks and exercises."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import nbformat
import psutil

from benchmarks import courses, live, stock
from benchmarks.report import Row
from kit import run

DECKS, EXERCISES = 3, 8
RUNS = 3
EDITS = 5
BETWEEN = 5  # seconds from one build to the next save
STOCK = "times faster than the stock way"
MADE = f"a course of {DECKS} decks and {EXERCISES} exercises"
ONLY = '"""A function that one deck uses."""\n\n\ndef answer() -> int:\n    return {}\n'


def builds() -> list[Row]:
    """Both sides in turn, so that all meet the same weather."""
    took: dict[str, list[float]] = {}

    def keep(name: str, seconds: float) -> None:
        took.setdefault(name, []).append(seconds)

    with tempfile.TemporaryDirectory() as folder:
        root, theirs = Path(folder, "course"), Path(folder, "stock")
        courses.project(root)
        courses.write(root, DECKS, EXERCISES)
        stock.prepare(root, theirs)
        for _ in range(RUNS):
            for step, seconds in stock.build(theirs).items():
                keep(f"stock: {step}", seconds)
            empty(root)
            keep("same", timed(root, "-m", "benchmarks.same", "."))
            empty(root)
            keep("whole", timed(root, "build.py"))
            keep("nothing", timed(root, "build.py"))
        floor = cells(theirs) / (os.cpu_count() or 1)
        again = run_again(root)
        empty(root)
        memory = peak(root)
    found = {name: median(each) for name, each in took.items()}
    way = sum(seconds for name, seconds in found.items() if name.startswith("stock"))
    details = {**found, "stock": way, "floor: CPU time of all cells over the cores": floor}
    most = f"if only the cells took time, {way / floor:.0f}"
    rows = [
        (
            f"caches empty, what the stock way makes of {MADE}; {most}",
            way / found["same"],
            "at least",
            6,
            STOCK,
        ),
        ("… the whole kit, three times as much", way / found["whole"], "at least", 3, STOCK),
        ("… nothing changed", found["nothing"], "at most", 0.3, "s"),
        ("… nothing changed", way / found["nothing"], "at least", 200, STOCK),
        ("… a function changed that one deck uses", again, "at most", 1, "notebook run again"),
        ("… peak memory of the whole build, browser included", memory, "at most", 900, "MiB"),
    ]
    return [Row(*row, details if row[-1] == STOCK else {}) for row in rows]


def edits() -> list[Row]:
    """From the save of one deck to its page, and to all of dist/, while `build.py watch` runs.

    Between two saves there is a moment, as people need it; in it the next build gets ready.
    """
    shown: dict[str, list[float]] = {"sentence": [], "figure": []}
    whole: dict[str, list[float]] = {"sentence": [], "figure": []}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        courses.project(root)
        courses.write(root, DECKS, EXERCISES)
        deck = root / "decks" / f"{courses.name(2)}.md"
        text = deck.read_text(encoding="utf-8")
        changes: dict[str, Callable[[int], str]] = {
            "sentence": lambda n: text.replace("draws this from", f"draws this {n} times from", 1),
            "figure": lambda n: text.replace("np.linspace(0, 6, 200)", f"np.linspace(0, {6 + n}, 200)", 1),
        }
        with live.watching(root) as (_, lines):
            live.said(lines, "is up to date")
            for kind, change in changes.items():
                for number in range(1, EDITS + 1):
                    time.sleep(BETWEEN)
                    lines.clear()
                    began = time.perf_counter()
                    deck.write_text(change(number), encoding="utf-8")
                    live.said(lines, "shown after")
                    shown[kind].append(time.perf_counter() - began)
                    live.said(lines, "is up to date")
                    whole[kind].append(time.perf_counter() - began)
    page, pdfs = ({kind: median(each) for kind, each in found.items()} for found in (shown, whole))
    sentence = f"one sentence of {MADE} saved, until its page is written"
    return [
        Row(sentence, page["sentence"], "at most", 1, "s", page),
        Row("… until its PDFs, and all of dist/, are", pdfs["sentence"], "at most", 2.5, "s", pdfs),
        Row("… the same for a figure", pdfs["figure"], "at most", 4, "s", pdfs),
    ]


def scale() -> list[Row]:
    """One sentence of one deck changed, and `build.py` started, in the small course and in a large one."""
    took: dict[str, float] = {}
    for size, decks, exercises in (("small", DECKS, EXERCISES), ("large", 60, 200)):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            courses.project(root)
            courses.write(root, decks, exercises)
            deck = root / "decks" / f"{courses.name(2)}.md"
            text = deck.read_text(encoding="utf-8")
            began = time.perf_counter()
            took[f"{size}: peak memory, MiB"] = peak(root)
            took[f"{size}: the first build"] = time.perf_counter() - began
            edits = []
            for number in range(RUNS):
                deck.write_text(text.replace("draws this from", f"draws this {number} times from", 1))
                edits.append(timed(root, "build.py"))
            took[size] = median(edits)
    work = "one deck changed of 60 decks and 200 exercises, until all of dist/ is written"
    return [Row(work, took["large"] / took["small"], "at most", 2, f"times as long as in {MADE}", took)]


def empty(root: Path) -> None:
    """No caches, and no dist/; the browser stays."""
    for path in (*(root / ".cache").iterdir(), root / "dist", root / "same"):
        if path.name != "chromium":
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def timed(root: Path, *words: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *words], cwd=root, env=environment(root), check=True, capture_output=True)
    return time.perf_counter() - began


def environment(root: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(root)}


def cells(folder: Path) -> float:
    """Seconds of the processor that the cells of all notebooks take, in kernels that are there already."""
    total = 0.0
    for file in sorted(folder.glob("*/*.ipynb")):
        if "executed" not in file.name:
            notebook = nbformat.read(file, as_version=4)
            for cell in notebook.cells:
                cell.metadata["source"] = f"{file.name}:1"
            clock = "import time; {}time.process_time(){}"
            first = nbformat.v4.new_code_cell(clock.format("_began = ", ""))
            last = nbformat.v4.new_code_cell(clock.format("print(", " - _began)"))
            notebook.cells = [first, *notebook.cells, last]
            total += float(run.run(notebook, file.parent, {}).cells[-1].outputs[0].text)
    return total


def run_again(root: Path) -> int:
    """How many notebooks run again when a function is changed that one deck uses."""
    deck, module = root / "decks" / f"{courses.name(2)}.md", root / "tinyspatial" / "only.py"
    text = deck.read_text(encoding="utf-8")
    used = "import numpy as np\nfrom tinyspatial import only\n\nonly.answer()\n"
    deck.write_text(text.replace("import numpy as np\n", used, 1), encoding="utf-8")
    module.write_text(ONLY.format(1), encoding="utf-8")
    timed(root, "build.py")
    before = {path: path.stat().st_mtime_ns for path in (root / ".cache" / "run").iterdir()}
    module.write_text(ONLY.format(2), encoding="utf-8")
    timed(root, "build.py")
    deck.write_text(text, encoding="utf-8")
    return sum(path.stat().st_mtime_ns != before.get(path) for path in (root / ".cache" / "run").iterdir())


def peak(root: Path) -> float:
    """The largest memory (PSS, MiB) of a build and all that it has started, looked at ten times a second."""
    process = subprocess.Popen(
        [sys.executable, "build.py"], cwd=root, env=environment(root), stdout=subprocess.DEVNULL
    )
    most, family = 0, psutil.Process(process.pid)
    while process.poll() is None:
        most = max(most, pss(family) + sum(map(pss, family.children(recursive=True))))
        time.sleep(0.1)
    return most / 2**20


def pss(process: psutil.Process) -> int:
    """What is its own, and its share of what it shares; 0 for one that is gone.

    Nor is there anything of a process that is about to become another program: it borrows all that it has.
    """
    try:
        parent = process.parent()
        borrowed = parent is not None and process.cmdline() == parent.cmdline()
        return 0 if borrowed else int(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
