"""A course: all stages in their order, from a folder of sources to the files of dist/.

Nothing here writes into dist/; a mistake in any source ends the build before that.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from kit import (
    assets,
    author,
    browser,
    colab,
    decks,
    leaks,
    math,
    minutes,
    objectives,
    offline,
    pairs,
    pictures,
    render,
    run,
    secret,
)
from kit.cells import tagged
from kit.sources import Source, discover
from kit.written import points

Say = Callable[[str], None]


def build(root: Path, say: Say = lambda _: None, tell: Say = lambda _: None) -> dict[str, bytes]:
    """Every file of dist/ but the manifest, by path.

    Raises KitError, or a group of them, for a mistake in a source. ``say`` is told what is being made,
    and ``tell`` what an author wants to know of what was made.
    """
    say("installing what the browser needs")
    assets.install(root)
    sources = discover(root)
    objectives.check(sources, root)
    texts = {s.path: (root / s.path).read_text(encoding=author.ENCODING, errors="replace") for s in sources}
    fonts = assets.figure_fonts(root, root / ".cache" / "fonts")
    lectures, exercises = [], []
    # kernels and proofs are other processes
    with pictures.typeface(fonts), ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            for source in sources:  # fields are computed in this thread: two cannot import the same at once
                if source.kind == "decks":
                    notebook = authored(source, root, say)
                    lectures.append(pool.submit(executed, notebook, root, fonts, say))
                elif source.kind == "exercises":
                    texts_ = pairs.authored(source.name, root)
                    exercises.append(pool.submit(proved, *texts_, root, say))
            run_, set_ = [each.result() for each in lectures], [each.result() for each in exercises]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    made = [decks.deck(notebook, root) for notebook in run_]
    for deck in made:
        if line := minutes.message(deck):
            tell(line)
    say("typesetting formulas")
    made, set_ = typeset(made, set_, root)
    artifacts = pairs.files(set_, assets.reading_css(root)) if set_ else {}
    for deck in made:
        artifacts |= decks.on_screen(deck)
    offline.check(artifacts, texts)
    told = []
    say("starting the browser")
    with browser.opened(root) as chromium:
        for deck in made:
            say(f"{deck.name}: measuring every slide at every step")
            decks.look_at(deck, chromium)
            say(f"{deck.name}: printing")
            artifacts |= decks.on_paper(deck, chromium)
            told.append(deck_entry(deck, artifacts, decks.thumbnails(deck, chromium)))
    say("writing the index pages, looking for leaks")
    if matrix := objectives.coverage(made, set_, assets.reading_css(root)):
        artifacts["instructor/coverage.html"] = matrix
    artifacts |= index_pages(told, [exercise_entry(p, artifacts) for p in set_], artifacts, root)
    offline.check(artifacts, texts)
    nothing_leaks(artifacts, made, set_)
    return artifacts


def nothing_leaks(artifacts: dict[str, bytes], made: list[decks.Deck], set_: list[pairs.Pair]) -> None:
    """Raise if a public file has a solution, a hidden case, a discussion, a note or an answer to the hall.

    What a deck lists on its slides, its author has decided to show: it is allowed there, and in no pack.
    """
    start = "public/"
    dug = leaks.dig({p.removeprefix(start): data for p, data in artifacts.items() if p.startswith(start)})
    slides = {
        f"{folder}/{d.name}": secret.shown_by_deck(d.authored)
        for d in made
        for folder in ("slides", "handouts")
    }
    for p in set_:  # each by itself: what one pack may say can be what another one asks for
        shown = {"": secret.shown_by_exercise(p.exercise, p.pack), **slides}
        leaks.refuse(leaks.find(dug, p.secrets, shown))
    for d in made:
        shown = {"": secret.shown_by_deck(d.authored)}
        leaks.refuse(leaks.find(dug, secret.of_deck(d.authored), shown))


def proved(exercise: NotebookNode, solution: NotebookNode, root: Path, say: Say) -> pairs.Pair:
    """An exercise with its solution, from notebooks to executed notebooks."""
    name = exercise.metadata.kit.name
    say(f"{name}: proving that the stub fails, the solution passes, and wrong answers are caught")
    return pairs.pair(exercise, solution, root)


def authored(source: Source, root: Path, say: Say) -> NotebookNode:
    """A deck, from its text to a notebook."""
    say(f"{source.name}: computing its fields")
    return author.author(source, root)


def executed(notebook: NotebookNode, root: Path, fonts: Path, say: Say) -> NotebookNode:
    """A deck with the outputs of its cells."""
    say(f"{notebook.metadata.kit.name}: running its cells")
    return run.cached(notebook, root, {"KIT_FONTS": str(fonts)})


def typeset(
    made: list[decks.Deck], set_: list[pairs.Pair], root: Path
) -> tuple[list[decks.Deck], list[pairs.Pair]]:
    """The same with the formulas of all their pages typeset, in one go."""
    pages = {(d.file, kind): text for d in made for kind, text in d.pages.items()}
    pages |= {(p.solution.metadata.kit.source, "solution"): p.page for p in set_}
    done = math.typeset(pages, root)
    return (
        [d._replace(pages={kind: done[d.file, kind] for kind in d.pages}) for d in made],
        [p._replace(page=done[p.solution.metadata.kit.source, "solution"]) for p in set_],
    )


def deck_entry(
    deck: decks.Deck, artifacts: dict[str, bytes], thumbnails: list[dict[str, Any]]
) -> dict[str, Any]:
    """What the index pages say of a deck."""
    return {
        "name": deck.name,
        "title": deck.about["title"],
        "subtitle": deck.about["subtitle"],
        "course": deck.about["course"],
        "lang": deck.about["lang"],
        "minutes": deck.about.get("minutes"),
        "objectives": decks.aims(deck.about),
        "slides": len(deck.audience),
        "thumbnails": thumbnails,
        "pdf": size(artifacts[f"public/slides/{deck.name}.pdf"]),
        "notes_pdf": size(artifacts[f"instructor/slides/{deck.name}.pdf"]),
        "handout": size(artifacts[f"public/handouts/{deck.name}.pdf"]),
        "threeup": size(artifacts[f"public/handouts/{deck.name}-3up.pdf"]),
    }


def exercise_entry(pair: pairs.Pair, artifacts: dict[str, bytes]) -> dict[str, Any]:
    """What the index pages say of an exercise."""
    return {
        "name": pair.name,
        "number": int(pair.name[:2]),
        "title": pair.about["title"],
        "subtitle": pair.about["subtitle"],
        "minutes": pair.about.get("minutes"),
        "points": sum(points(cell) for cell in tagged(pair.exercise, "check", "written")),
        "in_words": sum(points(cell) for cell in tagged(pair.exercise, "written")),
        "size": size(artifacts[f"public/exercises/{pair.name}.zip"]),
        "colab": size(artifacts[f"public/exercises/{pair.name}{colab.ENDING}"]),
    }


def index_pages(
    index: list[dict[str, Any]], exercises: list[dict[str, Any]], artifacts: dict[str, bytes], root: Path
) -> dict[str, bytes]:
    """The landing pages, public and instructor's."""
    first = index[0] if index else {"course": "", "lang": "en", "title": ""}
    values = {
        "course": first["course"] or first["title"],
        "lang": first["lang"],
        "decks": index,
        "exercises": exercises,
        "css": assets.reading_css(root),
    }
    sets = {"public": "public/exercises/all-exercises.zip", "instructor": "instructor/solutions.zip"}
    return {
        f"{kind}/index.html": render.page(
            f"{kind}.html.j2",
            all_size=size(artifacts.get(path, b"")),
            covered="instructor/coverage.html" in artifacts,
            **values,
        ).encode()
        for kind, path in sets.items()
    }


def told(artifacts: dict[str, bytes]) -> dict[str, str]:
    """What the build says that it has made: files with their sizes, and folders of small files as one."""
    found: dict[str, list[bytes]] = {}
    for path, data in sorted(artifacts.items()):
        folder = "/".join(path.split("/")[:3]) + "/"
        found.setdefault(folder if path.startswith(folder) else path, []).append(data)
    return {
        path: f"{len(files)} files, {size(b''.join(files))}" if path.endswith("/") else size(files[0])
        for path, files in found.items()
    }


def size(data: bytes) -> str:
    """A file's size for people: 1.2 MB (10⁶ bytes, as download dialogues count)."""
    return f"{len(data) / 1e6:.1f} MB" if len(data) >= 1e5 else f"{max(1, round(len(data) / 1e3))} kB"
