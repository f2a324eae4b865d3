"""A course: all stages in their order, from a folder of sources to the files of dist/.

Nothing here writes into dist/; a mistake in any source ends the build before that.
"""

import json
import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from nbformat import NotebookNode

from kit import (
    assets,
    author,
    browser,
    decks,
    forms,
    leaks,
    math,
    objectives,
    offline,
    pairs,
    parts,
    render,
    run,
    search,
    units,
    views,
)
from kit.apart import apart
from kit.files import Built, File, Files
from kit.kept import Made, builder, digest, keep, kept, known, now, same
from kit.leaks import Guarded
from kit.parts import Part, size
from kit.sources import Source, discover

Say = Callable[[str], None]
AHEAD = 1 + (os.cpu_count() or 1)  # of each kind, made or begun before they are needed: memory


def nothing(_: str) -> None:
    """Said to nobody."""


def build(
    root: Path,
    say: Say = nothing,
    tell: Say = nothing,
    names: Collection[str] = (),
    workers: Executor | None = None,
    chromium: browser.Chromium | None = None,
) -> Files:
    """Every file of dist/ but the manifest, by path; with ``names``, as if the course had these alone.

    Raises KitError, or a group of them, for a mistake in a source. ``say`` is told what is being made,
    and ``tell`` what an author wants to know of what was made. ``workers`` are those of a cluster: without
    them lectures and exercises are made here, as always is what needs the browser: ``chromium``, if one is
    open already.
    """
    began = now()
    say("installing what the browser needs")
    assets.install(root)
    sources = discover(root)
    objectives.check(sources, root)
    sources = [source for source in sources if not names or source.name in names]
    texts = {s.path: (root / s.path).read_text(encoding=author.ENCODING, errors="replace") for s in sources}
    fonts = assets.figure_fonts(root, root / ".cache" / "fonts")
    artifacts, early = Built(root), search.Early(root, "named" if names else "course")
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # their files are hashed
        there = zip(sources, pool.map(partial(parts.known, root=root, seen={}), sources), strict=True)
        made = {source: part for source, found in there for part in found}
    for part in made.values():
        artifacts.at |= {path: File(root / "dist" / path, sum_) for path, sum_ in part.sums.items()}

    def keep(source: Source, part: Part, files: dict[str, bytes]) -> None:
        artifacts.add(files)
        made[source] = part._replace(sums=artifacts.among(files).sums())
        parts.keep(source, made[source], root, began)

    with ExitStack() as stack:
        chromium = chromium or stack.enter_context(closing(browser.Chromium(root)))
        begin = partial(anywhere, workers, root, say) if workers else here(stack, say)
        waiting = {kind: deque(s for s in sources if s.kind == kind and s not in made) for kind in MAKE}
        ready: SimpleQueue[tuple[Source, Future[Any]]] = SimpleQueue()

        def begin_next(kind: str) -> None:
            if waiting[kind]:
                source = waiting[kind].popleft()
                future = begin(source.path, MAKE[kind], source, root, fonts)
                future.add_done_callback(lambda done: ready.put((source, done)))

        new = [source for sources in waiting.values() for source in sources]
        for kind in MAKE:
            for _ in range(len(new) if workers and kind == "exercises" else AHEAD):
                begin_next(kind)
        if any(source.kind == "decks" for source in new):
            chromium.open(views.WINDOWS)
        for _ in new:  # lectures are printed, one after the other, while others are being made
            source, done = ready.get()
            begin_next(source.kind)
            if source.kind == "decks":
                all_ = sum(each.kind in MAKE for each in sources)
                others = secrets_of(made.items()) if len(made) == all_ - 1 else None
                keep(source, *printed(done.result(), root, texts, chromium, early, others, say))
            else:
                keep(source, *proved(done.result()))
    math.close()
    lectured, set_ = ([made[s] for s in sources if s.kind == kind] for kind in ("decks", "exercises"))
    for part in lectured:
        if part.said:
            tell(part.said)
    say("writing the index pages, looking for leaks")
    whole = of_all(lectured, set_, artifacts, root)
    found: offline.References = {}
    for path, content in whole.items():  # the page of all proofs is long, and seldom another one
        page = partial(offline.references, {path: content})
        found |= same(root, f"references/{path}", digest(content), page)
    for part in (*lectured, *set_):
        found |= part.references
    artifacts.add(whole)
    offline.refuse(found, artifacts, texts)
    early.look("index.html", whole["public/index.html"])
    nothing_leaks(artifacts, guarded(lectured), guarded(set_), early)
    return artifacts


def printed(
    deck: decks.Deck,
    root: Path,
    texts: Mapping[str, str],
    chromium: browser.Chromium,
    early: search.Early,
    others: dict[str, forms.Needles] | None,
    say: Say,
) -> tuple[Part, dict[str, bytes]]:
    """A lecture with all its files. ``others`` are the secrets of all other parts, if these are made."""
    say(f"{deck.name}: measuring every slide at every step, and printing")
    pages = decks.on_screen(deck)

    def look(path: str, content: bytes) -> None:
        if path.startswith("public/"):
            early.look(path.removeprefix("public/"), content)

    def read() -> tuple[Guarded, offline.References]:
        guarded, references = leaks.of_deck(deck.authored), offline.check(pages, texts)
        if others is not None:
            early.begin({**others, f"decks/{deck.name}": guarded.needles})
        for path, content in pages.items():  # last: while a page is searched, no other thread goes on
            look(path, content)
        return guarded, references

    with ThreadPoolExecutor(1) as pool:  # while the browser works
        reading = pool.submit(read)
        try:
            printed_, pictures = views.in_browser(deck, root, chromium, pool, look)
        finally:
            guarded, references = reading.result()  # told first: what is refused does not load
        files = pages | printed_
        return parts.of_deck(deck, files, pictures, guarded, references), files


