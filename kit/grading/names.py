"""Whose notebook a path is, and of which exercise: the names that learning platforms and students give.

A path is a tuple of names from the outermost folder to the file; a zip counts as a folder.
"""

import re
import unicodedata
from collections.abc import Collection
from typing import NamedTuple

from kit.errors import KitError

NOTEBOOK = re.compile(r"\.ipynb(\.json|\.txt)?$", re.IGNORECASE)  # browsers and mail programs add another
MOODLE = re.compile(r"(?P<student>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)")
CANVAS = re.compile(r"(?P<student>[^_]+)_(?:LATE_)?(?P<id>\d+)_\d+_(?P<file>.+)")
VERSION = re.compile(
    r"(?:-(\d{1,2})|\s?\((\d+)\)|[ _-]copy ?(\d*))$", re.IGNORECASE
)  # Canvas, browsers, Jupyter
PACK = re.compile(r"-[0-9a-f]{8}$")  # the version of a pack, in the name of its zip and folder
NOBODY = re.compile(
    r"(all-)?exercises|submissions?|submitted", re.IGNORECASE
)  # folders that are no student's
LONGEST = 120  # characters of a name that are kept


class Owner(NamedTuple):
    """What a path says; empty texts where it says nothing."""

    student: str
    number: str  # the platform's, by which two students of one name differ
    exercise: str
    version: int  # of several files of one name, the later ones have higher numbers


def owner(path: tuple[str, ...], shared: int, exercises: Collection[str], alone: bool = False) -> Owner:
    """What a path says. The first ``shared`` of its names are common to all and name nobody.

    Unless all is one student's, who is ``alone``.
    """
    folders, stem = path[:-1], NOTEBOOK.sub("", path[-1])
    student, number, version = "", "", 0
    if "submitted" in folders[:-1]:  # nbgrader: submitted/<student>/<exercise>/<any>.ipynb
        student = folders[folders.index("submitted") + 1]
    for name in (*folders, stem):
        if not student and (found := MOODLE.fullmatch(name) or CANVAS.fullmatch(name)):
            student, number = found["student"], found["id"]
            stem = found["file"] if name == stem else stem
    if found := VERSION.search(stem):
        stem, version = stem[: found.start()], int(next(filter(None, found.groups()), "1"))
    exercise = next(filter(None, (exercise_in(name, exercises) for name in (stem, *folders[::-1]))), "")
    if not student:
        below = (who for name in folders[shared:] if (who := person(name, exercises)))
        above = (who for name in folders[:shared][::-1] if alone and (who := person(name, exercises)))
        inside = person(stem, exercises) if exercise_in(stem, exercises) else ""
        student = next(below, "") or inside or next(above, "")
    return Owner(tidy(student), number, exercise, version)


def by_pattern(path: tuple[str, ...], pattern: re.Pattern[str], exercises: Collection[str]) -> Owner | None:
    """What the user's own pattern finds in the path; None where it finds nothing."""
    found = pattern.search("/".join(path))
    if not found:
        return None
    said = found.groupdict().get("exercise") or ""
    named = [exercise_in(name, exercises) for name in ((said,) if said else path[::-1])]
    version = VERSION.search(NOTEBOOK.sub("", path[-1]))
    number = int(next(filter(None, version.groups()), "1")) if version else 0
    return Owner(tidy(found["student"] or ""), "", next(filter(None, named), ""), number)


def compiled(pattern: str) -> re.Pattern[str]:
    """A user's pattern; KitError when it is none, or does not say who the student is."""
    remedy = r"write a regular expression such as '(?P<student>[^/]+)/(?P<exercise>[^/]+)\.ipynb'"
    try:
        made = re.compile(pattern)
    except re.error as error:
        raise KitError(f"--pattern cannot be read: {error}", remedy=remedy) from error
    if "student" not in made.groupindex:
        raise KitError("--pattern has no group named student", remedy=remedy)
    return made


def exercise_in(text: str, exercises: Collection[str]) -> str:
    """The longest name of an exercise in a text; blanks and hyphens count as underscores."""
    found = [name for name in exercises if like(name).search(text)]
    return max(found, key=len, default="")


def like(exercise: str) -> re.Pattern[str]:
    words = r"[_\s-]+".join(map(re.escape, exercise.split("_")))
    return re.compile(rf"(?<![A-Za-z0-9]){words}(?![A-Za-z0-9])", re.IGNORECASE)


def person(name: str, exercises: Collection[str]) -> str:
    """What a name of a folder or file says besides the exercise: the student's name, or nothing."""
    rest = PACK.sub("", re.sub(r"\.zip$", "", name, flags=re.IGNORECASE))
    rest = VERSION.sub("", rest)
    if found := exercise_in(rest, exercises):
        rest = like(found).sub("", rest)
    rest = rest.strip(" _-.")
    return "" if NOBODY.fullmatch(rest) else rest


def tidy(text: str) -> str:
    """A name that can be shown and compared: one spelling of accents, and nothing that cannot be seen."""
    text = unicodedata.normalize("NFC", text.encode(errors="replace").decode())
    text = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
