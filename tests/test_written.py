"""Answers in words: what students, nbgrader and instructors see of them, and what no student may."""

import json

import pytest

from kit import exercises, leaks, packs, proofpage, prove, secret
from kit.cases import frozen
from kit.errors import KitError
from tests.small_exercise import changed, pair

EXERCISE = """\
---
title: Halves in words
minutes: 5
serves: [halves]
---
## Why halves?

A cake is cut into two parts of the same size.

+++ {"tags": ["written"], "name": "halves", "points": 4}

{% block halves %}
YOUR ANSWER HERE
{% endblock %}

+++

## And in three?

+++ {"tags": ["written"], "name": "thirds", "points": 1.5}

{% block thirds %}
YOUR ANSWER HERE
{% endblock %}
"""

SOLUTION = """\
{% extends "exercises/01_halves.md" %}
{% block halves %}
Whoever cuts is not the one who takes the first of the two pieces, so both are of the same size.

+++ {"tags": ["rubric"], "name": "halves"}

| points | what it must say |
| --- | --- |
| 3 | the cutter must be afraid of ending up with the smaller piece |
| 1 | nobody needs a ruler |

Often heard: “use a ruler”. It says how to measure the two pieces and not how to be fair: 1 point.

+++

The same has been done with fields between two heirs.
{% endblock %}
{% block thirds %}
The one who trims a piece last is the one who has to take it, if nobody else wants to have it.

+++ {"tags": ["rubric"], "name": "thirds"}

| points | what it must say |
| --- | --- |
| 1.5 | that trimming has to be punished |
{% endblock %}
"""
MODEL = "Whoever cuts is not the one who takes the first of the two pieces, so both are of the same size."
WEAK = "It says how to measure the two pieces and not how to be fair"


@pytest.fixture
def authored(tmp_path):
    return pair(tmp_path, EXERCISE, SOLUTION)


def sources(notebook):
    return [cell.source for cell in notebook.cells]


def test_a_student_gets_the_questions_and_room_for_words(authored):
    assert sources(exercises.student(authored[0])) == [
        f"# Halves in words\n\nAbout 5 minutes · 5.5 points.\n\n{exercises.HOW_WRITTEN}",
        "## Why halves?\n\nA cake is cut into two parts of the same size.",
        "YOUR ANSWER HERE",
        "## And in three?",
        "YOUR ANSWER HERE",
    ]


def test_the_room_is_open_and_marked_by_a_person(authored):
    cell = exercises.student(authored[0]).cells[2]
    assert cell.cell_type == "markdown"
    assert cell.metadata == {
        "deletable": False,
        "nbgrader": {
            "schema_version": 3,
            "grade_id": "written-halves",
            "grade": True,
            "solution": True,
            "locked": False,
            "task": False,
            "points": 4.0,
            "cell_type": "markdown",
            "checksum": "108e6cdf6419ba7450e9abb257ae6260",  # computed by nbgrader 0.9.6
        },
    }


def test_nbgraders_source_has_the_model_answer_alone_where_students_have_room(authored):
    made, student = exercises.nbgrader_source(*authored), exercises.student(authored[0])
    assert made.cells[2].source == MODEL
    assert [cell.metadata.nbgrader.grade_id for cell in made.cells] == [
        cell.metadata.nbgrader.grade_id for cell in student.cells
    ]
    # nbgrader's rule for a cell of words that is a solution and has no marks: all of it is replaced
    cleared = ["YOUR ANSWER HERE" if cell.metadata.nbgrader.solution else cell.source for cell in made.cells]
    assert cleared == sources(student)


def test_an_instructor_reads_the_model_answer_and_the_rubric_below_the_question(authored):
    made = sources(exercises.solved(authored[1], [], []))
    assert made[2] == f"**A full answer.**\n\n{MODEL}"
    assert made[3].startswith("**Rubric**, 4 points:\n\n| points | what it must say |")
    assert WEAK in made[3]
    assert made[4].startswith("The same has been")
    assert made[7].startswith("**Rubric**, 1.5 points:")


def test_a_grader_is_told_names_points_titles_and_rubrics(authored):
    first, second = exercises.written(authored[1])
    assert {key: first[key] for key in ("name", "points", "title")} == {
        "name": "halves",
        "points": 4.0,
        "title": "Why halves?",
    }
    assert first["rubric"].startswith("| points |")
    assert first["rubric"].endswith(": 1 point.")
    assert (second["name"], second["points"], second["title"]) == ("thirds", 1.5, "And in three?")
    assert json.loads(json.dumps([first, second])) == [first, second]


