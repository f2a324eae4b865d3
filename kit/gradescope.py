"""A zip for Gradescope: it grades one exercise with NumPy, the standard library and a few of our modules.

Gradescope wants its two programs at the root of the zip. It has the hidden cases and the reference: it is for
instructors, who upload it under *Configure Autograder*.
"""

import ast
from functools import cache
from pathlib import Path
from typing import Any

from kit.grading.assignment import as_file
from kit.packs import REQUIREMENTS, Files, zipped
from kit.syntax import parsed

ROOT = Path(__file__).parent.parent
PROGRAMS = ("setup.sh", "run_autograder")
SETUP = f"""\
#!/usr/bin/env bash
# Run by Gradescope once, when it makes the image.
set -e
apt-get update
apt-get install -y python3-pip
python3 -c 'import sys; sys.exit("choose Ubuntu 22.04 or later" if sys.version_info < (3, 10) else 0)'
export PIP_BREAK_SYSTEM_PACKAGES=1  # an image with one purpose needs no environment within
python3 -m pip install '{REQUIREMENTS.decode().strip()}'
"""


def archive(assignment: dict[str, Any]) -> bytes:
    """The zip for one exercise; the same assignment gives the same bytes."""
    files = {"assignment.json": as_file(assignment), "setup.sh": SETUP.encode(), **modules()}
    files["run_autograder"] = source("kit.autograder")
    return zipped("", files, programs=PROGRAMS)


def modules() -> Files:
    """The modules that grade one notebook, by path: `kit.grading.judge`, its worker, and all they import."""
    found: Files = {}
    waiting = ["kit", "kit.grading", "kit.grading.judge", "kit.grading.worker"]
    while waiting:
        name = waiting.pop()
        if path(name) not in found:
            found[path(name)] = source(name)
            waiting += imported(found[path(name)].decode())
    return found


@cache
def imported(code: str) -> list[str]:
    """The modules of ``kit`` that some code imports."""
    found: list[str] = []
    for node in ast.walk(parsed(code)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [name for name in found if name.split(".")[0] == "kit" and (ROOT / path(name)).is_file()]


def path(name: str) -> str:
    """Where a module of ``kit`` is."""
    file = name.replace(".", "/")
    return f"{file}/__init__.py" if (ROOT / file).is_dir() else f"{file}.py"


def source(name: str) -> bytes:
    return (ROOT / path(name)).read_text(encoding="utf-8").encode()  # the same line ends everywhere
