"""Notebook to HTML: nbconvert turns cells into HTML, and our page templates put it in its place."""

import base64
import html
import re
from functools import cache
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING, Any, NamedTuple

import jinja2
import nbformat
from nbformat import NotebookNode

from kit import markdown, watching
from kit.author import place
from kit.errors import KitError
from kit.slides import Slide

if TYPE_CHECKING:
    from nbconvert.exporters.templateexporter import TemplateExporter

THEME = Path(__file__).parent / "theme"
WIDEST_BESIDE = 60  # characters of code that leave room for captions beside them
CODE_SIZES = (26, 24, 22, 20)  # px; what does not fit is set in 18, the least that the gate allows


class Shown(NamedTuple):
    """A slide as HTML, and its notes where the speaker sees it."""

    number: int
    title: str
    classes: str
    layout: str
    show: str
    words: str
    notes: str
    line: int | None
    serves: tuple[str, ...]  # names of objectives


def shown(slide: Slide, file: str) -> Shown:
    """What is on the slide as HTML, with captions of listings among its words. ``file`` is for errors."""
    try:
        return laid_out(slide)
    except KitError as error:
        if error.file:
            raise
        raise KitError(error.problem, file, slide.line, error.remedy) from error


def laid_out(slide: Slide) -> Shown:
    """The parts, and the classes that their sizes call for."""
    texts = [cell.source for cell in slide.show if cell.cell_type == "markdown"]
    listings = [text for text in texts if not text.startswith(watching.FENCE)]
    captions = "".join(markdown.captions_html(text.split("\n", 1)[0].lstrip("`")) for text in listings)
    show, words = cells_html(slide.show), captions + cells_html(slide.words)
    lines = [line for text in listings for line in text.split("\n")[1:-1]]
    widest = max(map(len, lines), default=0)
    classes = set(slide.classes) | ({"below"} if words and widest > WIDEST_BESIDE else set())
    if lines:
        classes.add(f"code-{code_size(len(lines), widest, 'below' in classes, bool(words))}")
    if not (show or words or slide.number == 1):
        raise KitError("the slide shows nothing", remedy="write some words, or end its cell with a figure")
    layout = "both" if show and words else "show-only" if show else "words-only"
    return Shown(
        slide.number,
        markdown.inline_html(slide.title),
        " ".join(sorted(classes)),
        layout,
        show,
        words,
        "",
        slide.line,
        slide.serves,
    )


def code_size(lines: int, widest: int, below: bool, words: bool) -> int:
    """The largest type, in px, in which a listing fits the room that its slide has."""
    width = 1136 - 72 if below or not words else 790 - 72
    height = 505 - (110 if below else 0)
    fits = (
        size for size in CODE_SIZES if widest * 0.6 * size <= width and lines * 1.42 * size + 28 <= height
    )
    return next(fits, 18)


def cells_html(cells: list[NotebookNode]) -> str:
    """Cells and their outputs as HTML. A picture without alternative text is a KitError."""
    if not cells:
        return ""
    body, _ = exporter(get_ident()).from_notebook_node(nbformat.v4.new_notebook(cells=cells))
    return body.strip()


@cache
def exporter(thread: int) -> "TemplateExporter":
    """nbconvert with our cell template and filters, one for each thread, for it keeps what it works on.

    Jupyter's own tags say what is hidden.
    """
    from nbconvert.exporters.templateexporter import TemplateExporter  # who only fills in pages needs none
    from traitlets.config import Config

    tags = {"enabled": True, "remove_cell_tags": {"remove-cell"}, "remove_input_tags": {"remove-input"}}
    return TemplateExporter(
        config=Config({"TagRemovePreprocessor": tags}),
        template_name="theme",
        extra_template_basedirs=[str(THEME.parent)],
        template_file="cells.html.j2",
        filters={"markdown": markdown.to_html, "code": code_html, "picture": picture_html},
    )


def code_html(cell: NotebookNode) -> str:
    return markdown.listing_html(cell.source, "python")


def picture_html(cell: NotebookNode, output: NotebookNode, kind: str) -> str:
    """A picture of an output, inside the page, with its alternative text and natural size."""
    alt = cell.metadata.get("alt") or output.get("metadata", {}).get(kind, {}).get("alt", "")
    if not alt.strip():
        raise KitError(
            "the figure has no alternative text",
            *place(cell),
            remedy='end with figure.set_label("…"), or add :alt: …',
        )
    data = output.data[kind]
    coded = base64.b64encode(data.encode()).decode() if kind == "image/svg+xml" else data.replace("\n", "")
    size = natural_size(data) if kind == "image/svg+xml" else ""
    words = html.escape(" ".join(alt.split()))
    return f'<img class="figure" alt="{words}"{size} src="data:{kind};base64,{coded}">'


def natural_size(svg: str) -> str:
    """Width and height in CSS pixels of an SVG that states them in points."""
    found = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg[:2000])
    if not found:
        return ""
    width, height = (round(float(points) * 4 / 3) for points in found.groups())
    return f' width="{width}" height="{height}"'


@cache
def templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(THEME),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(template: str, **values: Any) -> str:
    """One of our page templates, filled in."""
    return templates().get_template(template).render(**values)
