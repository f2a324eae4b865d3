"""A deck in all its forms: pages to present, and pages to print, from which `kit.views` makes PDFs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from kit import assets, markdown, math, slides, themes, watching
from kit.kept import digest
from kit.render import THEME, Shown, page, shown, templates


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


class Rendered(NamedTuple):
    """The slides of a deck as HTML, which takes most of the time, and what else comes from its notebook."""

    audience: list[Shown]
    speaker: list[Shown]
    watch: str  # script of the figures that move
    notebook: bytes
    shown: dict[str, Shown]  # every slide that anybody sees, without notes, by what is on it


def deck(executed: NotebookNode, root: Path) -> Deck:
    """Every page of a deck."""
    return finished(rendered(executed, root, {}), executed, root)


def empty(root: Path) -> Deck:
    """Every page of a deck that has no slides."""
    about = {"name": "", "source": "", "title": ""}
    return finished(Rendered([], [], "", b"", {}), new_notebook(metadata={"kit": about}), root)


def rendered(executed: NotebookNode, root: Path, before: Mapping[str, Shown]) -> Rendered:
    """The slides in both editions. Formulas are not typeset yet.

    A slide that was ``shown`` before is the same again.
    """
    file = executed.metadata.kit["source"]
    done: dict[str, Shown] = {}

    def show(slide: slides.Slide) -> Shown:
        key = content(slide)
        done[key] = done.get(key) or before.get(key) or shown(slide, file)
        notes = markdown.to_html(slide.notes) if slide.notes else ""
        return done[key]._replace(number=slide.number, line=slide.line, notes=notes)

    editions = slides.speaker(executed), slides.audience(executed)
    told, given = ([show(slide) for slide in slides.slides(each, root)] for each in editions)
    written = watching.in_words(editions[0])
    notebook = json.dumps(written, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return Rendered(given, told, watching.script(executed), notebook.encode(), done)


def content(slide: slides.Slide) -> str:
    """Hash of what is on a slide: not of its notes, nor of where it and its cells stand."""
    cells = [
        [(cell.cell_type, cell.source, less_place(cell.metadata), cell.get("outputs")) for cell in part]
        for part in (slide.show, slide.words)
    ]
    return digest(json.dumps([slide.title, slide.classes, slide.serves, cells], sort_keys=True))


def less_place(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if key != "source"}


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
