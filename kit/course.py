"""A course: all stages in their order, from a folder of sources to the files of dist/.

Nothing here writes into dist/; a mistake in any source ends the build before that.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from kit import assets, author, browser, decks, math, offline, render, run
from kit.sources import Source, discover

Say = Callable[[str], None]


def build(root: Path, say: Say = lambda _: None) -> dict[str, bytes]:
    """Every file of dist/ but the manifest, by path.

    Raises KitError, or a group of them, for a mistake in a source. ``say`` is told what is being made.
    """
    say("installing what the browser needs")
    assets.install(root)
    sources = discover(root)
    made = [rendered(source, root, say) for source in sources if source.kind == "decks"]
    say("typesetting formulas")
    made = typeset(made, root)
    artifacts: dict[str, bytes] = {}
    for deck in made:
        artifacts |= decks.on_screen(deck)
    offline.check(artifacts)
    index: list[dict[str, Any]] = []
    say("starting the browser")
    with browser.opened(root) as chromium:
        for deck in made:
            say(f"{deck.name}: measuring every slide at every step")
            decks.look_at(deck, chromium)
            say(f"{deck.name}: printing")
            pdfs = decks.on_paper(deck, chromium)
            artifacts |= pdfs
            index.append(entry(deck, artifacts, decks.thumbnails(deck, chromium)))
    say("writing the index pages")
    artifacts |= index_pages(index, [], artifacts, root)
    offline.check(artifacts)
    return artifacts


def rendered(source: Source, root: Path, say: Say) -> decks.Deck:
    """A deck, from its text to its pages."""
    say(f"{source.name}: computing its fields")
    notebook = author.author(source, root)
    say(f"{source.name}: running its cells")
    fonts = assets.figure_fonts(root, root / ".cache" / "fonts")
    return decks.deck(run.cached(notebook, root, {"KIT_FONTS": str(fonts)}), root)


def typeset(made: list[decks.Deck], root: Path) -> list[decks.Deck]:
    """The decks with the formulas of all their pages typeset, in one go."""
    pages = {(d.file, kind): text for d in made for kind, text in d.pages.items()}
    done = math.typeset(pages, root)
    return [d._replace(pages={kind: done[d.file, kind] for kind in d.pages}) for d in made]


def entry(deck: decks.Deck, artifacts: dict[str, bytes], thumbnails: list[dict[str, Any]]) -> dict[str, Any]:
    """What the index pages say of a deck."""
    return {
        "name": deck.name,
        "title": deck.about["title"],
        "subtitle": deck.about["subtitle"],
        "course": deck.about["course"],
        "lang": deck.about["lang"],
        "minutes": deck.about.get("minutes"),
        "slides": len(deck.audience),
        "thumbnails": thumbnails,
        "pdf": size(artifacts[f"public/slides/{deck.name}.pdf"]),
        "notes_pdf": size(artifacts[f"instructor/slides/{deck.name}.pdf"]),
        "handout": size(artifacts[f"public/handouts/{deck.name}.pdf"]),
        "threeup": size(artifacts[f"public/handouts/{deck.name}-3up.pdf"]),
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
        "css": assets.fonts_css(root) + render.page("tokens.css") + render.page("index.css"),
    }
    sizes = {k: size(artifacts.get(p, b"")) for k, p in SETS.items()}
    return {
        f"{kind}/index.html": render.page(f"{kind}.html.j2", all_size=sizes[kind], **values).encode()
        for kind in ("public", "instructor")
    }


SETS = {"public": "public/exercises/all-exercises.zip", "instructor": "instructor/solutions.zip"}


def size(data: bytes) -> str:
    """A file's size for people: 1.2 MB (10⁶ bytes, as download dialogues count)."""
    return f"{len(data) / 1e6:.1f} MB" if len(data) >= 1e5 else f"{max(1, round(len(data) / 1e3))} kB"
