"""The executed notebook as slides, in two editions: what the speaker has, and what students may have.

An edition is a notebook again, one slide or note a cell, with the slideshow metadata that Jupyter's own
tools read.
"""

import re
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

from kit import directives
from kit.author import numbered, read
from kit.errors import KitError

HEADING = re.compile(r"^##\s+(?P<title>.*?)\s*(?:\{(?P<braces>[^}]*)\})?\s*$")
LAYOUTS = {"below", "statement"}


class Heading(NamedTuple):
    """The line that begins a slide: ``## Title {.below serves=output-shape,cost}``."""

    title: str  # Markdown
    classes: tuple[str, ...]  # of LAYOUTS
    serves: tuple[str, ...]  # names of objectives
    line: int | None


class Slide(NamedTuple):
    """One slide: what is shown large, the words beside it, and what the speaker says."""

    number: int  # from 1, which is the title slide
    title: str  # Markdown
    classes: tuple[str, ...]  # "below", "statement"
    show: list[NotebookNode]
    words: list[NotebookNode]
    notes: str  # Markdown
    line: int | None  # where its heading was written
    serves: tuple[str, ...]  # names of objectives


def speaker(notebook: NotebookNode) -> NotebookNode:
    """Everything, cut into cells of one slide or one note."""
    cells = []
    for cell in notebook.cells:
        cells += pieces(cell.source) if cell.cell_type == "markdown" else [typed(cell, "-")]
    return numbered(nbformat.from_dict({**notebook, "cells": cells}))


def audience(notebook: NotebookNode) -> NotebookNode:
    """What students may have: no notes, and an empty box in place of each answer that is not published."""
    secret = {"notes": None} if published(notebook) else {"notes": None, "answer": ""}

    def silent(block: directives.Block) -> str | None:
        return secret.get(block.name, block.text)

    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell = NotebookNode({**cell, "source": directives.replace(cell.source, silent)})
        if cell.source.strip():
            cells.append(cell)
    return speaker(nbformat.from_dict({**notebook, "cells": cells}))


def published(notebook: NotebookNode) -> bool:
    """Whether the front matter of a deck says that its answers may be seen."""
    return notebook.metadata.kit.get("answers") == "published"


def slides(edition: NotebookNode, root: Path | None = None) -> list[Slide]:
    """The slides of an edition, the title slide first. ``root`` is where the source is, to know its lines."""
    file = edition.metadata.kit.source
    lines = [each.line for each in headings(file, root)] if root else []
    found = [Slide(1, edition.metadata.kit.title, ("title",), [], [], "", 1, ())]
    for cell in edition.cells:
        kind = cell.metadata.slideshow.slide_type
        first = cell.source.split("\n", 1)[0]
        if kind == "slide" and HEADING.match(first):
            number = len(found) + 1
            line = lines[number - 2] if number - 2 < len(lines) else None
            title, classes, serves, _ = heading(first, file, line)
            found.append(Slide(number, title, classes, [], [], "", line, serves))
            cell = NotebookNode({**cell, "source": cell.source.partition("\n")[2].strip()})
        slide = found[-1]
        if kind == "notes":
            note = "\n\n".join(filter(None, [slide.notes, directives.blocks(cell.source)[0].text]))
            found[-1] = slide._replace(notes=note)
        elif cell.cell_type == "code":
            slide.show.append(cell)
        else:
            show, words = parted(cell.source)
            slide.show.extend(show)
            slide.words.extend(words)
    return found


def parted(text: str) -> tuple[list[NotebookNode], list[NotebookNode]]:
    """Listings, which are shown large, and the other words of one Markdown cell."""
    fence = re.compile(r"^(`{3,})[^\n]*\n.*?\n\1\s*$", re.DOTALL | re.MULTILINE)
    show, words = [], []
    for block in directives.blocks(text):
        if block.name:
            words.append(f"{block.colons}{{{block.name}}}\n{block.text}\n{block.colons}")
            continue
        end = 0
        for found in fence.finditer(block.text):
            words.append(block.text[end : found.start()])
            show.append(found[0])
            end = found.end()
        words.append(block.text[end:])
    return [markdown(t) for t in show], [markdown(t) for t in words if t.strip()]


def pieces(text: str) -> list[NotebookNode]:
    """A Markdown text cut where a slide begins and where a note stands."""
    cells = []
    for block in directives.blocks(text):
        if block.name == "notes":
            cells.append(typed(markdown(f"{block.colons}{{notes}}\n{block.text}\n{block.colons}"), "notes"))
        elif block.name:
            cells.append(
                typed(markdown(f"{block.colons}{{{block.name}}}\n{block.text}\n{block.colons}"), "-")
            )
        else:
            cells += [
                typed(markdown(part), "slide" if HEADING.match(part.split("\n", 1)[0]) else "-")
                for part in at_headings(block.text)
            ]
    return cells


def at_headings(text: str) -> list[str]:
    """The text cut before each ``## `` that is not inside a code fence."""
    parts, code = [""], False
    for line in text.strip("\n").split("\n"):
        code ^= line.startswith("```")
        if HEADING.match(line) and not code:
            parts.append("")
        parts[-1] += line + "\n"
    return [part.strip("\n") for part in parts if part.strip()]


def headings(file: str, root: Path) -> list[Heading]:
    """The slide headings of a source as it was written, with their lines."""
    found, code = [], False
    for number, line in enumerate(read(file, root).split("\n"), 1):
        code ^= line.startswith("```")
        if HEADING.match(line) and not code:
            found.append(heading(line, file, number))
    return found


def heading(text: str, file: str, line: int | None) -> Heading:
    """A line that HEADING matches, read. What its braces say must be a layout or ``serves=``."""
    matched = HEADING.match(text)
    assert matched
    classes: list[str] = []
    serves: list[str] = []
    for word in (matched["braces"] or "").split():
        if word.startswith("serves="):
            serves += word.removeprefix("serves=").split(",")
        elif word.lstrip(".") in LAYOUTS:
            classes.append(word.lstrip("."))
        else:
            problem = f"there is no layout .{word.lstrip('.')}"
            raise KitError(problem, file, line, "write .below, .statement, or serves=one-objective,another")
    return Heading(matched["title"], tuple(classes), tuple(filter(None, serves)), line)


def markdown(text: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(text.strip("\n"))


def typed(cell: NotebookNode, slide_type: str) -> NotebookNode:
    """The cell with the slideshow metadata that JupyterLab and RISE read."""
    return NotebookNode(
        {
            **cell,
            "metadata": NotebookNode({**cell.metadata, "slideshow": NotebookNode(slide_type=slide_type)}),
        }
    )
