"""A step-through in a real browser, from a file, with every request refused: keys, slider, notes, print."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Frame, Page

from benchmarks.browsing import opened
from kit import author, decks, layout, views
from kit.browser import Chromium, NewPage
from kit.printing import printed, window
from kit.sources import Source
from tests.conftest import ROOT
from tests.test_deck_in_browser import AXE, Watched
from tinyspatial import loops
from tinyspatial.tracing import record

pytestmark = pytest.mark.browser

X = np.arange(25.0).reshape(1, 1, 5, 5)
KERNEL = [[[[1, 0, -1], [2, 0.5, 0], [0, 0, 3]]]]
TRACE = record(loops.conv2d, X, KERNEL, stride=2)
FILLS = [k for k, step in enumerate(TRACE.steps) if step.writes]
MOMENTS = [6, 8, *FILLS]
DECK = f"""---
title: A small lecture
uses: [tinyspatial.watching]
---

## Nothing to step through

Words.

## Watch

{{{{ watch("tinyspatial.loops.conv2d", {X.tolist()}, {KERNEL}, stride=2) }}}}

:::{{notes}}
What is said while the window moves.
:::

## The end

Words.
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with opened(ROOT) as browser:
        yield browser


def written(root: Path) -> decks.Deck:
    return decks.deck(author.author(Source("decks", "small", "small.md"), root), root)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of a small deck, a file each."""
    root = tmp_path_factory.mktemp("watch")
    (root / "node_modules").symlink_to(ROOT / "node_modules")
    (root / "small.md").write_text(DECK, encoding="utf-8")
    made = written(root)
    for kind, text in made.pages.items():
        (root / f"{kind}.html").write_text(text, encoding="utf-8")
    return root


@pytest.fixture(params=["reduced motion"])
def watched(request: pytest.FixtureRequest, chromium: Browser, pages: Path) -> Iterator[Watched]:
    """The speaker's edition at the step-through."""
    motion = "reduce" if request.param == "reduced motion" else "no-preference"
    context = chromium.new_context(
        viewport={"width": 1280, "height": 720}, offline=True, reduced_motion=motion
    )
    watched = Watched(context.new_page())
    opened_at(watched.page, pages / "instructor.html")
    yield watched
    assert (watched.requests, watched.errors) == ([], [])
    context.close()


def opened_at(page: Page, file: Path) -> None:
    page.goto(file.as_uri() + "#/2")
    page.wait_for_function("window.Reveal && Reveal.isReady()")


def step(page: Page | Frame) -> int:
    """The step that is shown, from 0, which the slider, the counter and the lit line agree on."""
    shown = page.locator("output").inner_text()
    assert (
        page.locator("input[type=range]").get_attribute("aria-valuetext")
        == f"step {shown.replace('/', 'of')}"
    )
    k = int(shown.split(" / ")[0]) - 1
    line = page.locator(".line.now").inner_text().split("  ")[0].strip()
    assert TRACE.listing[TRACE.steps[k].line - 1].strip().startswith(line[:20])
    return k


def slide(page: Page) -> int:
    return page.evaluate("Reveal.getIndices().h")


def test_buttons_and_arrow_keys_step_while_the_deck_stays(watched: Watched) -> None:
    page = watched.page
    assert step(page) == 0
    page.get_by_role("button", name="Next", exact=True).click()
    assert step(page) == 1
    for key, expected in [("ArrowRight", 2), ("ArrowDown", 3), ("ArrowLeft", 2), ("ArrowUp", 1), ("End", 79),
                          ("Home", 0), ("ArrowRight", 1)]:  # fmt: skip
        page.keyboard.press(key)
        assert (step(page), slide(page)) == (expected, 2), key
    page.get_by_role("button", name="Next", exact=True).press("Enter")
    page.get_by_role("button", name="Next", exact=True).press(" ")
    page.get_by_role("button", name="Back", exact=True).click()
    assert (step(page), slide(page)) == (2, 2)


@pytest.mark.parametrize(("end", "key", "slide_after"), [("End", "ArrowRight", 3), ("Home", "ArrowLeft", 1)])
def test_past_either_end_an_arrow_key_is_the_presenters(
    watched: Watched, end: str, key: str, slide_after: int
) -> None:
    page = watched.page
    page.get_by_role("button", name="Next", exact=True).click()
    page.keyboard.press(end)
    here = step(page)
    held = {"key": key, "repeat": True, "bubbles": True, "cancelable": True}
    page.get_by_role("button", name="Next", exact=True).dispatch_event("keydown", held)
    assert (step(page), slide(page)) == (here, 2)
    page.keyboard.press(key)
    assert slide(page) == slide_after


