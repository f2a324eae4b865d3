"""Points for answers in words: a person writes them into written.csv, and every later run takes them over.

What has been filled in is never lost: a row stays also when its student's notebook is no longer there.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from kit.errors import KitError
from kit.grading import tables
from kit.grading.collect import Assignment
from kit.grading.marking import Marked

SHEET = "written.csv"
COLUMNS = ("student", "exercise", "question", "answer", "points", "max", "comment", "answer id")
EXCERPT = 300  # characters of an answer; all of it is in written.html
STUB = "YOUR ANSWER HERE"

Key = tuple[str, str, str]  # student, exercise, question


class Word(NamedTuple):
    """An answer in words, and what a person says of it."""

    key: Key
    title: str
    text: str  # empty where nothing has been answered
    points: float | None  # None as long as nobody has given any; an empty answer has 0
    maximum: float
    comment: str
    changed: bool  # whether it was another answer that was given points


def read(file: Path) -> dict[Key, dict[str, str]]:
    """The rows of written.csv as a person left them; KitError for one that cannot be understood."""
    found: dict[Key, dict[str, str]] = {}
    if not file.exists():
        return found
    rows = tables.read(file.read_bytes())
    for number, row in enumerate(rows, 2):
        lacking = [name for name in COLUMNS if name not in row and name != "answer id"]
        if lacking:
            remedy = "save it as CSV with the columns that it had"
            raise KitError(f"the column {lacking[0]!r} is not there", str(file), number, remedy)
        points(row, file, number)
        found[row["student"], row["exercise"], row["question"]] = row
    return found


def points(row: Mapping[str, str], file: Path, number: int) -> float | None:
    """The points of a row, None where there are none; a comma may stand before the decimals."""
    said = row["points"].strip()
    try:
        value = float(said.replace(",", ".")) if said else None
        fits = value is None or 0 <= value <= float(row["max"].replace(",", "."))
    except ValueError:
        fits = False
    if not fits:
        problem = f"{said!r} are no points from 0 to {row['max']}"
        raise KitError(problem, str(file), number, "write a number, or nothing")
    return value


def words(marked: Marked, assignment: Assignment, rows: Mapping[Key, Mapping[str, str]]) -> list[Word]:
    """The answers in words of one submission, with the points that written.csv has for them."""
    titles = {each["name"]: each["title"] for each in assignment["written"]}
    found = []
    for each in marked.result["written"]:
        key = (marked.submission.student, marked.submission.exercise, each["name"])
        text = "" if each["text"].strip() in ("", STUB) else each["text"]
        row = row_of(key, text, rows)
        given = points(row, Path(SHEET), 0) if row else None
        changed = given is not None and row.get("answer id", "") not in ("", identity(key, text))
        given = given if given is not None or text else 0.0
        comment = row.get("comment", "")
        found.append(Word(key, titles[each["name"]], text, given, each["points"], comment, changed))
    return found


def row_of(key: Key, text: str, rows: Mapping[Key, Mapping[str, str]]) -> Mapping[str, str]:
    """The row of an answer, also where a spreadsheet could not write the letters of its student's name."""
    if key in rows:
        return rows[key]
    return next((row for row in rows.values() if row.get("answer id") == identity(key, text)), {})


def sheet(answers: Iterable[Word], rows: Mapping[Key, Mapping[str, str]]) -> bytes:
    """written.csv: a row for every answer that says something, then rows of answers that are gone."""
    made, used = [], set()
    for each in answers:
        row = row_of(each.key, each.text, rows)
        used.add(id(row))
        if each.text or row:
            excerpt = " ".join(each.text.split())
            facts = (*each.key, excerpt if len(excerpt) <= EXCERPT else excerpt[: EXCERPT - 1] + "…")
            said = row.get("points", ""), tables.number(each.maximum), row.get("comment", "")
            marker = row["answer id"] if each.changed else identity(each.key, each.text)
            made.append(dict(zip(COLUMNS, (*facts, *said, marker), strict=True)))
    for row in rows.values():
        if id(row) not in used and (row["points"].strip() or row["comment"].strip()):
            made.append({**dict.fromkeys(COLUMNS, ""), **row})
    return tables.written(COLUMNS, made)


def identity(key: Key, text: str) -> str:
    """By which an answer is known again; it begins with # so that no spreadsheet takes it for a number."""
    said = "\0".join((*key, " ".join(text.split())))
    return "#" + hashlib.sha256(said.encode(errors="replace")).hexdigest()[:8]
