"""A deck in all its forms: pages to present, pages to print, and what the index says of it."""

import asyncio
import html
import json
import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from nbformat import NotebookNode
from playwright.async_api import Browser, Page

from kit import assets, layout, math, printing, slides, themes, watching
from kit.browser import Chromium, executable
from kit.errors import KitError
from kit.kept import Made, builder, digest, keep, kept, known, now
from kit.render import THEME, Shown, page, shown, templates

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


class Screen(NamedTuple):
    """A live deck without slides, and every slide that anybody sees in it."""

    page: str
    slides: list[tuple[int, str]]  # number, HTML

    def of(self, slides: list[str]) -> str:
        """The deck with these slides."""
        start = '<div class="slides">'
        return self.page.replace(start, start + "\n".join(slides), 1)


class Deck(NamedTuple):
    """One executed deck, rendered: what can be made without a browser."""

    name: str
    file: str  # of its source
    about: dict[str, Any]
    audience: list[Shown]
    speaker: list[Shown]
    pages: dict[str, str]  # on screen: public, instructor; to print: paper, notes
    screen: Screen
    notebook: bytes
    authored: NotebookNode


class View(NamedTuple):
    """What came of printing a page: what is wrong, each as of a KitError, and what there is to keep."""

    faults: list[tuple[str, str, int | None, str]]
    pdf: bytes
    pictures: Sequence[str] = ()  # of some of the slides, as data URLs


class Rendered(NamedTuple):
    """The slides of a deck as HTML, which takes most of the time, and what else comes from its notebook."""

    audience: list[Shown]
    speaker: list[Shown]
    watch: str  # script of the figures that move
    notebook: bytes


def deck(executed: NotebookNode, root: Path) -> Deck:
    """Every page of a deck."""
    return finished(rendered(executed, root), executed, root)


