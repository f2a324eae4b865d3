"""The stock way: a course by Jupyter's own tools, as people do it today: a process for each step of a file.

`jupyter nbconvert --execute --to slides` for each deck, a headless Chromium that prints it by reveal's
``?print-pdf``, three slides a page by pypdf, and `jupyter nbconvert --execute --to notebook` for each
solution.

It starts from notebooks in which every number already stands, and has local copies of what its pages would
load from a network: both are in its favour. So is that nothing is proved, measured or searched.
"""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from kit import assets, author, exercises, packs, pairs, slides
from kit.sources import Source, discover

HERE = Path(__file__).parent
LOCAL = {  # what a page of nbconvert loads, by the trait that says where from
    "SlidesExporter.reveal_url_prefix": "reveal.js",
    "HTMLExporter.require_js_url": "requirejs/require.js",
    "HTMLExporter.jquery_url": "jquery/dist/jquery.min.js",
    "HTMLExporter.mathjax_url": "mathjax/MathJax.js?config=TeX-AMS_CHTML-full,Safe",
}

INLINE = "%matplotlib inline\n%config InlineBackend.figure_formats = ['svg']"


def prepare(root: Path, folder: Path) -> None:
    """The notebooks of the course in ``root``, ready to be run: decks/, and a folder for each solution."""
    local = HERE.parent / ".cache" / "stock"
    local.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / "npm" / name, local / name)
    assets.install(local)
    folder.mkdir()
    (folder / "node_modules").symlink_to(local / "node_modules")
    for source in discover(root):
        if source.kind == "decks":
            write(folder / "decks" / f"{source.name}.ipynb", packs.notebook_bytes(deck(source, root)))
        elif source.kind == "solutions":
            made = pairs.written(source.name, root, root / ".cache" / "fonts")
            solved = exercises.solved(made.solution, made.checks, made.wrong)
            write(folder / source.name / f"{source.name}.ipynb", packs.notebook_bytes(solved))
            for path, content in made.beside.items():
                write(folder / source.name / path, content)


def deck(source: Source, root: Path) -> NotebookNode:
    """A deck with the slideshow metadata that nbconvert reads, figures as SVG, and titles without braces."""
    made = slides.speaker(author.author(source, root))
    for cell in made.cells:
        cell.source = re.sub(r"^(## .*?) *\{.*\}$", r"\1", cell.source, flags=re.MULTILINE)
    hidden = {"slideshow": {"slide_type": "skip"}}
    made.cells.insert(0, nbformat.v4.new_code_cell(INLINE, metadata=hidden, id="inline"))
    return made


def build(folder: Path) -> dict[str, float]:
    """Seconds for each step, one file after the other."""
    decks = sorted((folder / "decks").glob("*.ipynb"))
    solutions = sorted(path for path in folder.glob("*/*.ipynb") if path.parent.name != "decks")
    steps: dict[str, list[tuple[Any, ...]]] = {
        "slides": [(nbconvert, deck, "slides", *to_slides(folder)) for deck in decks],
        "print-pdf": [(by_hand, "print", deck.with_suffix(".slides.html")) for deck in decks],
        "three a page": [(by_hand, "three", deck.with_suffix(".slides.pdf")) for deck in decks],
        "solutions": [(nbconvert, path, "notebook", "--output", "executed") for path in solutions],
    }
    took = {}
    for name, calls in steps.items():
        began = time.perf_counter()
        for function, *args in calls:
            function(*args)
        took[name] = time.perf_counter() - began
    return took


def nbconvert(notebook: Path, kind: str, *words: str) -> None:
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--execute", "--to", kind, *words]
    asked([*command, notebook.name], notebook.parent)


def to_slides(folder: Path) -> list[str]:
    """Without the code of figures, as our slides are, and with local copies of what the page loads."""
    hidden = [
        "--TagRemovePreprocessor.enabled=True",
        "--TagRemovePreprocessor.remove_input_tags=remove-input",
    ]
    return [*hidden, *(f"--{trait}=../node_modules/{path}" for trait, path in LOCAL.items())]


def by_hand(what: str, file: Path) -> None:
    asked([sys.executable, "-m", "benchmarks.by_hand", what, str(file)], HERE.parent)


def asked(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:8])}: {done.stderr.decode()[-2000:]}")


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
