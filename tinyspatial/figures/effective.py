"""Theory says which pixels may count; the gradient says how much each of them does."""

from functools import cache
from itertools import count, islice

import numpy as np
from matplotlib.figure import Figure

from tinyspatial import fast
from tinyspatial.data import photo
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import FIELD, INK, INPUT, KERNEL, OUTPUT, PHOTO, SMALL, TEXT
from tinyspatial.layers import Conv2d, ReLU
from tinyspatial.model import Sequential
from tinyspatial.receptive_field import effective_field, receptive_field

CHANNELS, DRAWS, SHARE = 8, 10, 0.95
MOST = draw.percent(SHARE)
DEPTHS = (1, 2, 4, 8, 16, 24, 32)


def stack(depth: int, seed: int) -> Sequential:
    """So many 3 × 3 convolutions with ReLU, He weights, padding 1, one channel in and CHANNELS out."""
    rng, layers = np.random.default_rng(seed), list[Conv2d | ReLU]()
    for number in range(depth):
        channels = CHANNELS if number else 1
        layers += [Conv2d(channels, CHANNELS, 3, padding=1, bias=False, ops=fast, rng=rng), ReLU(ops=fast)]
    return Sequential(*layers)


@cache
def mean_field(depth: int) -> np.ndarray:
    """How much each pixel of the photograph moves the output in its middle; the sum is 1.

    The mean of DRAWS random stacks, each of them with the sum 1, the few left out that ReLU has silenced;
    the output is that of the strongest channel. The photograph is as large as the theoretical field.
    """
    fields = (one_field(depth, seed) for seed in count())
    return np.mean(list(islice((field / field.sum() for field in fields if field.any()), DRAWS)), axis=0)


def one_field(depth: int, seed: int) -> np.ndarray:
    """The same of one random stack, as it is; all zero where ReLU has silenced every channel."""
    side = receptive_field([(3, 1, 1)] * depth).size
    model = stack(depth, seed)
    y = model(photo(side, side)[None, None])
    channel = int(y[0, :, depth, depth].argmax())
    return effective_field(model.backward, y.shape, (0, channel, depth, depth))


def holding(field: np.ndarray, share: float) -> int:
    """Side of the smallest square around the middle that holds at least this share of the field."""
    middle = len(field) // 2
    reach = (slice(middle - step, middle + step + 1) for step in range(middle + 1))
    sums = [field[part, part].sum() for part in reach]
    return 1 + 2 * next(step for step, held in enumerate(sums) if held >= share * sums[-1])


def fading() -> Figure:
    """The cover: a photograph that fades as its pixels count less for the output in its middle."""
    depth = 16
    field = mean_field(depth)
    strength = np.sqrt(field / field.max())
    side, cell = len(field), 0.14
    figure, axes = draw.sheet(5.2, 4.75)
    seen = 1 - strength * (1 - photo(side, side))  # 1 is white
    scene = draw.pixels(axes, seen, 0.29, 0.06, cell, PHOTO, 0, 1, KERNEL)
    draw.outline(axes, scene, depth, depth, (1, 1), OUTPUT, 3, halo=True)
    figure.set_label(
        f"A photograph of {side} × {side} pixels, all of which one output of {depth} convolutions sees. It "
        f"fades to white as the gradient grows weaker: a square of {holding(field, SHARE)} × "
        f"{holding(field, SHARE)} in the middle holds {MOST} of it."
    )
    return figure


def middle_counts() -> Figure:
    """The gradient of one output behind sixteen layers: the field by theory, and where most of it lies."""
    depth, cell = 16, 0.148
    field = mean_field(depth)
    side, core = len(field), holding(field, SHARE)
    figure, axes = draw.sheet(7.7, 5.2)
    scene = draw.pixels(axes, field, 0.06, 0.16, cell, FIELD, 0, colour=INPUT)
    edge = (side - core) / 2
    draw.outline(axes, scene, edge, edge, (core, core), KERNEL, 3, halo=True)
    for row, colour, told in (
        (0.7, INPUT, ("theory:", f"{side} × {side}")),
        (edge + 0.2, KERNEL, (f"{MOST} of the", "gradient:", f"{core} × {core}")),
    ):
        start = scene.right if colour == INPUT else scene.x + (edge + core) * cell
        y = scene.y + row * cell
        draw.line(axes, [(start, y), (5.3, y)], colour)
        for line, text in enumerate(told):
            draw.head(axes, 5.4, y + 0.34 * line, text, colour, across="left")
    figure.set_label(
        f"How strongly each of {side} × {side} pixels moves one output of {depth} layers of 3 × 3, mean of "
        f"{DRAWS} random networks. A square of {core} × {core} pixels in the middle, "
        f"{draw.percent(core**2 / side**2)} of the area, holds {MOST} of the gradient."
    )
    return figure


def root_of_depth() -> Figure:
    """Side of the field by theory and of the square that holds most of the gradient, against the depth."""
    sides = [receptive_field([(3, 1, 1)] * depth).size for depth in DEPTHS]
    cores = [holding(mean_field(depth), SHARE) for depth in DEPTHS]
    figure, axes = draw.chart(7.7, 5.2)
    panel = axes[0, 0]
    for values, colour, style, text in (
        (sides, INPUT, "-", f"theory: {sides[-1]}"),
        (cores, KERNEL, "o-", f"{MOST} of the\ngradient: {cores[-1]}"),
    ):
        panel.plot(DEPTHS, values, style, color=colour, linewidth=3, markersize=9, clip_on=False)
        panel.text(
            DEPTHS[-1] + 0.8, values[-1], text, color=colour, fontsize=TEXT, va="center", weight="bold"
        )
    panel.set(xlim=(0, 42), ylim=(0, 70), xticks=[0, 8, 16, 24, 32], yticks=[0, 20, 40, 60])
    panel.set_xlabel("layers of 3 × 3", x=DEPTHS[-1] / 2 / 42)  # the middle of the curves
    panel.set_ylabel("side of the field (pixels)")
    panel.tick_params(labelsize=SMALL, labelcolor=INK)
    told = ", ".join(f"{core} of {side} at {n}" for n, side, core in zip(DEPTHS, sides, cores, strict=True))
    figure.set_label(
        f"Side of the square that holds {MOST} of the gradient, and of the theoretical field, in pixels, "
        f"after so many layers: {told}. Theory is a straight line; the measured side bends like a root."
    )
    return figure
