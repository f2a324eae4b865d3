"""What people can do after a course, and which slides, exercises and cases serve it.

A deck defines its objectives in its front matter, ``objectives: {output-shape: compute …}``; their names are
for the whole course. Slides name them in the braces of their titles, exercises under ``serves`` in their
front matter, and a cell of cases after ``:serves:``.
"""

import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from kit import slides
from kit.author import front_matter, head
from kit.decks import Deck, aims
from kit.errors import KitError
from kit.pairs import Pair
from kit.render import page
from kit.sources import Source

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class Mention(NamedTuple):
    """A line of a source that defines an objective, or that names one."""

    name: str
    file: str
    line: int | None


def check(sources: list[Source], root: Path) -> None:
    """Raise for names that are unknown or defined twice, and for objectives without slide or exercise."""
    known, faults = definitions(sources, root)
    on_slides = [each for s in sources if s.kind == "decks" for each in of_slides(s, root)]
    in_exercises = [each for s in sources if s.kind == "exercises" for each in of_exercise(s, root)]
    for each in [*on_slides, *in_exercises]:
        if each.name not in known:
            remedy = f"known are {', '.join(known)}" if known else "write it under objectives into a deck"
            faults.append(KitError(f"there is no objective {each.name!r}", each.file, each.line, remedy))
    for name, defined in known.items():
        for what, mentions, remedy in (
            ("slide", on_slides, f"write ## Title {{serves={name}}} where a slide does"),
            ("exercise", in_exercises, f"write serves: [{name}] into the front matter of one that does"),
        ):
            if name not in {each.name for each in mentions}:
                faults.append(KitError(f"no {what} serves {name!r}", defined.file, defined.line, remedy))
    if faults:
        raise ExceptionGroup(f"{len(faults)} faults of objectives", faults)


def definitions(sources: list[Source], root: Path) -> tuple[dict[str, Mention], list[KitError]]:
    """Every objective of the course by its name, and what is wrong with names and sentences."""
    known: dict[str, Mention] = {}
    faults = []
    for source in sources:
        for name, sentence, line in written(source.path, root) if source.kind == "decks" else []:
            if not NAME.fullmatch(name):
                faults.append(
                    KitError(
                        f"{name!r} cannot name an objective", source.path, line, "write it like output-shape"
                    )
                )
            elif name in known:
                where = f"{known[name].file}, line {known[name].line}"
                problem = f"the objective {name!r} is defined in {where}, too"
                faults.append(KitError(problem, source.path, line, "give one of the two another name"))
            elif not sentence.strip():
                faults.append(
                    KitError(
                        f"the objective {name!r} says nothing", source.path, line, "After it, you can …?"
                    )
                )
            known.setdefault(name, Mention(name, source.path, line))
    return known, faults


def written(path: str, root: Path) -> list[tuple[str, str, int]]:
    """Name, sentence and line of each objective of a deck, of two with the same name both."""
    front_matter(path, root)  # raises where it is no YAML
    for key, value in getattr(yaml.compose(head(path, root)), "value", []):
        if key.value == "objectives" and isinstance(value, yaml.MappingNode):
            return [(str(k.value), str(v.value), k.start_mark.line + 2) for k, v in value.value]
    return []


def of_slides(source: Source, root: Path) -> list[Mention]:
    """The objectives that the slides of a deck name."""
    headings = slides.headings(source.path, root)
    return [Mention(name, source.path, each.line) for each in headings for name in each.serves]


def of_exercise(source: Source, root: Path) -> list[Mention]:
    """The objectives that the front matter of an exercise names."""
    lines = (root / source.path).read_text(encoding="utf-8").split("\n")
    line = next((n for n, text in enumerate(lines, 1) if text.startswith("serves:")), None)
    return [Mention(name, source.path, line) for name in front_matter(source.path, root).get("serves", [])]


def coverage(made: list[Deck], set_: list[Pair], css: str) -> bytes:
    """The page for instructors: a row an objective, and who serves it. Empty if there are no objectives."""
    rows = [
        row(name, sentence, deck, made, set_)
        for deck in made
        for name, sentence in zip(deck.about["objectives"], aims(deck.about), strict=True)
    ]
    about = made[0].about if made else {"course": "", "title": "", "lang": "en"}
    course = about["course"] or about["title"]
    return (
        page("coverage.html.j2", rows=rows, course=course, lang=about["lang"], css=css).encode()
        if rows
        else b""
    )


def row(name: str, sentence: str, deck: Deck, made: list[Deck], set_: list[Pair]) -> dict[str, Any]:
    """One objective: slides as (deck, slide), exercises, and cases as (exercise, checks, how many)."""
    return {
        "name": name,
        "sentence": sentence,
        "deck": deck,
        "slides": [(d, s) for d in made for s in d.speaker if name in s.serves],
        "exercises": [p for p in set_ if name in p.about.get("serves", [])],
        "cases": [
            (p, checks, checks.serves[name]) for p in set_ for checks in p.checks if checks.serves[name]
        ],
    }
