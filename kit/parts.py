"""What a course needs of each lecture and of each exercise, kept until what it is made from changes.

Their pages are not kept: those are in dist/, and are taken from there.
"""

from pathlib import Path
from typing import Any, NamedTuple

import nbformat

from kit import colab, decks, kept, leaks, minutes, offline, pairs
from kit.browser import executable
from kit.cells import tagged
from kit.files import sum_of
from kit.leaks import Guarded
from kit.sources import Source
from kit.written import points

Files = dict[str, bytes]  # of dist/, by path


class Part(NamedTuple):
    """A lecture or an exercise."""

    made: Any  # decks.Deck or pairs.Pair, without what is in its files
    entry: dict[str, Any]  # what the index pages say of it
    said: str  # what the author may want to know
    guarded: Guarded
    references: offline.References  # of its pages
    sums: dict[str, str]  # sha256 of its files, once they are written


def of_deck(
    made: decks.Deck,
    files: Files,
    thumbnails: list[dict[str, Any]],
    guarded: Guarded,
    references: offline.References,
) -> Part:
    """A lecture whose pages have been printed."""
    bare = [slide._replace(show="", words="", notes="") for slide in made.speaker]
    light = made._replace(
        pages={},
        screen=decks.Screen("", []),
        notebook=b"",
        audience=[],
        speaker=bare,
        authored=nbformat.v4.new_notebook(),
    )
    entry = deck_entry(made, files, thumbnails)
    return Part(light, entry, minutes.message(made), guarded, references, {})


def of_pair(made: pairs.Pair, files: Files) -> Part:
    """An exercise that has been proved."""
    nothing = nbformat.v4.new_notebook()
    light = made._replace(
        exercise=nothing,
        solution=nothing,
        pack={},
        graded={},
        solved=nothing,
        page="",
        secrets=leaks.NOTHING,
    )
    guarded = leaks.of_exercise(made.exercise, made.pack, made.secrets)
    return Part(light, exercise_entry(made, files), "", guarded, offline.references(files), {})


def known(source: Source, root: Path, seen: dict[str, str]) -> list[Part]:
    """The part as it was kept, if its files are in dist/ as they were; nothing if anything has changed.

    ``seen`` are hashes of files that were read for others.
    """
    found: list[Part] = kept.known(root, entry_of(source), inputs(source, root), seen)
    return [part for part in found if all(is_there(root / "dist" / p, s) for p, s in part.sums.items())]


def is_there(file: Path, sum_: str) -> bool:
    return file.is_file() and sum_of(file) == sum_


def keep(source: Source, part: Part, root: Path, began: kept.Moment) -> None:
    """Keep it, as made from all that its stages have read since ``began``."""
    stages = {
        "decks": (f"run/{source.name}", f"slides/{source.name}"),
        "exercises": (f"run/{source.name}-stub", f"run/{source.name}-solved"),
    }
    entries = (f"authored/{source.path}", *stages[source.kind])
    read = {file for entry in entries for file in kept.files_of(root, entry)}
    kept.keep(root, entry_of(source), inputs(source, root), kept.Made(part, read), began)


def entry_of(source: Source) -> str:
    return f"parts/{source.path}"


def inputs(source: Source, root: Path) -> str:
    """What a part depends on beside the project's files."""
    printer = str(executable(root)) if source.kind == "decks" else ""
    return kept.digest(kept.builder(root), printer)


def deck_entry(deck: decks.Deck, files: Files, thumbnails: list[dict[str, Any]]) -> dict[str, Any]:
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
        "pdf": size(len(files[f"public/slides/{deck.name}.pdf"])),
        "notes_pdf": size(len(files[f"instructor/slides/{deck.name}.pdf"])),
        "handout": size(len(files[f"public/handouts/{deck.name}.pdf"])),
        "threeup": size(len(files[f"public/handouts/{deck.name}-3up.pdf"])),
    }


def exercise_entry(pair: pairs.Pair, files: Files) -> dict[str, Any]:
    """What the index pages say of an exercise."""
    return {
        "name": pair.name,
        "number": int(pair.name[:2]),
        "title": pair.about["title"],
        "subtitle": pair.about["subtitle"],
        "minutes": pair.about.get("minutes"),
        "points": sum(points(cell) for cell in tagged(pair.exercise, "check", "written")),
        "in_words": sum(points(cell) for cell in tagged(pair.exercise, "written")),
        "size": size(len(files[f"public/exercises/{pair.name}.zip"])),
        "colab": size(len(files[f"public/exercises/{pair.name}{colab.ENDING}"])),
    }


def size(count: int) -> str:
    """So many bytes for people: 1.2 MB (10⁶ bytes, as download dialogues count)."""
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{max(1, round(count / 1e3))} kB"
