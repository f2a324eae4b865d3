"""Windows as columns: where each pixel of a small image goes."""

import numpy as np
from matplotlib.figure import Figure

from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import INPUT, KERNEL, MUTED, SMALL, STATISTICS
from tinyspatial.im2col import im2col
from tinyspatial.shapes import output_size

NUMBERED, WINDOW = np.arange(15.0).reshape(3, 5), (2, 3)
FILLED = 2  # columns that are shown; the others are left to the reader
CELL = 0.56  # inches
PLAIN = 1e6  # what would be shaded: pixels here are only numbered


def columns_of(image: np.ndarray, window: tuple[int, int]) -> np.ndarray:
    """The windows of one grey image as the columns of a matrix of whole numbers."""
    sides = zip(image.shape, window, strict=True)
    size = [output_size(side, width) for side, width in sides]
    (_, _, found), *_ = im2col(image[None, None], window, (1, 1), 0, (size[0], size[1]))
    return found.astype(int)


def as_columns() -> Figure:
    """An image with numbered pixels, and the matrix of its windows with the first columns filled in."""
    found = columns_of(NUMBERED, WINDOW)
    figure, axes = draw.sheet(9.4, 4.6)
    image = draw.table(axes, NUMBERED, 0.25, 1.7, CELL, INPUT, "{:.0f}", PLAIN)
    matrix = draw.pixels(axes, np.zeros(found.shape), 5.3, 0.85, CELL, draw.PALE[INPUT], 0, 1, INPUT)
    draw.lattice(axes, matrix, INPUT)
    draw.table(axes, found[:, :FILLED], matrix.x, matrix.y, CELL, INPUT, "{:.0f}", PLAIN)
    for place, colour, style in ((1, STATISTICS, "dashed"), (0, KERNEL, "solid")):
        draw.outline(axes, image, 0, place, WINDOW, colour, 3, style)
        draw.outline(axes, matrix, 0, place, (len(found), 1), colour, 3, style)
    for row in range(len(found)):
        i, j = divmod(row, WINDOW[1])
        draw.write(axes, matrix.x - 0.5, matrix.centre(row, 0)[1], f"({i}, {j})", MUTED, SMALL)
    draw.write(axes, image.middle, 1.35, "image", INPUT)
    draw.write(axes, matrix.middle, 0.5, "a column for each window", INPUT)
    draw.write(axes, matrix.x - 0.5, 0.5, "(i, j)", MUTED, SMALL)
    first, second = (", ".join(map(str, found[:, place])) for place in range(FILLED))
    figure.set_label(
        f"An image of {len(NUMBERED)} × {NUMBERED.shape[1]} numbered pixels, and its windows of "
        f"{WINDOW[0]} × {WINDOW[1]} as the columns of a matrix: {len(found)} rows, one for each place (i, j) "
        f"in a window, and {found.shape[1]} columns. The first window is the first column, {first}; "
        f"the second is {second}. The others are empty."
    )
    return figure
