"""Channels in stacks, for exercises: what a filter reads and makes, and what pooling leaves of a map."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyspatial import fast
from tinyspatial.data import area_weights, coloured, photo
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import INPUT, KERNEL, MAP, MUTED, OUTPUT, PHOTO, SIGNED, SMALL
from tinyspatial.layers import Conv2d
from tinyspatial.loops import max_pool2d

WIDE = 9.4  # inches
FILTERS, KERNEL_SIZE = 4, (3, 5)
PLACE = (7, 11)  # the pixel of the output whose window is framed


@cache
def red_green_blue(height: int, width: int) -> np.ndarray:
    """The photograph in its three channels, ``(3, height, width)``, from 0 to 1."""
    picture = coloured() / 255
    scale = min(picture.shape[0] / height, picture.shape[1] / width)
    down, across = (
        area_weights(side, cells, scale) for side, cells in zip(picture.shape, (height, width), strict=False)
    )
    return np.stack([down @ picture[..., c] @ across.T for c in range(3)])


def filters(letters: bool = False) -> Figure:
    """A photograph of three channels, four filters that each read all three, and the maps that they make.

    With ``letters``, the names that the loops over all of this have.
    """
    picture = red_green_blue(18, 26)
    layer = Conv2d(3, FILTERS, KERNEL_SIZE, ops=fast)
    maps = layer(picture[None])[0]
    figure, axes = draw.sheet(WIDE, 4.8)
    scene = _planes(axes, list(picture), letters)
    draw.arrow(axes, (4.15, 2.45), (4.75, 2.45))
    high = np.abs(maps).max()
    for f in range(FILTERS):
        y = 0.75 + 1.02 * f
        block = _kernels(axes, layer.weight[f], 5.05, y + 0.25)
        draw.arrow(axes, (6.45, y + 0.43), (7.05, y + 0.43))
        grid = draw.pixels(axes, maps[f], 7.3, y, 0.054, SIGNED, -high, high, OUTPUT)
        draw.outline(axes, grid, PLACE[0] - 0.5, PLACE[1] - 0.5, (2, 2), KERNEL, 2.5, halo=True)
        if letters:
            draw.write(axes, 8.65, y + 0.44, f"f = {f}", OUTPUT, SMALL, across="left")
        if letters and not f:
            draw.write(axes, block.x - 0.13, block.centre(1, 0)[1], "i", KERNEL, SMALL)
            draw.write(axes, block.middle, block.bottom + 0.14, "j", KERNEL, SMALL)
            draw.write(axes, grid.x - 0.13, grid.centre(7.5, 0)[1], "p", OUTPUT, SMALL)
            draw.write(axes, grid.middle, grid.y - 0.16, "q", OUTPUT, SMALL)
    draw.head(axes, scene.middle, 0.25, "image n" if letters else "image", INPUT)
    draw.head(axes, 5.6, 0.25, f"{FILTERS} filters", KERNEL)
    draw.head(axes, 7.9, 0.25, f"{FILTERS} maps", OUTPUT)
    figure.set_label(
        f"A photograph in three channels, red, green and blue, of {picture.shape[1]} × {picture.shape[2]} "
        f"pixels. Each of {FILTERS} filters is a block of 3 × {KERNEL_SIZE[0]} × {KERNEL_SIZE[1]} weights; "
        f"it reads one window through all three channels and makes one pixel of its own map. {FILTERS} "
        f"filters make {len(maps)} maps."
    )
    return figure


def _planes(axes: Axes, planes: Sequence[np.ndarray], letters: bool) -> draw.Grid:
    """The channels of an image behind each other, the first in front, one window through all of them."""
    names = [f"c = {c}" for c in range(len(planes))] if letters else ["red", "green", "blue"]
    for c in reversed(range(len(planes))):
        grid = draw.pixels(axes, planes[c], 0.06 + 0.28 * c, 1.55 - 0.32 * c, 0.107, PHOTO, 0, 1, INPUT)
        draw.outline(axes, grid, *PLACE, KERNEL_SIZE, KERNEL, 2.5, halo=True)
        draw.write(axes, grid.right + 0.08, grid.bottom - 0.12, names[c], INPUT, SMALL, across="left")
    return grid


def _kernels(axes: Axes, weights: np.ndarray, x: float, y: float) -> draw.Grid:
    """The weights of one filter, channel behind channel, the first in front."""
    high = np.abs(weights).max()
    for c in reversed(range(len(weights))):
        grid = draw.pixels(axes, weights[c], x + 0.17 * c, y - 0.14 * c, 0.15, SIGNED, -high, high, KERNEL)
    return grid


def coarser(windows: Sequence[int] = (2, 4)) -> Figure:
    """A map of edges of the photograph, and what max pooling in larger and larger windows leaves of it."""
    rising = np.array([[-1.0, 0.0, 1.0]] * 3)
    strength = np.abs(fast.conv2d(photo(34, 42)[None, None], rising[None, None]))
    steps = {"map of edges": strength}
    steps |= {f"windows of {k} × {k}": max_pool2d(strength, k) for k in windows}
    figure, axes = draw.sheet(WIDE, 3.35)
    x, told = 0.06, []
    for name, values in steps.items():
        rows, columns = values.shape[2:]
        grid = draw.pixels(axes, values[0, 0], x, 0.5, 2.92 / columns, MAP, 0, strength.max(), OUTPUT)
        draw.name(axes, grid, name, OUTPUT)
        draw.write(axes, grid.middle, grid.bottom + 0.26, f"{values.size:,} numbers", MUTED)
        told.append(f"{name} {rows} × {columns}, {values.size:,} numbers")
        x = grid.right + 0.26
    figure.set_label(
        f"A temple by a lake as a map of its edges, and after max pooling: {'; '.join(told)}. The strongest "
        "edges stay where they are and as strong as they were; where exactly in a window is forgotten."
    )
    return figure
