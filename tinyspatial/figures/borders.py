"""What a border of zeros does to a picture: the means of windows at the edge become dark, or they do not."""

import numpy as np
from matplotlib.figure import Figure

from tinyspatial.arguments import pad
from tinyspatial.data import photo
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import INPUT, KERNEL, OUTPUT
from tinyspatial.loops import avg_pool2d

WINDOW, BORDER = 7, 3


def dark_rim() -> Figure:
    """The photograph in its border of zeros, and the mean of every window: a dark frame goes round it."""
    picture = photo(22, 28)
    means = blurred(picture)
    figure, axes = draw.sheet(9.4, 4.75)
    left = draw.pixels(axes, pad(picture[None, None], BORDER)[0, 0], 0.04, 0.5, 0.135, low=0, high=1)
    right = draw.pixels(axes, means, 5.4, 0.5 + BORDER * 0.135, 0.135, low=0, high=1, colour=OUTPUT)
    draw.outline(axes, left, BORDER, BORDER, picture.shape, INPUT, 2.5, halo=True)
    draw.outline(axes, left, size=(WINDOW, WINDOW), colour=KERNEL, thick=3, halo=True)
    draw.outline(axes, right, size=(1, 1), colour=KERNEL, thick=2, halo=True)
    draw.head(axes, left.middle, 0.25, "photograph and zeros", INPUT)
    draw.head(axes, right.middle, 0.25, f"mean of each {WINDOW} × {WINDOW}", OUTPUT)
    before, after = rim(picture), rim(means)
    draw.write(axes, left.middle, 4.53, f"outermost pixels: {before:.2f}", INPUT)
    draw.write(axes, right.middle, 4.53, f"outermost means: {after:.2f}", OUTPUT)
    figure.set_label(
        f"A photograph of {picture.shape[0]} × {picture.shape[1]} pixels in a border of {BORDER} zeros, and "
        f"the mean of every window of {WINDOW} × {WINDOW}. The outermost pixels have a brightness of "
        f"{before:.2f} on average, the outermost means {after:.2f}: a dark rim, darkest in the corners."
    )
    return figure


def two_opinions() -> Figure:
    """The same average pool twice: with the zeros of the border counted, and with pixels alone counted."""
    picture = photo(22, 28)
    figure, axes = draw.sheet(9.4, 4.5)
    told = []
    for x, name, counted in ((0.04, "zeros count", True), (4.76, "only pixels count", False)):
        means = blurred(picture, counted)
        grid = draw.pixels(axes, means, x, 0.5, 0.16, low=0, high=1, colour=OUTPUT)
        draw.head(axes, grid.middle, 0.25, name, OUTPUT)
        draw.write(axes, grid.middle, 4.28, f"outermost means: {rim(means):.2f}", OUTPUT)
        told.append(f"{name}, {rim(means):.2f}")
    figure.set_label(
        f"A photograph, pooled with windows of {WINDOW} × {WINDOW} and a border of {BORDER} zeros. "
        f"The brightness of the outermost means: {'; '.join(told)}. Without the zeros there is no dark rim."
    )
    return figure


def blurred(picture: np.ndarray, count_include_pad: bool = True) -> np.ndarray:
    """The mean of every window around a pixel, in a map of the size of the picture."""
    return avg_pool2d(picture[None, None], WINDOW, 1, BORDER, count_include_pad)[0, 0]


def rim(values: np.ndarray) -> float:
    """The mean of the outermost rows and columns."""
    inside = values[1:-1, 1:-1]
    return float((values.sum() - inside.sum()) / (values.size - inside.size))