def rendered(executed: NotebookNode, root: Path) -> Rendered:
    """The slides in both editions. Formulas are not typeset yet."""
    file = executed.metadata.kit["source"]
    editions = slides.speaker(executed), slides.audience(executed)
    told, given = (slides.slides(each, root) for each in editions)
    speaker = [shown(slide, file) for slide in told]
    audience = [
        done._replace(notes="") if content(mine) == content(own) else shown(mine, file)
        for mine, own, done in zip(given, told, speaker, strict=True)
    ]
    written = watching.in_words(editions[0])
    notebook = json.dumps(written, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return Rendered(audience, speaker, watching.script(executed), notebook.encode())


def content(slide: slides.Slide) -> slides.Slide:
    """What is on a slide, to compare: without notes, and cells without the ids that each gets anew."""
    show, words = ([NotebookNode(cell, id="") for cell in cells] for cells in (slide.show, slide.words))
    return slide._replace(notes="", show=show, words=words)


def finished(made: Rendered, executed: NotebookNode, root: Path) -> Deck:
    """The slides put into every page."""
    about = {
        "subtitle": "",
        "author": "",
        "course": "",
        "date": "",
        "lang": "en",
        "theme": "light",
        "objectives": {},
        **executed.metadata.kit,
    }
    audience, speaker = typeset([made.audience, made.speaker], about["source"], root)
    silent = [s._replace(notes="") for s in speaker]
    looks = ("slide.css", "watch.css")
    screen = assets.reveal_css(root) + assets.theme_css(root, "tokens.css", *looks, "deck.css")
    reveal = assets.script(root, "reveal.js/dist/reveal.js")
    plugin = assets.script(root, "reveal.js/dist/plugin/notes.js")
    theme = {"recolour": themes.replacements(), "theme": (THEME / "theme.js").read_text(encoding="utf-8")}
    present = {"deck": about, "css": screen, "reveal": reveal, "watch": made.watch, **theme}
    on_paper = {
        "deck": about,
        "aims": aims(about),
        "running": " · ".join(filter(None, [about["course"], about["title"]])),
        "css": assets.theme_css(root, "tokens.css"),
        "as_slides": "\n".join(page(name) for name in (*looks, "print.css")),
        "as_text": "\n".join(page(name) for name in ("article.css", "watch.css", "handout.css")),
        "watch": made.watch,
    }
    pages = {
        "public": page("deck.html.j2", slides=audience, notes_plugin="", **present),
        "instructor": page("deck.html.j2", slides=speaker, notes_plugin=plugin, **present),
        "paper": page("print.html.j2", slides=audience, said=[], **on_paper),
        "notes": page("print.html.j2", slides=silent, said=[s.notes for s in speaker], **on_paper),
    }
    slide = templates().get_template("slide.html.j2").module.slide  # type: ignore[attr-defined]
    mute = [*silent, *(s._replace(notes="") for s in audience)]
    seen = list(dict.fromkeys((s.number, str(slide(s, about))) for s in mute))
    live = Screen(page("deck.html.j2", slides=[], notes_plugin="", **present), seen)
    name, file = about["name"], about["source"]
    return Deck(name, file, about, made.audience, made.speaker, pages, live, made.notebook, executed)


def typeset(editions: list[list[Shown]], file: str, root: Path) -> list[list[Shown]]:
    """The slides with their formulas typeset."""
    names = ("title", "show", "words", "notes")
    numbered = [(f"{n} {m}", s) for n, slides_ in enumerate(editions) for m, s in enumerate(slides_)]
    texts = {(file, f"{number} {name}"): getattr(s, name) for number, s in numbered for name in names}
    done = math.typeset(texts, root)
    made = {
        number: Shown(**{**s._asdict(), **{name: done[file, f"{number} {name}"] for name in names}})
        for number, s in numbered
    }
    return [[made[f"{n} {m}"] for m in range(len(slides_))] for n, slides_ in enumerate(editions)]


def aims(about: dict[str, Any]) -> list[str]:
    """What people can do after a lecture: its objectives, as the ends of a sentence."""
    return [str(text).strip().rstrip(".") for text in about["objectives"].values()]


def on_screen(made: Deck) -> dict[str, bytes]:
    """The files of a deck that need no browser."""
    return {
        f"public/slides/{made.name}.html": made.pages["public"].encode(),
        f"instructor/slides/{made.name}.html": made.pages["instructor"].encode(),
        f"instructor/slides/{made.name}.ipynb": made.notebook,
    }


def in_browser(
    made: Deck, root: Path, chromium: Chromium, kinds: Collection[str] = VIEWS
) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """The PDFs of a deck, and its thumbnails.

    Raises what a hall would see wrong, on screen or in print, all faults at once.
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

    async def look(page_: Page) -> None:
        looked.update(zip(fresh, await layout.on_screen(page_, len(fresh)), strict=True))

    async def print_(kinds: list[str], page_: Page) -> None:
        for kind in kinds:
            if kind in ONE:
                await page_.evaluate(TURN, kind)
            found = await faults(made, kind, page_)
            pdf = await printing.printed(page_, PAPER[kind][1])
            view = View([(e.problem, e.file, e.line, e.remedy) for e in found], pdf)
            make = lambda kind=kind, view=view: Made(complete(made, kind, view))  # noqa: E731
            finished[kind] = pool.submit(kept, root, entry[kind], inputs[kind], make)

    pages: dict[str, list[str]] = {}
    for kind in (each for each in inputs if each not in views):
        pages.setdefault(ONE.get(kind, kind), []).append(kind)
    work: list[Work] = [(made.pages[name], partial(print_, of_page)) for name, of_page in pages.items()]
    work += [(made.screen.of([*fresh.values()]), look)] if fresh else []
    with ThreadPoolExecutor(1) as pool:  # one is finished while others are printed
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


async def in_windows(work: list[Work], browser: Browser) -> None:
    """Have the browser show each of these pages, and do what is to be done with it."""
    waiting = iter(work)

    async def some() -> None:
        async with printing.window(browser) as show:
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
