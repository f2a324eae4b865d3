"""Files of data that an exercise gives to students: what functions of the library return, as JSON.

`data: {digits: tinyspatial.reading.as_file}` in the front matter is a file digits.json beside the notebook.
The function takes nothing and returns a dictionary of lists, numbers and texts. Its "source" says whose the
data are and under which licence, and stands in the README of the pack.
"""

import importlib
import json
from typing import Any

from nbformat import NotebookNode

from kit.errors import KitError

MOST = 200_000  # bytes; a pack is a mail attachment, and stands in a notebook in its one-file form


def files(exercise: NotebookNode) -> dict[str, bytes]:
    """The files of data of an exercise, by name. KitError for one that cannot be given out."""
    where = exercise.metadata.kit["source"]
    found = {}
    for name, function in exercise.metadata.kit.get("data", {}).items():
        content = made(function, where)
        if not json.loads(content).get("source"):
            remedy = 'return a dictionary with a text "source"'
            raise KitError(f"{function} does not say whose its data are", where, remedy=remedy)
        if len(content) > MOST:
            problem = f"{name}.json has {len(content):,} bytes, at most {MOST:,} are allowed"
            raise KitError(problem, where, remedy="give less data, or fewer digits of each number")
        found[f"{name}.json"] = content
    return found


def made(function: str, where: str) -> bytes:
    """What the function with this dotted name returns, as a file."""
    module, _, name = function.rpartition(".")
    try:
        return encoded(dict(getattr(importlib.import_module(module), name)()))
    except (ImportError, AttributeError, ValueError) as error:
        remedy = "write data: {name: package.module.function}"
        raise KitError(f"{function!r} gives no data: {error}", where, remedy=remedy) from error


def encoded(value: dict[str, Any]) -> bytes:
    """A JSON object with a line for each name, always in the same bytes."""
    lines = (f"{json.dumps(name)}: {dense(item)}" for name, item in value.items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def dense(value: Any) -> str:
    """The value as JSON without blanks."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sources(found: dict[str, bytes]) -> dict[str, str]:
    """Whose the data are, by the name of the file."""
    return {name: json.loads(content)["source"] for name, content in found.items()}
