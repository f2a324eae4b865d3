"""Answers to the hall: the speaker's next step; for all others a box to write in, until published."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from kit import course, decks, leaks, search, slides, views
from kit.author import author
from kit.errors import KitError
from kit.files import Built
from kit.sources import Source
from tests.conftest import HEAD

SOURCE = Source("decks", "01_small", "decks/01_small.md")
ANSWER = "Fifty-five, because the floor of half of one hundred and nine is fifty-four"
TEXT = f"""\
## What comes out?

A picture of 112 pixels.

:::{{answer}}
{ANSWER}, and one more.
:::

:::{{notes}}
Give them a minute, and let somebody at the board do the first case. (2 min)
:::

## In columns

::::{{columns}}
:::{{answer}}
{ANSWER} here, too.
:::
::::
"""
PUBLISHED = HEAD.replace("author:", "answers: published\nauthor:")
PUBLIC = {
    "public": "slides/01_small.html",
    "paper": "slides/01_small.pdf",
}


def made(project: Callable[..., Path], head: str) -> decks.Deck:
    root = project(decks_01_small=head + TEXT)
    return decks.deck(author(SOURCE, root), root)


def public(deck: decks.Deck, root: Path) -> Built:
    """The pages that students get, before printing."""
    return Built(
        root,
        {
            f"public/{path.replace('.pdf', '.html')}": deck.pages[kind].encode()
            for kind, path in PUBLIC.items()
        },
    )


def nothing_leaks(artifacts: Built, deck: decks.Deck) -> None:
    """Raise if one of these files has what this deck keeps to instructors."""
    early = search.Early(artifacts.folder.parent)
    course.nothing_leaks(artifacts, {"01_small": leaks.of_deck(deck.authored)}, {}, early)


def test_until_they_are_published_no_answer_is_in_what_students_get(
    project: Callable[..., Path], tmp_path: Path
) -> None:
    deck = made(project, HEAD)
    assert [kind for kind in PUBLIC if ANSWER in deck.pages[kind]] == []
    assert all(deck.pages[kind].count('<div class="answer" role="note"') == 2 for kind in PUBLIC)
    assert ANSWER in deck.pages["instructor"]
    assert ANSWER in deck.pages["notes"]
    course.nothing_leaks(
        public(deck, tmp_path), {"01_small": leaks.of_deck(deck.authored)}, {}, search.Early(tmp_path)
    )


def test_published_answers_are_in_all_that_students_get(project: Callable[..., Path], tmp_path: Path) -> None:
    deck = made(project, PUBLISHED)
    assert [kind for kind in PUBLIC if deck.pages[kind].count(ANSWER) == 2] == list(PUBLIC)
    assert all("Room for your answer" not in deck.pages[kind] for kind in PUBLIC)
    course.nothing_leaks(
        public(deck, tmp_path), {"01_small": leaks.of_deck(deck.authored)}, {}, search.Early(tmp_path)
    )


def test_an_answer_in_a_public_file_is_a_leak_until_it_is_published(
    project: Callable[..., Path], tmp_path: Path
) -> None:
    deck = made(project, HEAD)
    page = deck.pages["public"].replace("</main>", f"<p>{ANSWER}</p></main>")
    with pytest.raises(KitError, match="gives away the answers of 01_small"):
        nothing_leaks(Built(tmp_path, {"public/slides/01_small.html": page.encode()}), deck)


def test_published_answers_do_not_publish_the_notes(project: Callable[..., Path], tmp_path: Path) -> None:
    deck = made(project, PUBLISHED)
    assert all("Give them a minute" not in deck.pages[kind] for kind in PUBLIC)
    with pytest.raises(KitError, match="gives away the speaker notes of 01_small"):
        nothing_leaks(
            Built(tmp_path, {"public/slides/01_small.html": deck.pages["instructor"].encode()}), deck
        )


@pytest.mark.parametrize(
    ("head", "expected"), [(HEAD, False), (PUBLISHED, True)], ids=["secret", "published"]
)
def test_the_line_of_front_matter_is_what_publishes(
    project: Callable[..., Path], head: str, expected: bool
) -> None:
    assert slides.published(author(SOURCE, project(decks_01_small=head + TEXT))) is expected


@pytest.mark.browser
def test_the_speaker_sees_the_question_first_and_the_answer_at_the_next_key(
    project: Callable[..., Path], chromium: Browser
) -> None:
    page = opened(project, chromium, "instructor")
    assert not page.locator("#slide-2 .answer").is_visible()
    assert page.locator("#slide-2 .words p").first.is_visible()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == 1
    page.wait_for_function("getComputedStyle(document.querySelector('.answer')).visibility === 'visible'")
    assert ANSWER in page.locator("#slide-2 .answer").inner_text()
    page.close()


@pytest.mark.browser
def test_paper_has_room_for_an_answer_and_an_answer_needs_none(
    project: Callable[..., Path], chromium: Browser
) -> None:
    page = opened(project, chromium, "paper")
    page.evaluate(views.TURN, "handout")
    assert page.evaluate("document.querySelector('.answer').offsetHeight") > 120  # more than 3 cm
    page.close()


def opened(project: Callable[..., Path], chromium: Browser, kind: str) -> Page:
    """One page of the deck in the browser, at its first question."""
    root = project(decks_01_small=HEAD + TEXT)
    file = root / f"{kind}.html"
    file.write_text(decks.deck(author(SOURCE, root), root).pages[kind], encoding="utf-8")
    page = chromium.new_page(reduced_motion="reduce")
    page.goto(file.as_uri() + "#/1")
    if kind == "instructor":
        page.wait_for_function("window.Reveal && Reveal.isReady()")
    return page
