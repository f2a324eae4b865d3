"""Arrays of a recorded run as grids of cells: what is in them at first, how large they can be, their HTML."""

import html
import itertools
from typing import Any, NamedTuple

LABEL, GAP = 36, 34  # px: of an array's name, between arrays, in the player


class Grid(NamedTuple):
    """An array as it is shown: its last two axes, cell by cell."""

    name: str
    role: str
    rows: int
    columns: int
    cells: list[str]  # of all pages, before the first step; "" is a blank cell
    added: frozenset[int]  # cells shown faint
    longest: int  # characters of a number that any cell will have
    changes: bool  # it is written to
    names: list[str]  # of its rows, or none


def grid(run: dict[str, Any], name: str, role: str) -> Grid:
    """An array before the first step. A cell is blank until it is written, if it is not read before that."""
    array, shape = run["arrays"][name], []
    while isinstance(array, list):
        shape.append(len(array))
        array = array[0] if array else 0
    cells = [written(value) or "" for value in flat(run["arrays"][name])]
    reads, writes = (run["steps"][way].get(name, []) for way in ("reads", "writes"))
    seen: set[int] = set()
    for read, write in itertools.zip_longest(reads, writes):
        seen.add(read)
        if write is not None and write not in seen:
            cells[write] = ""
            seen.add(write)
    changes = any(write is not None for write in writes)
    absent = [k for k, cell in enumerate(cells) if changes and cell == "NaN"]
    if changes:
        cells = [cell if k in seen and cell != "NaN" else "" for k, cell in enumerate(cells)]
    rows, columns = [1, 1, *shape][-2:]
    later = [written(value) or "" for value in run["steps"]["values"].get(name, ())]
    longest = max(map(len, [*cells, *later]), default=1)
    border, names = frozenset([*run["added"].get(name, ()), *absent]), run["rows"].get(name, [])
    return Grid(name, role, rows, columns, cells, border, longest, changes, names)


def alike(grids: list[Grid]) -> list[Grid]:
    """Arrays of one role and one width have cells of one size, so that their columns stand in line."""
    kinds: dict[tuple[str, int], int] = {}
    for each in grids:
        kinds[each.role, each.columns] = max(each.longest, kinds.get((each.role, each.columns), 1))
    return [each._replace(longest=kinds[each.role, each.columns]) for each in grids]


def flat(array: Any) -> list[Any]:
    return [each for part in array for each in flat(part)] if isinstance(array, list) else [array]


def written(value: Any) -> str | None:
    """A number for people: 4, −0.33, 12.5, ∞; None as it is."""
    if value is None or isinstance(value, bool):
        return value if value is None else str(value)
    number = float(value)
    places = 0 if abs(number) >= 100 else 1 if abs(number) >= 10 else 2
    text = f"{number:.{places}f}"
    text = text.rstrip("0").rstrip(".") if places else text
    text = f"{number:.1g}" if text in ("0", "-0") and number else text
    return {"-0": "0", "inf": "∞", "-inf": "−∞", "nan": "NaN"}.get(text, text.replace("-", "−"))


def array_html(grid: Grid, large: int, small: int) -> str:
    """One page of an array, the frame of its window, and two sizes of its cells, in px (0: not there)."""
    faint = {True: ' class="added"', False: ""}
    cells = "".join(
        f"<i{faint[k in grid.added]}>{text}</i>"
        for k, text in enumerate(grid.cells[: grid.rows * grid.columns])
    )
    sizes = f"--large:{side(grid, large)}px;--small:{side(grid, small)}px"
    style = f"--rows:{grid.rows};--columns:{grid.columns};--longest:{grid.longest};{sizes}"
    names = "".join(f"<li>{html.escape(each)}</li>" for each in grid.names)
    head = f'<div class="array {grid.role}{"" if small else " unframed"}" data-name="{grid.name}"'
    rows = f"<ol>{names}</ol>" if names else ""
    return (
        f'{head} data-columns="{grid.columns}" style="{style}"><p><code>{grid.name}</code></p>{rows}'
        f'<div class="cells">{cells}<b></b></div></div>'
    )


def cell_size(grids: list[Grid], width: float, height: float, label: int = LABEL, gap: int = GAP) -> int:
    """The largest side of a cell, in px, at which the arrays fit, flowing like words; 0 if none does."""
    return next((cell for cell in range(52, 21, -1) if flowed(grids, cell, width, label, gap) <= height), 0)


def side(grid: Grid, cell: int) -> int:
    """The side of a cell of this array, in px: wide enough for its longest number in 16 px."""
    return max(cell, 8 * grid.longest + 5)


def flowed(grids: list[Grid], cell: int, width: float, label: int, gap: int) -> float:
    """How high the arrays stand in rows of this width."""
    total, used, high = 0.0, 0.0, 0.0
    for each in grids:
        names = max((12 * len(name) + 12 for name in each.names), default=0)
        wide = max(each.columns * side(each, cell) + names, len(each.name) * 13.5)
        if wide > width:
            return float("inf")
        if used and used + gap + wide > width:
            total, used, high = total + high + 12, 0.0, 0.0
        used += wide + (gap if used else 0)
        high = max(high, each.rows * side(each, cell) + label)
    return total + high
