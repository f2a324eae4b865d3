"""What pooling keeps, what it drops and what it saves, on a feature map of the photograph."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyspatial.data import photo
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import INK, KERNEL, MUTED, ON_LIGHT, OUTPUT, TEXT
from tinyspatial.figures.windows import RISING, respond
from tinyspatial.layers import Conv2d, MaxPool2d
from tinyspatial.loops import avg_pool2d, max_pool2d
from tinyspatial.shapes import activation_bytes, macs, output_shape


def max_and_average() -> Figure:
    """Two ways to make one value of four, on the same piece of a feature map."""
    piece = np.abs(respond(photo(28, 42), RISING))[6:14, 14:22]
    largest, mean = max_pool2d(piece[None, None], 2)[0, 0], avg_pool2d(piece[None, None], 2)[0, 0]
    row, column = (int(i) for i in np.unravel_index((largest - mean).argmax(), mean.shape))
    figure, axes = draw.sheet(7.7, 5.2)
    before = draw.table(axes, piece, 0.04, 0.45, 0.58, OUTPUT, high=2)
    draw.lattice(axes, before, OUTPUT, 2.4, step=2)
    draw.name(axes, before, "strength of edges, 8 × 8", OUTPUT)
    draw.outline(axes, before, 2 * row, 2 * column, (2, 2), ON_LIGHT, thick=4)
    for y, name, values in ((0.45, "maximum, 4 × 4", largest), (2.98, "average, 4 × 4", mean)):
        after = draw.table(axes, values, 5.4, y, 0.52, OUTPUT, high=2)
        draw.name(axes, after, name, OUTPUT)
        draw.outline(axes, after, row, column, (1, 1), ON_LIGHT, thick=4)
    four = piece.reshape(4, 2, 4, 2)[row, :, column].ravel()
    figure.set_label(
        f"A piece of a feature map, pooled in windows of 2 × 2. Of the four values {_list(four)}, the "
        f"maximum keeps {largest[row, column]:.1f} and the average {mean[row, column]:.1f}."
    )
    return figure


def moved_maxima() -> float:
    """Share of the maxima of a 2 × 2 pooling that stay the same when the photograph moves by one pixel."""
    strength = np.abs(respond(photo(28, 43), RISING))[None, None]
    here, there = max_pool2d(strength[..., :-1], 2), max_pool2d(strength[..., 1:], 2)
    return float(np.mean(here == there))


def start_value() -> Figure:
    """Where all values are negative, a maximum that starts at 0 finds a 0 that is not in the window."""
    answers = respond(photo(28, 42), RISING)
    largest = np.lib.stride_tricks.sliding_window_view(answers, (4, 4)).max(axis=(2, 3))
    row, column = (int(i) for i in np.unravel_index(largest.argmin(), largest.shape))
    piece = answers[row : row + 4, column : column + 4]
    right = max_pool2d(piece[None, None], 2)[0, 0]
    wrong = np.maximum(right, 0.0)  # what the same loops give when the accumulator starts at 0
    figure, axes = draw.sheet(7.7, 5.2)
    _values(axes, piece, 0.04, 1.2, 0.8, "feature map", OUTPUT)
    _values(axes, wrong, 5.1, 0.55, 0.9, "start at 0: wrong", MUTED)
    _values(axes, right, 5.1, 3.2, 0.9, "start at −∞: right", OUTPUT)
    draw.arrow(axes, (3.5, 2.3), (4.9, 1.5))
    draw.arrow(axes, (3.5, 3.2), (4.9, 4.0))
    figure.set_label(
        f"Four by four values of a feature map, from {draw.say(piece.min())} to {draw.say(piece.max())}. "
        f"Pooled with a start value of 0 the results are {_list(wrong)}; with minus infinity they are "
        f"{_list(right)}."
    )
    return figure


def _values(axes: Axes, values: np.ndarray, x: float, y: float, cell: float, name: str, colour: str) -> None:
    grid = draw.table(axes, values, x, y, cell, OUTPUT, high=2, size=20)
    draw.outline(axes, grid, colour=colour)
    draw.name(axes, grid, name, colour)


def _list(values: np.ndarray) -> str:
    return ", ".join(draw.say(value) for value in values.flat)


def pooling_cost() -> Figure:
    """Bytes of a feature map before and after pooling, and the work of the convolution that comes next."""
    shape, pool, following = (1, 64, 224, 224), MaxPool2d(2), Conv2d(64, 128, 3, padding=1)
    after = output_shape(pool, shape)
    first = activation_bytes(Conv2d(3, 64, 3, padding=1), (1, 3, 224, 224))
    memory = [size / 2**20 for size in (first, activation_bytes(pool, shape))]
    work = [macs(following, size) / 1e9 for size in (shape, after)]
    figure, axes = draw.chart(7.7, 5.2, 1, 2)
    _bars(axes[0, 0], memory, "{:.2f} MiB", "64 maps, float32", OUTPUT)
    _bars(axes[0, 1], work, "{:.2f} billion", "MACs, next layer", KERNEL)
    figure.set_label(
        f"One image, {shape[1]} channels of {shape[2]} × {shape[3]}, before and after 2 × 2 pooling. The "
        f"map takes {memory[0]:.2f} MiB and then {memory[1]:.2f}; the next convolution {work[0]:.2f} "
        f"billion multiply-accumulates and then {work[1]:.2f}."
    )
    return figure


def _bars(panel: Axes, values: list[float], form: str, title: str, colour: str) -> None:
    """Two bars, before and after pooling, with their values on top."""
    panel.bar(["224 × 224", "112 × 112"], values, color=colour, width=0.62)
    panel.set_title(title, fontsize=TEXT, color=INK, weight="bold", pad=14)
    panel.set_yticks([])
    panel.spines["left"].set_visible(False)
    panel.tick_params(axis="x", labelsize=TEXT, length=0)
    panel.margins(y=0.12)
    for place, value in enumerate(values):
        panel.text(place, value, form.format(value), ha="center", va="bottom", fontsize=TEXT, color=INK)
