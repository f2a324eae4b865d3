"""A submitted notebook, of which nothing is known: any bytes at all."""

import json
import re
from typing import Any, NamedTuple

HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
STUB = "YOUR ANSWER HERE"  # what a student finds in a cell of words


class Cell(NamedTuple):
    """One cell; ``name`` is nbgrader's grade_id, or empty where the metadata are lost."""

    code: bool
    source: str
    name: str


def cells(notebook: bytes, size: int) -> list[Cell]:
    """The cells of a notebook of format 3 or 4. ValueError, for the student to read, when it is none."""
    if len(notebook) > size:
        raise ValueError(f"the file has more than {size:,} bytes")
    try:
        content = json.loads(notebook)
    except (ValueError, RecursionError) as error:
        raise ValueError("the file is not a notebook") from error
    sheets = at(content, "worksheets", list)  # format 3 has its cells in these
    found = [each for sheet in [content, *sheets] for each in at(sheet, "cells", list)]
    if not found:
        raise ValueError("the file is not a notebook, or has no cells")
    return [cell(each) for each in found]


def cell(content: Any) -> Cell:
    """What can be made of one cell."""
    key = "source" if isinstance(content, dict) and "source" in content else "input"  # in format 3
    lines = at(content, key, list) or [at(content, key, str)]
    source = "".join(text for text in lines if isinstance(text, str))
    about = at(at(content, "metadata", dict), "nbgrader", dict)
    return Cell(at(content, "cell_type", str) == "code", source, at(about, "grade_id", str))


def at(content: Any, key: str, kind: type) -> Any:
    """The value under ``key`` if it is of this kind, else an empty one."""
    value = content.get(key) if isinstance(content, dict) else None
    return value if isinstance(value, kind) else kind()


def words(found: list[Cell], name: str, title: str) -> str:
    """What a student wrote as the answer ``name``, below the heading ``title``.

    It is in the cell of that name; where the names are lost, in the cells between that heading and the next.
    """
    texts = [cell.source.strip() for cell in found if cell.name == f"written-{name}"]
    if not texts:
        inside = False
        for cell in found:
            headings = [] if cell.code else HEADING.findall(cell.source)
            if headings:
                inside = headings[-1].strip() == title
            elif inside and not cell.code:
                texts.append(cell.source.strip())
    return "\n\n".join(text for text in texts if text != STUB)
