"""The built pages in a real browser, opened from files with every request refused and counted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from kit.sources import discover
from tests.conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("dist")]  # who builds it goes on

DECKS = [source.name for source in discover(ROOT) if source.kind == "decks"]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


class Watched:
    """A page whose requests are refused and counted, with its console's errors."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.context.route("**/*", self.answer)
        page.on(
            "console", lambda message: self.errors.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def answer(self, route: Route) -> None:
        url = route.request.url
        if url.startswith(("file:", "data:", "about:", "blob:")):
            route.continue_()
        else:
            self.requests.append(url)
            route.abort()


@pytest.fixture
def watched(chromium: Browser) -> Iterator[Watched]:
    context = chromium.new_context(
        viewport={"width": 1280, "height": 720}, offline=True, reduced_motion="reduce"
    )
    yield Watched(context.new_page())
    context.close()


def open_deck(watched: Watched, dist: Path, deck: str, edition: str = "instructor") -> Page:
    watched.page.goto((dist / edition / "slides" / f"{deck}.html").as_uri())
    watched.page.wait_for_function("window.Reveal && Reveal.isReady()")
    return watched.page


@pytest.mark.parametrize("edition", ["public", "instructor"])
@pytest.mark.parametrize("deck", DECKS)
def test_arrow_keys_reach_the_last_slide_without_a_request_or_an_error(
    watched: Watched, dist: Path, deck: str, edition: str
) -> None:
    page = open_deck(watched, dist, deck, edition)
    presses = page.evaluate("Reveal.getTotalSlides() + document.querySelectorAll('.fragment').length")
    for _ in range(presses):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.isLastSlide()")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Home")
    assert page.evaluate("Reveal.isFirstSlide()")
    assert watched.requests == []
    assert watched.errors == []


@pytest.mark.parametrize("deck", DECKS)
def test_stepping_moves_the_lit_lines(watched: Watched, dist: Path, deck: str) -> None:
    page = open_deck(watched, dist, deck)
    steps_of = "[...document.querySelectorAll('.slide')].map(s => s.querySelectorAll('.step').length)"
    stepped = [(slide, steps) for slide, steps in enumerate(page.evaluate(steps_of)) if steps]
    assert stepped
    for slide, steps in stepped:
        page.evaluate(f"Reveal.slide({slide}, 0, -1)")
        assert lit(page) == set()
        for step in range(1, steps + 1):
            page.keyboard.press("ArrowRight")
            belongs = (
                f"[...Reveal.getCurrentSlide().querySelectorAll('.line')].map(l => l.matches('.in{step}'))"
            )
            expected = {line for line, lit_here in enumerate(page.evaluate(belongs)) if lit_here}
            assert lit(page) == expected != set()


def lit(page: Page) -> set[int]:
    """Lines of the current slide that stand on the colour of the lit ones."""
    return set(
        page.evaluate(
            """[...Reveal.getCurrentSlide().querySelectorAll('.line')].flatMap(
                 (line, k) => getComputedStyle(line).backgroundColor === 'rgba(0, 0, 0, 0)' ? [] : k)"""
        )
    )


@pytest.mark.parametrize("deck", DECKS)
def test_the_notes_window_shows_the_notes_of_the_current_slide(
    watched: Watched, dist: Path, deck: str
) -> None:
    page = open_deck(watched, dist, deck)
    with page.expect_popup() as opening:
        page.keyboard.press("s")
    window = opening.value
    for presses in (0, 1, 1):
        for _ in range(presses):
            page.keyboard.press("ArrowRight")
        said = page.evaluate("Reveal.getCurrentSlide().querySelector('aside.notes').textContent.trim()")
        window.wait_for_function(
            "said => document.querySelector('.speaker-controls-notes .value').textContent.trim() === said",
            arg=said,
        )
        assert len(said) > 80
    assert watched.requests == []


@pytest.mark.parametrize("deck", DECKS)
def test_the_audience_edition_has_no_notes(dist: Path, deck: str) -> None:
    assert 'class="notes"' not in (dist / "public" / "slides" / f"{deck}.html").read_text(encoding="utf-8")


