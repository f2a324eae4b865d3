"""Which pixels an output sees: the window of each, and how much of it is picture near a border."""

import numpy as np
from matplotlib.figure import Figure

from tinyspatial.data import photo
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.fields import QUIZ
from tinyspatial.figures.palette import INPUT, KERNEL, MUTED, OUTPUT, SMALL
from tinyspatial.networks import NETWORKS
from tinyspatial.receptive_field import receptive_field, region
from tinyspatial.shapes import output_size


def places() -> Figure:
    """The windows of all outputs along one side: a step of one stride each, the first one in the padding."""
    side, cell = 16, 0.36
    field = receptive_field(QUIZ)
    count = side // field.stride
    figure, axes = draw.sheet(11.8, 3.8)
    left = 1.2 + field.padding * cell
    row = photo(28, 42)[14, 12 : 12 + side]
    scene = draw.pixels(axes, row[None], left, 3.14, cell, low=0, high=1, colour=INPUT)
    draw.lattice(axes, scene, INPUT)
    for edge in (
        *range(-field.padding, 0),
        *range(side, (count - 1) * field.stride - field.padding + field.size),
    ):
        draw.outline(axes, scene, 0, edge, (1, 1), MUTED, 1.2, "dotted")
    for index in range(count):
        whole = region(QUIZ, index, side, clip=False).columns
        real = region(QUIZ, index, side).columns
        y = 0.64 + 0.31 * index
        ends = [left + cell * end for end in (whole.start, real.start, real.stop, whole.stop)]
        draw.line(axes, [(ends[0], y), (ends[3], y)], MUTED, 2, ":")
        draw.line(axes, [(ends[1], y), (ends[2], y)], KERNEL, 7)
        draw.write(axes, 0.5, y, f"{index}", OUTPUT)
        draw.write(axes, 11.15, y, f"{len(real)}", KERNEL)
    for number in (0, 5, 10, side - 1):
        draw.write(axes, scene.centre(0, number)[0], 3.64, f"{number}", INPUT, SMALL)
    draw.head(axes, 0.5, 0.24, "output", OUTPUT)
    draw.head(axes, 11.15, 0.24, "pixels", KERNEL)
    draw.head(axes, scene.middle, 0.24, "its window", KERNEL)
    first, last = region(QUIZ, 0, side).columns, region(QUIZ, count - 1, side).columns
    figure.set_label(
        f"Windows of {count} outputs along {side} pixels, each {field.size} long and {field.stride} further "
        f"right than the last; the first begins at pixel −{field.padding}. Output 0 has {len(first)} real "
        f"pixels, output {count - 1} has {len(last)}, those in the middle up to {field.size}."
    )
    return figure


def corner() -> Figure:
    """VGG-16 on 224 × 224: how much of its field is picture, for each of its outputs."""
    layers, side = NETWORKS["VGG-16"].layers, 224
    field = receptive_field(layers)
    shares = field_shares(layers, side)
    figure, axes = draw.sheet(11.8, 3.8)
    scale = 3.66 / (side + field.padding)  # inches for one pixel
    scene = draw.pixels(
        axes, photo(28, 28), 0.07 + field.padding * scale, 0.07 + field.padding * scale, 8 * scale
    )
    for index, colour in (((0, 0), KERNEL), ((3, 3), OUTPUT)):
        whole = region(layers, index, side, clip=False)
        real = region(layers, index, side)
        for part, style in ((whole, "dotted"), (real, "solid")):
            corner = part.rows.start / 8, part.columns.start / 8
            size = len(part.rows) / 8, len(part.columns) / 8
            thick, halo = (1.8, False) if part is whole else (3.5, True)
            draw.outline(axes, scene, *corner, size, colour, thick, style, halo)
        y = 0.45 if colour == KERNEL else 1.75
        draw.head(axes, 4.0, y, f"output {index[0]}, {index[1]}", colour, across="left")
        draw.write(axes, 4.0, y + 0.36, f"{len(real.rows)} × {len(real.columns)}", colour, across="left")
        draw.write(axes, 4.0, y + 0.72, "pixels", colour, across="left")
    draw.table(axes, 100 * shares, 6.65, 0.26, 0.5, OUTPUT, "{:.0f}", 100)
    draw.head(axes, 10.35, 0.5, "% of the", OUTPUT, across="left")
    draw.head(axes, 10.35, 0.84, "field that", OUTPUT, across="left")
    draw.head(axes, 10.35, 1.18, "is picture", OUTPUT, across="left")
    told = [draw.percent(shares[index]) for index in ((3, 3), (0, 3), (0, 0))]
    figure.set_label(
        f"VGG-16 on {side} × {side} pixels has 7 × 7 outputs with a field of {field.size} × {field.size}. "
        f"The one in the middle sees {told[0]} of its field, one at an edge {told[1]}, one in a corner "
        f"{told[2]}; the rest is padding."
    )
    return figure


def field_shares(layers: list[tuple[int, int, int]], side: int) -> np.ndarray:
    """The share of the theoretical field that is inside the image, for every output, (P, P)."""
    count, size = output_size(side, *receptive_field(layers)), receptive_field(layers).size
    lengths = np.array([len(region(layers, index, side).rows) for index in range(count)])
    return np.outer(lengths, lengths) / size**2
