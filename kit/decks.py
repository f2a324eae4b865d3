"""A deck in all its forms: pages to present, pages to print, and what the index says of it."""

import html
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from nbformat import NotebookNode
from playwright.sync_api import Browser

from kit import assets, layout, printing, slides, themes, watching
from kit.errors import KitError
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


def deck(executed: NotebookNode, root: Path) -> Deck:
    """Every page of a deck. Formulas are not typeset yet."""
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
    editions = {"audience": slides.audience(executed), "speaker": slides.speaker(executed)}
    audience, speaker = (
        [shown(s, about["source"]) for s in slides.slides(e, root)] for e in editions.values()
    )
    silent = [s._replace(notes="") for s in speaker]
    both = ("tokens.css", "slide.css", "watch.css")
    screen = assets.reveal_css(root) + assets.theme_css(root, *both, "deck.css")
    paper = assets.theme_css(root, *both, "print.css")
    watch = watching.script(executed)
    reveal = assets.script(root, "reveal.js/dist/reveal.js")
    plugin = assets.script(root, "reveal.js/dist/plugin/notes.js")
    theme = {"recolour": themes.replacements(), "theme": (THEME / "theme.js").read_text(encoding="utf-8")}
    present = {"deck": about, "css": screen, "reveal": reveal, "watch": watch, **theme}
    on_paper = {"deck": about, "css": paper, "watch": watch, "said": [s.notes for s in speaker]}
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
            watch=watch,
        ),
    }
    written = watching.in_words(editions["speaker"])
    notebook = json.dumps(written, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return Deck(about["name"], about["source"], about, audience, speaker, pages, notebook.encode(), executed)


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


def look_at(made: Deck, browser: Browser) -> None:
    """Raise what a hall would see wrong, all faults at once."""
    found: list[KitError] = []
    for edition, shown_slides in (("public", made.audience), ("instructor", made.speaker)):
        with printing.page_of(browser, made.pages[edition]) as page_:
            found += layout.on_screen(page_, shown_slides, made.file)
    with printing.page_of(browser, made.pages["slides"]) as page_:
        found += layout.in_print(page_, made.audience, made.file)
    with printing.page_of(browser, made.pages["notes"]) as page_:
        found += layout.notes_fit(page_, made.speaker, made.file)
    if found:
        # what is wrong on the screen is mostly wrong in print too, and told once
        once = {str(error).replace(" in print:", ":"): error for error in reversed(found)}
        unique = list(reversed(once.values()))
        raise ExceptionGroup(f"{made.file}: {len(unique)} faults", unique)


def on_paper(made: Deck, browser: Browser) -> dict[str, bytes]:
    """The PDFs of a deck."""
    files = {
        "slides": (f"public/slides/{made.name}.pdf", "1280px 720px", ""),
        "notes": (f"instructor/slides/{made.name}.pdf", A4, " (with notes)"),
        "handout": (f"public/handouts/{made.name}.pdf", A4, " (handout)"),
        "three": (f"public/handouts/{made.name}-3up.pdf", A4, " (three slides a page)"),
    }
    titles = [plain(s.title) for s in made.audience]
    made_files = {}
    for kind, (path, size, suffix) in files.items():
        with printing.page_of(browser, made.pages[kind]) as page_:
            pdf = printing.printed(page_, size)
        made_files[path] = printing.finish(pdf, titles, made.about["title"] + suffix, made.about["author"])
    return made_files


def thumbnails(made: Deck, browser: Browser, most: int = 8) -> list[dict[str, Any]]:
    """Small pictures of the title slide and of slides with pictures, spread over the deck."""
    pictures = [s for s in made.audience[1:] if 'class="figure"' in s.show]
    step = max(1, -(-len(pictures) // (most - 1)))
    chosen = [made.audience[0], *pictures[::step]]
    with printing.page_of(browser, made.pages["slides"]) as page_:
        return [
            {"number": s.number, "title": plain(s.title), "image": printing.picture(page_, s.number)}
            for s in chosen
        ]


def plain(title: str) -> str:
    """A title as text: no tags, entities resolved, ordinary spaces."""
    return html.unescape(re.sub(r"<[^>]+>", "", title)).replace("\N{NO-BREAK SPACE}", " ")