# axe walks through the whole document each time, and what the other slides hold would be most of it.
AXE_ON_EVERY_SLIDE = """async () => {
  const found = [], slides = Reveal.getSlides();
  for (const [number, slide] of slides.entries()) {
    const others = slides.filter((each) => each !== slide).map((each) => [each, [...each.childNodes]]);
    for (const [each] of others) each.replaceChildren();
    Reveal.slide(number, 0, -1);
    for (const step of new Set([-1, slide.querySelectorAll(".fragment").length - 1])) {
      Reveal.slide(number, 0, step);
      const told = await axe.run(slide, { resultTypes: ["violations"], preload: false });
      for (const { id, impact, nodes } of told.violations)
        if (["serious", "critical"].includes(impact))
          found.push([number + 1, step, id, nodes[0].html.slice(0, 120)]);
    }
    for (const [each, nodes] of others) each.replaceChildren(...nodes);
  }
  return found;
}"""


@pytest.mark.parametrize("deck", DECKS)
def test_axe_finds_nothing_serious_on_any_slide_at_any_step(watched: Watched, dist: Path, deck: str) -> None:
    page = open_deck(watched, dist, deck)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    violations = page.evaluate("axe.run(document).then(r => r.violations)")
    assert [v["id"] for v in violations if v["impact"] in ("serious", "critical")] == []
    assert page.evaluate(AXE_ON_EVERY_SLIDE) == []


@pytest.mark.parametrize("deck", DECKS)
def test_no_two_elements_of_a_deck_have_one_id(watched: Watched, dist: Path, deck: str) -> None:
    page = open_deck(watched, dist, deck)
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((each) => each.id)")
    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("page", ["public/index.html", "instructor/index.html", "instructor/coverage.html"])
def test_pages_to_read_load_nothing_and_axe_finds_nothing_serious(
    watched: Watched, dist: Path, page: str
) -> None:
    watched.page.goto((dist / page).as_uri())
    watched.page.evaluate(AXE.read_text(encoding="utf-8"))
    violations = watched.page.evaluate("axe.run(document, {iframes: false}).then(r => r.violations)")
    assert [v["id"] for v in violations if v["impact"] in ("serious", "critical")] == []
    assert (watched.requests, watched.errors) == ([], [])


def test_the_viewer_moves_counts_jumps_and_enlarges(watched: Watched, dist: Path) -> None:
    page = watched.page
    page.goto((dist / "public" / "index.html").as_uri())
    viewer = page.locator(".viewer").first
    viewer.scroll_into_view_if_needed()
    deck = viewer.locator("iframe").content_frame
    deck.locator(".reveal.ready").wait_for()
    counter, slider = viewer.locator("output"), viewer.locator("input")
    total = viewer.get_attribute("data-slides")

    viewer.locator("[data-do=next]").click()
    page.wait_for_function("document.querySelector('.viewer output').textContent.startsWith('2 /')")
    assert counter.text_content() == f"2 / {total}"
    viewer.locator("[data-do=prev]").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("document.querySelector('.viewer output').textContent.startsWith('1 /')")
    slider.fill("5")
    page.wait_for_function("document.querySelector('.viewer output').textContent.startsWith('5 /')")
    assert "present" in (deck.locator("#slide-5").get_attribute("class") or "")

    before = deck.locator("#slide-5 h2").bounding_box()
    viewer.locator("[data-zoom='0.25']").click()
    viewer.locator("[data-zoom='0.25']").click()
    page.wait_for_timeout(200)
    after = deck.locator("#slide-5 h2").bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] == pytest.approx(1.5 * before["height"], rel=0.02)
    assert (watched.requests, watched.errors) == ([], [])


@pytest.mark.parametrize("deck", DECKS)
def test_reveals_own_print_view_has_one_page_a_slide(watched: Watched, dist: Path, deck: str) -> None:
    page = watched.page
    page.goto((dist / "public" / "slides" / f"{deck}.html").as_uri() + "?print-pdf")
    page.wait_for_selector(".pdf-page")
    page.wait_for_function("Reveal.isReady()")
    slides = page.evaluate("document.querySelectorAll('section.slide').length")
    assert page.locator(".pdf-page").count() == slides
    assert page.locator("section[aria-hidden]").count() == 0
