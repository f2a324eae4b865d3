"""How the running statistics come to be: which variance, how much of each batch, and whose momentum."""

from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyspatial.figures import drawing as draw
from tinyspatial.figures.curves import curve, label, level, logarithmic, two
from tinyspatial.figures.palette import INK, KERNEL, MUTED, STATISTICS
from tinyspatial.layers import BatchNorm2d
from tinyspatial.trap import data, network

CHANNEL = 1  # of the first feature maps: the one whose mean lies farthest from 0
STEPS, SIZE = 60, 8  # batches, and images in each
DRAWS, COUNTS = 20_000, (2, 3, 4, 6, 8, 16, 32)  # random batches of each number of values


@cache
def values() -> np.ndarray:
    """One channel of the first feature maps of all training images, before any training: (N, 1, 6, 6)."""
    return network()[0](data().images)[:, CHANNEL : CHANNEL + 1]


@cache
def follow(momentum: float) -> tuple[np.ndarray, np.ndarray]:
    """The mean of each of ``STEPS`` batches, and the running mean after it, with 0 first."""
    norm, rng = BatchNorm2d(1, momentum=momentum), np.random.default_rng(0)
    seen, kept = [], [0.0]
    for _ in range(STEPS):
        batch = values()[rng.choice(len(values()), SIZE, replace=False)]
        norm(batch)
        seen.append(batch.mean())
        kept.append(norm.running_mean[0])
    return np.array(seen), np.array(kept)


def running_mean() -> Figure:
    """Means of batches as dots, and the running mean that follows them with momentum 0.1."""
    seen, kept = follow(0.1)
    figure, axes = draw.chart(7.7, 5.2)
    panel, truth = axes[0, 0], values().mean()
    level(panel, truth)
    panel.plot(range(1, STEPS + 1), seen, "o", color=MUTED, markersize=6)
    panel.plot(range(STEPS + 1), kept, color=STATISTICS, linewidth=4)
    label(panel, 9, kept[6], "running mean", STATISTICS)
    label(panel, STEPS, -1.6, "mean of each batch", MUTED, "right")
    label(panel, STEPS, -1.1, "mean of all images", INK, "right")
    _frame(panel, "mean of one channel")
    figure.set_label(
        f"Means of {STEPS} batches, between {two(seen.min())} and {two(seen.max())}, and the running mean: "
        f"0 at the start, {two(kept[10])} after 10 batches, {two(kept[-1])} after {STEPS}. All images "
        f"together have {two(truth)}."
    )
    return figure


def _frame(panel: Axes, name: str) -> None:
    """Batches across, from before the first; upwards the mean of a channel below 0."""
    panel.set(xlim=(-1, STEPS + 1), xticks=range(0, STEPS + 1, 10), xlabel=f"batches of {SIZE} images")
    panel.set(ylim=(-1.7, 0.06), yticks=(-1.5, -1, -0.5, 0), ylabel=name)


def conventions() -> Figure:
    """The running mean over the same batches with three momenta, each named as two libraries name it."""
    figure, axes = draw.chart(7.7, 5.2)
    panel, told = axes[0, 0], []
    level(panel, values().mean())
    for momentum, colour, thick, place, across in (
        (0.9, KERNEL, 2.0, (STEPS, -1.58), "right"),
        (0.01, MUTED, 4.0, (17, -0.1), "left"),
        (0.1, STATISTICS, 4.0, (13, -0.86), "left"),
    ):
        _, kept = follow(momentum)
        name = f"PyTorch {momentum:g} = Keras {1 - momentum:g}"
        panel.plot(range(STEPS + 1), kept, color=colour, linewidth=thick)
        label(panel, *place, name, colour, across)
        told.append(f"{name} is at {two(kept[10])} after 10 batches and at {two(kept[-1])} after {STEPS}")
    _frame(panel, "running mean")
    figure.set_label(f"Running mean of one channel, from 0 to {two(values().mean())}: {'; '.join(told)}.")
    return figure


@cache
def estimates() -> dict[int, tuple[float, float]]:
    """Average of the variances of random batches, divided by M and by M - 1; 1 is that of all images.

    One value an image: the mean of its map, as behind a global pooling, so M is the number of images.
    """
    pooled, rng = values().mean((1, 2, 3)), np.random.default_rng(0)
    batches = {count: rng.choice(pooled, (DRAWS, count)) for count in COUNTS}
    return {
        count: (float(b.var(1).mean() / pooled.var()), float(b.var(1, ddof=1).mean() / pooled.var()))
        for count, b in batches.items()
    }


def two_variances() -> Figure:
    """What dividing by M and by M - 1 gives on average, against the number M of values."""
    biased, unbiased = (
        dict(zip(COUNTS, found, strict=True)) for found in zip(*estimates().values(), strict=True)
    )
    figure, axes = draw.chart(7.7, 5.2)
    panel = axes[0, 0]
    level(panel, 1)
    curve(panel, COUNTS, unbiased.values(), STATISTICS)
    curve(panel, COUNTS, biased.values(), KERNEL)
    label(panel, 2, 1.11, "divided by M − 1: remembered", STATISTICS)
    label(panel, 4.4, 0.68, "divided by M: normalises", KERNEL)
    logarithmic(panel, COUNTS, "M, values in a channel")
    panel.set(ylim=(0, 1.2), ylabel="variance, all images = 1", yticks=(0, 0.5, 1))
    told = ", ".join(f"{two(biased[count])} of {count} values" for count in (2, 4, 8, 32))
    figure.set_label(
        f"Average variance of random batches, 1 being that of all images. Divided by M it is too small: "
        f"{told}. Divided by M minus 1 it stays between {two(min(unbiased.values()))} and "
        f"{two(max(unbiased.values()))}."
    )
    return figure
