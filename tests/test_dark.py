"""The dark theme in a real browser: by key and by front matter, figures too; paper stays light."""

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from kit import decks
from kit.author import author
from kit.errors import KitError
from kit.sources import Source
from kit.themes import THEMES, replacements, tokens
from tests.colours import contrast
from tests.conftest import HEAD
from tests.test_deck_in_browser import DECKS

pytestmark = pytest.mark.browser
SOURCE = Source("decks", "01_small", "decks/01_small.md")
THEME = "document.documentElement.dataset.theme"
PAPER = "getComputedStyle(document.body).backgroundColor"
SEEN = "[...document.querySelectorAll('img.figure')].filter(i => getComputedStyle(i).display !== 'none')"
WORN = """(() => {  // every pair of colours that text wears and stands on, as painted, with one such text
  const found = {}, slides = document.querySelector(".slides");
  const texts = document.createTreeWalker(slides, NodeFilter.SHOW_TEXT);
  const pen = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const painted = (colours) => {
    for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255);
  };
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const e = node.parentElement, grounds = [];
    if (!node.data.trim() || e.closest("aside, .katex-mathml, .place, script, svg")) continue;
    for (let at = e; at; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
    const pair = [painted([...grounds, getComputedStyle(e).color]), painted(grounds)];
    found[pair] ??= [...pair, node.data.trim()];
  }
  return Object.values(found);
})()"""
NO_STORE = """Object.defineProperty(window, "sessionStorage", {
  get() { throw new DOMException("no", "SecurityError"); } })"""


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    made = chromium.new_context(
        viewport={"width": 1280, "height": 720}, offline=True, reduced_motion="reduce"
    )
    yield made
    made.close()


def opened(context: BrowserContext, file: Path) -> Page:
    page = context.new_page()
    page.goto(file.as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    return page


@pytest.fixture
def page(context: BrowserContext, dist: Path) -> Page:
    return opened(context, dist / "instructor" / "slides" / f"{DECKS[0]}.html")


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[k : k + 2], 16)) for k in (1, 3, 5))})"


def drawings(page: Page) -> list[str]:
    """The figures that are seen, as SVG."""
    urls = page.evaluate(f"{SEEN}.map(i => i.src)")
    return [base64.b64decode(url.partition(",")[2]).decode() for url in urls]


def test_the_key_turns_page_and_figures_dark_and_back(page: Page) -> None:
    light = drawings(page)
    assert page.evaluate(PAPER) == rgb(tokens("light")["paper"])
    page.keyboard.press("t")
    assert page.evaluate(PAPER) == rgb(tokens("dark")["paper"])
    dark = drawings(page)
    assert len(dark) == len(light) > 0
    for before, after in zip(light, dark, strict=True):
        assert after == re.sub("#[0-9a-f]{6}", lambda c: replacements().get(c[0], c[0]), before)
        assert after != before
    assert page.evaluate(f"{SEEN}.every(i => i.complete && i.naturalWidth > 0)")
    page.keyboard.press("t")
    assert drawings(page) == light
    assert page.evaluate(PAPER) == rgb(tokens("light")["paper"])


def test_what_is_printed_from_a_dark_deck_is_light(page: Page) -> None:
    light = drawings(page)
    page.keyboard.press("t")
    page.emulate_media(media="print")
    assert drawings(page) == light
    assert page.evaluate("getComputedStyle(document.querySelector('.slide')).color") == rgb(
        tokens("light")["ink"]
    )


def test_a_reload_keeps_the_choice(page: Page) -> None:
    page.keyboard.press("t")
    page.reload()
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    assert page.evaluate(THEME) == "dark"
    assert page.evaluate(PAPER) == rgb(tokens("dark")["paper"])


def test_a_browser_that_stores_nothing_still_has_both_themes(context: BrowserContext, dist: Path) -> None:
    context.add_init_script(NO_STORE)
    page = opened(context, dist / "public" / "slides" / f"{DECKS[0]}.html")
    page.keyboard.press("t")
    assert page.evaluate(THEME) == "dark"


def test_the_notes_window_follows_and_leads(page: Page) -> None:
    page.keyboard.press("t")
    with page.expect_popup() as opening:
        page.keyboard.press("s")
    frames = wait_for_frames(opening.value)
    for frame in frames:
        frame.wait_for_function(f"{THEME} === 'dark'")
    page.keyboard.press("t")
    for frame in frames:
        frame.wait_for_function(f"{THEME} === 'light'")
    frames[0].locator("body").press("t")
    page.wait_for_function(f"{THEME} === 'dark'")
    frames[1].wait_for_function(f"{THEME} === 'dark'")


def wait_for_frames(window: Page) -> list:
    """The two frames of the notes window, when the slides in them are there."""
    window.wait_for_function("document.querySelectorAll('iframe').length === 2")
    while len(frames := [frame for frame in window.frames if frame.parent_frame]) < 2:
        window.wait_for_timeout(20)
    for frame in frames:
        frame.wait_for_function("window.Reveal && Reveal.isReady()")
    return frames


def test_the_key_is_among_those_that_help_lists(page: Page) -> None:
    page.keyboard.press("F1")
    table = page.locator(".r-overlay-help table")
    assert "Light or dark" in (table.text_content() or "")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("deck", DECKS)
def test_all_text_of_every_slide_has_contrast(
    context: BrowserContext, dist: Path, deck: str, theme: str
) -> None:
    page = opened(context, dist / "instructor" / "slides" / f"{deck}.html")
    if theme == "dark":
        page.keyboard.press("t")
    worn = page.evaluate(WORN)
    assert len(worn) > 8
    assert [text for colour, ground, text in worn if contrast(colour, ground) < 4.5] == []


def test_front_matter_makes_a_deck_dark_from_the_start(
    project: Callable[..., Path], chromium: Browser
) -> None:
    text = HEAD.replace("author:", "theme: dark\nauthor:") + "## One\n\nWords.\n"
    root = project(decks_01_small=text)
    made = decks.deck(author(SOURCE, root), root)
    file = root / "dark.html"
    file.write_text(made.pages["public"], encoding="utf-8")
    context = chromium.new_context()
    page = opened(context, file)
    assert page.evaluate(PAPER) == rgb(tokens("dark")["paper"])
    page.keyboard.press("t")
    assert page.evaluate(PAPER) == rgb(tokens("light")["paper"])
    context.close()
    assert not any('<html lang="en" data-theme' in made.pages[kind] for kind in ("paper", "notes"))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("theme: night", "line 3: theme is not light or dark; write theme: dark"),
        ("answers: yes", "line 3: answers is not str; write it like answers: published"),
        ("answers: soon", "line 3: answers is not published; write answers: published"),
    ],
)
def test_a_theme_or_state_that_does_not_exist_is_an_error(
    project: Callable[..., Path], line: str, told: str
) -> None:
    root = project(decks_01_small=HEAD.replace("author:", f"{line}\nauthor:") + "## One\n\nWords.\n")
    with pytest.raises(KitError) as error:
        author(SOURCE, root)
    assert told in str(error.value)
