"""What a batch norm remembers, for exercises: how fast it follows, and what each mode normalises with."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from tinyspatial.data import digits
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.curves import label, level, two
from tinyspatial.figures.palette import INK, INPUT, OUTPUT, PHOTO, SMALL, STATISTICS
from tinyspatial.layers import BatchNorm2d

WIDE = 9.4  # inches
NAMED = (0, 1, 2, 3, 5, 10, 15, 30)  # batches whose running mean is said


def following(seen: float = 20.0, momentum: float = 0.1) -> Figure:
    """The running mean after each batch, if all batches have the same mean: a row of bars that grow."""
    kept = running_means(seen, momentum, NAMED[-1])
    figure, axes = draw.chart(WIDE, 3.7)
    panel = axes[0, 0]
    level(panel, seen)
    panel.bar(range(len(kept)), kept, color=STATISTICS, width=0.6)
    label(panel, 0, 1.09 * seen, f"mean of every batch: {seen:g}", INK)
    for n in NAMED[1:]:
        y = kept[n] + 0.02 * seen if kept[n] < 0.9 * seen else 1.02 * seen
        panel.text(n, y, draw.say(kept[n]), color=STATISTICS, fontsize=SMALL, ha="center", va="bottom")
    panel.set(xlim=(-0.6, NAMED[-1] + 0.8), ylim=(0, 1.17 * seen), xticks=range(0, NAMED[-1] + 1, 5))
    panel.set(yticks=(0, seen / 2, seen), xlabel="batches", ylabel="running mean")
    told = ", ".join(f"{draw.say(kept[n])} after {n}" for n in NAMED[1:])
    figure.set_label(
        f"The running mean with a momentum of {momentum:g}, if every batch has a mean of {seen:g}. "
        f"It begins at 0 and is {told} batches."
    )
    return figure


def running_means(seen: float, momentum: float, batches: int) -> list[float]:
    """The running mean of a layer before the first batch and after each."""
    norm, constant = BatchNorm2d(1, momentum=momentum), np.full((2, 1, 1, 1), seen)
    kept = [float(norm.running_mean[0])]
    for _ in range(batches):
        norm(constant)
        kept.append(float(norm.running_mean[0]))
    return kept


def two_modes(images: ArrayLike | None = None) -> Figure:
    """Which way the images go in training mode and in evaluation mode, with the numbers of one channel."""
    x = digits()[0][:40] if images is None else np.asarray(images, float)
    norm = BatchNorm2d(x.shape[1])
    before = norm.running_mean[0]
    norm(x)
    seen, kept = x[:, 0].mean(), norm.running_mean[0]
    norm.eval()
    norm(x)
    figure, axes = draw.sheet(WIDE, 4.6)
    for y, mode, colour in ((0.25, "train()", STATISTICS), (3.05, "eval()", OUTPUT)):
        draw.head(axes, 0.06, y, mode, colour, across="left")
    for y in (0.6, 3.4):
        for n in (2, 1, 0):
            cell = 0.72 / max(x.shape[2:])
            draw.pixels(
                axes, x[n, 0], 0.06 + 0.3 * n, y + 0.1 * (2 - n), cell, PHOTO, x.min(), x.max(), INPUT
            )
    for y in (1.05, 3.85):
        draw.write(axes, 8.45, y, "scores", across="left")
        draw.arrow(axes, (1.75, y), (2.4, y))
        draw.arrow(axes, (7.55, y), (8.3, y))
    _box(axes, 2.55, 0.6, 4.9, "statistics of these images", f"mean {two(seen)}", STATISTICS)
    _box(axes, 2.55, 2.0, 4.9, "running statistics", f"mean {two(before)} → {two(kept)}", STATISTICS)
    _box(axes, 2.55, 3.4, 4.9, "running statistics, which stay", f"mean {two(norm.running_mean[0])}", OUTPUT)
    draw.arrow(axes, (5.0, 1.55), (5.0, 1.95), STATISTICS)
    draw.write(axes, 5.2, 1.74, "a tenth of the way", STATISTICS, SMALL, across="left")
    figure.set_label(
        f"In training mode {len(x)} images are normalised with their own statistics, a mean of {two(seen)}, "
        f"and the running mean moves a tenth of the way, from {two(before)} to {two(kept)}. In evaluation "
        f"mode they are normalised with the running mean, {two(norm.running_mean[0])}, which stays."
    )
    return figure


def _box(axes: Axes, x: float, y: float, wide: float, name: str, says: str, colour: str) -> None:
    """A frame with a name and a number in it."""
    draw.outline(axes, draw.Grid(x, y, 0.1, 9, round(10 * wide)), colour=colour, thick=2.5)
    draw.head(axes, x + wide / 2, y + 0.28, name, colour)
    draw.write(axes, x + wide / 2, y + 0.64, says, colour)
