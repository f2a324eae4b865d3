"""What one output sees: which pixels, how many of them after each layer, and less of them near a border."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyspatial import fast
from tinyspatial.data import photo
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import FIELD, INK, INPUT, KERNEL, MAP, OUTPUT, PALE
from tinyspatial.layers import Conv2d, MaxPool2d
from tinyspatial.model import Sequential
from tinyspatial.receptive_field import Region, effective_field, region
from tinyspatial.shapes import output_size

QUIZ = [(3, 1, 1), (2, 2, 0), (3, 1, 1), (3, 1, 1)]  # the stack of the question: 3, 4, 8, 12


def quiz() -> Sequential:
    """The stack of the question as layers, one channel throughout, with positive random weights."""
    rng = np.random.default_rng(0)
    convolutions = [Conv2d(1, 1, 3, padding=1, ops=fast) for _ in range(3)]
    for layer in convolutions:
        layer.weight[:] = rng.uniform(0.02, 0.2, layer.weight.shape)
    return Sequential(convolutions[0], MaxPool2d(2, ops=fast), *convolutions[1:])


def one_output() -> Figure:
    """Everything outside the field of one output changes, and this output does not."""
    side, index = 32, 7
    model, image = quiz(), photo(side, side)
    seen = region(model, index, side)
    inside = np.zeros((side, side), dtype=bool)
    inside[mesh(seen)] = True
    other = np.where(inside, image, 1 - image)  # its negative
    before, after = (model(x[None, None])[0, 0] for x in (image, other))
    figure, axes = draw.sheet(7.7, 5.2)
    size = len(seen.rows)
    left = draw.pixels(axes, image, 0.06, 0.5, 0.071, colour=INPUT)
    draw.pixels(axes, other, 0.06, 2.88, 0.071, colour=INPUT)
    for y, answers in ((0.5, before), (2.88, after)):
        scene = left._replace(y=y)
        answer = draw.pixels(axes, answers, 2.95, y, 0.142, MAP, 0, before.max(), OUTPUT)
        draw.outline(axes, scene, seen.rows[0], seen.columns[0], (size, size), KERNEL, 3, halo=True)
        draw.outline(axes, answer, index, index, (1, 1), INK, 3, halo=True)
        draw.arrow(axes, (left.right + 0.1, y + 1.14), (answer.x - 0.1, y + 1.14))
        draw.head(axes, 5.45, y + 0.75, "one output", OUTPUT, across="left")
        draw.write(axes, 5.45, y + 1.14, f"{answers[index, index]:.12f}", across="left")
    draw.name(axes, left, "photograph", INPUT)
    draw.head(axes, answer.middle, 0.25, "feature map", OUTPUT)
    draw.write(axes, 5.45, 4.48, "all around it:", KERNEL, across="left")
    draw.write(axes, 5.45, 4.84, "the negative", KERNEL, across="left")
    figure.set_label(
        f"A photograph of {side} × {side} pixels and its feature map; below, the {image.size - inside.sum()} "
        f"pixels outside a frame of {size} × {size} replaced by their negative. The output that sees it "
        f"changes by {abs(after - before)[index, index]:.0f}, others up to {abs(after - before).max():.1f}."
    )
    return figure


def mesh(seen: Region) -> tuple[np.ndarray, ...]:
    """The index of a region in an image (H, W)."""
    return np.ix_(list(seen.rows), list(seen.columns))


def gradient(depth: int) -> np.ndarray:
    """How much each of 9 × 9 pixels moves the middle output of so many 3 × 3 layers of eight channels."""
    rng, layers = np.random.default_rng(0), list[Conv2d]()
    for number in range(depth):
        layers.append(Conv2d(8 if number else 1, 8, 3, padding=1, bias=False, ops=fast, rng=rng))
    model = Sequential(*layers)
    y = model(photo(9, 9)[None, None])
    return effective_field(model.backward, y.shape, (0, 0, 4, 4))


def growth() -> Figure:
    """The gradient of one output by every pixel, after one, two and three layers of 3 × 3."""
    figure, axes = draw.sheet(11.8, 3.8)
    told = []
    for x, depth in ((0.1, 1), (4.35, 2), (8.6, 3)):
        field = gradient(depth)
        reached = field > 0
        side = int(reached.any(axis=0).sum())
        shade = np.where(reached, 0.2 + 0.8 * field / field.max(), 0)
        grid = draw.pixels(axes, shade, x, 0.5, 0.34, FIELD, 0, 1, INPUT)
        draw.lattice(axes, grid, INPUT, 0.5)
        edge = (9 - side) / 2
        draw.outline(axes, grid, edge, edge, (side, side), KERNEL, 3.5, halo=True)
        layers = "layer" if depth == 1 else "layers"
        draw.name(axes, grid, f"{depth} {layers}: {side} × {side}", KERNEL)
        told.append(f"for {reached.sum()} pixels, {side} × {side}, behind {depth} {layers}")
    figure.set_label(
        "The gradient of one output by each of 9 × 9 pixels, through stacks of 3 × 3 convolutions. It is not "
        f"zero {', '.join(told)}, and zero everywhere else."
    )
    return figure


def stepping() -> Figure:
    """Which pixels one output reads through two layers: the first with stride 1, then with stride 2."""
    figure, axes = draw.sheet(7.7, 5.2)
    told = []
    for y, stride in ((0.0, 1), (2.65, 2)):
        row = photo(28, 42)[14, 12:23]
        rows = reads(row, stride)
        _tree(axes, row, rows, y, stride)
        seen = len(rows[0][0])
        draw.head(axes, 0.06, y + 0.22, f"first layer with stride {stride}: {seen} pixels", across="left")
        told.append(f"{seen} pixels with stride {stride} in the first")
    figure.set_label(
        f"Two layers with a window of 3, and what one output reads through them: {', '.join(told)}. "
        "Neighbours in the first map lie as many pixels apart as its stride."
    )
    return figure


def reads(row: np.ndarray, stride: int) -> list[list[np.ndarray]]:
    """What the middle output of two layers reads: for each value of each map on the way, the places below it.

    First that output alone: the pixels that it sees, and the values of the first map that it reads. Then the
    pixels of each of these values. All are found by a gradient that runs back.
    """
    first = Conv2d(1, 1, (1, 3), (1, stride), bias=False, ops=fast)
    second = Conv2d(1, 1, (1, 3), bias=False, ops=fast)
    for layer in (first, second):
        layer.weight[:] = 1 / 3
    model = Sequential(first, second)
    y = model(row.reshape(1, 1, 1, -1))
    middle = y.shape[3] // 2
    between = first(row.reshape(1, 1, 1, -1)).shape

    def touched(layer: Conv2d | Sequential, shape: tuple[int, ...], place: int) -> np.ndarray:
        return np.flatnonzero(effective_field(layer.backward, shape, (0, 0, 0, place))[0])

    values = touched(second, y.shape, middle)
    return [[touched(model, y.shape, middle), values], [touched(first, between, int(k)) for k in values]]


def _tree(axes: Axes, row: np.ndarray, rows: list[list[np.ndarray]], y: float, stride: int) -> None:
    """The pixels, the first map above which it stands, and the one output, joined by what reads what."""
    cell = 0.56
    (seen, values), pixels_of = rows
    scene = draw.pixels(axes, row[None], 0.06, y + 1.92, cell, low=0, high=1, colour=INPUT)
    draw.lattice(axes, scene, INPUT)
    draw.outline(axes, scene, 0, seen[0], (1, len(seen)), KERNEL, 3.5, halo=True)
    count = output_size(len(row), 3, stride)
    centres = [scene.centre(0, stride * k + 1)[0] for k in range(count)]
    for k, x in enumerate(centres):
        shade = 1.0 if k in values else 0.25
        box = draw.pixels(axes, [[shade]], x - 0.2, y + 1.16, 0.4, PALE[OUTPUT], -1, 1, OUTPUT)
        if k in values:
            own = pixels_of[list(values).index(k)]
            for pixel in own:
                draw.line(axes, [(x, box.bottom), scene.centre(-0.5, pixel)], KERNEL, 1.6)
    top = centres[int(values[len(values) // 2])]
    draw.pixels(axes, [[1.0]], top - 0.2, y + 0.45, 0.4, PALE[OUTPUT], -1, 1, OUTPUT)
    for k in values:
        draw.line(axes, [(top, y + 0.85), (centres[k], y + 1.16)], KERNEL, 1.6)
    for line, (text, colour) in enumerate((("one output", OUTPUT), ("first map", OUTPUT), ("pixels", INPUT))):
        draw.write(axes, 6.3, y + 0.65 + 0.74 * line, text, colour, across="left")