def proved(pair: pairs.Pair) -> tuple[Part, dict[str, bytes]]:
    """An exercise with all its files."""
    files = pairs.files(pair)
    return parts.of_pair(pair, files), files


def of_all(lectured: list[Part], set_: list[Part], artifacts: Built, root: Path) -> dict[str, bytes]:
    """The pages that come from all lectures and exercises together; their archives are written."""
    css = assets.reading_css(root)
    pairs_ = [part.made for part in set_]
    pages = pairs.of_all(pairs_, artifacts, root) if set_ else {}
    if matrix := objectives.coverage([part.made for part in lectured], pairs_, css):
        pages["instructor/coverage.html"] = matrix
    sizes = {path: len(data) for path, data in pages.items()} | artifacts.sizes()
    return pages | index_pages([p.entry for p in lectured], [p.entry for p in set_], sizes, root)


def here(stack: ExitStack, say: Say) -> Callable[..., Future[Any]]:
    """What begins a unit of work on this machine, as long as the stack is open."""
    # each waits for processes of its own, and these for each other: one more keeps all cores busy
    pool = stack.enter_context(ThreadPoolExecutor(1 + (os.cpu_count() or 1)))
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
    rendered = kept(root, f"slides/{source.name}", inputs, lambda: slides_of(source.name, executed, root))
    return decks.finished(rendered, executed, root)


def slides_of(name: str, executed: NotebookNode, root: Path) -> Made:
    """The slides of a deck; those that were on it last time are not rendered again."""
    began, entry, inputs = now(), f"shown/{name}", builder(root)
    before = known(root, entry, inputs)
    made = apart(root, decks.rendered, executed, root, before[0] if before else {})
    keep(root, entry, inputs, Made(made.value.shown), began)
    return made


def exercise(source: Source, root: Path, fonts: Path, say: Say = nothing) -> pairs.Pair:
    """An exercise with its solution, from their texts to what is given out."""
    name = source.name
    say(f"{name}: computing its fields and expected values")
    made = written(name, root, fonts)
    say(f"{name}: proving that the stub fails, the solution passes, and wrong answers are caught")
    return pairs.pair(made, root)


MAKE = {"decks": lecture, "exercises": exercise}


def written(name: str, root: Path, fonts: Path) -> pairs.Written:
    """What the texts of an exercise and of its solution give."""
    made: pairs.Written = authored(f"exercises/{name}.md", root, pairs.written, name, root, fonts)
    return made


def authored(path: str, root: Path, function: Callable[..., Any], *args: Any) -> Any:
    """What an author's text gives: made anew when it, or a file that its fields have read, has changed."""
    return kept(root, f"authored/{path}", builder(root), lambda: apart(root, function, *args))


def guarded(made: list[Part]) -> dict[str, Guarded]:
    return {part.made.name: part.guarded for part in made}


def secrets_of(made: Iterable[tuple[Source, Part]]) -> dict[str, forms.Needles]:
    """All that is secret, each by itself: what one pack may say can be what another one asks for."""
    return {f"{source.kind}/{source.name}": part.guarded.needles for source, part in made}


def nothing_leaks(
    artifacts: Files, lectured: Mapping[str, Guarded], set_: Mapping[str, Guarded], early: search.Early
) -> None:
    """Raise if a public file has a solution, a hidden case, a discussion, a note or an answer to the hall.

    What a deck lists on its slides, its author has decided to show: it is allowed there, and in no pack.
    """
    sides = {"exercises": set_, "decks": lectured}
    groups = {f"{kind}/{name}": each.needles for kind, side in sides.items() for name, each in side.items()}
    at = artifacts.at.items()
    public = Files({p.removeprefix("public/"): file for p, file in at if p.startswith("public/")})
    found: dict[str, list[leaks.Leak]] = {group: [] for group in groups}
    for (bundle, group), hits in search.everywhere(public, groups, early).items():
        folders = ("slides", "handouts") if group.startswith("exercises/") and bundle in lectured else ()
        found[group] += leaks.leaks(hits, {f"{folder}/": lectured[bundle].shown for folder in folders})
    for each in found.values():
        leaks.refuse(sorted(each, key=lambda leak: leak.file))


def index_pages(
    index: list[dict[str, Any]], exercises: list[dict[str, Any]], sizes: Mapping[str, int], root: Path
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
            all_size=size(sizes.get(path, 0)),
            covered="instructor/coverage.html" in sizes,
            **values,
        ).encode()
        for kind, path in sets.items()
    }


def told(sizes: Mapping[str, int]) -> dict[str, str]:
    """What the build says that it has made: files with their sizes, and a folder of files as one."""
    found: dict[str, list[int]] = {}
    for path, bytes_ in sorted(sizes.items()):
        folders = path.split("/")
        place = path if len(folders) < 3 else "/".join(folders[:2]) + "/"
        found.setdefault(place, []).append(bytes_)
    return {
        path: f"{len(each)} files, {size(sum(each))}" if path.endswith("/") else size(each[0])
        for path, each in found.items()
    }
