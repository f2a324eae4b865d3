"""A recorded run on a slide: a player for the screen, and a film strip of its telling moments for paper.

The block ```{watch} holds JSON of columns, one item for each step: which line ran, which cells it read and
wrote, what it computed. What the arrays mean is not known here; each has a role, and a role has a colour.
"""

import html
import itertools
import json
import math
import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from kit.errors import KitError
from kit.grids import Grid, alike, array_html, cell_size, grid, written

THEME = Path(__file__).with_name("theme")
FENCE = "```{watch}"
LIMIT = 150_000  # bytes of JSON a slide
WIDTH, HEIGHT = 1136, 424  # px: the room for the stage
LINE, LETTER = 26, 10.8  # px: of the listing
STRIP, GUTTER, BETWEEN = (1116, 510), 40, 22  # px: the film strip, between its columns and its rows
IN_FRAME = {"label": 28, "gap": 20}  # px: of an array's name, between arrays, in a frame
CAPTION, CHARACTER = 30, 11.5  # px: a line under a frame, a character of it
WORDS = {"×": "times", "÷": "divided by", "−": "minus", "+": "plus", "=": "is", ">": "above", "<": "below",
         "≥": "at least", "≤": "at most", "≠": "not", "²": " squared", "∞": "infinity"}  # fmt: skip


