"""What people do by hand with a page of nbconvert's slides, each in a process of its own.

``python -m benchmarks.by_hand print PAGE`` prints it by reveal's ?print-pdf, and ``three PDF`` puts
three of its pages on one.
"""

import sys
from pathlib import Path

from pypdf import PageObject, PdfReader, PdfWriter, Transformation

from benchmarks.browsing import opened

ROOT = Path(__file__).parents[1]
WIDE, HIGH = 595, 842  # A4, in points
ROOM = HIGH / 3


def print_pdf(file: Path) -> None:
    """As soon as reveal has laid out its pages and MathJax its formulas."""
    with opened(ROOT) as browser:
        page = browser.new_page()
        page.goto(f"{file.as_uri()}?print-pdf")
        page.wait_for_selector(".pdf-page")
        page.evaluate("new Promise(done => MathJax.Hub.Queue(done))")
        page.pdf(path=file.with_suffix(".pdf"), prefer_css_page_size=True, print_background=True)


def three(file: Path) -> None:
    """In the way that pypdf's documentation shows."""
    pages, made = PdfReader(file).pages, PdfWriter()
    for first in range(0, len(pages), 3):
        sheet = PageObject.create_blank_page(width=WIDE, height=HIGH)
        for place, page in enumerate(pages[first : first + 3]):
            scale = min(WIDE / page.mediabox.width, ROOM / page.mediabox.height) * 0.9
            where = Transformation().scale(scale).translate(30, HIGH - (place + 1) * ROOM + 10)
            sheet.merge_transformed_page(page, where)
        made.add_page(sheet)
    made.write(file.with_suffix(".3up.pdf"))


if __name__ == "__main__":
    {"print": print_pdf, "three": three}[sys.argv[1]](Path(sys.argv[2]))
