"""The printed files: real PDFs of the real deck, opened and inspected."""

import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from nbformat import NotebookNode
from pypdf import PdfReader

from kit import author, course, printing, slides
from kit.sources import Source, discover
from tests.conftest import ROOT

pytestmark = pytest.mark.browser

DECKS = [source for source in discover(ROOT) if source.kind == "decks"]
PRINTED = {
    "slides": "public/slides/{}.pdf",
    "notes": "instructor/slides/{}.pdf",
    "handout": "public/handouts/{}.pdf",
    "3up": "public/handouts/{}-3up.pdf",
}
EVERY = [pytest.param(d, kind, id=f"{d.name}-{kind}") for d in DECKS for kind in PRINTED]


def authored(deck: Source) -> NotebookNode:
    """A deck as the build keeps it: some of its fields take seconds."""
    made: NotebookNode = course.authored(deck.path, ROOT, author.author, deck, ROOT)
    return made


@cache
def titles(deck: Source) -> list[str]:
    """The slide titles as the source says them, without Markdown."""
    notebook = slides.speaker(authored(deck))
    said = [re.sub(r"[$*`]", "", s.title) for s in slides.slides(notebook)]
    return [title.replace("\N{NO-BREAK SPACE}", " ") for title in said]


def opened(dist: Path, deck: Source, kind: str) -> PdfReader:
    return read(dist / PRINTED[kind].format(deck.name))


@cache
def read(path: Path) -> PdfReader:
    return PdfReader(io.BytesIO(path.read_bytes()))


def elements(reader: PdfReader) -> Iterator[Any]:
    """Every structure element of the tag tree, in reading order."""
    waiting = [reader.root_object["/StructTreeRoot"]]
    while waiting:
        element = waiting.pop().get_object()
        if isinstance(element, list):
            waiting.extend(reversed(element))
        elif isinstance(element, dict):
            yield element
            waiting.extend([element["/K"]] if "/K" in element else [])


def fonts(resources: Any) -> Iterator[Any]:
    """Every font of a page's resources, those of form objects included."""
    for font in resources.get("/Font", {}).values():
        yield font.get_object()
    for _, thing in things(resources):
        yield from fonts(thing.get("/Resources", {}))


def things(resources: Any) -> Iterator[tuple[str, Any]]:
    """Every picture and form object of a page's resources, those inside of form objects included."""
    for name, thing in resources.get("/XObject", {}).items():
        yield name, thing.get_object()
        yield from things(thing.get_object().get("/Resources", {}))


