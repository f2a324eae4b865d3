"""The forms in which secrets are looked for, the same for a secret and for a text that may have one.

Code is looked for line by line without blanks, and piece by piece with other names; prose by its letters;
the cases of a check by their names, inputs and numbers.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from kit.pieces import pieces_in, pieces_of
from kit.secret import Secrets, Shown
from kit.syntax import parsed

LINE = 24  # signs, blanks left out, from which on a line of code is nobody's accident
WORDS = 40  # letters in a row, some eight words, from which on prose is nobody's accident
NUMBERS = 8  # in a row
MARKS = re.compile("""["'`<>|“”]""")  # those that `kit.leaks.quoted` knows
LONGEST = 300  # signs that a name of a case may have, blanks around it included
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


class Needles(NamedTuple):
    """The secrets in the forms that are looked for, each with what it is a part of."""

    lines: dict[str, str]
    pieces: dict[str, str]
    words: dict[str, str]
    numbers: dict[str, str]
    names: dict[str, str]
    marked: dict[str, str]  # those of the names that have marks in them, or are very long
    inputs: dict[str, str]


class Open(NamedTuple):
    """What may be shown, in the forms in which secrets are looked for."""

    lines: str
    words: str
    numbers: str
    names: str
    pieces: frozenset[str]


class Read(NamedTuple):
    """A text in the forms in which secrets are looked for."""

    text: str
    lines: str
    words: str
    numbers: str
    pieces: frozenset[str]
    inputs: frozenset[str]
    ran: bool  # a notebook with outputs
    between: frozenset[str]  # what stands between two marks of quotation, or the like


def read(text: str) -> Read:
    """The text in all forms. A raw page is no code: the reading without tags may be. Nor is JSON."""
    items = list(dictionaries(value_of(text)))
    pieces = frozenset() if items or "</" in text else frozenset(pieces_in(text))
    inputs = frozenset(inputs_of(item) for item in items if "args" in item)
    ran = any(i.get("cell_type") == "code" and (i.get("outputs") or i.get("execution_count")) for i in items)
    lines, words = squashed(text), letters(text)
    between = frozenset(part.strip() for part in MARKS.split(text) if len(part) <= LONGEST)
    return Read(text, lines, words, numbers(text), pieces, inputs, ran, between)


def needles_of(secrets: Secrets) -> Needles:
    """The secrets in every form."""
    made = Needles(*({} for _ in Needles._fields))
    for what, code in secrets.code.items():
        lines = (squashed(line) for line in code.split("\n") for line in (line, line.partition("#")[0]))
        add(made.lines, (line for line in lines if len(line) >= LINE), what)
        add(made.pieces, pieces_of(parsed(code)), what)
    for what, prose in secrets.prose.items():
        for paragraph in re.split(r"\n\s*\n", prose):
            add(made.words, overlapping(letters(paragraph)), what)
    for what, case in secrets.cases.items():
        rows = (numbers(json.dumps(array)) for array in arrays_of(case))
        add(made.numbers, (row for row in rows if row.count(",") > NUMBERS), what)
        made.inputs[inputs_of(case)] = what
        made.names[case["name"]] = what
        if MARKS.search(case["name"]) or len(case["name"]) > LONGEST // 2:
            made.marked[case["name"]] = what
    return made


def opened(shown: Shown) -> Open:
    """What may be shown, in all forms."""
    text = f"{shown.code}\n\n{shown.words}"
    return Open(squashed(shown.code), letters(text), numbers(text), text, frozenset(pieces_in(shown.code)))


def less(needles: Needles, shown: Open) -> Needles:
    """Those that are not shown: of the others none is a leak, wherever it stands."""
    forms = {kind: getattr(shown, "names" if kind == "marked" else kind, ()) for kind in Needles._fields}
    kept = {
        kind: {n: what for n, what in getattr(needles, kind).items() if n not in form}
        for kind, form in forms.items()
    }
    return Needles(**kept)


def add(needles: dict[str, str], found: Iterable[str], what: str) -> None:
    """What is in several secrets is a part of the first: a solution comes before its wrong answers."""
    for needle in found:
        needles.setdefault(needle, what)


def squashed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def letters(text: str) -> str:
    """Letters and digits only, small: what is left of prose in any layout."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def overlapping(text: str) -> Iterator[str]:
    """Stretches of WORDS letters, each a little further on, so that a part of a paragraph is found too."""
    for start in range(0, len(text) - WORDS + 1, WORDS // 4):
        yield text[start : start + WORDS]
    if len(text) >= WORDS:
        yield text[-WORDS:]


def numbers(text: str) -> str:
    """All numbers in a row between commas, 2.0 as 2 and -0.0 as 0."""
    return "," + ",".join(f"{float(number) + 0.0:g}" for number in NUMBER.findall(text)) + ","


def arrays_of(value: Any) -> Iterator[list[Any]]:
    """The numbers of every array in a case."""
    for item in dictionaries(value):
        if "nd" in item:
            yield item["nd"]


def value_of(text: str) -> Any:
    """What the text is as JSON; None for other texts."""
    try:
        return json.loads(text) if text.lstrip().startswith(("{", "[")) else None
    except ValueError:
        return None


def dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value, at any depth."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from dictionaries(item)


def inputs_of(case: dict[str, Any]) -> str:
    """The inputs of a case in one spelling: sorted, and 2.0 as 2."""
    text = json.dumps([case.get("call"), case["args"], case.get("kwargs", {})], sort_keys=True)
    return re.sub(r"(\d)\.0\b", r"\1", text)
