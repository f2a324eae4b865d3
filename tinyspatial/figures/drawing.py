"""The pens of every figure: a sheet measured in inches, and pixels drawn as vector cells.

A sheet has x to the right and y downwards, as rows and columns of an image run.
"""

from itertools import groupby
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from numpy.typing import ArrayLike

from tinyspatial.figures.palette import (
    CELL_TEXT,
    INK,
    INPUT,
    MUTED,
    ON_CELL,
    ON_LIGHT,
    PALE,
    PAPER,
    PHOTO,
    SIGNED,
    SMALL,
    TEXT,
)

LEVELS = 49  # shades of a picture, one of them in the middle; equal neighbours in a row become one rectangle
Point = tuple[float, float]
Colours = LinearSegmentedColormap


class Grid(NamedTuple):
    """Where a drawing of ``rows`` by ``columns`` cells stands on the sheet, in inches."""

    x: float
    y: float
    cell: float
    rows: int
    columns: int

    @property
    def right(self) -> float:
        return self.x + self.columns * self.cell

    @property
    def bottom(self) -> float:
        return self.y + self.rows * self.cell

    @property
    def middle(self) -> float:
        """Half way from left to right."""
        return (self.x + self.right) / 2

    def centre(self, row: float, column: float) -> Point:
        """The middle of one cell."""
        return self.x + (column + 0.5) * self.cell, self.y + (row + 0.5) * self.cell


