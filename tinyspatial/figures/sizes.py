"""How far a window reaches: sizes of the output, how often a pixel is read, what a stack of layers sees."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from tinyspatial.data import photo
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import INPUT, KERNEL, MAP, MUTED, OUTPUT, PHOTO, on
from tinyspatial.loops import conv2d
from tinyspatial.shapes import output_size

CELL = 0.56


def output_sizes() -> Figure:
    """Eight pixels of the photograph under a window of three: padding, stride, and what floor drops."""
    row = photo(28, 42)[14, 14:22]
    figure, axes = draw.sheet(7.7, 5.2)
    told = [
        _case(axes, row, stride, padding, y) for stride, padding, y in ((1, 0, 0), (1, 1, 1.75), (2, 0, 3.5))
    ]
    figure.set_label(f"{len(row)} pixels in a row under a window of 3. {' '.join(told)}")
    return figure


def _case(axes: Axes, row: np.ndarray, stride: int, padding: int, y: float) -> str:
    """One stride and padding, drawn: pixels, windows, outputs, and what is never read; the same in words."""
    mean = np.full((1, 1, 1, 3), 1 / 3)
    outputs = conv2d(row.reshape(1, 1, 1, -1), mean, None, (1, stride), (0, padding))[0, 0]
    size = output_size(len(row), 3, stride, padding)
    last = stride * (size - 1) + 2 - padding  # the last pixel that a window reads
    pixels = draw.pixels(axes, row[None], 0.04 + CELL, y + 0.1, CELL, low=0, high=1, colour=INPUT)
    draw.lattice(axes, pixels, INPUT)
    for edge in (-1, len(row)) if padding else ():
        draw.outline(axes, pixels, 0, edge, (1, 1), MUTED, 1.5, "dashed")
        draw.write(axes, *pixels.centre(0, edge), "0", MUTED)
    for index in range(size):
        _window(axes, pixels, stride * index + 1 - padding, outputs[:, index : index + 1], y + 1.2)
    for unread in range(last + 1, len(row)):
        fill = to_hex(PHOTO(row[unread]))
        draw.write(axes, *pixels.centre(0, unread), "×", on(fill), 30)
    says = (f"stride {stride}", KERNEL), (f"padding {padding}", INPUT), (f"{len(row)} in, {size} out", OUTPUT)
    for line, (text, colour) in enumerate(says):
        draw.head(axes, 6.0, y + 0.4 + 0.36 * line, text, colour, across="left")
    left_over = max(0, len(row) - 1 - last)
    return f"Stride {stride}, padding {padding}: {size} outputs, pixels never read: {left_over}."


def _window(axes: Axes, pixels: draw.Grid, middle: int, output: np.ndarray, y: float) -> None:
    """Two strokes from the three pixels around ``middle`` to one output."""
    x, top = pixels.centre(0, middle)[0], pixels.bottom + 0.05
    draw.pixels(axes, output, x - 0.2, y, 0.4, MAP, 0, 1, OUTPUT)
    draw.line(axes, [(x - 1.4 * CELL, top), (x, y - 0.05), (x + 1.4 * CELL, top)], KERNEL, 1.8)


def coverage() -> Figure:
    """How many 3 × 3 windows read each pixel of a 5 × 5 picture, for three paddings."""
    figure, axes = draw.sheet(11.8, 3.8)
    told = []
    for x, padding in ((0.35, 0), (4.35, 1), (8.35, 2)):
        counts = times_read(5, 3, padding)
        side = output_size(5, 3, 1, padding)
        grid = draw.table(axes, counts, x, 0.6, 0.6, INPUT, "{:.0f}", 9, 18)
        draw.head(axes, grid.middle, 0.3, f"padding {padding}: 5 × 5 to {side} × {side}")
        corner, edge, centre = counts[0, 0], counts[0, 2], counts[2, 2]
        told.append(f"padding {padding}, corner {corner:.0f}, edge {edge:.0f}, centre {centre:.0f}")
    figure.set_label(f"How often a 3 × 3 window reads each pixel of a 5 × 5 picture: {'; '.join(told)}.")
    return figure


def times_read(side: int, kernel: int, padding: int) -> np.ndarray:
    """Windows that read each pixel ``(side, side)``: a 1 for each output, spread over its window."""
    outputs = output_size(side, kernel, 1, padding)
    window = np.ones((1, 1, kernel, kernel))
    return conv2d(np.ones((1, 1, outputs, outputs)), window, padding=kernel - 1 - padding)[0, 0]


def receptive_field() -> Figure:
    """What one output sees after one, two and three layers, on the photograph."""
    sides = {1: reach(1), 2: reach(2), 3: reach(3)}
    figure, axes = draw.sheet(7.7, 5.2)
    scene = draw.pixels(axes, photo(28, 36)[4:19, 7:22], 0.04, 0.04, 0.34, colour=INPUT)
    for layers, side in sides.items():
        text = f"{layers} layer{'s'[: layers > 1]}: {side} × {side}"
        _square(axes, scene, side, (scene.rows - side) / 2, KERNEL, text)
    _square(axes, scene, 1, 7, OUTPUT, "one output")
    told = ", ".join(f"{side} × {side} after {layers}" for layers, side in sides.items())
    figure.set_label(f"The pixels that one output of stacked 3 × 3 convolutions sees: {told} layers.")
    return figure


def _square(axes: Axes, scene: draw.Grid, side: int, corner: float, colour: str, text: str) -> None:
    """A square in the middle of the scene, and its name at the end of a line to the right."""
    draw.outline(axes, scene, corner, corner, (side, side), colour, 3, halo=True)
    y = scene.centre(corner, 0)[1]
    draw.line(axes, [(scene.x + (corner + side) * scene.cell, y), (5.35, y)], colour)
    draw.head(axes, 5.45, y, text, colour, across="left")


def reach(layers: int) -> int:
    """Side of the square of outputs that one pixel changes in a stack of 3 × 3 convolutions with stride 1.

    As many outputs see the pixel as pixels are seen by one output.
    """
    signal = np.zeros((1, 1, 15, 15))
    signal[0, 0, 7, 7] = 1.0
    for _ in range(layers):
        signal = conv2d(signal, np.ones((1, 1, 3, 3)), padding=1)
    return int(np.count_nonzero(signal[0, 0, 7]))