def test_from_a_step_made_by_hand_the_next_key_goes_to_the_next_telling_moment(watched: Watched) -> None:
    page = watched.page
    page.get_by_role("slider").fill(str(MOMENTS[2] + 1))
    page.keyboard.press("PageDown")
    assert (slide(page), step(page)) == (2, MOMENTS[3])
    page.get_by_role("slider").fill("1")
    page.keyboard.press("PageDown")
    assert (slide(page), step(page)) == (2, MOMENTS[0])


def test_in_the_overview_the_arrow_keys_are_the_overviews(watched: Watched) -> None:
    page = watched.page
    page.get_by_role("button", name="Next", exact=True).click()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    assert (page.evaluate("Reveal.isOverview()"), slide(page)) == (True, 3)


def test_the_slider_goes_anywhere(watched: Watched) -> None:
    slider = watched.page.get_by_role("slider", name="Step")
    slider.fill("31")
    assert step(watched.page) == 31
    slider.press("ArrowRight")
    assert step(watched.page) == 32


def test_a_long_step_fills_one_cell_of_the_output(watched: Watched) -> None:
    page = watched.page
    page.get_by_role("button", name="step by out").click()
    assert page.get_by_role("button", name="step by out").get_attribute("aria-pressed") == "true"
    seen = [step(page)]
    for key in [*4 * ["ArrowRight"], "Home"]:
        page.keyboard.press(key)
        seen.append(step(page))
    assert seen == [0, *FILLS, 0]
    page.get_by_role("slider").fill("1")
    assert step(page) == FILLS[1]


ARRAYS = """Object.fromEntries([...document.querySelectorAll(".player .array")].map((array) => {
  const cells = [...array.querySelectorAll("i")], texts = cells.map((cell) => cell.textContent);
  const having = (name) => cells.flatMap((cell, k) => cell.matches(name) ? k : []);
  return [array.dataset.name, {cells: texts, inside: having(".in"), on: having(".on")}];
}))"""


def test_numbers_window_and_cells_are_those_of_the_run_at_every_step(watched: Watched) -> None:
    page, filled = watched.page, [""] * 4
    for k, here in enumerate(TRACE.steps):
        page.evaluate("k => { slider = document.querySelector('[type=range]'); slider.value = k; "
                      "slider.dispatchEvent(new Event('input')); }", k)  # fmt: skip
        told = page.evaluate(ARRAYS)
        for _, _, p, q in here.writes.values():
            filled[2 * p + q] = f"{here.values['out']:g}".replace("-", "−")
        assert told["x"]["cells"] == [f"{value:g}" for value in X.flat]
        assert told["out"]["cells"] == filled
        (top, bottom), (left, right) = here.windows["x"][2:]
        assert told["x"]["inside"] == [5 * r + c for r in range(top, bottom) for c in range(left, right)]
        weight = here.reads.get("weight")
        assert told["weight"]["on"] == ([3 * weight[2] + weight[3]] if weight else [])


def test_a_screen_reader_hears_each_step(watched: Watched) -> None:
    page = watched.page
    said = page.locator(".said[aria-live=polite]")
    assert said.inner_text() == "line 5, p 0, q 0: total is 0"
    page.get_by_role("slider").fill("18")
    assert said.inner_text() == "line 10, p 0, q 0, i 2, j 2: 12 times 3 is 36, total 47"


def test_presenter_keys_work_while_the_slider_has_focus(watched: Watched) -> None:
    page = watched.page
    slider = page.get_by_role("slider")
    slider.press("PageDown")
    assert (slide(page), step(page)) == (2, MOMENTS[0])
    slider.press("n")
    assert (slide(page), step(page)) == (2, MOMENTS[1])
    slider.press("PageUp")
    assert (slide(page), step(page)) == (2, MOMENTS[0])
    slider.press("b")
    assert page.evaluate("Reveal.isPaused()")
    page.keyboard.press("b")
    slider.press("o")
    assert page.evaluate("Reveal.isOverview()")
    page.keyboard.press("Escape")
    assert not page.evaluate("Reveal.isOverview()")


def test_the_next_key_goes_from_one_telling_moment_to_the_next_and_on(watched: Watched) -> None:
    page, seen = watched.page, []
    for _ in MOMENTS:
        page.keyboard.press("ArrowRight")
        seen.append(step(page))
    assert (seen, slide(page)) == (MOMENTS, 2)
    page.keyboard.press("PageDown")
    assert slide(page) == 3
    page.keyboard.press("PageUp")
    assert (slide(page), step(page)) == (2, MOMENTS[-1])
    page.evaluate("Reveal.slide(1)")
    page.keyboard.press("PageDown")
    assert (slide(page), step(page)) == (2, 0)
    page.get_by_role("slider").fill("33")
    page.reload()
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    assert (slide(page), step(page)) == (2, 0)


