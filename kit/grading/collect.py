"""Submissions from a folder or a zip: each student's notebook of each exercise.

Of what strangers hand in, whatever cannot be graded is told with the reason.
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

from kit.grading import names
from kit.grading.notebooks import cells
from kit.grading.walk import NOTEBOOK_BYTES, Found, files

OURS = {"checks.py", "checks", "README.md", "requirements.txt", "MANIFEST.json"}  # what a pack holds

NAMED = re.compile(r"^(?:answer-|written-|def |class )([\w-]+)", re.MULTILINE)  # in a cell or its grade_id
OUTPUT = {"outputs", "attachments"}  # of a cell
STUB = re.compile(r"raise NotImplementedError\(\)|YOUR ANSWER HERE")

Assignment = dict[str, Any]  # dist/instructor/grading/<exercise>.json


class Submission(NamedTuple):
    """One student's notebook of one exercise."""

    student: str
    exercise: str
    place: str  # its path, for people
    content: bytes  # the notebook without outputs; as handed in where it is no notebook
    problem: str = ""  # why it cannot be graded


class Left(NamedTuple):
    """A file that is not graded, and why."""

    place: str
    reason: str


class Collected(NamedTuple):
    submissions: list[Submission]  # sorted by student and exercise, one for each of the two
    left: list[Left]


def collect(given: Path, assignments: Mapping[str, Assignment], pattern: str = "") -> Collected:
    """Every notebook in ``given``, a folder, a zip or a notebook; KitError when it is none of these.

    Of several files of one student for one exercise the last is taken, by the platform's number, then by
    name; a notebook in which nothing has been answered is taken only when there is no other.
    """
    wanted = names.compiled(pattern) if pattern else None
    notebooks: list[Found] = []
    others: list[Found] = []
    for found in files(given):
        (notebooks if names.NOTEBOOK.search(found.path[-1]) else others).append(slim(found))
    shared = in_common([found.path[:-1] for found in notebooks])
    if wanted:
        owners = [names.by_pattern(found.path[1:] or found.path, wanted, assignments) for found in notebooks]
    else:
        owners = [names.owner(found.path, shared, assignments) for found in notebooks]
        if not any(who.student for who in owners if who):
            owners = [names.owner(found.path, shared, assignments, alone=True) for found in notebooks]
    left: list[Left] = []
    owned: list[tuple[names.Owner, Found]] = []
    for who, found in zip(owners, notebooks, strict=True):
        if reason := unowned(who, found, assignments):
            left.append(Left(place(found), reason))
        elif who:
            owned.append((who, found))
    submissions, older = latest(distinct(owned), assignments)
    left += [Left(place(found), found.problem) for found in others if found.problem]
    left += lonely(others, shared, assignments, {each.student for each in submissions})
    return Collected(submissions, sorted(left + older))


def in_common(paths: list[tuple[str, ...]]) -> int:
    """How many names all the paths begin with."""
    return sum(1 for _ in takewhile(lambda each: len(set(each)) == 1, zip(*paths, strict=False)))


def unowned(who: names.Owner | None, found: Found, assignments: Mapping[str, Assignment]) -> str:
    """Why nobody can be given points for this notebook, if so."""
    if who is None:
        return "--pattern does not match its path"
    if not exercise_of(who, found, assignments):
        return found.problem or f"no exercise is recognised; there are {', '.join(assignments)}"
    return "" if who.student else "nobody's name is in its path; see --pattern"


def exercise_of(who: names.Owner, found: Found, assignments: Mapping[str, Assignment]) -> str:
    """The exercise by the file's name, unless there is nothing of it in the cells but of another one."""
    texts = sources(found.content)
    defined = {name for text in texts for name in NAMED.findall(text)}
    given: dict[str, int] = {}
    for name, assignment in assignments.items():
        asked = {each["name"] for each in [*assignment["answers"], *assignment["written"]]}
        given[name] = len(asked & defined)
    best = max(given, key=lambda name: (given[name], name))  # a later one may be given what earlier ones ask
    if who.exercise and (given[who.exercise] or not given[best]):
        return who.exercise
    return best if given.get(best) else ""


def sources(content: bytes) -> list[str]:
    """The texts of the cells, and the names that nbgrader gave to them; nothing where it is no notebook."""
    try:
        found = cells(content, NOTEBOOK_BYTES)
    except ValueError:
        return []
    return [text for cell in found for text in (cell.name, cell.source)]


def slim(found: Found) -> Found:
    """A notebook without its outputs and pictures, which are most of its bytes; others as they are."""
    try:
        notebook = json.loads(found.content)
        kept = [{k: v for k, v in cell.items() if k not in OUTPUT} for cell in notebook["cells"]]
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return found
    return found._replace(content=json.dumps({**notebook, "cells": kept}).encode())


def distinct(owned: list[tuple[names.Owner, Found]]) -> list[tuple[names.Owner, Found]]:
    """The same with the platform's number behind the names of students who share theirs."""
    numbers = defaultdict(set)
    for who, _ in owned:
        numbers[who.student].add(who.number)
    return [
        (who._replace(student=f"{who.student} ({who.number})"), found)
        if who.number and len(numbers[who.student]) > 1
        else (who, found)
        for who, found in owned
    ]


def latest(
    owned: list[tuple[names.Owner, Found]], assignments: Mapping[str, Assignment]
) -> tuple[list[Submission], list[Left]]:
    """One submission for each student and exercise, and the versions that are left aside."""
    groups = defaultdict(list)
    for who, found in owned:
        exercise = exercise_of(who, found, assignments)
        begun = not untouched(found.content, assignments[exercise])
        stem = names.NOTEBOOK.sub("", "/".join(found.path))
        rank = (not found.problem, begun, who.exercise == exercise, who.version, natural(stem))
        groups[who.student, exercise].append((rank, found))
    submissions, older = [], []
    for (student, exercise), versions in sorted(groups.items(), key=lambda each: natural("/".join(each[0]))):
        *others, (_, last) = sorted(versions, key=lambda version: version[0])
        submissions.append(Submission(student, exercise, place(last), last.content, last.problem))
        told = f"{student} has handed in {exercise} several times; graded is {place(last)}"
        older += [Left(place(found), found.problem or told) for _, found in others]
    return submissions, older


def untouched(content: bytes, assignment: Assignment) -> bool:
    """Whether every stub is still there."""
    stubs = sum(1 for text in sources(content) if STUB.search(text))
    return stubs >= len(assignment["answers"]) + len(assignment["written"])


def natural(text: str) -> list[tuple[int, str]]:
    """An order in which 2 comes before 10, and capitals do not matter."""
    parts = re.split(r"([0-9]{1,18})", text.casefold())
    return [(int(part) if n % 2 else -1, part) for n, part in enumerate(parts)]


def lonely(
    others: list[Found], shared: int, assignments: Mapping[str, Assignment], handed_in: set[str]
) -> list[Left]:
    """The first file of every student who has handed in something, and no notebook."""
    first: dict[str, Left] = {}
    for found in others:
        who = names.owner(found.path, shared, assignments)
        named = who.number or found.path[shared:-1]
        told = found.problem or who.student in handed_in or OURS & set(found.path)
        if named and not told:
            first.setdefault(who.student, Left(place(found), "its student handed in no notebook (.ipynb)"))
    return list(first.values())


def place(found: Found) -> str:
    """The path below what was given, as people may see it."""
    return "/".join(map(names.tidy, found.path[1:] or found.path))
