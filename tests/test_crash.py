"""A browser that crashes in mid-print: the page is printed by a new one, or the deck is named."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from playwright.async_api import Page

from kit import browser, decks, printing, views
from kit.author import author
from kit.errors import KitError
from kit.sources import Source
from tests.conftest import ROOT

pytestmark = pytest.mark.browser


@pytest.fixture
def deck(deck_folder: Callable[[str], Path]) -> decks.Deck:
    root = deck_folder("## One\n\nWords.\n")
    return decks.deck(author(Source("decks", "01_small", "decks/01_small.md"), root), root)


def chromiums() -> list[psutil.Process]:
    """The processes of our browser: the one that was started, and those that it has started itself."""
    family = psutil.Process().children(recursive=True)
    return [
        each for each in family if arguments(each) and ("--no-first-run" in arguments(each) or kind(each))
    ]


def arguments(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has ended meanwhile
        return []


def kind(process: psutil.Process) -> str:
    """ "renderer" for a process that has a page, nothing for the first of them."""
    return next((word[7:] for word in arguments(process) if word.startswith("--type=")), "")


def crash(which: str) -> None:
    """Kill the browser's own process, or those that have pages."""
    killed = [each for each in chromiums() if kind(each) == which]
    for each in killed:
        each.kill()
    assert killed


def crashing(monkeypatch: pytest.MonkeyPatch, kinds: list[str]) -> None:
    """Have one browser after the other crash, in these ways, when a page is about to be printed."""
    usual, crashed = printing.printed, list[object]()

    async def printed(page: Page, size: str) -> bytes:
        browser = page.context.browser
        if len(crashed) < len(kinds) and browser not in crashed:
            crashed.append(browser)
            crash(kinds[len(crashed) - 1])
        return await usual(page, size)

    monkeypatch.setattr(printing, "printed", printed)


def test_what_was_being_printed_is_printed_by_a_new_browser(
    deck: decks.Deck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashing(monkeypatch, [""])
    with closing(browser.Chromium(ROOT)) as chromium, ThreadPoolExecutor(1) as pool:
        made, _ = views.in_browser(deck, tmp_path, chromium, pool, print)
    assert [data[:5] for data in made.values()] == [b"%PDF-"] * 4
    assert chromiums() == []


def test_a_browser_that_crashes_again_is_an_error_that_names_the_deck(
    deck: decks.Deck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashing(monkeypatch, ["", "renderer"])
    chromium = closing(browser.Chromium(ROOT))
    with chromium as opened, ThreadPoolExecutor(1) as pool, pytest.raises(KitError) as caught:
        views.in_browser(deck, tmp_path, opened, pool, print)
    assert str(caught.value).startswith("decks/01_small.md: Chromium crashed twice while it printed this (")
    assert str(caught.value).endswith(
        "; see that memory and disk are not full, or set KIT_BROWSER to another"
    )
    assert chromiums() == []


def test_a_browser_that_opens_no_page_in_time_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "PATIENCE", 0.001)
    with closing(browser.Chromium(ROOT)) as chromium, pytest.raises(KitError) as caught:
        chromium.do(lambda new_page: new_page(), "decks/01_small.md")
    assert "crashed twice while it printed this (it opened no page within 0.001 s)" in str(caught.value)
    assert chromiums() == []
