"""A recorded run on a slide: a player for the screen, and a film strip of its telling moments for paper.

The block ```{watch} holds JSON of columns, one item for each step: which line ran, which cells it read and
wrote, what it computed. What the arrays mean is not known here; each has a role, and a role has a colour.
"""

import html
import itertools
import json
import re
from typing import Any, NamedTuple

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from kit.errors import KitError

FENCE = "```{watch}"
LIMIT = 150_000  # bytes of JSON a slide
WIDTH, HEIGHT = 1136, 424  # px: the room for the stage
LINE, LETTER, LABEL, GAP = 26, 10.8, 36, 34  # px: of the listing, of an array's name, between arrays
FRAME = (352, 180)  # px: the room for the arrays of one frame
WORDS = {"×": "times", "÷": "divided by", "−": "minus", "+": "plus", "=": "is", ">": "above", "<": "below",
         "≥": "at least", "≤": "at most", "≠": "not", "²": " squared", "∞": "infinity"}  # fmt: skip


class Grid(NamedTuple):
    """An array as it is shown: its last two axes, cell by cell."""

    name: str
    role: str
    rows: int
    columns: int
    cells: list[str]  # of all pages, before the first step; "" is a blank cell
    added: frozenset[int]  # cells shown faint
    longest: int  # characters of a number that any cell will have


def watch_html(text: str) -> str:
    """The player, shown where the deck's script runs, the film strip, and the data of both."""
    run = json.loads(text)
    grids = [grid(run, name, role) for name, role in run["roles"].items()]
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


def grid(run: dict[str, Any], name: str, role: str) -> Grid:
    """An array before the first step. A cell is blank until it is written, if it is not read before that."""
    array, shape = run["arrays"][name], []
    while isinstance(array, list):
        shape.append(len(array))
        array = array[0] if array else 0
    cells = [written(value) for value in flat(run["arrays"][name])]
    reads, writes = (run["steps"][way].get(name, []) for way in ("reads", "writes"))
    seen: set[int] = set()
    for read, write in itertools.zip_longest(reads, writes):
        seen.add(read)
        if write is not None and write not in seen:
            cells[write] = ""
            seen.add(write)
    if any(write is not None for write in writes):
        cells = [cell if k in seen else "" for k, cell in enumerate(cells)]
    rows, columns = ([1, 1] + shape)[-2:]
    later = [written(value) or "" for value in run["steps"]["values"].get(name, ())]
    longest = max(map(len, [*cells, *later]), default=1)
    return Grid(name, role, rows, columns, cells, frozenset(run["added"].get(name, ())), longest)


def flat(array: Any) -> list[Any]:
    return [each for part in array for each in flat(part)] if isinstance(array, list) else [array]


def written(value: Any) -> str | None:
    """A number for people: 4, −0.33, ∞; None as it is."""
    if value is None or isinstance(value, bool):
        return value if value is None else str(value)
    number = float(value)
    text = f"{number:.0f}" if abs(number) >= 100 else f"{number:.2f}".rstrip("0").rstrip(".")
    text = f"{number:.1g}" if text in ("0", "-0") and number else text
    return {"-0": "0", "inf": "∞", "-inf": "−∞"}.get(text, text.replace("-", "−"))


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
    first, last = run["part"]
    lines = run["listing"][first - 1 : last]
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    lines = [line[margin:] for line in lines]
    widest = max(len(line.partition("#")[0].rstrip()) for line in lines)
    width, height = round(widest * LETTER) + 44, len(lines) * LINE + 24
    beside = cell_size(grids, WIDTH - width - 40, HEIGHT)
    below = cell_size(grids, WIDTH, HEIGHT - height - 24)
    layout, cell = ("beside", beside) if beside >= below else ("below", below)
    small = cell_size(grids, *FRAME)
    arrays = "".join(array_html(each, side(each, cell), side(each, small)) for each in grids)
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


def listing(lines: list[str], roles: dict[str, str], name: str) -> str:
    """The loops, with the arrays in their colours and room for where each loop stands."""
    coloured = highlight("\n".join(lines), PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    for array, role in roles.items():
        coloured = re.sub(rf'<span class="n">{array}</span>', f'<span class="n {role}">{array}</span>', coloured)
    spans = []
    for line, text in zip(coloured.rstrip("\n").split("\n"), lines, strict=True):
        loop = re.match(r"\s*for (.+?) in ", text)
        counter = f'<span class="at" data-loop="{loop[1]}"></span>' if loop else ""
        spans.append(f'<span class="line">{line}{counter}\n</span>')
    pre = f'<pre tabindex="0" role="region" aria-label="Code of {name}"><code>{"".join(spans)}</code></pre>'
    return f'<div class="listing">{pre}</div>'


def bar(by: str, steps: int) -> str:
    """Back, play, next, the slider, where we are, and how long a step is."""
    return (
        '<div class="bar"><button type="button" data-do="back">Back</button>'
        '<button type="button" data-do="play">Play</button>'
        '<button type="button" data-do="next">Next</button>'
        f'<input type="range" min="0" max="{steps - 1}" value="0" aria-label="Step">'
        f'<output>1 / {steps}</output>'
        f'<button type="button" data-do="long" aria-pressed="false">step by <code>{by}</code></button></div>'
    )


def array_html(grid: Grid, large: int, small: int) -> str:
    """One page of an array with cells of two sizes, in px, and the frame that its window will have."""
    faint = {True: ' class="added"', False: ""}
    cells = "".join(
        f"<i{faint[k in grid.added]}>{text}</i>" for k, text in enumerate(grid.cells[: grid.rows * grid.columns])
    )
    style = f"--rows:{grid.rows};--columns:{grid.columns};--longest:{grid.longest};--large:{large}px;--small:{small}px"
    return (
        f'<div class="array {grid.role}" data-name="{grid.name}" data-columns="{grid.columns}" style="{style}"><p><code>{grid.name}</code></p>'
        f'<div class="cells">{cells}<b></b></div></div>'
    )


def cell_size(grids: list[Grid], width: float, height: float) -> int:
    """The largest side of a cell, in px, with which the arrays fit when they flow like words."""
    return next((cell for cell in range(52, 22, -1) if flowed(grids, cell, width) <= height), 22)


def side(grid: Grid, cell: int) -> int:
    """The side of a cell of this array, in px: wide enough for its longest number in 16 px."""
    return max(cell, 8 * grid.longest + 5)


def flowed(grids: list[Grid], cell: int, width: float) -> float:
    """How high the arrays stand in rows of this width."""
    total, used, high = 0.0, 0.0, 0.0
    for each in grids:
        wide = max(each.columns * side(each, cell), len(each.name) * 13.5)
        if wide > width:
            return float("inf")
        if used and used + GAP + wide > width:
            total, used, high = total + high + 12, 0.0, 0.0
        used += wide + (GAP if used else 0)
        high = max(high, each.rows * side(each, cell) + LABEL)
    return total + high


def strip(run: dict[str, Any], name: str) -> str:
    """The telling moments in words; the script puts the arrays to each."""
    frames = "".join(
        f'<li data-step="{step}"><p>{marked(caption)}</p></li>' for step, caption in run["moments"]
    )
    return f'<ol class="strip" aria-label="{name}, its telling moments">{frames}</ol>'
