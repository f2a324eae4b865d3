"""What a hall would see wrong, measured in the browser: on the screen at every step, and in print."""

from playwright.async_api import Page

from kit.errors import KitError
from kit.render import THEME, Shown

MEASURE = (THEME / "layout.js").read_text(encoding="utf-8")
STEPS = """
([measure, numbers]) => {
  const look = eval(measure), found = [];
  numbers.forEach((number, k) => {
    Reveal.slide(number - 1, 0, -1);
    for (let before = ""; Reveal.getIndices().h === number - 1; Reveal.next()) {
      const state = JSON.stringify(Reveal.getState());
      if (state === before) break;
      for (const fault of look(Reveal.getCurrentSlide())) found.push([k, ...fault]);
      before = state;
    }
  });
  return found;
}
"""


async def on_screen(page: Page, slides: list[Shown], file: str) -> list[KitError]:
    """Faults of these slides in the live deck, each slide looked at in each of its steps."""
    found = await page.evaluate(STEPS, [MEASURE, [slide.number for slide in slides]])
    return faults(found, slides, file, "")


async def in_print(page: Page, slides: list[Shown], file: str) -> list[KitError]:
    """Faults of the printed slides."""
    await page.emulate_media(media="print")
    found = await page.evaluate(
        """(measure) => {
          const look = eval(measure);
          const slides = [...document.querySelectorAll(".slide")];
          return slides.flatMap((slide, k) => look(slide).map((fault) => [k, ...fault]));
        }""",
        MEASURE,
    )
    return faults(found, slides, file, " in print")


def faults(found: list[list], slides: list[Shown], file: str, where: str) -> list[KitError]:
    """One error for each fault of each slide, with the line of the slide's heading."""
    unique = dict.fromkeys((index, problem, remedy) for index, problem, remedy in found)
    return [
        KitError(f"slide {slides[index].number}{where}: {problem}", file, slides[index].line, remedy)
        for index, problem, remedy in unique
    ]


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
