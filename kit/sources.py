"""What there is to build: the folders decks, exercises and solutions, paired and in order of their names."""

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from kit.errors import KitError


class Source(NamedTuple):
    """One text that an author wrote; ``path`` is relative to the project's root, with forward slashes."""

    kind: str  # "decks", "exercises" or "solutions"
    name: str  # "01_cnn_engine"
    path: str  # "decks/01_cnn_engine.md"


def discover(root: Path) -> list[Source]:
    """Every source below ``root``. An exercise without its solution, or the reverse, is an error."""
    found = [
        Source(kind, path.stem, f"{kind}/{path.name}")
        for kind in ("decks", "exercises", "solutions")
        for path in sorted((root / kind).glob("*.md"))
        if path.name != "README.md"
    ]
    for source in found:
        if not re.fullmatch(r"\d\d_[a-z0-9_]+", source.name):
            raise KitError(
                f"{source.name!r} is not a name that sorts",
                source.path,
                remedy="call it like 01_cnn_engine.md",
            )
    exercises, solutions = ({s.name for s in found if s.kind == kind} for kind in ("exercises", "solutions"))
    for name in sorted(exercises ^ solutions):
        have, lack = ("exercises", "solutions") if name in exercises else ("solutions", "exercises")
        raise KitError("has no partner", f"{have}/{name}.md", remedy=f"write {lack}/{name}.md")
    if not found:
        raise KitError("no sources found", str(root), remedy="write decks/01_topic.md")
    return found


def named(words: Iterable[str], root: Path, others: Iterable[str] = ()) -> frozenset[str]:
    """The names of sources that people have written, as ``01_cnn_engine`` or ``decks/01_cnn_engine.md``.

    A name stands for the deck and for the exercise that have it. KitError for one that nothing has: it tells
    names that are like it, of sources or of ``others``.
    """
    known = {source.name for source in discover(root)}
    found = set()
    for word in words:
        name = Path(word).stem if word.endswith(".md") else word
        if name not in known:
            near = difflib.get_close_matches(name, [*sorted(known), *others], cutoff=0.5)
            remedy = f"did you mean {' or '.join(near)}?" if near else "give a name like " + min(known)
            raise KitError(f"there is no deck or exercise {name!r}", remedy=remedy)
        found.add(name)
    return frozenset(found)
