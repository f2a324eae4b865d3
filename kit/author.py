"""From what an author wrote to a notebook: fields are computed, then jupytext reads the text.

Every cell knows the line where it was written, and every id comes from its position, so that errors can
be found and the same text gives the same notebook.
"""

import importlib
import re
import traceback
from pathlib import Path
from typing import Any

import jinja2
import jupytext
import nbformat
import yaml
from jinja2.ext import Extension
from nbformat import NotebookNode

from kit import directives, fields, listing
from kit.errors import KitError
from kit.pictures import picture
from kit.sources import Source

ENCODING = "utf-8-sig"  # UTF-8, with or without the mark that some editors put first
EXPECTED = (
    ("title", str, 'title: "2024: the year"'),
    ("subtitle", str, "subtitle: In a line"),
    ("author", str, "author: A. Lecturer"),
    ("course", str, "course: Computer vision"),
    ("minutes", int, "minutes: 45"),
    ("uses", list, "uses: [tinyspatial.shapes]"),
    ("objectives", dict, "objectives: {output-shape: compute the size of any output}"),
    ("serves", list, "serves: [output-shape]"),
    ("data", dict, "data: {digits: tinyspatial.reading.as_file}"),
    ("theme", str, "theme: dark"),
    ("answers", str, "answers: published"),
)
CHOICES = {"theme": ("light", "dark"), "answers": ("published",)}
MISTAKES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, ImportError)


def author(source: Source, root: Path) -> NotebookNode:
    """The notebook that ``source`` describes.

    Front matter is in ``metadata.kit``; a code cell has ``metadata.source``, such as ``"decks/01_x.md:41"``.
    """
    checked(source.path, root)
    text = render(source.path, root)
    notebook = jupytext.reads(text, fmt="md:myst")
    kernel = notebook.metadata.pop("kernelspec", None)
    notebook.metadata.pop("jupytext", None)
    about = dict(notebook.metadata)
    notebook.metadata = NotebookNode(kit={**about, "name": source.name, "source": source.path})
    usual = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata.kernelspec = kernel or usual
    notebook.metadata.language_info = {"name": "python"}
    return numbered(notebook)


def numbered(notebook: NotebookNode) -> NotebookNode:
    """The same cells with ids that follow from their position: nbformat draws them at random."""
    cells = [NotebookNode({**cell, "id": f"cell-{n:03d}"}) for n, cell in enumerate(notebook.cells, 1)]
    return nbformat.from_dict({**notebook, "cells": cells})


def render(path: str, root: Path) -> str:
    """The text with every field computed. A mistake in a field is a KitError with its file and line."""
    try:
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(root, encoding=ENCODING),
            undefined=jinja2.StrictUndefined,
            extensions=[Located],
            keep_trailing_newline=True,
            autoescape=False,
        )
        environment.filters.update(fields.FILTERS)
        own = {"listing": listing.listing, "stub": listing.stub, "source": listing.source, "picture": picture}
        environment.globals.update({**own, **used(path, root)})
        return environment.get_template(path).render()
    except jinja2.TemplateSyntaxError as error:
        raise KitError(error.message or "not a template", error.name or path, error.lineno) from error
    except KitError as error:
        if error.file:
            raise
        file, line = written(error, path, root)
        raise KitError(error.problem, file, line, error.remedy) from error
    except (jinja2.TemplateError, *MISTAKES) as error:
        problem = f"{type(error).__name__}: {error}"
        raise KitError(problem, *written(error, path, root), "mend the field on that line") from error


def used(path: str, root: Path) -> dict[str, Any]:
    """The public names of the modules that the front matter lists under ``uses``."""
    names: dict[str, Any] = {}
    for module in front_matter(path, root).get("uses", []):
        found = importlib.import_module(module)
        names |= {name: value for name, value in vars(found).items() if not name.startswith("_")}
    return names


def understood(text: str) -> Any:
    """What YAML says. The parser in C, where there is one, is fast, and names another line for a mistake."""
    try:
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return yaml.safe_load(text)


def front_matter(path: str, root: Path) -> dict[str, Any]:
    """The YAML at the head of a source, or of the source that it extends."""
    text = read(path, root)
    if parent := re.match(r'\s*{%-?\s*extends\s+"([^"]+)"', text):
        return front_matter(parent[1], root)
    try:
        found = understood(head(path, root)) or {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        problem = f"the front matter is no YAML: {error.problem}"
        raise KitError(problem, path, line, "put a text with a colon into quotes") from error
    for key, kind, example in EXPECTED:
        if not isinstance(found.get(key, kind()), kind):
            line = 1 + next(n for n, each in enumerate(text.split("\n")) if each.startswith(f"{key}:"))
            raise KitError(f"{key} is not {kind.__name__}", path, line, f"write it like {example}")
    for key, values in CHOICES.items():
        if found.get(key, values[0]) not in values:
            line = 1 + next(n for n, each in enumerate(text.split("\n")) if each.startswith(f"{key}:"))
            raise KitError(f"{key} is not {' or '.join(values)}", path, line, f"write {key}: {values[-1]}")
    if not found.get("title"):
        raise KitError("the front matter has no title", path, 1, "add a line title: …")
    return found


def head(path: str, root: Path) -> str:
    """The text between the dashes at the head of a source; its first line is the second of the file."""
    found = re.match(r"---\n(.*?)\n---\n", read(path, root), re.DOTALL)
    return found[1] if found else ""


def read(path: str, root: Path) -> str:
    """The text of a source."""
    try:
        return (root / path).read_text(encoding=ENCODING)
    except UnicodeDecodeError as error:
        raise KitError("is not text in UTF-8", path, remedy="save it as UTF-8") from error


def checked(path: str, root: Path) -> None:
    """Raise for a mistake in the front matter or the directives of a source as it was written."""
    front_matter(path, root)
    for line, problem, remedy in directives.mistakes((root / path).read_text(encoding=ENCODING)):
        raise KitError(problem, path, line, remedy)


class Located(Extension):
    """Has every cell with a tag say where it was written, without moving any line of the template."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        lines = enumerate(source.split("\n"), 1)
        return "\n".join(located(line, f"{name}:{number}") for number, line in lines)


def located(line: str, place: str) -> str:
    """The line with ``place`` among the metadata of the cell, if it begins one that has some."""
    if re.match(r"```+\{code-cell\}", line):
        return f'{line}{{{{ "\\n:source: {place}" }}}}'
    return re.sub(r'^\+\+\+ *\{ *"', f'+++ {{"source": "{place}", "', line)


def written(error: Exception, path: str, root: Path) -> tuple[str, int | None]:
    """File and line of the innermost field that was being computed when ``error`` was raised."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        place = Path(frame.filename)
        if place.suffix == ".md" and place.is_relative_to(root):
            return place.relative_to(root).as_posix(), frame.lineno
    return path, None


def place(cell: NotebookNode) -> tuple[str, int | None]:
    """File and line where a cell was written."""
    file, _, line = cell.metadata.get("source", "").rpartition(":")
    return file, int(line) if line else None