def test_reduced_motion_has_no_play(watched: Watched) -> None:
    assert not watched.page.locator("[data-do=play]").is_visible()


@pytest.mark.parametrize("watched", ["motion"], indirect=True)
def test_play_steps_on_until_it_is_paused(watched: Watched) -> None:
    page = watched.page
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('.player output').textContent === '2 / 80'")
    page.get_by_role("button", name="Pause").press(" ")
    here = step(page)
    page.wait_for_timeout(700)  # more than a step takes
    assert step(page) == here
    assert page.get_by_role("button", name="Play").is_visible()


def test_the_notes_window_shows_the_same_step_and_never_leads(watched: Watched) -> None:
    page = watched.page
    with page.expect_popup() as opening:
        page.keyboard.press("s")
    window = opening.value
    preview = window.wait_for_selector("#current-slide iframe").content_frame()
    assert preview
    preview.wait_for_function("window.Reveal && Reveal.isReady() && Reveal.getIndices().h === 2")
    for k in (40, 3):
        page.get_by_role("slider").fill(str(k))
        preview.wait_for_function(f"document.querySelector('.player output').textContent === '{k + 1} / 80'")
    page.keyboard.press("PageDown")
    preview.wait_for_function(
        f"document.querySelector('.player output').textContent === '{MOMENTS[0] + 1} / 80'"
    )
    assert "while the window moves" in window.locator(".speaker-controls-notes .value").inner_text()
    page.get_by_role("slider").fill("50")
    page.wait_for_timeout(1200)  # as long as an echo of the notes window would need
    assert (step(page), step(preview), slide(page)) == (50, 50, 2)


def test_the_gate_looks_at_every_step(watched: Watched, pages: Path) -> None:
    slides = written(pages).speaker
    asked = [layout.MEASURE, len(slides)]
    assert watched.page.evaluate(layout.STEPS, asked) == []
    watched.page.add_style_tag(content=".told:has(b.output) { padding-top: 200px }")
    watched.page.evaluate("Reveal.slide(0)")
    [(index, *told)] = {tuple(each) for each in watched.page.evaluate(layout.STEPS, asked)}
    [fault] = layout.faults(slides[index], [told], "small.md")
    assert (
        str(fault)
        == "small.md, line 10: slide 3: the step-through overflows at its step 1; give it smaller arrays"
    )


def test_axe_finds_nothing_serious(watched: Watched) -> None:
    page = watched.page
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for k in (0, 18, 79):
        page.get_by_role("slider").fill(str(k))
        violations = page.evaluate("axe.run(Reveal.getCurrentSlide()).then(r => r.violations)")
        assert [(v["id"], v["nodes"][0]["html"][:90]) for v in violations] == []


@pytest.mark.parametrize("kind", ["slides", "handout"])
def test_on_paper_it_is_a_film_strip_of_the_telling_moments(
    chromium: Browser, pages: Path, kind: str
) -> None:
    page = chromium.new_page()
    page.goto((pages / "paper.html").as_uri())
    page.emulate_media(media="print")
    page.evaluate(views.TURN, kind)
    assert not page.locator(".player").is_visible()
    told = page.evaluate("[...document.querySelectorAll('.strip [role=img]')].map((e) => e.ariaLabel)")
    assert len(told) == len(MOMENTS)
    assert told[0] == "line 10, p 0, q 0, i 0, j 2: 2 times minus 1 is minus 2, total minus 2"
    page.close()
    with ThreadPoolExecutor(1) as apart:  # from Playwright's loop in this one
        pdf = apart.submit(on_paper, (pages / "paper.html").read_text(encoding="utf-8"), kind).result()
    assert b"/Subtype /Image" not in pdf


def on_paper(html: str, kind: str) -> bytes:
    """A view of the page as the build prints it."""

    async def work(new_page: NewPage) -> bytes:
        async with window(new_page) as show:
            page = await show(html)
            await page.evaluate(views.TURN, kind)
            return await printed(page, views.PAPER[kind][1])

    with closing(Chromium(ROOT)) as chromium:
        return chromium.do(work, "small.md")


def test_reveals_own_print_view_has_the_strip_too(watched: Watched, pages: Path) -> None:
    page = watched.page
    page.goto((pages / "public.html").as_uri() + "?print-pdf")
    page.wait_for_selector(".pdf-page .strip", state="visible")
    assert not page.locator(".player").is_visible()
