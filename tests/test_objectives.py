"""Objectives: every promise has a slide and an exercise, and instructors see which."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kit import decks, objectives, pairs
from kit.author import author
from kit.cases import frozen
from kit.cells import served
from kit.errors import KitError
from kit.sources import Source, discover
from tests.small_exercise import EXERCISE, SOLUTION, changed, pair

DECK = """\
---
title: Cutting
objectives:
  halves: cut things in two.
  parts: cut things in any number of parts
---

## A knife {.below serves=halves}

Words.

## A saw & more {serves=halves,parts}

Words.
"""
TWO = changed(EXERCISE, "minutes: 5\n", "minutes: 5\nserves: [halves, parts]\n")


def faults(root: Path) -> list[str]:
    """What is wrong with the objectives of the course in ``root``."""
    try:
        objectives.check(discover(root), root)
    except ExceptionGroup as group:
        return [str(error) for error in group.exceptions]
    return []


@pytest.fixture
def course_of(project: Callable[..., Path]) -> Callable[..., Path]:
    def make(deck: str = DECK, exercise: str = TWO, **more: str) -> Path:
        return project(decks_01_cut=deck, exercises_01_halves=exercise, solutions_01_halves=SOLUTION, **more)

    return make


def test_objectives_that_slides_and_exercises_serve_are_fine(course_of: Callable[..., Path]) -> None:
    assert faults(course_of()) == []


def test_a_course_needs_no_objectives(deck_folder: Callable[[str], Path]) -> None:
    assert faults(deck_folder("## One\n\nWords.\n")) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "{serves=halves,parts}",
            "{serves=halves,part}",
            [
                "decks/01_cut.md, line 12: there is no objective 'part'; known are halves, parts",
                "decks/01_cut.md, line 5: no slide serves 'parts'; "
                "write ## Title {serves=parts} where a slide does",
            ],
        ),
        (
            "  parts: cut",
            "  halves: cut",
            [
                "decks/01_cut.md, line 5: the objective 'halves' is defined in decks/01_cut.md, line 4, too; "
                "give one of the two another name",
                "decks/01_cut.md, line 12: there is no objective 'parts'; known are halves",
                "exercises/01_halves.md, line 5: there is no objective 'parts'; known are halves",
            ],
        ),
        (
            "  parts: cut",
            "  thirds: cut in three\n  parts: cut",
            [
                "decks/01_cut.md, line 5: no slide serves 'thirds'; "
                "write ## Title {serves=thirds} where a slide does",
                "decks/01_cut.md, line 5: no exercise serves 'thirds'; "
                "write serves: [thirds] into the front matter of one that does",
            ],
        ),
        (
            "cut things in two.",
            '""',
            ["decks/01_cut.md, line 4: the objective 'halves' says nothing; After it, you can …?"],
        ),
        (
            "  parts: cut",
            "  All Parts: cut\n  parts: cut",
            ["decks/01_cut.md, line 5: 'All Parts' cannot name an objective; write it like output-shape"],
        ),
    ],
    ids=["unknown", "twice in a deck", "served by nothing", "empty", "no name"],
)
def test_a_broken_promise_is_told_with_file_and_line(
    course_of: Callable[..., Path], old: str, new: str, told: list[str]
) -> None:
    assert faults(course_of(changed(DECK, old, new)))[: len(told)] == told


def test_a_name_is_for_the_whole_course(course_of: Callable[..., Path]) -> None:
    second = "---\ntitle: More\nobjectives: {parts: glue them}\n---\n\n## A {serves=parts}\n\nB.\n"
    assert faults(course_of(decks_02_glue=second)) == [
        "decks/02_glue.md, line 3: the objective 'parts' is defined in decks/01_cut.md, line 5, too; "
        "give one of the two another name"
    ]


def test_an_exercise_cannot_serve_what_no_deck_defines(project: Callable[..., Path]) -> None:
    root = project(exercises_01_halves=TWO, solutions_01_halves=SOLUTION)
    assert faults(root)[0] == (
        "exercises/01_halves.md, line 5: there is no objective 'halves'; "
        "write it under objectives into a deck"
    )


def test_objectives_are_a_mapping(course_of: Callable[..., Path]) -> None:
    root = course_of(DECK.replace("  halves: cut things in two.\n  parts: cut", "  - cut"))
    with pytest.raises(KitError, match="is not dict") as told:
        objectives.check(discover(root), root)
    assert str(told.value).startswith("decks/01_cut.md, line 3: objectives is not dict; write it like")


# cases


def test_cases_serve_all_that_their_exercise_does_unless_they_say_what(tmp_path: Path) -> None:
    solution = changed(SOLUTION, ":tags: [hidden-cases]", ":tags: [hidden-cases]\n:serves: parts")
    (checks,) = frozen(pair(tmp_path, TWO, solution)[1])
    assert checks.serves == {"halves": 2, "parts": 5}


def test_cases_serve_nothing_that_their_exercise_does_not(tmp_path: Path) -> None:
    solution = changed(SOLUTION, ":tags: [hidden-cases]", ":tags: [hidden-cases]\n:serves: halves, thirds")
    with pytest.raises(KitError, match="the exercise does not serve 'thirds'; known here are halves, parts"):
        frozen(pair(tmp_path, TWO, solution)[1])


def test_an_exercise_has_cases_for_all_that_it_serves(tmp_path: Path) -> None:
    exercise = changed(TWO, ":tags: [cases]", ":tags: [cases]\n:serves: halves")
    solution = changed(SOLUTION, ":tags: [hidden-cases]", ":tags: [hidden-cases]\n:serves: halves")
    with pytest.raises(KitError, match=r"exercises/01_halves.md: no case serves 'parts'; add :serves: parts"):
        frozen(pair(tmp_path, exercise, solution)[1])


def test_a_cell_may_say_it_as_a_list(tmp_path: Path) -> None:
    exercise = changed(TWO, ":tags: [cases]", ":tags: [cases]\n:serves: [halves]")
    cells = pair(tmp_path, exercise)[1].cells
    assert [served(cell, ["halves", "parts"]) for cell in cells if "serves" in cell.metadata] == [["halves"]]


# the page


def test_the_page_shows_slides_exercises_and_cases_of_each_objective(
    course_of: Callable[..., Path],
) -> None:
    root = course_of()
    deck = decks.deck(author(Source("decks", "01_cut", "decks/01_cut.md"), root), root)
    html = objectives.coverage(
        [deck], [pairs.pair(pairs.written("01_halves", root, root / "fonts"), root)], ""
    ).decode()
    rows = {name: plain(text) for name, text in re.findall(r'<tr id="([\w-]+)">(.*?)</tr>', html, re.DOTALL)}
    assert rows == {
        "halves": "cut things in two halves | 2 · A knife 3 · A saw & more | Halves | half : 5 cases",
        "parts": "cut things in any number of parts parts | 3 · A saw & more | Halves | half : 5 cases",
    }
    assert re.findall(r'href="([^"]+)"', html)[1:4] == [
        "slides/01_cut.html#/1",
        "slides/01_cut.html#/2",
        "solutions/01_halves.html",
    ]
    handout = plain(deck.pages["paper"].partition('<div class="aims">')[2].partition("</div>")[0])
    assert handout == "After this lecture you can cut things in two; cut things in any number of parts."


def test_there_is_no_page_without_objectives(deck_folder: Callable[[str], Path]) -> None:
    root = deck_folder("## One\n\nWords.\n")
    deck = decks.deck(author(Source("decks", "01_small", "decks/01_small.md"), root), root)
    assert objectives.coverage([deck], [], "") == b""


def plain(html: str) -> str:
    """Its words, with a stroke between the cells of a table."""
    words = re.sub(r"<[^>]+>", " ", html.replace("</td>", "|").replace("</th>", "|")).replace("&amp;", "&")
    return " ".join(words.split()).rstrip(" |").replace(" |", " |")


# the course itself


@pytest.mark.browser
def test_every_link_of_the_page_leads_to_a_slide_or_a_solution(dist: Path) -> None:
    page = (dist / "instructor" / "coverage.html").read_text(encoding="utf-8")
    links = re.findall(r'href="((?:slides|solutions)/[^"]+)"', page)
    assert len(links) > 20
    for link in links:
        file, _, place = link.partition("#/")
        text = (dist / "instructor" / file).read_text(encoding="utf-8")
        assert not place or f'id="slide-{int(place) + 1}"' in text, link
    assert 'href="coverage.html"' in (dist / "instructor" / "index.html").read_text(encoding="utf-8")
