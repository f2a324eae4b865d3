"""Why a dense layer is blind to space: it joins everything with everything, in any order."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyspatial.data import photo
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import INPUT, KERNEL, MUTED, OUTPUT, PALE
from tinyspatial.layers import Conv2d, Linear
from tinyspatial.loops import linear
from tinyspatial.shapes import parameters

STROKES = ("-", "--", ":")  # of three weights


def dense_and_local() -> Figure:
    """Every connection of a dense layer and of a convolution over the same row of pixels."""
    row = photo(28, 42)[14, 12:24]
    inputs, outputs = len(row), len(row) - 2
    dense = parameters(Linear(inputs, outputs, bias=False))
    local = parameters(Conv2d(1, 1, (1, 3), bias=False))
    everywhere = [(i, o, MUTED, "-", 0.6) for i in range(inputs) for o in range(outputs)]
    nearby = [(o + j, o, KERNEL, STROKES[j], 2.6) for o in range(outputs) for j in range(3)]
    figure, axes = draw.sheet(7.7, 5.2)
    _connect(axes, row, everywhere, 0.48)
    _connect(axes, row, nearby, 3.12)
    draw.head(axes, 0.04, 0.22, f"Linear: {dense} weights, one for each line", across="left")
    draw.head(axes, 0.04, 2.87, f"Conv2d: {local} weights, the same everywhere", across="left")
    figure.set_label(
        f"{inputs} pixels of a photograph joined to {outputs} outputs. Above, a dense layer: "
        f"{len(everywhere)} lines, {dense} weights. Below, a convolution: {len(nearby)} lines, from "
        f"neighbours only, {local} weights."
    )
    return figure


def _connect(axes: Axes, row: np.ndarray, lines: list[tuple[int, int, str, str, float]], y: float) -> None:
    """A row of pixels, outputs below it, and a stroke for every (pixel, output, colour, style, width)."""
    outputs = 1 + max(output for _, output, *_ in lines)
    pixels = draw.pixels(axes, row[None], 0.04, y, 0.6, low=0, high=1, colour=INPUT)
    answers = draw.pixels(axes, np.ones((1, outputs)), 0.64, y + 1.45, 0.6, PALE[OUTPUT], 0, 1, OUTPUT)
    draw.lattice(axes, pixels, INPUT)
    draw.lattice(axes, answers, OUTPUT)
    for pixel, output, colour, style, width in lines:
        draw.line(axes, [pixels.centre(0.5, pixel), answers.centre(-0.5, output)], colour, width, style)


def shuffled() -> Figure:
    """The same dense outputs from a photograph and from its shuffled pixels, with weights reordered alike."""
    picture = photo(28, 42)
    order = np.random.default_rng(0).permutation(picture.size)
    weight = Linear(picture.size, 4).weight
    scrambled = picture.ravel()[order]
    before = linear(picture.reshape(1, -1), weight)[0]
    after = linear(scrambled[None], weight[:, order])[0]
    figure, axes = draw.sheet(11.8, 3.8)
    left = draw.pixels(axes, picture, 0.04, 0.6, 0.1, colour=INPUT)
    right = draw.pixels(axes, scrambled.reshape(picture.shape), 7.55, 0.6, 0.1, colour=INPUT)
    draw.name(axes, left, "photograph", INPUT)
    draw.name(axes, right, "the same pixels, shuffled", INPUT)
    draw.head(axes, 5.9, 0.35, "dense outputs", OUTPUT)
    for y, one, other in zip(np.linspace(1.05, 2.95, 4), before, after, strict=True):
        draw.write(axes, 5.75, y, draw.say(one, "{:.4f}"), across="right")
        draw.write(axes, 6.9, y, draw.say(other, "{:.4f}"), across="right")
    figure.set_label(
        f"A photograph and its {picture.size:,} pixels in random order. A dense layer with {len(before)} "
        "outputs, its weights reordered alike, gives the same numbers; they differ by "
        f"{np.abs(before - after).max():.0e}."
    )
    return figure
