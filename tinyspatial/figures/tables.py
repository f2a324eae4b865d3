"""Numbers in their places, for exercises: one window, windows side by side, channels of a batch, a filter.

A figure shows what is asked and not what is to be found: of an output only its first number.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from tinyspatial.data import digits, photo
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import INPUT, KERNEL, MUTED, ON_LIGHT, OUTPUT, PALE, SMALL, STATISTICS
from tinyspatial.layers import Conv2d
from tinyspatial.loops import batch_norm, conv2d, max_pool2d

WIDE = 9.4  # inches
RISING = ((-1, 0, 1), (-1, 0, 1))  # two rows of a kernel that finds what grows brighter to the right


def pixels() -> np.ndarray:
    """A piece of the photograph in whole numbers from 0 to 9, ``(4, 6)``."""
    return np.rint(9 * photo(28, 42)[14:18, 17:23])


def answers() -> np.ndarray:
    """What a kernel answers to a piece of the photograph, in whole numbers, ``(5, 7)``, all below zero."""
    whole = conv2d(photo(28, 42)[None, None], np.array([[RISING]], float))[0, 0]
    return np.rint(4 * whole[12:17, 15:22]) - 5


def one_window(image: ArrayLike | None = None, kernel: ArrayLike = RISING) -> Figure:
    """The kernel on its first window of an image of whole numbers, and the one sum that it gives."""
    image, kernel = np.asarray(pixels() if image is None else image, float), np.asarray(kernel, float)
    sums, cell = conv2d(image[None, None], kernel[None, None])[0, 0], 0.56
    figure, axes = draw.sheet(WIDE, 0.62 + cell * len(image))
    left = draw.table(axes, image, 0.06, 0.5, cell, INPUT, "{:.0f}", max(image.max(), 1) * 1.5)
    middle = draw.table(
        axes, kernel, left.right + 0.62, 0.5, cell, KERNEL, "{:.0f}", np.abs(kernel).max() * 1.5
    )
    right = _first(axes, sums, middle.right + 0.62, 0.5, cell)
    draw.outline(axes, left, size=kernel.shape, colour=KERNEL, thick=4, halo=True)
    for grid, name, colour in ((left, "image", INPUT), (middle, "kernel", KERNEL), (right, "output", OUTPUT)):
        draw.name(axes, grid, name, colour)
    for sign, x in (("×", (left.right + middle.x) / 2), ("=", (middle.right + right.x) / 2)):
        draw.write(axes, x, middle.y + middle.rows * cell / 2, sign, size=22)
    figure.set_label(
        f"An image with the rows {_rows(image)}; a kernel with the rows {_rows(kernel)}. The kernel lies on "
        f"the first {len(kernel)} rows and {kernel.shape[1]} columns of the image, and the sum of "
        f"the products, {draw.say(sums[0, 0], '{:.0f}')}, is the first number of an output of "
        f"{sums.shape[0]} × {sums.shape[1]}."
    )
    return figure


def _first(axes: Axes, values: np.ndarray, x: float, y: float, cell: float) -> draw.Grid:
    """A table of which only the first number is there."""
    shown = np.zeros(values.shape)
    shown[0, 0] = 0.6
    grid = draw.pixels(axes, shown, x, y, cell, PALE[OUTPUT], -1, 1, OUTPUT)
    draw.lattice(axes, grid, OUTPUT)
    draw.write(axes, *grid.centre(0, 0), draw.say(values[0, 0], "{:.0f}"), ON_LIGHT)
    return grid


def _rows(values: np.ndarray) -> str:
    """The numbers of a table: "1 2, 3 4"."""
    return ", ".join(" ".join(draw.say(value, "{:.0f}") for value in row) for row in values)


def side_by_side(image: ArrayLike | None = None, window: tuple[int, int] = (2, 3)) -> Figure:
    """Windows side by side on what a filter answered, what no window holds, and the first maximum."""
    image, cell = np.asarray(answers() if image is None else image, float), 0.6
    (height, width), (tall, wide) = image.shape, window
    largest = max_pool2d(image[None, None], window)[0, 0]
    figure, axes = draw.sheet(WIDE, 0.62 + cell * height)
    rows, columns = largest.shape[0] * tall, largest.shape[1] * wide
    left, high = draw.Grid(0.06, 0.5, cell, height, width), 1.6 * np.abs(image).max()
    draw.table(axes, image[:rows, :columns], left.x, left.y, cell, OUTPUT, "{:.0f}", high)
    for row, column in np.ndindex(height, width):
        if row >= rows or column >= columns:
            draw.outline(axes, left, row, column, (1, 1), MUTED, 1, "dotted")
            draw.write(axes, *left.centre(row, column), draw.say(float(image[row, column]), "{:.0f}"), MUTED)
    for row, column in np.ndindex(largest.shape):
        draw.outline(axes, left, row * tall, column * wide, window, ON_LIGHT, 3)
    draw.outline(axes, left, size=window, colour=KERNEL, thick=4, halo=True)
    right = _first(axes, largest, 6.0, 0.5 + cell * (tall - 1) / 2, cell)
    draw.arrow(axes, (left.right + 0.15, right.centre(0, 0)[1]), (right.x - 0.12, right.centre(0, 0)[1]))
    draw.name(axes, left, "image", OUTPUT)
    draw.head(axes, right.middle, left.y - 0.25, "output", OUTPUT)
    draw.write(axes, 5.3, left.bottom - 0.28, "dotted: in no whole window", MUTED, SMALL, across="left")
    figure.set_label(
        f"An image with the rows {_rows(image)}. {largest.size} windows of {tall} rows and {wide} columns "
        f"lie side by side on it; {image.size - largest.size * tall * wide} numbers at the right and below "
        f"are in none. The largest number of the first window, {draw.say(largest[0, 0], '{:.0f}')}, is the "
        f"first of an output of {largest.shape[0]} × {largest.shape[1]}."
    )
    return figure


def open_border(image: ArrayLike | None = None, window: tuple[int, int] = (2, 3)) -> Figure:
    """A border of one around the same image, with nothing decided of what is in it, and the first window."""
    image, cell = np.asarray(answers() if image is None else image, float), 0.52
    figure, axes = draw.sheet(WIDE, 0.12 + cell * (len(image) + 2))
    whole = draw.Grid(2.3, 0.06, cell, len(image) + 2, image.shape[1] + 2)
    high = 1.6 * np.abs(image).max()
    scene = draw.table(axes, image, whole.x + cell, whole.y + cell, cell, OUTPUT, "{:.0f}", high)
    around = [
        (row, column)
        for row, column in np.ndindex(whole.rows, whole.columns)
        if row in (0, whole.rows - 1) or column in (0, whole.columns - 1)
    ]
    for row, column in around:
        draw.outline(axes, whole, row, column, (1, 1), MUTED, 1, "dotted")
        draw.write(axes, *whole.centre(row, column), "?", MUTED)
    draw.outline(axes, whole, size=window, colour=KERNEL, thick=4, halo=True)
    draw.write(axes, 0.06, whole.centre(0, 0)[1], "first window", KERNEL, across="left")
    draw.write(axes, 0.06, whole.centre(1, 0)[1], "border", MUTED, across="left")
    inside = sum(row < window[0] and column < window[1] for row, column in around)
    figure.set_label(
        f"An image of {scene.rows} × {scene.columns} with a border of one: {len(around)} places that each "
        f"hold a question mark. The first window, {window[0]} rows and {window[1]} columns, holds "
        f"{inside} of them and {window[0] * window[1] - inside} numbers of the image."
    )
    return figure


def by_channel(batch: ArrayLike | None = None) -> Figure:
    """A batch of rows, ``(N, C, W)``: a frame around what has one mean and one variance, and both below."""
    if batch is None:
        batch = np.rint(9 * conv2d(digits()[0][:2], Conv2d(1, 3, 3).weight)[:, :, 2, 1:5])
    x, cell, wide = np.asarray(batch, float)[:, :, None], 0.54, 2.8
    mean, var = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    batch_norm(x, mean, var, training=True, momentum=1)
    var *= 1 - x.shape[1] / x.size  # as the layer normalises: divided by the number of values
    figure, axes = draw.sheet(WIDE, 1.95 + 0.75 * len(x))
    bottom = 0.5 + 0.75 * len(x)
    for n in range(len(x)):
        draw.write(axes, 0.06, 0.85 + 0.75 * n, f"image {n}", INPUT, across="left")
    for c in range(x.shape[1]):
        left = 1.25 + wide * c
        for n, values in enumerate(x[:, c]):
            high = 1.5 * np.abs(x[:, c]).max()
            draw.table(axes, values, left, 0.58 + 0.75 * n, cell, OUTPUT, "{:.0f}", high)
        frame = draw.Grid(
            left - 0.12, 0.46, 0.01, round(100 * (bottom - 0.46)), round(100 * (4 * cell + 0.24))
        )
        draw.outline(axes, frame, colour=STATISTICS, thick=3)
        draw.head(axes, frame.middle, 0.22, f"channel {c}", STATISTICS)
        draw.write(axes, frame.middle, bottom + 0.35, f"mean {_two(mean[c])}", STATISTICS)
        draw.write(axes, frame.middle, bottom + 0.72, f"variance {_two(var[c])}", STATISTICS)
        draw.write(axes, frame.middle, bottom + 1.12, f"{x.size // x.shape[1]} numbers", MUTED, SMALL)
    told = "; ".join(
        f"channel {c} {_rows(x[:, c, 0])}, mean {_two(mean[c])}, variance {_two(var[c])}"
        for c in range(x.shape[1])
    )
    figure.set_label(f"{len(x)} images in rows, and a frame around each channel of all of them: {told}.")
    return figure


def _two(value: float) -> str:
    return draw.say(value, "{:.2f}")


def one_filter(kernel: tuple[int, int] = (2, 4), read: Sequence[str] = ("red", "green", "blue")) -> Figure:
    """All numbers of one filter of a convolution: a block for each channel that it reads, and a bias."""
    layer: Any = Conv2d(len(read), 1, kernel)
    figure, axes = draw.sheet(WIDE, 0.62 + 0.58 * kernel[0])
    x, high = 0.06, 1.5 * np.abs(layer.weight).max()
    for name, values in zip(read, layer.weight[0], strict=True):
        grid = draw.table(axes, values, x, 0.5, 0.58, KERNEL, "{:.1f}", high, SMALL)
        draw.name(axes, grid, name, KERNEL)
        x = grid.right + 0.3
    grid = draw.table(axes, layer.bias[None], x + 0.15, 0.5, 0.58, KERNEL, "{:.1f}", high, SMALL)
    draw.name(axes, grid, "bias", KERNEL)
    figure.set_label(
        f"The numbers of one filter of {kernel[0]} × {kernel[1]}: a block of {kernel[0]} rows and "
        f"{kernel[1]} columns for each of {len(read)} channels, {', '.join(read)}, and one number beside "
        "them, the bias."
    )
    return figure
