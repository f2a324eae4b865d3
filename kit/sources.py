"""What there is to build: the folders decks, exercises and solutions, paired and in order of their names."""

import re
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
