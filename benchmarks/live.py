"""From the save of one sentence to the moment when a real browser shows it, by `build.py watch`."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from threading import Thread

from benchmarks import courses
from benchmarks.browsing import opened
from benchmarks.report import Row

ROOT = Path(__file__).parents[1]
DECK = "02_receptive_fields"
AFTER = "Drawn from a **gradient**"  # the sentence gets words before it
RUNS = 5
PAUSE = 3  # seconds between two saves: the whole build, which a save ends, is then well under way


def live() -> list[Row]:
    """The deck is open in a browser, and is saved again and again."""
    with tempfile.TemporaryDirectory() as folder, watching(own(Path(folder))) as (url, lines):
        source = Path(folder, "decks", f"{DECK}.md")
        text = source.read_text(encoding="utf-8")

        def save(number: int) -> float:
            saved = time.time()
            source.write_text(text.replace(AFTER, f"Seen {number}. {AFTER}"), encoding="utf-8")
            page.wait_for_function(f"document.body.textContent.includes('Seen {number}.')", timeout=300_000)
            page.evaluate("new Promise(shown => requestAnimationFrame(() => setTimeout(shown)))")
            return time.time() - saved

        with opened(ROOT) as browser:
            page = browser.new_page()
            page.goto(f"{url}instructor/slides/{DECK}.html")
            save(0)  # runs the cells, and loads the page
            stages: list[dict[str, float]] = []
            took: list[float] = []
            for number in range(1, RUNS + 1):
                time.sleep(PAUSE)
                lines.clear()
                took.append(save(number))
                told = said(lines, "shown after")
                found = {name: float(seconds) for name, seconds in re.findall(r"(\w+) ([\d.]+)", told)}
                stages.append(found | {"transfer and swap": took[-1] - found["after"]})
    details = {f"{name} s": median(each[name] for each in stages) for name in stages[0]}
    work = f"`build.py watch`, one sentence of {DECK} saved, until a browser shows it"
    return [Row(work, median(took), "at most", 1.5, "s", details)]


def own(root: Path) -> Path:
    """A copy of this project, sources and all, that shares its caches."""
    courses.project(root)
    for kind in ("decks", "exercises", "solutions"):
        shutil.copytree(ROOT / kind, root / kind)
    (root / ".cache" / "chromium").unlink()
    (root / ".cache").rmdir()
    (root / ".cache").symlink_to(ROOT / ".cache")
    return root


@contextmanager
def watching(root: Path) -> Iterator[tuple[str, list[str]]]:
    """The address at which ``build.py watch`` serves the project, and what the terminal has said."""
    process = subprocess.Popen(
        [sys.executable, str(root / "build.py"), "watch"],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert process.stdout
    terminal, lines = process.stdout, list[str]()
    url = terminal.readline().split("instructor")[0]
    reader = Thread(target=lambda: lines.extend(terminal))
    reader.start()
    try:
        yield url, lines
    finally:
        process.send_signal(signal.SIGTERM)
        reader.join()
        process.wait()


def said(lines: list[str], words: str) -> str:
    """The line with these words, as soon as the terminal has it; an error there ends the wait."""
    while not (found := [line for line in lines if words in line]):
        if wrong := [line for line in lines if line.startswith("error")]:
            raise RuntimeError(wrong[0])
        time.sleep(0.005)
    return found[0]
