"""Slides that a deck had before: taken as they were, at the place where they are now."""

from collections.abc import Callable
from pathlib import Path

from kit import decks
from kit.author import author
from kit.render import Shown
from kit.sources import Source

ONE, TWO = "## One\n\nWords.\n\n:::{notes}\nSay it.\n:::\n", "## Two\n\nMore words.\n"


def rendered(root: Path, before: dict[str, Shown]) -> decks.Rendered:
    return decks.rendered(author(Source("decks", "01_small", "decks/01_small.md"), root), root, before)


def test_what_was_on_a_slide_is_taken_and_its_number_line_and_notes_are_those_of_now(
    deck_folder: Callable[[str], Path],
) -> None:
    root = deck_folder(ONE)
    first = rendered(root, {})
    known = {key: each._replace(words="as before") for key, each in first.shown.items()}
    file = root / "decks" / "01_small.md"
    file.write_text(file.read_text().replace(ONE, f"{TWO}\n{ONE.replace('Say it.', 'Say more.')}"))
    title, two, one = rendered(root, known).speaker
    assert [title.words, one.words] == ["as before", "as before"]
    assert (one.number, one.line, one.notes) == (3, 10, "<p>Say more.</p>\n")
    assert (two.number, two.line, two.words) == (2, 6, "<p>More words.</p>")
