"""Just what the stock way makes, by the kit's own stages: ``python -m benchmarks.same FOLDER``.

Decks as pages, their slides as PDF, three a page, and executed solutions. No stage is here that
`kit.course.build` does not have; those that the stock way has nothing for are left out.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from pathlib import Path
from threading import Thread

from kit import apart

if __name__ == "__main__":
    Thread(target=apart.warm, daemon=True).start()

from kit import assets, browser, course, decks, exercises, packs, run, views
from kit.files import Built
from kit.sources import discover
from kit.write import write


def same(root: Path) -> dict[str, bytes]:
    """The files, by path."""
    assets.install(root)
    fonts = assets.figure_fonts(root, root / ".cache" / "fonts")
    sources = discover(root)
    made: dict[str, bytes] = {}
    threads = ThreadPoolExecutor(1 + (os.cpu_count() or 1))
    with closing(browser.Chromium(root)) as chromium, threads as pool, ThreadPoolExecutor(1) as finishing:
        lectures = [
            pool.submit(course.lecture, s, root, fonts, lambda _: None) for s in sources if s.kind == "decks"
        ]
        solutions = [pool.submit(solution, s.name, root, fonts) for s in sources if s.kind == "solutions"]
        chromium.open(views.WINDOWS)
        for done in as_completed(lectures):
            made |= page(done.result())
            kinds = ("slides", "three")
            made |= views.in_browser(done.result(), root, chromium, finishing, lambda *_: None, kinds)[0]
        for each in solutions:
            made |= each.result()
    return made


def page(made: decks.Deck) -> dict[str, bytes]:
    """What is presented."""
    return {f"decks/{made.name}.html": made.pages["public"].encode()}


def solution(name: str, root: Path, fonts: Path) -> dict[str, bytes]:
    """An executed notebook."""
    made = course.written(name, root, fonts)
    notebook = exercises.solved(made.solution, made.checks, made.wrong)
    executed = run.cached(f"{name}-solved", notebook, root, {}, made.beside)
    return {f"solutions/{name}.ipynb": packs.notebook_bytes(executed)}


if __name__ == "__main__":
    root = Path(sys.argv[1]).resolve()
    write(Built(root, same(root)), root / "same")
