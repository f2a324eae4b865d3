"""What a hall would see wrong, measured in the browser: on the screen at every step, and in print."""

from collections.abc import Iterable, Sequence

from playwright.async_api import Page

from kit.errors import KitError
from kit.render import THEME, Shown

MEASURE = (THEME / "layout.js").read_text(encoding="utf-8")
STEPS = """
([measure, count]) => {
  const look = eval(measure), found = [];
  for (let k = 0; k < count; k++) {
    Reveal.slide(k, 0, -1);
    for (let before = ""; Reveal.getIndices().h === k; Reveal.next()) {
      const state = JSON.stringify(Reveal.getState());
      if (state === before) break;
      for (const fault of look(Reveal.getCurrentSlide())) found.push([k, ...fault]);
      before = state;
    }
  }
  return found;
}
"""


Told = tuple[str, str]  # what is wrong on a slide, and what to do


async def on_screen(page: Page, count: int) -> list[list[Told]]:
    """What is wrong on each of the slides of a live deck, looked at in each of its steps."""
    found = await page.evaluate(STEPS, [MEASURE, count])
    return [
        list(dict.fromkeys((problem, remedy) for k, problem, remedy in found if k == n)) for n in range(count)
    ]


async def in_print(page: Page, slides: list[Shown], file: str) -> list[KitError]:
    """Faults of the printed slides."""
    await page.emulate_media(media="print")
    found = await page.evaluate(
        """(measure) => {
          const look = eval(measure);
          return [...document.querySelectorAll(".slide")].map((slide) => look(slide));
        }""",
        MEASURE,
    )
    return [
        each
        for slide, told in zip(slides, found, strict=True)
        for each in faults(slide, told, file, " in print")
    ]


def faults(slide: Shown, told: Iterable[Sequence[str]], file: str, where: str = "") -> list[KitError]:
    """One error for each fault of a slide, with the line of its heading."""
    unique = dict.fromkeys((problem, remedy) for problem, remedy in told)
    return [KitError(f"slide {slide.number}{where}: {p}", file, slide.line, remedy) for p, remedy in unique]


async def notes_fit(page: Page, slides: list[Shown], file: str) -> list[KitError]:
    """Notes that run over the foot of their page."""
    await page.emulate_media(media="print")
    over = await page.evaluate(
        """() => [...document.querySelectorAll(".sheet")].map((s) => s.scrollHeight - s.clientHeight)"""
    )
    problem = "the notes of slide {} are {} px too long for their page"
    return [
        KitError(problem.format(slide.number, excess), file, slide.line, "shorten them")
        for slide, excess in zip(slides, over, strict=True)
        if excess > 2
    ]
