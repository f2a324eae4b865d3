"""What comes of grading: a table for the grade book, a page for each student, and one for the instructor.

All names and texts of students are strangers' words: the templates escape every one of them. What hidden
cases are called, ask for and expect stays on the instructor's pages.
"""

import hashlib
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jinja2

from kit import assets, markdown
from kit.grading import by_hand, tables
from kit.grading.by_hand import Word
from kit.grading.collect import Assignment, Left
from kit.grading.marking import Marked

COLUMNS = ("student", "exercise", "points", "max", "points alone", "points cascade", "remark")
THEME = Path(assets.__file__).with_name("theme")
WALLS = {
    "limits": "limits of time, memory and output",
    "namespaces": "no network and no sight of other programs",
    "landlock": "no way to your files",
    "seccomp": "no start of other programs",
}
RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)\d")  # no file can have these names on Windows
# The pages go out by the hundred: they take the typefaces that the reader has.
FONTS = ":root { --text: system-ui, sans-serif; --code: ui-monospace, monospace; }"


class Grade(NamedTuple):
    """What a student gets for an exercise."""

    student: str
    exercise: str
    title: str
    file: str  # the name of the notebook
    alone: float
    cascade: float
    points: float  # one of these two: the one that counts
    maximum: float
    answers: list[dict[str, Any]]  # as kit.grading.judge.grade gives them
    words: list[Word]
    notes: list[str]  # what went wrong in the notebook
    remark: str  # for the instructor

    @property
    def unmarked(self) -> int:
        """How many answers in words have no points yet."""
        return sum(word.points is None for word in self.words)


def grade_of(marked: Marked, assignment: Assignment, words: list[Word], cascade: bool) -> Grade:
    """The points of both ways to count, with those for answers in words, and the remark."""
    each, result = marked.submission, marked.result
    by_person = sum(word.points or 0.0 for word in words)
    sums = {way: by_person + sum(a[way] for a in result["answers"]) for way in ("alone", "cascade")}
    notes = [marked.problem] if marked.problem else list(result["remarks"])
    open_ = sum(word.points is None for word in words)
    remarks = [*notes[:1], *([f"and {len(notes) - 1} more"] if notes[1:] else [])]
    remarks += [waiting(open_)] if open_ else []
    remarks += [f"{word.key[2]} has changed since it was given points" for word in words if word.changed]
    return Grade(
        each.student,
        each.exercise,
        assignment["title"],
        each.place.rpartition("/")[2],
        **sums,
        points=sums["cascade" if cascade else "alone"],
        maximum=sum(a["points"] for a in result["answers"]) + sum(word.maximum for word in words),
        answers=result["answers"],
        words=words,
        notes=notes,
        remark="; ".join(" ".join(remark.split()) for remark in remarks),
    )


def files(
    grades: Sequence[Grade],
    left: Sequence[Left],
    assignments: Mapping[str, Assignment],
    rows: Mapping[by_hand.Key, Mapping[str, str]],
    cascade: bool,
    walls: Sequence[str],
) -> dict[str, bytes]:
    """Every file of the report by path. ``grades`` are sorted; ``walls`` is what kept submissions apart."""
    students: dict[str, list[Grade]] = defaultdict(list)
    for grade in grades:
        students[grade.student].append(grade)
    stems = {student: stem(student) for student in students}
    shared = {"number": tables.number, "way": "cascade" if cascade else "alone", "css": css()}
    made = {"grades.csv": tables.written(COLUMNS, map(row, grades))}
    for student, own in students.items():
        made[f"feedback/{stems[student]}.html"] = page("feedback.html.j2", student=student, own=own, **shared)
        made[f"students/{stems[student]}.json"] = as_json(student, own)
    words = [word for grade in grades for word in grade.words]
    if words or rows:
        made[by_hand.SHEET] = by_hand.sheet(words, rows)
        made["written.html"] = page("written.html.j2", questions=questions(grades, assignments), **shared)
    made["index.html"] = page(
        "grades.html.j2",
        students=[
            (student, stems[student], {g.exercise: g for g in own}) for student, own in students.items()
        ],
        exercises=[about(name, assignments[name], grades) for name in sorted({g.exercise for g in grades})],
        left=left,
        remarks=[g for g in grades if g.remark not in ("", waiting(g.unmarked))],
        unmarked=sum(grade.unmarked for grade in grades),
        words=bool(words),
        walls=[WALLS.get(wall, wall) for wall in walls],
        **shared,
    )
    return made


def waiting(count: int) -> str:
    return f"{count} answer{'s' * (count != 1)} in words {'have' if count != 1 else 'has'} no points yet"


def row(grade: Grade) -> dict[str, str]:
    """A line of grades.csv."""
    numbers = map(tables.number, (grade.points, grade.maximum, grade.alone, grade.cascade))
    return dict(zip(COLUMNS, (grade.student, grade.exercise, *numbers, grade.remark), strict=True))


def as_json(student: str, own: Sequence[Grade]) -> bytes:
    """All that is known of a student's exercises, hidden cases included."""
    exercises = [{**grade._asdict(), "words": [word._asdict() for word in grade.words]} for grade in own]
    text = json.dumps({"student": student, "exercises": exercises}, indent=1, ensure_ascii=False)
    return text.encode(errors="replace") + b"\n"


def about(name: str, assignment: Assignment, grades: Sequence[Grade]) -> dict[str, Any]:
    """An exercise for the overview: how many handed it in, the mean, and its cases by how often they fail."""
    own = [grade for grade in grades if grade.exercise == name]
    failed: Counter[tuple[str, str, bool]] = Counter()
    for grade in own:
        for answer in grade.answers:
            failed.update((answer["name"], c["name"], c["hidden"]) for c in answer["cases"] if c["alone"])
    return {
        "name": name,
        "title": assignment["title"],
        "count": len(own),
        "maximum": own[0].maximum,
        "mean": sum(grade.points for grade in own) / len(own),
        "cases": sum(len(answer["cases"]) for answer in assignment["answers"]),
        "failed": sorted(failed.items(), key=lambda each: (-each[1], each[0])),
    }


def questions(grades: Sequence[Grade], assignments: Mapping[str, Assignment]) -> list[dict[str, Any]]:
    """Every question that is answered in words, its rubric, and all that has been answered to it."""
    return [
        {
            **{"exercise": assignment["title"], "title": each["title"], "name": each["name"]},
            **{"points": each["points"], "rubric": markdown.to_html(each["rubric"])},
            "answers": [w for g in grades if g.exercise == name for w in g.words if w.key[2] == each["name"]],
        }
        for name, assignment in sorted(assignments.items())
        if any(grade.exercise == name for grade in grades)
        for each in assignment["written"]
    ]


def stem(student: str) -> str:
    """A file's name for a student: small plain letters, the same in every run, and no other student's."""
    letters = unicodedata.normalize("NFKD", student.casefold()).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:60]
    if plain == student and not RESERVED.fullmatch(plain):
        return plain
    return f"{plain or 'student'}-{hashlib.sha256(student.encode(errors='replace')).hexdigest()[:8]}"


def css() -> str:
    return "\n".join([assets.page("tokens.css"), assets.page("index.css"), FONTS])


@cache
def templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(THEME),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(template: str, **values: Any) -> bytes:
    return templates().get_template(template).render(**values).encode(errors="replace")
