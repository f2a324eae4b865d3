"""What batch norm does before it is a trap: faster training, one mean a channel, and what γ and β are for."""

import numpy as np
from matplotlib.figure import Figure

from tinyspatial.figures import drawing as draw
from tinyspatial.figures.curves import curve, label, logarithmic, percent, two
from tinyspatial.figures.palette import INK, INPUT, MUTED, SIGNED, SMALL, STATISTICS
from tinyspatial.layers import BatchNorm2d
from tinyspatial.loops import batch_norm
from tinyspatial.trap import BATCH, RATE, RATES, by_epoch, by_rate, data, trained

SHOWN, FRAMED = 4, 1  # channels in the picture of the axes, and which of them is framed


def learning_rates() -> Figure:
    """Accuracy after three epochs against the learning rate, with batch norm and without."""
    figure, axes = draw.chart(7.7, 5.2)
    panel, told = axes[0, 0], []
    for norm, name, colour, place in (
        (True, "with batch norm", STATISTICS, (0.0096, 1.05)),
        (False, "without", MUTED, (0.05, 0.55)),
    ):
        seen = by_rate(norm)
        curve(panel, seen, seen.values(), colour)
        label(panel, *place, name, colour)
        told.append(f"{name} " + ", ".join(f"{share:.1%} at {rate:g}" for rate, share in seen.items()))
    logarithmic(panel, RATES, "learning rate")
    percent(panel, (0, 0.25, 0.5, 0.75, 1))
    panel.set_ylim(0, 1.1)
    figure.set_label(f"Held-out digits right after three epochs, by learning rate: {'; '.join(told)}.")
    return figure


def shaken() -> Figure:
    """Training with batch norm, with batch norm and then random shifts and scales, and with neither."""
    figure, axes = draw.chart(7.7, 5.2)
    panel, told = axes[0, 0], []
    for name, text, seen, colour, style, (x, y) in (
        ("batch norm", "solid: batch norm", by_epoch(RATE), STATISTICS, "-", (1, 1.05)),
        ("then shaken", "dashed: then shaken", by_epoch(RATE, shaken=True), STATISTICS, "--", (1, 1.0)),
        ("neither", "neither", by_epoch(RATE, norm=False), MUTED, "-", (1.55, 0.7)),
    ):
        curve(panel, range(1, len(seen) + 1), seen, colour, style)
        label(panel, x, y, text, colour)
        told.append(f"{name} " + ", ".join(f"{share:.1%}" for share in seen))
    percent(panel, (0.6, 0.7, 0.8, 0.9, 1))
    panel.set(ylim=(0.58, 1.08), xlim=(0.9, 3.05), xticks=range(1, 4), xlabel="epoch")
    figure.set_label(f"Held-out digits right after each epoch at learning rate {RATE}: {'; '.join(told)}.")
    return figure


def axes_of_a_mean() -> Figure:
    """Feature maps of three digits of a batch; a frame holds all values that one mean is taken over."""
    images = data().images[:BATCH]
    maps = trained()[0](images)[:, :SHOWN]
    figure, axes = draw.sheet(7.7, 5.2)
    high, told = float(np.abs(maps[:3]).max()), []
    draw.head(axes, 0.6, 0.22, "images", INPUT)
    draw.write(axes, 0.6, 4.4, f"3 of {BATCH}", INPUT, SMALL)
    for row in range(3):
        draw.pixels(axes, images[row, 0], 0.06, 0.62 + 1.2 * row, 0.135, colour=INPUT)
    for channel in range(SHOWN):
        x, values = 1.8 + 1.5 * channel, maps[:, channel]
        colour, thick = (STATISTICS, 4) if channel == FRAMED else (MUTED, 1)
        frame = draw.Grid(x - 0.1, 0.5, 0.1, 37, 13)
        draw.outline(axes, frame, colour=colour, thick=thick)
        for row in range(3):
            draw.pixels(axes, values[row], x, 0.62 + 1.2 * row, 0.18, SIGNED, -high, high)
        draw.head(axes, frame.middle, 0.22, f"channel {channel}", colour)
        draw.write(axes, frame.middle, 4.55, f"μ = {two(values.mean())}", colour)
        draw.write(axes, frame.middle, 4.95, f"σ² = {two(values.var())}", colour)
        told.append(f"{two(values.mean())} and {two(values.var())}")
    figure.set_label(
        f"Three digits of a batch of {BATCH} and their feature maps in {SHOWN} channels. A frame around "
        f"channel {FRAMED} holds its maps of all images: one mean, one variance. Mean and variance of the "
        f"channels: {', '.join(told)}."
    )
    return figure


def undone() -> tuple[float, float, float]:
    """γ and β that undo the norm of the framed channel, and the largest difference to what came in.

    γ = √(σ² + ε), β = μ, for the first feature maps of a batch, by the loops.
    """
    x = trained()[0](data().images[:BATCH])[:, FRAMED : FRAMED + 1]
    scale, shift = np.sqrt(x.var() + 1e-5), x.mean()
    back = batch_norm(x, None, None, np.array([scale]), np.array([shift]), training=True)
    return float(scale), float(shift), float(np.abs(back - x).max())


def scale_and_shift() -> Figure:
    """γ and β of each channel as training left them, and those that would have undone the norm."""
    model = trained()
    norm = next(layer for layer in reversed(model.layers) if isinstance(layer, BatchNorm2d))
    model(data().images)
    scale, shift = np.sqrt(norm.received.var((0, 2, 3)) + norm.eps), norm.received.mean((0, 2, 3))
    figure, axes = draw.chart(7.7, 5.2)
    panel = axes[0, 0]
    panel.axhline(0, color=MUTED, linewidth=1)
    panel.plot(scale, shift, "o", color=INK, markersize=11, markerfacecolor="none", markeredgewidth=2)
    panel.plot(norm.weight, norm.bias, "o", color=STATISTICS, markersize=11)
    panel.plot(1, 0, "x", color=INK, markersize=15, markeredgewidth=4)
    label(panel, 1.02, -0.28, "start", INK)
    label(panel, 0.83, 2.2, "would undo it", INK)
    label(panel, 1.2, 0.5, "after training", STATISTICS)
    panel.set(xlabel="scale γ", xlim=(0.45, 1.75), xticks=(0.5, 1, 1.5))
    panel.set(ylabel="shift β", ylim=(-2.4, 2.6), yticks=(-2, -1, 0, 1, 2))
    figure.set_label(
        f"Scale and shift of the {len(scale)} channels of the second batch norm. All start at scale 1 and "
        f"shift 0; after training the scales lie from {two(norm.weight.min())} to {two(norm.weight.max())}, "
        f"the shifts from {two(norm.bias.min())} to {two(norm.bias.max())}. Undoing would take shifts from "
        f"{two(shift.min())} to {two(shift.max())}."
    )
    return figure