def sheet(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty sheet, on no ground, whose coordinates are inches from its top left corner."""
    figure = Figure(figsize=(width, height), facecolor="none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    return figure, axes


def chart(width: float, height: float, rows: int = 1, columns: int = 1) -> tuple[Figure, np.ndarray]:
    """Axes for curves and bars, on no ground and without boxes, in an array ``(rows, columns)``."""
    figure = Figure(figsize=(width, height), facecolor="none", layout=ConstrainedLayoutEngine(wspace=0.08))
    axes = figure.subplots(rows, columns, squeeze=False)
    for each in axes.flat:
        each.set_facecolor("none")
        each.spines[["top", "right"]].set_visible(False)
        each.spines[["left", "bottom"]].set_color(MUTED)
        each.tick_params(which="both", labelsize=SMALL, colors=MUTED, labelcolor=INK)
        each.xaxis.label.set(fontsize=TEXT, color=INK)
        each.yaxis.label.set(fontsize=TEXT, color=INK)
    return figure, axes


def pixels(
    axes: Axes,
    values: ArrayLike,
    x: float,
    y: float,
    cell: float,
    colours: Colours = PHOTO,
    low: float | None = None,
    high: float | None = None,
    colour: str = "",
) -> Grid:
    """Draw ``values (H, W)`` with their top left corner at ``x, y``; a ``colour`` frames them.

    ``low`` and ``high`` (the extremes of the values unless given) take the two ends of ``colours``. All cells
    of a shade are one path, and so the file is small. They are stroked in their own colour and lie on the
    middle one of all, so that the page does not show between neighbours.
    """
    array = np.asarray(values, dtype=float)
    grid = Grid(x, y, cell, *array.shape)
    low, high = array.min() if low is None else low, array.max() if high is None else high
    unit = np.clip((array - low) / ((high - low) or 1), 0, 1)
    shades = np.rint(unit * (LEVELS - 1)).astype(int)
    middle = int(np.sort(shades, axis=None)[shades.size // 2])
    bar(axes, x, y, grid.right - x, grid.bottom - y, to_hex(colours(middle / (LEVELS - 1))))
    for shade, corners in sorted(runs(shades, grid).items()):
        codes = [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY] * (len(corners) // 5)
        fill = colours(shade / (LEVELS - 1))
        path = PathPatch(Path(corners, codes), facecolor=fill, edgecolor=fill, linewidth=0.4)
        axes.add_artist(path)  # add_patch would measure every corner, for limits that a sheet has already
    if colour:
        outline(axes, grid, colour=colour)
    return grid


def runs(shades: np.ndarray, grid: Grid) -> dict[int, list[Point]]:
    """Corners of the rectangles of every shade: neighbours in a row that have the same shade are joined."""
    corners: dict[int, list[Point]] = {}
    for row, line in enumerate(shades.tolist()):
        top, bottom, left = grid.y + row * grid.cell, grid.y + (row + 1) * grid.cell, grid.x
        for shade, run in groupby(line):
            right = left + len(list(run)) * grid.cell
            rectangle = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
            corners.setdefault(shade, []).extend(rectangle)
            left = right
    return corners


def table(
    axes: Axes,
    values: ArrayLike,
    x: float,
    y: float,
    cell: float,
    colour: str,
    form: str = "{:.1f}",
    high: float = 1.0,
    size: float = CELL_TEXT,
) -> Grid:
    """Values printed in their cells, pale shades up to ``high``, from 0 (pixels) or ``-high`` (all else)."""
    low = 0 if colour == INPUT else -high
    grid = pixels(axes, values, x, y, cell, PALE[colour], low, high, colour)
    lattice(axes, grid, colour)
    for (row, column), value in np.ndenumerate(np.asarray(values)):
        write(axes, *grid.centre(row, column), say(value, form), ON_LIGHT, size)
    return grid


def key(axes: Axes, x: float, y: float, high: float) -> None:
    """A strip of the shades of signed values, from ``-high`` to ``high``, with its numbers below."""
    strip = pixels(axes, np.linspace(-high, high, 25)[None], x, y, 0.056, SIGNED, colour=MUTED)
    for place, value in ((strip.x, -high), (strip.middle, 0), (strip.right, high)):
        write(axes, place, strip.bottom + 0.2, say(value, "{:.1f}" if value else "{:.0f}"), MUTED, SMALL)


def say(value: float, form: str = "{:.1f}") -> str:
    """The number as figures print it, with a true minus sign: -0.04 -> "0.0", -1.25 -> "−1.2"."""
    text = form.format(value)
    return (text.lstrip("-") if not text.strip("-0.,") else text).replace("-", "\N{MINUS SIGN}")


def percent(share: float) -> str:
    """0.9639 -> "96 %" (the space does not break)."""
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"


def outline(
    axes: Axes,
    grid: Grid,
    row: float = 0,
    column: float = 0,
    size: tuple[float, float] | None = None,
    colour: str = INK,
    thick: float = 2.0,
    style: str = "solid",
    halo: bool = False,
) -> None:
    """A frame around ``size`` (rows, columns) cells from ``row, column`` on, or around the whole grid.

    A ``halo`` keeps a frame that lies on a picture visible; without one, give a frame on cells ON_LIGHT.
    """
    rows, columns = size or (grid.rows, grid.columns)
    corner = grid.x + column * grid.cell, grid.y + row * grid.cell
    for edge, width in ((PAPER, thick + 3), (colour, thick))[not halo :]:
        frame = Rectangle(corner, columns * grid.cell, rows * grid.cell)
        frame.set(fill=False, edgecolor=edge, linewidth=width, linestyle=style)
        axes.add_patch(frame)


def lattice(axes: Axes, grid: Grid, colour: str, thick: float = 0.8, step: int = 1) -> None:
    """Lines between the cells, or between blocks of ``step`` by ``step`` cells, in a role's colour."""
    colour = ON_CELL[colour]
    for column in range(step, grid.columns, step):
        across = grid.x + column * grid.cell
        line(axes, [(across, grid.y), (across, grid.bottom)], colour, thick)
    for row in range(step, grid.rows, step):
        down = grid.y + row * grid.cell
        line(axes, [(grid.x, down), (grid.right, down)], colour, thick)


def bar(axes: Axes, x: float, y: float, width: float, height: float, colour: str, edge: str = "none") -> None:
    """A filled rectangle with its top left corner at ``x, y``."""
    axes.add_artist(Rectangle((x, y), width, height, facecolor=colour, edgecolor=edge, linewidth=0.8))


def write(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    colour: str = INK,
    size: float = TEXT,
    across: str = "center",
    weight: str = "normal",
) -> None:
    """One line of text whose capitals are centred on ``y``; ``across`` says which part of it is at ``x``.

    It stands on its baseline, because centring by its outline would lift words with a p or a comma.
    """
    down = y + 0.33 * size / 72
    axes.text(x, down, text, color=colour, fontsize=size, ha=across, va="baseline", weight=weight)


def head(axes: Axes, x: float, y: float, text: str, colour: str = INK, across: str = "center") -> None:
    """A heading: one line in bold."""
    write(axes, x, y, text, colour, across=across, weight="bold")


def name(axes: Axes, grid: Grid, text: str, colour: str) -> None:
    """A heading over a grid."""
    head(axes, grid.middle, grid.y - 0.25, text, colour)


def line(axes: Axes, points: list[Point], colour: str = MUTED, thick: float = 1.5, style: str = "-") -> None:
    """Straight strokes from point to point."""
    across, down = zip(*points, strict=True)
    axes.plot(across, down, color=colour, linewidth=thick, linestyle=style, solid_capstyle="butt")


def arrow(axes: Axes, start: Point, end: Point, colour: str = MUTED) -> None:
    """From ``start`` to ``end``, with a head."""
    look = {"arrowstyle": "-|>,head_width=.35,head_length=.6", "color": colour, "lw": 2}
    axes.annotate("", end, start, arrowprops={**look, "shrinkA": 0, "shrinkB": 0})
