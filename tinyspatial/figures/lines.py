"""Windows on one line of pixels, for exercises: where they begin, how many fit, what one output reads."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from tinyspatial.data import photo
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import INPUT, KERNEL, MAP, MUTED, OUTPUT, PHOTO, SMALL, on
from tinyspatial.loops import conv2d
from tinyspatial.receptive_field import receptive_field, region
from tinyspatial.shapes import output_size

STACK = ((3, 1, 1), (2, 2, 0), (3, 1, 1))  # a convolution, a pooling and a convolution
NAMES = ("the picture", "convolution of 3", "pooling of 2", "convolution of 3")
WIDE = 9.4  # inches


def pixels_in_a_row(count: int) -> np.ndarray:
    """A piece of one row of the photograph, ``(1, count)``."""
    return photo(28, 42)[14:15, 14 : 14 + count]


def numbered(axes: Axes, grid: draw.Grid, numbers: Sequence[int]) -> None:
    """The number of each cell of a line above it."""
    for place, number in enumerate(numbers):
        draw.write(axes, grid.centre(0, place)[0], grid.y - 0.22, f"{number}", INPUT)


def ruler(size: int = 8, kernel: int = 3, stride: int = 2) -> Figure:
    """A window that moves along a line of pixels, one row a place, and the first place that is too far."""
    count, cell = output_size(size, kernel, stride), 0.66
    row = pixels_in_a_row(size)
    mean = np.full((1, 1, 1, kernel), 1 / kernel)
    outputs = conv2d(row[None, None], mean, None, (1, stride))[0, 0]
    figure, axes = draw.sheet(WIDE, 1.85 + 0.56 * count)
    grid = draw.pixels(axes, row, 1.6, 0.45, cell, low=0, high=1, colour=INPUT)
    draw.lattice(axes, grid, INPUT)
    numbered(axes, grid, range(size))
    draw.write(axes, 0.08, grid.centre(0, 0)[1], "pixels", INPUT, across="left")
    draw.head(axes, 8.55, grid.centre(0, 0)[1], "output", OUTPUT)
    read = {n * stride + i for n in range(count) for i in range(kernel)}
    for unread in sorted(set(range(size)) - read):
        fill = to_hex(PHOTO(row[0, unread]))
        draw.write(axes, *grid.centre(0, unread), "×", on(fill), 30)
    for n in range(count + 1):
        y, x = grid.bottom + 0.2 + 0.56 * n, grid.x + n * stride * cell
        if n < count:
            draw.bar(axes, x, y, kernel * cell, 0.36, KERNEL)
            draw.write(axes, 0.08, y + 0.18, f"window {n}", KERNEL, across="left")
            draw.line(axes, [(x + kernel * cell + 0.06, y + 0.18), (8.3, y + 0.18)], MUTED, 1.2, ":")
            draw.pixels(axes, outputs[:, n : n + 1], 8.37, y, 0.36, MAP, 0, 1, OUTPUT)
        else:
            place = draw.Grid(x, y, 0.36, 1, 1)
            draw.outline(axes, place, size=(1, kernel * cell / 0.36), colour=MUTED, style="dashed")
            draw.write(axes, 0.08, y + 0.18, "too far", MUTED, across="left")
    left = size - len(read)
    figure.set_label(
        f"{size} pixels in a row, numbered 0 to {size - 1}. A window of {kernel} moves in steps of {stride}: "
        f"{_spans(kernel, stride, count)}. The next would end at pixel {count * stride + kernel - 1}, which "
        f"is not there. {count} windows, {count} outputs; pixels that none reads: {left}."
    )
    return figure


def _spans(kernel: int, stride: int, count: int) -> str:
    """The first and the last pixel of each window."""
    return ", ".join(f"window {n} on pixels {n * stride} to {n * stride + kernel - 1}" for n in range(count))


def padded_line(size: int = 8, kernel: int = 3, padding: int = 2) -> Figure:
    """A line with zeros at both ends, counted from the first zero, and the window at its first place."""
    cell, long = 0.62, size + 2 * padding
    figure, axes = draw.sheet(WIDE, 2.0)
    whole = draw.Grid(1.6, 0.45, cell, 1, long)
    scene = draw.pixels(
        axes, pixels_in_a_row(size), whole.x + padding * cell, whole.y, cell, low=0, high=1, colour=INPUT
    )
    draw.lattice(axes, scene, INPUT)
    numbered(axes, whole, range(long))
    for place in (*range(padding), *range(size + padding, long)):
        draw.outline(axes, whole, 0, place, (1, 1), MUTED, 1.5, "dashed")
        draw.write(axes, *whole.centre(0, place), "0", MUTED)
    draw.write(axes, 0.08, whole.centre(0, 0)[1], "padded line", INPUT, SMALL, across="left")
    draw.bar(axes, whole.x, whole.bottom + 0.3, kernel * cell, 0.36, KERNEL)
    draw.write(axes, 0.08, whole.bottom + 0.48, "first window", KERNEL, SMALL, across="left")
    draw.arrow(
        axes,
        (whole.x + kernel * cell + 0.1, whole.bottom + 0.48),
        (whole.x + (kernel + 1.5) * cell, whole.bottom + 0.48),
        KERNEL,
    )
    figure.set_label(
        f"{size} pixels with {padding} zeros at each end, a padded line of {long} numbered 0 to {long - 1}. "
        f"A window of {kernel} stands at number 0, on {min(padding, kernel)} zeros and "
        f"{max(0, kernel - padding)} pixels, and will move to the right."
    )
    return figure


def tree(
    layers: Sequence[tuple[int, int, int]] = STACK,
    size: int = 12,
    place: int = 2,
    names: Sequence[str] = NAMES,
) -> Figure:
    """What one output of a stack on a line reads, layer by layer, down to the pixels: the marked cells.

    A map stands above the pixels that its numbers are made of. Zeros of a padding are drawn if they are read.
    """
    layers, sizes = list(layers), [size]
    for kernel, stride, padding in layers:
        sizes.append(output_size(sizes[-1], kernel, stride, padding))
    seen = [region(layers[k:], place, sizes[k]).columns for k in range(len(layers))]
    seen.append(range(place, place + 1))
    read = [_windows(layers[k], seen[k + 1]) for k in range(len(layers))]
    zeros = [
        sorted({n for window in row for n in window} - set(range(sizes[k]))) for k, row in enumerate(read)
    ]
    fields = [receptive_field(layers[:k]) for k in range(len(sizes))]
    across = [
        [n * f.stride + f.size / 2 - f.padding for n in range(-9, sizes[k] + 9)] for k, f in enumerate(fields)
    ]
    first = min([0.0, *(across[k][n + 9] for k, row in enumerate(zeros) for n in row)])
    last = max([float(size), *(across[k][n + 9] for k, row in enumerate(zeros) for n in row)])
    cell = min(0.56, 7.1 / (last - first + 1))
    side = 0.74 * cell
    figure, axes = draw.sheet(WIDE, 0.95 + 0.92 * len(layers))

    def corner(k: int, n: int) -> draw.Point:
        x = 2.15 + cell * (across[k][n + 9] - first) + cell * 0.5
        return x, 0.35 + 0.92 * (len(layers) - k)

    for k, row in enumerate(read):
        for n, window in zip(seen[k + 1], row, strict=True):
            x, y = corner(k + 1, n)
            for m in window:
                below = corner(k, m)
                colour = KERNEL if 0 <= m < sizes[k] else MUTED
                draw.line(axes, [(x, y + side / 2), (below[0], below[1] - side / 2)], colour, 1.5)
    for k, count in enumerate(sizes):
        draw.write(axes, 0.08, corner(k, 0)[1], names[k], OUTPUT if k else INPUT, SMALL, across="left")
        for n in range(count):
            x, y = corner(k, n)
            look = (MAP, OUTPUT) if k else (draw.PALE[INPUT], INPUT)
            shade = (0.55 if k else 1.0) if n in seen[k] else 0.0
            draw.pixels(axes, [[shade]], x - side / 2, y - side / 2, side, look[0], 0, 1, look[1])
        for n in zeros[k] if k < len(zeros) else ():
            x, y = corner(k, n)
            box = draw.Grid(x - side / 2, y - side / 2, side, 1, 1)
            draw.outline(axes, box, colour=MUTED, thick=1.5, style="dashed")
            draw.write(axes, x, y, "0", MUTED, SMALL)
    for n in range(size):
        x, y = corner(0, n)
        draw.write(axes, x, y + 0.43, f"{n}", INPUT, SMALL)
    told = [f"{names[k]} {_range(seen[k])}" for k in range(len(sizes) - 1, -1, -1)]
    more = f" Zeros of the padding that are read: {sum(map(len, zeros))}." if any(zeros) else ""
    figure.set_label(
        f"{size} pixels and {len(layers)} layers on a line. What output {place} of the last depends on, from "
        f"top to bottom: {'; '.join(told)}.{more}"
    )
    return figure


def _windows(layer: tuple[int, int, int], places: Sequence[int]) -> list[range]:
    """What each of these places of a layer reads, zeros of the padding included."""
    kernel, stride, padding = layer
    return [range(n * stride - padding, n * stride - padding + kernel) for n in places]


def _range(places: Sequence[int]) -> str:
    """3 to 8, or 4."""
    return f"{places[0]} to {places[-1]}" if len(places) > 1 else f"{places[0]}"
