"""A course: all stages in their order, from a folder of sources to the files of dist/.

Nothing here writes into dist/; a mistake in any source ends the build before that.
"""

import json
import os
from collections.abc import Callable, Collection
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from kit import (
    assets,
    author,
    browser,
    colab,
    decks,
    leaks,
    minutes,
    objectives,
    offline,
    pairs,
    render,
    run,
    search,
    secret,
    units,
)
from kit.apart import apart
from kit.cells import tagged
from kit.kept import builder, digest, kept
from kit.sources import Source, discover
from kit.written import points

Say = Callable[[str], None]


def nothing(_: str) -> None:
    """Said to nobody."""


def build(
    root: Path,
    say: Say = nothing,
    tell: Say = nothing,
    names: Collection[str] = (),
    workers: Executor | None = None,
) -> dict[str, bytes]:
    """Every file of dist/ but the manifest, by path; with ``names``, as if the course had these alone.

    Raises KitError, or a group of them, for a mistake in a source. ``say`` is told what is being made,
    and ``tell`` what an author wants to know of what was made. ``workers`` are those of a cluster: without
    them lectures and exercises are made here, as always is what needs the browser.
    """
    say("installing what the browser needs")
    assets.install(root)
    sources = discover(root)
    objectives.check(sources, root)
    sources = [source for source in sources if not names or source.name in names]
    texts = {s.path: (root / s.path).read_text(encoding=author.ENCODING, errors="replace") for s in sources}
    fonts = assets.figure_fonts(root, root / ".cache" / "fonts")
    artifacts: dict[str, bytes] = {}
    made: dict[str, decks.Deck] = {}
    told: dict[str, dict[str, Any]] = {}
    with ExitStack() as stack:
        chromium = browser.when_needed(root, stack)
        begin = partial(anywhere, workers, root, say) if workers else here(stack, say)
        lectures = [begin(s.path, lecture, s, root, fonts) for s in sources if s.kind == "decks"]
        exercises = [begin(s.path, exercise, s.name, root, fonts) for s in sources if s.kind == "exercises"]
        for done in as_completed(lectures):  # printed while others are being made
            deck = done.result()
            say(f"{deck.name}: measuring every slide at every step, and printing")
            made[deck.name] = deck
            artifacts |= decks.on_screen(deck)
            offline.check(decks.on_screen(deck), texts)
            decks.look_at(deck, root, chromium)
            artifacts |= decks.on_paper(deck, root, chromium)
            told[deck.name] = deck_entry(deck, artifacts, decks.thumbnails(deck, root, chromium))
        set_ = [each.result() for each in exercises]
    in_order = [made[name] for name in sorted(made)]
    for deck in in_order:
        if line := minutes.message(deck):
            tell(line)
    say("writing the index pages, looking for leaks")
    artifacts |= pairs.files(set_, assets.reading_css(root)) if set_ else {}
    if matrix := objectives.coverage(in_order, set_, assets.reading_css(root)):
        artifacts["instructor/coverage.html"] = matrix
    entries = [told[name] for name in sorted(told)]
    artifacts |= index_pages(entries, [exercise_entry(p, artifacts) for p in set_], artifacts, root)
    offline.check(artifacts, texts)
    nothing_leaks(artifacts, in_order, set_, root)
    return artifacts


def here(stack: ExitStack, say: Say) -> Callable[..., Future[Any]]:
    """What begins a unit of work on this machine, as long as the stack is open."""
    pool = stack.enter_context(ThreadPoolExecutor(os.cpu_count()))  # each waits for processes of its own
    stack.callback(pool.shutdown, wait=False, cancel_futures=True)
    return lambda path, function, *args: pool.submit(function, *args, say=say)


def anywhere(workers: Executor, root: Path, say: Say, path: str, function: Any, *args: Any) -> Future[Any]:
    """A unit of work, begun by any of the workers."""
    future = workers.submit(units.unit, root, path, function, args)
    future.add_done_callback(lambda _: say(f"{path}: back from its worker"))
    return future


def lecture(source: Source, root: Path, fonts: Path, say: Say = nothing) -> decks.Deck:
    """A deck, from its text to its pages."""
    say(f"{source.name}: computing its fields")
    notebook = authored(source.path, root, author.author, source, root)
    say(f"{source.name}: running its cells")
    executed = run.cached(source.name, notebook, root, {"KIT_FONTS": str(fonts)})
    say(f"{source.name}: making its pages")
    inputs = digest(json.dumps(executed, sort_keys=True), builder(root))
    # its text is read again, for the lines of its headings
    rendered = kept(
        root, f"slides/{source.name}", inputs, lambda: apart(root, decks.rendered, executed, root)
    )
    return decks.finished(rendered, executed, root)


def exercise(name: str, root: Path, fonts: Path, say: Say = nothing) -> pairs.Pair:
    """An exercise with its solution, from their texts to what is given out."""
    say(f"{name}: computing its fields and expected values")
    made = written(name, root, fonts)
    say(f"{name}: proving that the stub fails, the solution passes, and wrong answers are caught")
    return pairs.pair(made, root)


def written(name: str, root: Path, fonts: Path) -> pairs.Written:
    """What the texts of an exercise and of its solution give."""
    made: pairs.Written = authored(f"exercises/{name}.md", root, pairs.written, name, root, fonts)
    return made


def authored(path: str, root: Path, function: Callable[..., Any], *args: Any) -> Any:
    """What an author's text gives: made anew when it, or a file that its fields have read, has changed."""
    return kept(root, f"authored/{path}", builder(root), lambda: apart(root, function, *args))


def nothing_leaks(
    artifacts: dict[str, bytes], made: list[decks.Deck], set_: list[pairs.Pair], root: Path
) -> None:
    """Raise if a public file has a solution, a hidden case, a discussion, a note or an answer to the hall.

    What a deck lists on its slides, its author has decided to show: it is allowed there, and in no pack.
    """
    slides = {
        f"{folder}/{d.name}": secret.shown_by_deck(d.authored)
        for d in made
        for folder in ("slides", "handouts")
    }
    groups = {p.name: p.secrets for p in set_} | {d.name: secret.of_deck(d.authored) for d in made}
    # each by itself: what one pack may say can be what another one asks for
    allowed = {p.name: {"": secret.shown_by_exercise(p.exercise, p.pack), **slides} for p in set_}
    allowed |= {d.name: {"": secret.shown_by_deck(d.authored)} for d in made}
    public = {p.removeprefix("public/"): data for p, data in artifacts.items() if p.startswith("public/")}
    found = search.everywhere(public, groups, root)
    for name in groups:
        leaks.refuse(leaks.leaks(found[name], allowed[name]))


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
    """What the build says that it has made: files with their sizes, and a folder of files as one."""
    found: dict[str, list[bytes]] = {}
    for path, data in sorted(artifacts.items()):
        parts = path.split("/")
        found.setdefault(path if len(parts) < 3 else "/".join(parts[:2]) + "/", []).append(data)
    return {
        path: f"{len(files)} files, {size(b''.join(files))}" if path.endswith("/") else size(files[0])
        for path, files in found.items()
    }


def size(data: bytes) -> str:
    """A file's size for people: 1.2 MB (10⁶ bytes, as download dialogues count)."""
    return f"{len(data) / 1e6:.1f} MB" if len(data) >= 1e5 else f"{max(1, round(len(data) / 1e3))} kB"
