"""How long the notes of a lecture say that it takes, against what its front matter announces."""

import re

from kit.decks import Deck
from kit.render import Shown

MINUTES = re.compile(r"\((\d+(?:\.5)?)\s+min\)")  # as notes end: (2 min), (1.5 min)


def message(deck: Deck) -> str:
    """One line: what the notes add up to, and the slides that have none. Empty where nothing was promised."""
    announced, total = deck.about.get("minutes"), sum(taken(slide) for slide in deck.speaker)
    if announced is None and not total:
        return ""
    minutes = f"{total:g} minute{'' if total == 1 else 's'}"
    parts = [f"{deck.name}: its notes add up to {minutes}{compared(total, announced)}"]
    parts += listed("without notes", [s for s in deck.speaker if not s.notes])
    parts += listed("without minutes", [s for s in deck.speaker if s.notes and not taken(s)])
    return "; ".join(parts)


def taken(slide: Shown) -> float:
    """The minutes in the notes of a slide."""
    return sum(map(float, MINUTES.findall(slide.notes)))


def compared(total: float, announced: int | None) -> str:
    """The rest of the sentence: ", 5 fewer than the 90 announced"."""
    if announced is None:
        return ", and its front matter announces none"
    if total == announced:
        return ", as announced"
    more = "more" if total > announced else "fewer"
    return f", {abs(total - announced):g} {more} than the {announced} announced"


def listed(what: str, slides: list[Shown]) -> list[str]:
    """``["without notes: slides 4, 7"]``, or nothing."""
    numbers = ", ".join(str(slide.number) for slide in slides)
    return [f"{what}: slide{'s' if len(slides) > 1 else ''} {numbers}"] if slides else []
