"""HTML to PDF: Chromium prints, pypdf adds what Chromium cannot.

Chromium tags the headings, lists, tables and pictures. Added afterwards: author, an outline by slide titles,
page labels, and the tag Formula in place of Figure for formulas.
"""

import base64
import io
import re
from bisect import bisect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pypdfium2
from playwright.async_api import Page
from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    PdfObject,
    TextStringObject,
)

from kit.browser import NewPage
from kit.errors import KitError
from kit.render import THEME

NODE = re.compile(rb"\(node\d{8}\)")
DATE = re.compile(rb"\(D:\d{14}[^)]*\)")
FORMULA = "\N{INVISIBLE SEPARATOR}"  # marks, in print.js, the pictures that are formulas
MARK = re.compile(rb"<FEFF2063", re.IGNORECASE)  # the same, as Chromium writes it into a PDF


@asynccontextmanager
async def window(new_page: NewPage) -> AsyncIterator[Callable[[str], Awaitable[Page]]]:
    """What shows one text after another in a new page, from a file."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        page = await new_page()

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
    """The same pages with Title, Author, an outline entry a title, page labels and Formula tags.

    What says so stands behind the file as Chromium has written it, and replaces objects in it: an incremental
    update (ISO 32000-2, 7.5.6). To write the whole file anew takes ten times as long.
    """
    pdf = steady(pdf)
    reader = PdfReader(io.BytesIO(pdf))
    root, info = (reader.trailer.raw_get(key) for key in ("/Root", "/Info"))
    about = {"Title": title, "Author": author, "Producer": "Chromium and pypdf"}
    labels = dictionary(S=NameObject("/D"), St=NumberObject(1))
    catalog = {
        "Version": NameObject("/1.7"),
        "PageMode": NameObject("/UseOutlines"),
        "PageLabels": dictionary(Nums=ArrayObject([NumberObject(0), labels])),
        "ViewerPreferences": dictionary(DisplayDocTitle=BooleanObject(True)),
    }
    objects = {
        info.idnum: dictionary(**{key: TextStringObject(text) for key, text in about.items()}),
        root.idnum: changed(reader.root_object, **catalog),
        **outline(reader, titles),
        **formulas(reader, pdf),
    }
    return pdf + update(objects, reader.trailer, pdf)


def outline(reader: PdfReader, titles: list[str]) -> dict[int, DictionaryObject]:
    """Chromium's outline, flat and with these titles, as objects by number.

    It has the headings in order, the title's first. Its own texts are not used: they lose a space where a
    title breaks into two lines, and have no formulas.
    """
    top = reader.root_object.raw_get("/Outlines")
    at = [here for depth, here in headings(top.get_object()) if depth < 2]
    if len(at) != len(titles):
        raise KitError(
            f"{len(at)} headings were printed for {len(titles)} slides",
            remedy="use ### for a heading inside a slide",
        )
    made = {}
    for here, title, before, after in zip(at, titles, [None, *at[:-1]], [*at[1:], None], strict=True):
        entry: Any = here.get_object()
        place = {key: entry.raw_get(f"/{key}") for key in ("Dest", "SE")}  # on paper, and in the tags
        beside = {key: to for key, to in (("Prev", before), ("Next", after)) if to}
        made[here.idnum] = dictionary(Title=TextStringObject(title), Parent=top, **place, **beside)
    count = NumberObject(len(at))
    made[top.idnum] = dictionary(Type=NameObject("/Outlines"), First=at[0], Last=at[-1], Count=count)
    return made


def headings(entry: Any, depth: int = 0) -> Iterator[tuple[int, IndirectObject]]:
    """Every entry of an outline below this one, with its depth."""
    step = "/First"
    while step in entry:
        here = entry.raw_get(step)
        yield depth, here
        entry, step = here.get_object(), "/Next"
        yield from headings(entry, depth + 1)


def formulas(reader: PdfReader, pdf: bytes) -> dict[int, DictionaryObject]:
    """The elements of the tag tree that are formulas, and tagged so."""
    numbers = {place: number for number, place in reader.xref[0].items()}
    places = sorted(numbers)
    found = {}
    for mark in MARK.finditer(pdf):
        number = numbers[places[bisect(places, mark.start()) - 1]]
        element: Any = reader.get_object(number)
        alt = TextStringObject(element["/Alt"].removeprefix(FORMULA))
        found[number] = changed(element, S=NameObject("/Formula"), Alt=alt)
    return found


def dictionary(**values: PdfObject) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in values.items()})


def changed(old: DictionaryObject, **values: PdfObject) -> DictionaryObject:
    return DictionaryObject({**dict(dict.items(old)), **dictionary(**values)})


def update(objects: Mapping[int, PdfObject], trailer: DictionaryObject, pdf: bytes) -> bytes:
    """What to write behind a PDF so that it has these objects in place of those with the same numbers."""
    written, table = io.BytesIO(), b"xref\n0 1\n0000000000 65535 f \n"
    for number, value in sorted(objects.items()):
        table += b"%d 1\n%010d 00000 n \n" % (number, len(pdf) + written.tell())
        written.write(b"%d 0 obj\n" % number)
        value.write_to_stream(written)
        written.write(b"\nendobj\n")
    start = len(pdf) + written.tell()
    written.write(table + b"trailer\n")
    before = NumberObject(pdf[pdf.rindex(b"startxref") :].split()[1])
    changed(trailer, Prev=before).write_to_stream(written)
    written.write(b"\nstartxref\n%d\n%%%%EOF\n" % start)
    return written.getvalue()


def steady(pdf: bytes) -> bytes:
    """The same without dates, and with table cells named from 1 on: nothing gets longer or shorter.

    Chromium's numbers depend on how busy the machine was.
    """
    names = sorted(set(NODE.findall(pdf)))
    numbers = {name: b"(node%08d)" % number for number, name in enumerate(names, 1)}
    named = NODE.sub(lambda found: numbers[found[0]], pdf) if names else pdf
    return DATE.sub(lambda found: b"(" + b" " * (len(found[0]) - 2) + b")", named)
