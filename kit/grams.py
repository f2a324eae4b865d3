"""Which of many needles are in a text, without looking for each: by short pieces that both must have.

A text is sampled every few signs. A needle that is in it has one of the samples near its beginning, so a
table from these pieces to needles leaves few to look for.
"""

from collections.abc import Iterable

Index = dict[str, list[str]]


def spans(least: int) -> tuple[int, int]:
    """Length of a piece and distance of two samples: any `least` signs in a row hold one sample whole."""
    size = 2 * least // 3
    return size, least - size + 1


def samples(text: str, least: int) -> frozenset[str]:
    """Pieces of the text, in which every needle of at least `least` signs leaves one."""
    size, step = spans(least)
    return frozenset(text[start : start + size] for start in range(0, len(text) - size + 1, step))


def index(needles: Iterable[str], least: int) -> Index:
    """Needles of at least `least` signs by the pieces that a text may have been sampled at."""
    size, step = spans(least)
    table: Index = {}
    for needle in needles:
        for start in range(step):
            table.setdefault(needle[start : start + size], []).append(needle)
    return table


def held(text: str, sampled: frozenset[str], table: Index) -> set[str]:
    """The needles that are in the text."""
    return {needle for piece in sampled & table.keys() for needle in table[piece] if needle in text}
