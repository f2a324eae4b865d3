"""What a browser makes of a deck: its PDFs, its thumbnails, and what a hall would see wrong."""

import asyncio
import html
import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from playwright.async_api import Page

from kit import layout, printing
from kit.browser import Chromium, NewPage, executable
from kit.decks import Deck
from kit.errors import KitError
from kit.kept import Made, builder, digest, keep, kept, known, now
from kit.render import Shown

SLIDE, A4 = "1280px 720px", "210mm 297mm"
SCREEN = "screen"  # the slides, of both editions, that are looked at in a live deck
VIEWS = (SCREEN, "slides", "notes", "three", "handout")  # what a browser shows
PAPER = {  # those that are printed: file, size of the paper if it does not say, what is added to the title
    "slides": ("public/slides/{}.pdf", SLIDE, ""),
    "notes": ("instructor/slides/{}.pdf", A4, " (with notes)"),
    "handout": ("public/handouts/{}.pdf", "", " (handout)"),
    "three": ("public/handouts/{}-3up.pdf", A4, " (three slides a page)"),
}
ONE = {"slides": "paper", "three": "paper", "handout": "paper"}  # views of one page, all for students
TURN = """kind => {
  document.body.className = kind;
  for (const sheet of document.querySelectorAll("style[data-views]"))
    sheet.media = sheet.dataset.views.split(" ").includes(kind) ? "all" : "not all";
}"""
WINDOWS = 2  # open at the same time: each has a process, and takes some 120 MiB


Work = tuple[str, Callable[[Page], Awaitable[None]]]  # a page, and what is to be done with it
Looked = dict[str, list[layout.Told]]  # what is wrong on a slide, by the hash of its HTML


class View(NamedTuple):
    """What came of printing a page: what is wrong, each as of a KitError, and what there is to keep."""

    faults: list[tuple[str, str, int | None, str]]
    pdf: bytes
    pictures: Sequence[str] = ()  # of some of the slides, as data URLs


def in_browser(
    made: Deck,
    root: Path,
    chromium: Chromium,
    pool: Executor,
    look: Callable[[str, bytes], None],
    kinds: Collection[str] = VIEWS,
) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """The PDFs of a deck, and its thumbnails.

    Raises what a hall would see wrong, on screen or in print, all faults at once. In the one thread of the
    ``pool`` a PDF is finished while others are printed, and shown to ``look``.
    """
    began, both = now(), digest(builder(root), str(executable(root)))
    lines = [str(slide.line) for slide in made.speaker]  # which faults tell, and no page
    inputs = {kind: digest(made.pages[ONE.get(kind, kind)], both, *lines) for kind in PAPER if kind in kinds}
    entry = {kind: f"seen/{made.name}-{kind}" for kind in (*inputs, SCREEN)}
    views: dict[str, View] = {
        kind: view for kind in inputs for view in known(root, entry[kind], inputs[kind])
    }
    slides_ = {digest(text): text for _, text in made.screen.slides if SCREEN in kinds}
    looked: Looked = next(iter(known(root, entry[SCREEN], digest(made.screen.page, both))), {})
    fresh = {key: text for key, text in slides_.items() if key not in looked}
    finished: dict[str, Future[View]] = {}

    async def look_at(page_: Page) -> None:
        looked.update(zip(fresh, await layout.on_screen(page_, len(fresh)), strict=True))

    async def print_(kinds: list[str], page_: Page) -> None:
        for kind in kinds:
            if kind in ONE:
                await page_.evaluate(TURN, kind)
            found = await faults(made, kind, page_)
            pdf = await printing.printed(page_, PAPER[kind][1])
            view = View([(e.problem, e.file, e.line, e.remedy) for e in found], pdf)
            finished[kind] = pool.submit(finish, kind, view)

    def finish(kind: str, view: View) -> View:
        done: View = kept(root, entry[kind], inputs[kind], lambda: Made(complete(made, kind, view)))
        look(PAPER[kind][0].format(made.name), done.pdf)
        return done

    pages: dict[str, list[str]] = {}
    for kind in (each for each in inputs if each not in views):
        pages.setdefault(ONE.get(kind, kind), []).append(kind)
    work: list[Work] = [(made.pages[name], partial(print_, of_page)) for name, of_page in pages.items()]
    work += [(made.screen.of([*fresh.values()]), look_at)] if fresh else []
    if work:
        chromium.do(partial(in_windows, work), made.file)
    if fresh:
        found = Made({key: looked[key] for key in slides_})
        keep(root, entry[SCREEN], digest(made.screen.page, both), found, began)
    views |= {kind: each.result() for kind, each in finished.items()}
    told = [
        fault
        for number, text in made.screen.slides
        if SCREEN in kinds
        for fault in layout.faults(made.speaker[number - 1], looked[digest(text)], made.file)
    ]
    told += [KitError(*fault) for kind in views for fault in views[kind].faults]
    # what is wrong on the screen is mostly wrong in print too, and told once
    once = {str(error).replace(" in print:", ":"): error for error in reversed(told)}
    if once:
        raise ExceptionGroup(f"{made.file}: {len(once)} faults", [*reversed(once.values())])
    files = {PAPER[kind][0].format(made.name): view.pdf for kind, view in views.items()}
    return files, thumbnails(made, views["slides"].pictures)


async def in_windows(work: list[Work], new_page: NewPage) -> None:
    """Have the browser show each of these pages, and do what is to be done with it."""
    waiting = iter(work)

    async def some() -> None:
        async with printing.window(new_page) as show:
            for text, do in waiting:
                await do(await show(text))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(WINDOWS):
                group.create_task(some())
    except BaseExceptionGroup as group_:
        raise group_.exceptions[0] from None


async def faults(made: Deck, kind: str, page_: Page) -> list[KitError]:
    """What a reader would see wrong in a view that is printed."""
    if kind == "slides":
        return await layout.in_print(page_, made.audience, made.file)
    if kind == "notes":
        return await layout.notes_fit(page_, made.speaker, made.file)
    return []


def complete(made: Deck, kind: str, view: View) -> View:
    """A view whose PDF has all that a PDF must have."""
    titles, title = [plain(s.title) for s in made.audience], made.about["title"] + PAPER[kind][2]
    pdf = printing.finish(view.pdf, titles, title, made.about["author"])
    pages = [slide.number - 1 for slide in pictured(made)] if kind == "slides" else []
    return view._replace(pdf=pdf, pictures=printing.pictures(pdf, pages))


def thumbnails(made: Deck, pictures: Sequence[str]) -> list[dict[str, Any]]:
    """What the index page shows of a deck."""
    shown_ = zip(pictured(made), pictures, strict=True)
    return [{"number": s.number, "title": plain(s.title), "image": image} for s, image in shown_]


def pictured(made: Deck, most: int = 8) -> list[Shown]:
    """The title slide, and slides with pictures, spread over the deck."""
    pictures = [slide for slide in made.audience[1:] if 'class="figure"' in slide.show]
    step = max(1, -(-len(pictures) // (most - 1)))
    return [made.audience[0], *pictures[::step]]


def plain(title: str) -> str:
    """A title as text: no tags, entities resolved, ordinary spaces."""
    return html.unescape(re.sub(r"<[^>]+>", "", title)).replace("\N{NO-BREAK SPACE}", " ")
