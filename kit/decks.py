"""A deck in all its forms: pages to present, pages to print, and what the index says of it."""

import asyncio
import html
import json
import re
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from nbformat import NotebookNode
from playwright.async_api import Browser, Page

from kit import assets, layout, math, printing, slides, themes, watching
from kit.browser import Chromium, executable
from kit.errors import KitError
from kit.kept import Made, builder, digest, kept, known
from kit.render import THEME, Shown, page, shown

SLIDE, A4 = "1280px 720px", "210mm 297mm"
VIEWS = ("instructor", "public", "slides", "notes", "three", "handout")  # what a browser shows
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


class Deck(NamedTuple):
    """One executed deck, rendered: what can be made without a browser."""

    name: str
    file: str  # of its source
    about: dict[str, Any]
    audience: list[Shown]
    speaker: list[Shown]
    pages: dict[str, str]  # on screen: public, instructor; to print: paper, notes
    notebook: bytes
    authored: NotebookNode


class View(NamedTuple):
    """What came of showing a page: what is wrong, each as of a KitError, and what there is to keep."""

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
    name, file = about["name"], about["source"]
    return Deck(name, file, about, made.audience, made.speaker, pages, made.notebook, executed)


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
    lines = [str(slide.line) for slide in made.speaker]  # which faults tell, and no page
    both = digest(builder(root), str(executable(root)), *lines)
    inputs = {kind: digest(made.pages[ONE.get(kind, kind)], both) for kind in kinds}
    entry = {kind: f"seen/{made.name}-{kind}" for kind in kinds}
    views: dict[str, View] = {k: view for k in kinds for view in known(root, entry[k], inputs[k])}
    # first what has more work behind it
    wanted = [*PAPER, *VIEWS] if others(made) else [*PAPER, "instructor"]
    missing = [kind for kind in dict.fromkeys(wanted) if kind in kinds and kind not in views]
    finished: dict[str, Future[View]] = {}
    with ThreadPoolExecutor(1) as pool:  # one is finished while others are printed

        def keep(kind: str, view: View) -> None:
            make = lambda: Made(complete(made, kind, view))  # noqa: E731
            finished[kind] = pool.submit(kept, root, entry[kind], inputs[kind], make)

        if missing:
            chromium.do(partial(look, made, missing, keep), made.file)
    views |= {kind: each.result() for kind, each in finished.items()}
    # what is wrong on the screen is mostly wrong in print too, and told once
    told = [KitError(*fault) for kind in VIEWS if kind in views for fault in views[kind].faults]
    once = {str(error).replace(" in print:", ":"): error for error in reversed(told)}
    if once:
        raise ExceptionGroup(f"{made.file}: {len(once)} faults", [*reversed(once.values())])
    files = {PAPER[kind][0].format(made.name): view.pdf for kind, view in views.items() if kind in PAPER}
    return files, thumbnails(made, views["slides"].pictures)


async def look(made: Deck, kinds: list[str], keep: Callable[[str, View], None], browser: Browser) -> None:
    """Have the browser show these in its windows, each page once, and ``keep`` what comes of each."""
    views: dict[str, list[str]] = {}
    for kind in kinds:
        views.setdefault(ONE.get(kind, kind), []).append(kind)
    waiting = iter(views.items())

    async def some() -> None:
        async with printing.window(browser) as show:
            for name, of_page in waiting:
                page_ = await show(made.pages[name])
                for kind in of_page:
                    if name != kind:
                        await page_.evaluate(TURN, kind)
                    found = await faults(made, kind, page_)
                    pdf = await printing.printed(page_, PAPER[kind][1]) if kind in PAPER else b""
                    keep(kind, View([(e.problem, e.file, e.line, e.remedy) for e in found], pdf))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(WINDOWS):
                group.create_task(some())
    except BaseExceptionGroup as group_:
        raise group_.exceptions[0] from None


def others(made: Deck) -> list[Shown]:
    """The slides that the audience sees in another form than the speaker."""
    silent = {slide._replace(notes="") for slide in made.speaker}
    return [slide for slide in made.audience if slide._replace(notes="") not in silent]


async def faults(made: Deck, kind: str, page_: Page) -> list[KitError]:
    """What a hall would see wrong in a page."""
    if kind == "instructor":
        return await layout.on_screen(page_, made.speaker, made.file)
    if kind == "public":
        return await layout.on_screen(page_, others(made), made.file)
    if kind == "slides":
        return await layout.in_print(page_, made.audience, made.file)
    if kind == "notes":
        return await layout.notes_fit(page_, made.speaker, made.file)
    return []


def complete(made: Deck, kind: str, view: View) -> View:
    """A view whose PDF, if it has one, has all that a PDF must have."""
    if kind not in PAPER:
        return view
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
