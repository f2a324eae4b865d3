"""A digit on its way through the small network that reads digits."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyspatial.figures import drawing as draw
from tinyspatial.figures.network import stages
from tinyspatial.figures.palette import FIELD, INK, INPUT, MAP, MUTED, OUTPUT, PAPER, SMALL
from tinyspatial.reading import data, reader

CELL, STEP = 0.11, 0.032  # inches: a pixel, and how far one sheet lies behind the other
CENTRES = (0.6, 1.85, 3.15, 4.5, 5.85)  # of the digit and of the four stages
ROW, ZERO = 6.95, 8.2  # of the row, and where logits are 0
BASE, NAMES, SIZES = 2.35, 2.85, 3.15  # lower edge of all sheets, and the two lines below


def digit_read() -> Figure:
    """The first held-out digit, its maps in every stage, the row that they are laid in, and ten logits."""
    image, digit = data().held_out_images[:1], data().held_out_labels[0]
    maps_of, logits = stages(reader(), image), reader()(image)[0]
    figure, axes = draw.sheet(9.4, 3.4)
    for place, maps in enumerate(maps_of):
        name = ("max pool", "conv, ReLU")[place % 2] if place else "digit"
        _stage(axes, maps[0], CENTRES[place], name)
    row = maps_of[-1].size
    draw.bar(axes, ROW - 0.07, 0.6, 0.14, BASE - 0.6, OUTPUT)
    _names(axes, ROW, "flat", f"{row}", OUTPUT)
    _bars(axes, logits, ZERO)
    told = ", ".join(" × ".join(map(str, maps.shape[1:])) for maps in maps_of)
    figure.set_label(
        f"A handwritten {digit} passes through the network. Channels × height × width are {told}; laid "
        f"in a row these are {row} numbers, and of them ten logits are made. The largest, "
        f"{logits.max():.1f}, is that of {logits.argmax()}."
    )
    return figure


def _stage(axes: Axes, maps: np.ndarray, centre: float, name: str) -> None:
    """All maps ``(C, H, W)`` of one stage, the liveliest in front."""
    channels, side, _ = maps.shape
    colour, shades = (INPUT, FIELD) if channels == 1 else (OUTPUT, MAP)
    x, y = centre - (side * CELL + (channels - 1) * STEP) / 2, BASE - side * CELL
    for sheet in range(channels - 1, 0, -1):
        draw.bar(axes, x + sheet * STEP, y - sheet * STEP, side * CELL, side * CELL, PAPER, colour)
    front = maps[maps.std(axis=(1, 2)).argmax()]
    draw.pixels(axes, front, x, y, CELL, shades, colour=colour)
    _names(axes, centre, name, f"{channels} × {side} × {side}", colour)


def _names(axes: Axes, x: float, name: str, size: str, colour: str) -> None:
    """What made the numbers, and how many there are."""
    draw.write(axes, x, NAMES, name, colour, SMALL, weight="bold")
    draw.write(axes, x, SIZES, size, INK, SMALL)


def _bars(axes: Axes, logits: np.ndarray, zero: float) -> None:
    """A bar for each logit, to the right if it is above 0; the largest is the answer."""
    scale = 0.55 / np.abs(logits).max()
    for place, logit in enumerate(logits):
        y, colour = 0.36 + 0.21 * place, OUTPUT if place == logits.argmax() else MUTED
        draw.bar(axes, zero + min(scale * logit, 0), y - 0.06, abs(scale * logit), 0.12, colour)
    y = 0.36 + 0.21 * logits.argmax()
    draw.write(axes, zero + 0.72, y, f"{logits.argmax()}", OUTPUT, SMALL, weight="bold")
    _names(axes, zero, "linear", f"{len(logits)} logits", OUTPUT)
