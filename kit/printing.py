"""HTML to PDF: Chromium prints, pypdf adds what Chromium cannot.

Chromium tags the headings, lists, tables and pictures. Added afterwards: author, an outline by slide titles,
page labels, and the tag Formula in place of Figure for formulas.
"""

import base64
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pypdfium2
from playwright.async_api import Browser, Page, ViewportSize
from pypdf import PdfReader, PdfWriter
from pypdf.constants import PageLabelStyle
from pypdf.generic import ArrayObject, BooleanObject, DictionaryObject, NameObject, TextStringObject

from kit.errors import KitError
from kit.render import THEME

NODE = re.compile(rb"\(node\d{8}\)")
FORMULA = "\N{INVISIBLE SEPARATOR}"  # marks, in print.js, the pictures that are formulas


@asynccontextmanager
async def window(browser: Browser) -> AsyncIterator[Callable[[str], Awaitable[Page]]]:
    """What shows one text after another in a page: from a file, at the slides' size, with no network."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        size = ViewportSize(width=1280, height=720)
        page = await browser.new_page(viewport=size, reduced_motion="reduce", offline=True)

        async def show(html: str) -> Page:
            file.write_text(html, encoding="utf-8")
            if page.url != "about:blank":
                await page.goto("about:blank")
                await page.request_gc()  # or what all texts took is held together
            await page.emulate_media(media="screen")
            await page.goto(file.as_uri(), wait_until="load")
            await page.evaluate("document.fonts.ready")
            return page

        yield show
        await page.close()


async def printed(page: Page, size: str) -> bytes:
    """The page as tagged PDF; ``size`` is "1280px 720px" or the like, or empty if the page has one."""
    await page.emulate_media(media="print")
    await page.evaluate((THEME / "print.js").read_text(encoding="utf-8"), size)
    return await page.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)


def pictures(pdf: bytes, pages: list[int]) -> list[str]:
    """Pages of a PDF, from 0, as pictures of two pixels for three points, each as a data URL."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [drawn(document[number]) for number in pages]


def drawn(page: pypdfium2.PdfPage) -> str:
    file = io.BytesIO()
    picture = page.render(scale=2 / 3).to_pil()
    picture.save(file, "webp", method=1)  # the fastest; a third to a half of a PNG's size
    return "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode()


def finish(pdf: bytes, titles: list[str], title: str, author: str) -> bytes:
    """The same pages with Title, Author, an outline entry a title, page labels and Formula tags."""
    reader = PdfReader(io.BytesIO(pdf))
    pages, writer = heading_pages(reader, titles), PdfWriter(clone_from=reader)
    writer.root_object.pop("/Outlines", None)
    writer.metadata = {"/Title": title, "/Author": author, "/Producer": "Chromium and pypdf"}
    for name, number in zip(titles, pages, strict=True):
        writer.add_outline_item(title=name, page_number=number)
    writer.set_page_label(0, len(writer.pages) - 1, style=PageLabelStyle.DECIMAL, start=1)
    writer.page_mode = "/UseOutlines"
    preferences = writer.create_viewer_preferences()
    preferences[NameObject("/DisplayDocTitle")] = BooleanObject(True)
    for element in tags(writer.root_object["/StructTreeRoot"]):
        alt = element.get("/Alt", "")
        if element.get("/S") == "/Figure" and alt.startswith(FORMULA):
            element[NameObject("/S")] = NameObject("/Formula")
            element[NameObject("/Alt")] = TextStringObject(alt.removeprefix(FORMULA))
    writer.pdf_header = "%PDF-1.7"
    written = io.BytesIO()
    writer.write(written)
    return renumbered(written.getvalue())


def renumbered(pdf: bytes) -> bytes:
    """The same with table cells named from 1 on: Chromium's numbers depend on how busy the machine was."""
    names = sorted(set(NODE.findall(pdf)))
    numbers = {name: b"(node%08d)" % number for number, name in enumerate(names, 1)}  # no longer, no shorter
    return NODE.sub(lambda found: numbers[found[0]], pdf)


def heading_pages(reader: PdfReader, titles: list[str]) -> list[int]:
    """The page, from 0, of each slide: Chromium's own outline has its headings in order, the title's first.

    Its texts are not used: they lose a space where a title breaks into two lines, and have no formulas.
    """
    headings = [entry for depth, entry in flat(reader.outline) if depth < 2]
    if len(headings) != len(titles):
        raise KitError(
            f"{len(headings)} headings were printed for {len(titles)} slides",
            remedy="use ### for a heading inside a slide",
        )
    return [reader.get_destination_page_number(entry) or 0 for entry in headings]


def flat(outline: Any, depth: int = 0) -> Iterator[tuple[int, Any]]:
    """Every entry of an outline with its depth."""
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry, depth + 1)
        else:
            yield depth, entry


def tags(root: Any) -> Iterator[DictionaryObject]:
    """Every element of a tag tree, in reading order."""
    waiting = [root]
    while waiting:
        element = waiting.pop().get_object()
        if isinstance(element, ArrayObject):
            waiting.extend(reversed(element))
        elif isinstance(element, DictionaryObject):
            yield element
            if "/K" in element:
                waiting.append(element["/K"])