def test_an_answer_in_words_serves_the_objectives_of_its_exercise(tmp_path):
    assert frozen(pair(tmp_path, EXERCISE, SOLUTION)[1]) == []
    exercise = changed(EXERCISE, "serves: [halves]", "serves: [halves, pies]")
    exercise = exercise.replace('"points"', '"serves": "halves", "points"')
    with pytest.raises(KitError, match="no case serves 'pies'"):
        frozen(pair(tmp_path, exercise, SOLUTION)[1])


def test_a_pack_without_code_has_no_check_module_and_is_proved_without_cases(authored, tmp_path):
    pack = packs.pack(authored[0], [])
    assert sorted(pack) == ["01_halves.ipynb", "MANIFEST.json", "README.md", "requirements.txt"]
    readme = pack["README.md"].decode()
    assert "YOUR ANSWER HERE" in readme
    assert "check" not in readme.replace("nothing here is checked by a program", "")
    proof = prove.prove(*authored, [], [], pack, tmp_path)
    assert (proof.name, proof.checks, proof.caught) == ("01_halves", [], [])
    assert "All answers are in words" in proofpage.proof_page([proof]).decode()


def planted(pack, text):
    """The pack with a text in the cell of the student's first answer."""
    book = pack["01_halves.ipynb"].decode()
    assert book.count('"YOUR ANSWER HERE"') == 2
    return {"01_halves.ipynb": book.replace("YOUR ANSWER HERE", text, 1).encode()}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", ""),
        (MODEL, "the model answer of halves in 01_halves"),
        (MODEL.upper()[9:70].replace(" ", "  "), "the model answer of halves in 01_halves"),
        (WEAK, "the rubric of halves in 01_halves"),
        ("that trimming has to be punished", ""),
        (
            "ending up with the smaller piece | | 1 | nobody needs a ruler",
            "the rubric of halves in 01_halves",
        ),
        ("The same has been done with fields between two heirs.", "the discussion of 01_halves"),
    ],
    ids=[
        "nothing",
        "model answer",
        "a part of it",
        "rubric",
        "too short to tell",
        "a row and another",
        "discussion",
    ],
)
def test_an_answer_or_a_rubric_in_a_students_file_is_a_leak(authored, text, what):
    exercise, solution = authored
    pack = packs.pack(exercise, [])
    secrets = secret.of_exercise(exercise, solution, [], [])
    shown = {"": secret.shown_by_exercise(exercise, pack)}
    found = leaks.find(planted(pack, text or "YOUR ANSWER HERE"), secrets, shown)
    assert {leak.what for leak in found} == ({what} if what else set())
    nbgraders = packs.nbgrader_files(exercise, solution, [])
    assert leaks.find(nbgraders, secrets, shown), "nbgrader's source is for instructors"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (MODEL, "YOUR ANSWER HERE", "line 10: the written answer 'halves' has no model answer"),
        (
            MODEL,
            f"{MODEL}\n### BEGIN SOLUTION",
            "line 10: the model answer 'halves' has a mark of nbgrader",
        ),
        ("| 3 |", "| 2 |", "line 5: the rubric of 'halves' gives 3 points, and its answer has 4"),
        (
            '"rubric"], "name": "halves"',
            '"rubric"], "name": "half"',
            "line 5: the rubric 'half' belongs to no",
        ),
        (
            '"rubric"], "name": "thirds"',
            '"rubric"], "name": "halves"',
            "line 21: 'halves' cannot name a cell",
        ),
        (
            '+++ {"tags": ["rubric"], "name": "halves"}',
            "",
            "line 10: the written answer 'halves' has no rubric",
        ),
    ],
    ids=["no model", "nbgrader's mark", "another sum", "of no answer", "two of one name", "no rubric"],
)
def test_a_fault_is_an_error_at_its_place(tmp_path, old, new, problem):
    solution = pair(tmp_path, EXERCISE, changed(SOLUTION, old, new))[1]
    with pytest.raises(KitError) as caught:
        exercises.written(solution)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"points": 4}', '"points": "4"}', "line 10: '4' are no points"),
        ('"points": 4}', '"points": 0}', "line 10: 0 are no points"),
        ('"name": "halves", ', "", "line 10: '' cannot name a cell of words here"),
    ],
    ids=["a word", "none", "no name"],
)
def test_a_cell_that_is_not_well_named_is_an_error(tmp_path, old, new, problem):
    with pytest.raises(KitError) as caught:
        exercises.written(pair(tmp_path, changed(EXERCISE, old, new), SOLUTION)[1])
    assert problem in str(caught.value)


def test_an_answer_that_an_author_left_in_the_exercise_is_an_error(tmp_path):
    exercise = EXERCISE.replace("YOUR ANSWER HERE", "Whoever cuts is not the one who takes.", 1)
    with pytest.raises(KitError, match="line 10: the written answer 'halves' is not empty in the exercise"):
        exercises.student(pair(tmp_path, exercise, SOLUTION)[0])
