"""Which of many needles are in a text, without looking for each: by short pieces that both must have.

A text is sampled every few signs. A needle that is in it has one of the samples near its beginning, so a
table from these pieces to needles leaves few to look for.
"""

from collections.abc import Iterable

Index = dict[str, list[str]]


def spans(least: int) -> tuple[int, int]:
    """Length of a piece and distance of two samples: any `least` signs in a row hold one sample whole."""
    size = 9 * least // 10  # a table entry for each of few starts: shorter pieces would take more memory
    return size, least - size + 1


def index(needles: Iterable[str], least: int) -> Index:
    """Needles of at least `least` signs by the pieces that a text may have been sampled at."""
    size, step = spans(least)
    table: Index = {}
    for needle in needles:
        for start in range(step):
            table.setdefault(needle[start : start + size], []).append(needle)
    return table


def held(text: str, table: Index, least: int) -> set[str]:
    """The needles that are in the text; ``least`` is what the table was made with."""
    size, step = spans(least)
    starts = range(0, len(text) - size + 1, step) if table else ()
    pieces = {piece for start in starts if (piece := text[start : start + size]) in table}
    return {needle for piece in pieces for needle in table[piece] if needle in text}