@pytest.mark.parametrize("deck", [pytest.param(d, id=d.name) for d in DECKS])
def test_each_slide_is_one_page_and_each_page_with_notes_is_one(dist: Path, deck: Source) -> None:
    count = len(titles(deck))
    assert len(opened(dist, deck, "slides").pages) == count
    assert len(opened(dist, deck, "notes").pages) == count
    assert len(opened(dist, deck, "3up").pages) == -(-count // 3)


@pytest.mark.parametrize(("deck", "kind"), EVERY)
def test_it_has_language_title_author_page_labels_and_shows_its_title(
    dist: Path, deck: Source, kind: str
) -> None:
    reader = opened(dist, deck, kind)
    about = authored(deck).metadata.kit
    assert reader.root_object["/Lang"] == "en"
    assert reader.metadata is not None
    assert str(reader.metadata.title).startswith(about.title)
    assert reader.metadata.author == about.author
    assert reader.root_object["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712 - a PDF object
    assert reader.page_labels == [str(n) for n in range(1, len(reader.pages) + 1)]


@pytest.mark.parametrize(("deck", "kind"), EVERY)
def test_the_outline_has_an_entry_a_slide_that_leads_to_its_page(dist: Path, deck: Source, kind: str) -> None:
    reader = opened(dist, deck, kind)
    entries = [entry for entry in reader.outline if not isinstance(entry, list)]
    assert [entry.title for entry in entries] == titles(deck)
    pages = [reader.get_destination_page_number(entry) or 0 for entry in entries]
    printed = pypdfium2.PdfDocument(reader.stream)
    texts = [squeezed(page.get_textpage().get_text_bounded()) for page in printed]
    for entry, page in zip(entries, pages, strict=True):
        assert squeezed(entry.title)[:18] in texts[page]


def squeezed(text: str) -> str:
    return re.sub(r"\W", "", text)


@pytest.mark.parametrize(("deck", "kind"), EVERY)
def test_every_slide_is_in_the_tag_tree(dist: Path, deck: Source, kind: str) -> None:
    reader = opened(dist, deck, kind)
    assert reader.root_object["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a PDF object
    tags = [element.get("/S") for element in elements(reader)]
    assert tags.count("/H1") == 1
    assert tags.count("/H2") == len(titles(deck)) - 1
    assert all("/StructParents" in page for page in reader.pages)


@pytest.mark.parametrize(("deck", "kind"), EVERY)
def test_figures_and_formulas_have_alternative_text(dist: Path, deck: Source, kind: str) -> None:
    found = [e for e in elements(opened(dist, deck, kind)) if e.get("/S") in ("/Figure", "/Formula")]
    assert {"/Figure", "/Formula"} <= {e["/S"] for e in found}
    assert [e for e in found if len(e.get("/Alt", "").strip()) < 1] == []
    assert not [e for e in found if "\N{INVISIBLE SEPARATOR}" in e["/Alt"]]


@pytest.mark.parametrize(("deck", "kind"), EVERY)
def test_fonts_are_ours_embedded_and_none_is_type_3(dist: Path, deck: Source, kind: str) -> None:
    used = [font for page in opened(dist, deck, kind).pages for font in fonts(page["/Resources"])]
    assert used
    assert {font["/Subtype"] for font in used} == {"/Type0"}
    for font in used:
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)
        assert re.search("SourceSans3|JetBrainsMono|KaTeX", font["/BaseFont"]), font["/BaseFont"]


@pytest.mark.parametrize(("deck", "kind"), EVERY)
def test_pictures_are_vector(dist: Path, deck: Source, kind: str) -> None:
    for page in opened(dist, deck, kind).pages:
        assert [name for name, thing in things(page["/Resources"]) if thing["/Subtype"] == "/Image"] == []
        assert not re.search(rb"\sBI\s.{1,400}?\sID\s", page.get_contents().get_data(), re.DOTALL)


@pytest.mark.parametrize(("deck", "kind"), EVERY)
def test_what_the_update_behind_it_replaces_is_all_that_it_says(dist: Path, deck: Source, kind: str) -> None:
    """The first state, as Chromium wrote it, and the last one have the same pages, byte for byte."""
    last = (dist / PRINTED[kind].format(deck.name)).read_bytes()
    first = last[: last.index(b"%%EOF") + len(b"%%EOF")]
    pages = [[page.get_contents().get_data() for page in strictly(state).pages] for state in (first, last)]
    assert pages[0] == pages[1]
    assert b"(D:" not in last
    assert strictly(last).root_object["/Version"] == "/1.7"


def strictly(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf), strict=True)


def test_the_names_of_table_cells_do_not_depend_on_chromiums_count() -> None:
    early = b"/ID (node00003985) /Headers [ (node00003985) (node00003990) ]"
    late = b"/ID (node00003986) /Headers [ (node00003986) (node00003991) ]"
    named = b"/ID (node00000001) /Headers [ (node00000001) (node00000002) ]"
    assert [printing.steady(each) for each in (early, late)] == [named, named]


def test_no_date_is_kept_and_nothing_moves() -> None:
    pdf = b"1 0 obj <</CreationDate (D:20261201063944+00'00')>> endobj 2 0 obj"
    assert printing.steady(pdf) == b"1 0 obj <</CreationDate (" + b" " * 23 + b")>> endobj 2 0 obj"
