"""A deck in all its forms: pages to present, pages to print, and what the index says of it."""

import html
import json
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from nbformat import NotebookNode
from playwright.sync_api import Browser

from kit import assets, layout, math, printing, slides, themes, watching
from kit.browser import Chromium, executable
from kit.errors import KitError
from kit.kept import Made, builder, digest, kept, known, same
from kit.render import THEME, Shown, page, shown

A4 = "210mm 297mm"


class Deck(NamedTuple):
    """One executed deck, rendered: what can be made without a browser."""

    name: str
    file: str  # of its source
    about: dict[str, Any]
    audience: list[Shown]
    speaker: list[Shown]
    pages: dict[str, str]  # on screen: public, instructor; to print: slides, notes, three, handout
    notebook: bytes
    authored: NotebookNode


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
    editions = {"audience": slides.audience(executed), "speaker": slides.speaker(executed)}
    audience, speaker = ([shown(s, file) for s in slides.slides(each, root)] for each in editions.values())
    written = watching.in_words(editions["speaker"])
    notebook = json.dumps(written, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return Rendered(audience, speaker, watching.script(executed), notebook.encode())


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
    both = ("tokens.css", "slide.css", "watch.css")
    screen = assets.reveal_css(root) + assets.theme_css(root, *both, "deck.css")
    paper = assets.theme_css(root, *both, "print.css")
    reveal = assets.script(root, "reveal.js/dist/reveal.js")
    plugin = assets.script(root, "reveal.js/dist/plugin/notes.js")
    theme = {"recolour": themes.replacements(), "theme": (THEME / "theme.js").read_text(encoding="utf-8")}
    present = {"deck": about, "css": screen, "reveal": reveal, "watch": made.watch, **theme}
    on_paper = {"deck": about, "css": paper, "watch": made.watch, "said": [s.notes for s in speaker]}
    running = " · ".join(filter(None, [about["course"], about["title"]]))
    pages = {
        "public": page("deck.html.j2", slides=audience, notes_plugin="", **present),
        "instructor": page("deck.html.j2", slides=speaker, notes_plugin=plugin, **present),
        "slides": page("print.html.j2", slides=audience, mode="slides", **on_paper),
        "three": page("print.html.j2", slides=audience, mode="three", **on_paper),
        "notes": page("print.html.j2", slides=silent, mode="notes", **on_paper),
        "handout": page(
            "handout.html.j2",
            slides=audience,
            deck=about,
            running=running,
            aims=aims(about),
            css=assets.theme_css(root, "tokens.css", "article.css", "watch.css"),
            watch=made.watch,
        ),
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


def look_at(made: Deck, root: Path, chromium: Chromium) -> None:
    """Raise what a hall would see wrong, all faults at once."""
    seen = [made.pages[kind] for kind in ("public", "instructor", "slides", "notes")]
    lines = [str(slide.line) for slide in made.speaker]  # which faults tell, and no page
    inputs = digest(*seen, *lines, str(executable(root)))
    look = partial(chromium.do, partial(faults, made), made.file)
    if found := same(root, f"looked-at/{made.name}", inputs, look):
        raise ExceptionGroup(f"{made.file}: {len(found)} faults", [KitError(*each) for each in found])


def faults(made: Deck, browser: Browser) -> list[tuple[str, str, int | None, str]]:
    """What is wrong in every edition: what, file, line and remedy of each."""
    found: list[KitError] = []
    silent = {slide._replace(notes="") for slide in made.speaker}
    others = [slide for slide in made.audience if slide._replace(notes="") not in silent]
    for edition, shown_slides in (("instructor", made.speaker), ("public", others)):
        if shown_slides:
            with printing.page_of(browser, made.pages[edition]) as page_:
                found += layout.on_screen(page_, shown_slides, made.file)
    with printing.page_of(browser, made.pages["slides"]) as page_:
        found += layout.in_print(page_, made.audience, made.file)
    with printing.page_of(browser, made.pages["notes"]) as page_:
        found += layout.notes_fit(page_, made.speaker, made.file)
    # what is wrong on the screen is mostly wrong in print too, and told once
    once = {str(error).replace(" in print:", ":"): error for error in reversed(found)}
    return [(e.problem, e.file, e.line, e.remedy) for e in reversed(once.values())]


def on_paper(made: Deck, root: Path, chromium: Chromium) -> dict[str, bytes]:
    """The PDFs of a deck."""
    files = {
        "slides": (f"public/slides/{made.name}.pdf", "1280px 720px", ""),
        "notes": (f"instructor/slides/{made.name}.pdf", A4, " (with notes)"),
        "handout": (f"public/handouts/{made.name}.pdf", A4, " (handout)"),
        "three": (f"public/handouts/{made.name}-3up.pdf", A4, " (three slides a page)"),
    }
    titles, author = [plain(s.title) for s in made.audience], made.about["author"]

    def pdf(entry: str, inputs: str, finish: Callable[[], bytes]) -> bytes:
        return bytes(kept(root, entry, inputs, lambda: Made(finish())))

    found: dict[str, bytes] = {}
    finished: dict[str, Future[bytes]] = {}
    with ThreadPoolExecutor() as pool:  # one is finished while the next is printed
        for kind, (path, size, suffix) in files.items():
            entry = f"printed/{path}"
            inputs = digest(builder(root), made.pages[kind], *titles, author, str(executable(root)))
            if kept_one := known(root, entry, inputs):
                found[path] = kept_one[0]
                continue
            pages = chromium.do(partial(printing.pdf, made.pages[kind], size), made.file)
            finish = partial(printing.finish, pages, titles, made.about["title"] + suffix, author)
            finished[path] = pool.submit(pdf, entry, inputs, finish)
    return found | {path: each.result() for path, each in finished.items()}


def thumbnails(made: Deck, pdf: bytes, root: Path, most: int = 8) -> list[dict[str, Any]]:
    """Small pictures of the title slide and of slides with pictures, spread over the deck, from its PDF."""
    pictures = [s for s in made.audience[1:] if 'class="figure"' in s.show]
    step = max(1, -(-len(pictures) // (most - 1)))
    chosen = [made.audience[0], *pictures[::step]]
    pages = [slide.number - 1 for slide in chosen]
    draw = partial(printing.pictures, pdf, pages)
    images = same(root, f"thumbnails/{made.name}", digest(pdf, str(pages)), draw)
    return [
        {"number": s.number, "title": plain(s.title), "image": image}
        for s, image in zip(chosen, images, strict=True)
    ]


def plain(title: str) -> str:
    """A title as text: no tags, entities resolved, ordinary spaces."""
    return html.unescape(re.sub(r"<[^>]+>", "", title)).replace("\N{NO-BREAK SPACE}", " ")