def watch_html(text: str) -> str:
    """The player, shown where the deck's script runs, the film strip, and the data of both."""
    run = json.loads(text)
    grids = alike([grid(run, name, role) for name, role in run["roles"].items()])
    data = json.dumps(film(run, grids), ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    if len(data.encode()) > LIMIT:
        problem = f"the step-through of {run['symbol']} has {len(data.encode()):,} bytes, more than {LIMIT:,}"
        raise KitError(problem, remedy="give it smaller arrays")
    name = run["symbol"].rpartition(".")[2]
    stops = "".join(
        f'<span class="fragment moment" data-step="{step}" data-fragment-index="{k}"></span>'
        for k, (step, _) in enumerate(run["moments"])
    )
    return (
        f'<div class="watch">{player(run, grids, name)}{strip(run, name)}'
        f'<script type="application/json">{data}</script>{stops}</div>\n'
    )


def script(notebook: NotebookNode) -> str:
    """What moves the step-throughs of a page and draws their film strips; nothing for a deck without."""
    watches = any(FENCE in cell.source for cell in notebook.cells)
    return (THEME / "watch.js").read_text(encoding="utf-8") if watches else ""


def in_words(notebook: NotebookNode) -> NotebookNode:
    """The notebook with each step-through as its listing and its telling moments."""
    block = re.compile(rf"^{re.escape(FENCE)}\n(.*)\n```$", re.MULTILINE)
    cells = [
        {**cell, "source": block.sub(lambda found: plain(found[1]), cell.source)} for cell in notebook.cells
    ]
    return nbformat.from_dict({**notebook, "cells": cells})


def plain(text: str) -> str:
    """A step-through as Markdown."""
    run = json.loads(text)
    told = said(run)
    moments = [f"{k}. {told[step]}" for k, (step, _) in enumerate(run["moments"], 1)]
    return "\n".join(["```python", *loops_of(run), "```", "", *moments])


def loops_of(run: dict[str, Any]) -> list[str]:
    """The lines of the loops, at the left margin."""
    first, last = run["part"]
    lines = run["listing"][first - 1 : last]
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    return [line[margin:] for line in lines]


def film(run: dict[str, Any], grids: list[Grid]) -> dict[str, Any]:
    """What the player needs, with every number as the text that is shown."""
    steps, shown = run["steps"], [g.name for g in grids]
    return {
        "line": [line - run["part"][0] for line in steps["line"]],
        "window": steps["window"],
        "windows": [{n: box for n, box in each.items() if n in shown} for each in run["windows"]],
        "places": {n: [written(v) for v in column] for n, column in steps["places"].items()},
        "values": {n: [written(v) for v in column] for n, column in steps["values"].items()},
        "reads": {n: steps["reads"].get(n, []) for n in shown},
        "writes": {n: steps["writes"].get(n, []) for n in shown},
        "cells": {g.name: g.cells for g in grids},
        "told": [marked(text) for text in run["told"]],
        "said": said(run),
        "stops": run["stops"],
    }


def marked(told: str) -> str:
    """[input 3.0] as a number in the colour of its role."""
    return re.sub(
        r"\[(\w*) ([^\]]+)\]",
        lambda found: f'<b class="{found[1]}">{written(found[2])}</b>',
        html.escape(told, quote=False),
    )


def said(run: dict[str, Any]) -> list[str]:
    """What a screen reader says at each step: "line 9, i 0, j 2: 3 times 0.5 is 1.5, total 4.5"."""
    steps, found = run["steps"], []
    moving = [(n, column) for n, column in steps["places"].items() if len(set(column) - {None}) > 1]
    for k, line in enumerate(steps["line"]):
        places = [f"{name} {column[k]}" for name, column in moving if column[k] is not None]
        text = html.unescape(re.sub(r"<[^>]+>", "", marked(run["told"][k])))
        text = " ".join(map(spoken, text.split()))
        head = ", ".join([f"line {line - run['part'][0] + 1}", *places])
        found.append(f"{head}: {text}" if text else head)
    return found


def spoken(word: str) -> str:
    """A sign as a word; a minus before a number is "minus"."""
    word = re.sub(r"^\((−.+)\)$", r"\1", word)
    return WORDS.get(word) or word.replace("²", WORDS["²"]).replace("−", "minus ").replace("∞", WORDS["∞"])


def player(run: dict[str, Any], grids: list[Grid], name: str) -> str:
    """Listing, numbers, arrays, and the bar under them."""
    lines = loops_of(run)
    widest = max(len(line.partition("#")[0].rstrip()) for line in lines)
    width, height = round(widest * LETTER) + 44, len(lines) * LINE + 24
    beside = cell_size(grids, WIDTH - width - 40, HEIGHT)
    below = cell_size(grids, WIDTH, HEIGHT - height - 24)
    layout, cell = ("beside", beside) if beside >= below else ("below", below)
    in_frame, small = framed(grids, [caption for _, caption in run["moments"]])
    if not (cell and small):
        raise KitError(
            f"the arrays of {name} do not fit on a slide", remedy="give it smaller ones, or show fewer"
        )
    kept = {each.name for each in in_frame}
    arrays = "".join(array_html(each, cell, small if each.name in kept else 0) for each in grids)
    tiles = "".join(
        f'<div data-name="{n}"><dt><code>{n}</code></dt><dd></dd></div>'
        for n in run["steps"]["values"]
        if n not in run["arrays"]
    )
    label = html.escape(f"{name}, step by step")
    return (
        f'<div class="player {layout}" role="group" aria-label="{label}" tabindex="-1">'
        f'<div class="stage">{listing(lines, run["roles"], name)}'
        f'<div class="sum" aria-hidden="true"><p class="told"></p><dl>{tiles}</dl></div>'
        f'<div class="arrays" aria-hidden="true">{arrays}</div></div>'
        f"{bar(run['by'], len(run['told']))}"
        '<p class="said" aria-live="polite"></p></div>'
    )


def framed(grids: list[Grid], captions: list[str]) -> tuple[list[Grid], int]:
    """The arrays in a frame, which are all or those that change, and the side of their cells, 0 if too large.

    Four frames and fewer stand in two columns, and have room for the names of rows.
    """
    columns = 2 if len(captions) <= 4 else 3
    rows = math.ceil(len(captions) / columns)
    width = (STRIP[0] - (columns - 1) * GUTTER) / columns
    longest = max(len(re.sub(r"<[^>]+>|&\w+;", "", marked(caption))) for caption in captions)
    lines = math.ceil(longest * CHARACTER / width)
    height = (STRIP[1] - (rows - 1) * BETWEEN) / rows - lines * CAPTION - 8
    grids = [each if columns == 2 else each._replace(names=[]) for each in grids]
    for shown in (grids, [each for each in grids if each.changes]):
        if size := cell_size(shown, width, height, **IN_FRAME):
            return shown, size
    return grids, 0


def listing(lines: list[str], roles: dict[str, str], name: str) -> str:
    """The loops, with the arrays in their colours and room for where each loop stands."""
    coloured = highlight("\n".join(lines), PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    for array, role in roles.items():
        coloured = re.sub(
            rf'<span class="n">{array}</span>', f'<span class="n {role}">{array}</span>', coloured
        )
    spans = []
    for number, (line, text) in enumerate(zip(coloured.rstrip("\n").split("\n"), lines, strict=True)):
        loop = re.match(r"(\s*)for (.+?) in ", text)
        inner = range(number + 1, number + 1 + body(lines[number + 1 :], len(loop[1]) if loop else 0))
        about = f'data-loop="{loop[2]}" data-first="{inner.start}" data-stop="{inner.stop}"' if loop else ""
        counter = f'<span class="at" {about}></span>' if loop else ""
        spans.append(f'<span class="line">{line}{counter}\n</span>')
    pre = f'<pre tabindex="0" role="region" aria-label="Code of {name}"><code>{"".join(spans)}</code></pre>'
    return f'<div class="listing">{pre}</div>'


def body(following: list[str], margin: int) -> int:
    """How many of the lines after a `for` are inside it: those further to the right."""
    inside = itertools.takewhile(lambda line: len(line) - len(line.lstrip()) > margin, following)
    return len(list(inside))


def bar(by: str, steps: int) -> str:
    """Back, play, next, the slider, where we are, and how long a step is."""
    return (
        '<div class="bar"><button type="button" data-do="back">Back</button>'
        '<button type="button" data-do="play">Play</button>'
        '<button type="button" data-do="next">Next</button>'
        f'<input type="range" min="0" max="{steps - 1}" value="0" aria-label="Step">'
        f"<output>1 / {steps}</output>"
        f'<button type="button" data-do="long" aria-pressed="false">step by <code>{by}</code></button></div>'
    )


def strip(run: dict[str, Any], name: str) -> str:
    """The telling moments in words; the script puts the arrays to each."""
    frames = "".join(
        f'<li data-step="{step}"><p>{marked(caption)}</p></li>' for step, caption in run["moments"]
    )
    pairs = " pairs" if len(run["moments"]) <= 4 else ""
    return f'<ol class="strip{pairs}" aria-label="{name}, its telling moments">{frames}</ol>'
