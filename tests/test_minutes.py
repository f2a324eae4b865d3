"""The minutes of the notes, added up in one line that an author reads at every build."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kit import decks, minutes, slides
from kit.author import author
from kit.sources import Source
from tests.conftest import ROOT

SOURCE = Source("decks", "01_small", "decks/01_small.md")


def told(project: Callable[..., Path], front: str, *notes: str) -> str:
    """What is said of a deck with these notes, the first over its title."""
    slides = [f":::{{notes}}\n{note}\n:::\n" if note else "" for note in notes]
    text = "\n".join([slides[0], *(f"## Slide\n\nWords.\n\n{slide}" for slide in slides[1:])])
    root = project(decks_01_small=f"---\ntitle: T\n{front}---\n\n{text}")
    return minutes.message(decks.deck(author(SOURCE, root), root))


@pytest.mark.parametrize(
    ("front", "notes", "message"),
    [
        ("minutes: 5\n", ["Hello. (2 min)", "Go on. (3 min)"], "its notes add up to 5 minutes, as announced"),
        (
            "minutes: 90\n",
            ["Hello. (2 min)", "Go on. (3 min)"],
            "its notes add up to 5 minutes, 85 fewer than the 90 announced",
        ),
        (
            "minutes: 2\n",
            ["Hello. (2 min)", "Go on. (1.5 min)"],
            "its notes add up to 3.5 minutes, 1.5 more than the 2 announced",
        ),
        (
            "minutes: 2\n",
            ["Hello. (2 min)", "No time.", "", "A minute."],
            "its notes add up to 2 minutes, as announced; "
            "without notes: slide 3; without minutes: slides 2, 4",
        ),
        ("", ["(1 min)"], "its notes add up to 1 minute, and its front matter announces none"),
        (
            "minutes: 10\n",
            ["", "It takes 10 min (roughly)."],
            "its notes add up to 0 minutes, 10 fewer than the 10 announced; "
            "without notes: slide 1; without minutes: slide 2",
        ),
    ],
    ids=["as announced", "fewer", "more", "slides without", "nothing announced", "no minutes at all"],
)
def test_the_message_names_the_sum_the_difference_and_the_slides_without(
    project: Callable[..., Path], front: str, notes: list[str], message: str
) -> None:
    assert told(project, front, *notes) == f"01_small: {message}"


def test_a_deck_that_promises_nothing_is_not_spoken_of(project: Callable[..., Path]) -> None:
    assert told(project, "", "", "Say this.") == ""


def test_every_lecture_has_the_minutes_that_it_announces() -> None:
    for deck in sorted((ROOT / "decks").glob("*.md")):
        text = deck.read_text(encoding="utf-8")
        notes = re.findall(r"^:::\{notes\}\n(.*?)^:::$", text, re.MULTILINE | re.DOTALL)
        (announced,) = re.findall(r"^minutes: (\d+)$", text, re.MULTILINE)
        taken = [re.findall(r"\((\d+) min\)\n$", note) for note in notes]
        assert all(len(each) == 1 for each in taken), deck.name
        assert sum(int(each) for (each,) in taken) == int(announced), deck.name
        assert len(notes) == 1 + len(slides.headings(f"decks/{deck.name}", ROOT)), deck.name
