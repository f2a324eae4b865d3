"""Does a public file give away what only an instructor should have?

Secrets are code (solutions, wrong answers), hidden cases, and prose (discussion, speaker notes). They are
looked for in every text that `kit.unpack` can dig out: code also with other names and in another layout,
cases also in another spelling, prose also with other line ends. What is told in other words is not found.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import PurePosixPath
from typing import NamedTuple

from nbformat import NotebookNode

from kit import grams
from kit.errors import KitError
from kit.forms import LINE, NUMBERS, WORDS, Needles, Open, Read, less, needles_of, opened, read
from kit.secret import Secrets, Shown, shown_by_deck, shown_by_exercise
from kit.secret import of_deck as secrets_of_deck
from kit.unpack import texts

KINDS = {".ipynb", ".py", ".json", ".md", ".txt", ".zip", ".html", ".pdf", ".svg", ".png", ".jpg", ".webp"}
LONG = 1000  # letters from which on it is worth to remember a text
ROW = 2 * NUMBERS  # signs that so many numbers have at least, with the commas between them
Hits = list[tuple[str, str, str, str]]  # in one text: group, kind, needle and what it is a part of


class Leak(NamedTuple):
    """A secret and the place where it was found."""

    file: str
    place: str
    what: str


class Hit(NamedTuple):
    """A secret that was found; one of a kind in OPEN is no leak where it is shown on purpose."""

    file: str
    place: str
    kind: str
    needle: str
    what: str


class Table(NamedTuple):
    """The needles of many secrets, as they are looked for."""

    lines: grams.Index
    words: grams.Index
    numbers: grams.Index
    names: frozenset[str]
    marked: list[str]  # names that are not found between marks
    pieces: frozenset[str]
    inputs: frozenset[str]


OPEN = Open._fields
NOTHING = Secrets({}, {}, {})


class Guarded(NamedTuple):
    """What an exercise or a deck keeps to instructors and shows nowhere itself; and what its slides show."""

    needles: Needles
    shown: Open


def of_exercise(exercise: NotebookNode, pack: Mapping[str, bytes], secrets: Secrets) -> Guarded:
    shown = opened(shown_by_exercise(exercise, pack))
    return Guarded(less(needles_of(secrets), shown), Open("", "", "", "", frozenset()))


def of_deck(deck: NotebookNode) -> Guarded:
    shown = opened(shown_by_deck(deck))
    return Guarded(less(needles_of(secrets_of_deck(deck)), shown), shown)


def find(public: Mapping[str, bytes], secrets: Secrets, allowed: Mapping[str, Shown]) -> list[Leak]:
    """Every leak of one group of secrets in the files.

    ``allowed`` is what may be shown, by the beginning of a path: "" is for every file.
    """
    needles = {"": needles_of(secrets)}
    single = {sha256(content).hexdigest() for content in public.values()}
    found = hits(public, needles, together(needles.values()), {}, single)[0][""]
    return leaks(found, {start: opened(each) for start, each in allowed.items()})


def hits(
    public: Mapping[str, bytes],
    needles: Mapping[str, Needles],
    table: Table,
    seen: dict[bytes, Hits],
    single: Collection[str],
) -> tuple[dict[str, list[Hit]], set[bytes]]:
    """What of each group of secrets is in the files, shown on purpose or not; and hashes of long clean texts.

    ``table`` has all that is looked for; ``seen`` has what was found of it in texts, by their hashes, and
    gets more. What is in a zip and also a file by itself is dug out once: ``single`` has the sha256 of all
    such files.
    """
    found = {group: strange(public) for group in needles}
    clean = set()
    for file, content in public.items():
        for each in texts(file, content, known=lambda inside: sha256(inside).hexdigest() in single):
            key = sha256(each.text.encode(errors="surrogatepass")).digest()
            if key not in seen:
                seen[key] = in_text(needles, table, read(each.text))
            for group, *hit in seen[key]:
                found[group].append(Hit(file, each.place, *hit))
            if len(each.text) > LONG and not seen[key]:
                clean.add(key)
    return found, clean


def in_text(needles: Mapping[str, Needles], table: Table, text: Read) -> Hits:
    """What one text has."""
    found = held(text, table)
    if not any(found.values()) and not text.ran:  # as most texts: there can be many groups
        return []
    return [(group, *hit) for group, each in needles.items() for hit in hits_among(found, text, each)]


def strange(files: Iterable[str]) -> list[Hit]:
    """Files of a kind that nothing here makes: they count as secrets that were found."""
    others = (file for file in files if PurePosixPath(file).suffix not in KINDS)
    return [Hit(file, file, "", "", "a kind of file that nothing here makes") for file in others]


def leaks(found: Iterable[Hit], allowed: Mapping[str, Open]) -> list[Leak]:
    """Those that are not shown anyway."""
    return [
        Leak(hit.file, hit.place, hit.what)
        for hit in found
        if not any(
            hit.file.startswith(start) and hit.kind in OPEN and hit.needle in getattr(here, hit.kind)
            for start, here in allowed.items()
        )
    ]


def refuse(leaks: list[Leak]) -> None:
    """KitError for the first leak, which says how many there are."""
    if leaks:
        more = f" (and {len(leaks) - 1} more)" if len(leaks) > 1 else ""
        problem = f"{leaks[0].place} gives away {leaks[0].what}{more}"
        raise KitError(problem, f"public/{leaks[0].file}", remedy="take it out of the source it came from")


def held(text: Read, table: Table) -> dict[str, set[str]]:
    """The needles that one text has, by kind."""
    names = set(text.between & table.names) | {name for name in table.marked if name in text.text}
    return {
        "lines": grams.held(text.lines, table.lines, LINE),
        "words": grams.held(text.words, table.words, WORDS),
        "numbers": grams.held(text.numbers, table.numbers, ROW),
        "names": {name for name in names if quoted(name, text.text)},
        "pieces": set(text.pieces & table.pieces),
        "inputs": set(text.inputs & table.inputs),
    }


def hits_among(found: Mapping[str, set[str]], text: Read, needles: Needles) -> Iterator[tuple[str, str, str]]:
    """Those of the needles that were found in the text, in the order of the secrets."""
    for kind, here in found.items():
        wanted = getattr(needles, kind)
        yield from ((kind, needle, wanted[needle]) for needle in (wanted if here else ()) if needle in here)
    if text.ran:
        yield "", "", "outputs of a notebook that was run"


def quoted(name: str, text: str) -> bool:
    """Does the name of a case stand somewhere as a name?"""
    return bool(re.search(rf"""["'`>|“]\s*{re.escape(name)}\s*["'`<|”]""", text))


def together(all_: Iterable[Needles]) -> Table:
    """What to look for in a text to find at once the needles of many secrets."""
    every = list(all_)
    lines, words, rows, names, marked, pieces, inputs = (
        dict.fromkeys(needle for needles in every for needle in getattr(needles, kind))
        for kind in ("lines", "words", "numbers", "names", "marked", "pieces", "inputs")
    )
    tables = grams.index(lines, LINE), grams.index(words, WORDS), grams.index(rows, ROW)
    return Table(*tables, frozenset(names), list(marked), frozenset(pieces), frozenset(inputs))
