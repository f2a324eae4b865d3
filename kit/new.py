"""A new lecture or exercise: a working example of all that sources can say, to be changed by its author.

The examples are sources themselves, in the folder theme/new, with the title `New topic`, the objective
`new-topic` and the name `00_new_topic`: these are replaced by those of the new one, and nothing else is.
"""

import re
from itertools import chain, count
from pathlib import Path

from kit import objectives
from kit.author import front_matter
from kit.errors import KitError
from kit.render import THEME
from kit.sources import Source

NAME = re.compile(r"(\d\d)_([a-z][a-z0-9]*(?:_[a-z0-9]+)*)")
FILES = {
    "deck": {"decks": "deck.md"},
    "exercise": {"exercises": "exercise.md", "solutions": "solution.md"},
}


def new(kind: str, name: str, root: Path) -> list[str]:
    """Write the example as ``name``; the paths that were written, below ``root``.

    With a deck comes the exercise that serves its objective, unless there is one: a promise of a lecture that
    nobody practises stops the build. A new exercise serves the objective of its topic, or the last one of the
    course until its author says another. KitError for a name that is none, or is taken, as its number may be.
    """
    matched = NAME.fullmatch(name)
    if not matched:
        raise KitError(f"{name!r} is not a name that sorts", remedy="call it like 04_padding")
    free(kind, name, root)
    topic = matched[2].replace("_", "-")
    known, served = defined(root), promised(root)
    if kind == "exercise":
        serves = topic if topic in known or not known else known[-1]
        return written(kind, name, serves if known else "", root)
    others = (f"{topic}-{n}" for n in count(2))
    objective = next(each for each in chain([topic], others) if each not in known)
    paths = written(kind, name, objective, root)
    return paths if objective in served else paths + new_exercise(matched[2], objective, root)


def free(kind: str, name: str, root: Path) -> None:
    """Raise if a source of this kind has the name, or its number."""
    for folder in FILES[kind]:
        for path in sorted((root / folder).glob(f"{name[:2]}_*.md")):
            problem = "is there already" if path.stem == name else f"has the number {name[:2]} already"
            raise KitError(problem, f"{folder}/{path.name}", remedy=f"{next_number(kind, root)} is free")


def next_number(kind: str, root: Path) -> str:
    """The first number behind all that this kind has."""
    taken = [path.stem[:2] for folder in FILES[kind] for path in (root / folder).glob("[0-9][0-9]_*.md")]
    last = int(max(taken, default="00"))
    if last == 99:
        raise KitError(f"no number is left for another {kind}", remedy="give one that is between others")
    return f"{last + 1:02d}"


def new_exercise(topic: str, objective: str, root: Path) -> list[str]:
    """The exercise that comes with a deck."""
    name = f"{next_number('exercise', root)}_{topic}"
    return written("exercise", name, objective, root)


def defined(root: Path) -> list[str]:
    """The objectives of the course, in order."""
    sources = [
        Source("decks", p.stem, f"decks/{p.name}") for p in sorted((root / "decks").glob("[0-9][0-9]_*.md"))
    ]
    return list(objectives.definitions(sources, root)[0])


def promised(root: Path) -> set[str]:
    """The objectives that exercises serve."""
    paths = sorted((root / "exercises").glob("[0-9][0-9]_*.md"))
    found = (front_matter(f"exercises/{path.name}", root).get("serves", []) for path in paths)
    return {name for names in found for name in names}


def written(kind: str, name: str, objective: str, root: Path) -> list[str]:
    """Write the examples of this kind; their paths."""
    paths = []
    for folder, example in FILES[kind].items():
        path = root / folder / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:  # never over another one
            file.write(filled((THEME / "new" / example).read_text(encoding="utf-8"), name, objective))
        paths.append(f"{folder}/{name}.md")
    return paths


def filled(example: str, name: str, objective: str) -> str:
    """The example under another name; without an objective it serves none."""
    if not objective:
        example = re.sub(r'^:?serves: .*\n|, "serves": "new-topic"', "", example, flags=re.MULTILINE)
    title = name[3:].replace("_", " ").capitalize()
    for old, new_ in (("00_new_topic", name), ("New topic", title), ("new-topic", objective)):
        example = example.replace(old, new_)
    return example
