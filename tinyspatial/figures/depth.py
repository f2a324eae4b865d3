"""Many small windows or one large one: how fast the field grows, and what either way costs."""

from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from tinyspatial import fast
from tinyspatial.data import photo
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import FIELD, INK, INPUT, KERNEL, MUTED, OUTPUT, TEXT
from tinyspatial.layers import Conv2d, ReLU
from tinyspatial.model import Sequential
from tinyspatial.receptive_field import effective_field, receptive_field
from tinyspatial.shapes import activation_bytes, macs, parameters

CHANNELS, SIDE, GOAL = 64, 56, 32  # of the maps on which the two are compared; pixels that are to be covered
Windows = list[tuple[int, int, int]]


def until_covered() -> Figure:
    """Side of the field after each layer, for four ways to build, up to the layer that covers 32 pixels."""
    kinds: list[tuple[str, Windows, str, draw.Point, str]] = [
        ("3 × 3", [(3, 1, 1)], KERNEL, (16, 36), "center"),
        ("5 × 5", [(5, 1, 2)], MUTED, (8.4, 30.4), "left"),
        ("3 × 3, then pool", [(3, 1, 1), (2, 2, 0)], OUTPUT, (7.4, 43), "left"),
        ("3 × 3, stride 2", [(3, 2, 1)], INPUT, (5.4, 64), "left"),
    ]
    figure, axes = draw.chart(7.7, 5.2)
    panel = axes[0, 0]
    panel.axhline(GOAL, color=INK, linewidth=1.5, linestyle=":")
    panel.text(0.3, GOAL + 1, f"{GOAL} pixels", color=INK, fontsize=TEXT)
    told = []
    for name, layers, colour, place, across in kinds:
        sides = growing(layers)
        count = len(sides) - 1
        panel.plot(sides, "o-", color=colour, linewidth=3, markersize=7)
        text = f"{name}: {count} layers"
        panel.text(*place, text, color=colour, fontsize=TEXT, weight="bold", ha=across, va="center")
        told.append(f"{name} {count} layers, {sides[-1]} pixels")
    panel.set(xlim=(0, 18.6), ylim=(0, 70), xticks=[0, 4, 8, 12, 16], yticks=[1, 16, 32, 48, 64])
    panel.set_xlabel("layers")
    panel.set_ylabel("side of the field (pixels)")
    figure.set_label(
        f"Side of the receptive field after each layer, until it covers {GOAL} pixels: {'; '.join(told)}. "
        "With stride 1 it grows along a line, with strides it doubles."
    )
    return figure


def growing(layers: Windows) -> list[int]:
    """Side of the field behind 0, 1, 2, … of these layers in turn, until it is at least GOAL."""
    stack: Windows = []
    sides = [receptive_field(stack).size]
    while sides[-1] < GOAL:
        stack.append(layers[len(stack) % len(layers)])
        sides.append(receptive_field(stack).size)
    return sides


def chain(kernel: int, channels: list[int]) -> Sequential:
    """Convolutions with ReLU from each number of channels to the next, sizes kept, without biases."""
    layers: list[Conv2d | ReLU] = []
    for before, after in pairwise(channels):
        own = Conv2d(before, after, kernel, padding=kernel // 2, bias=False, ops=fast)
        layers += [own, ReLU(ops=fast)]
    return Sequential(*layers)


def three_and_one() -> Figure:
    """The gradients of three 3 × 3 and of one 7 × 7 reach the same pixels; the weights are not as many."""
    figure, axes = draw.sheet(7.7, 5.2)
    pairs = [("three 3 × 3", chain(3, [CHANNELS] * 4)), ("one 7 × 7", chain(7, [CHANNELS] * 2))]
    most = max(parameters(model) for _, model in pairs)
    told = []
    for y, (name, model) in zip((0.06, 2.66), pairs, strict=True):
        field, weights = reached(model), parameters(model)
        work = macs(model, (1, CHANNELS, SIDE, SIDE))
        grid = draw.pixels(axes, np.where(field, 0.45, 0), 0.06, y, 0.27, FIELD, 0, 1, INPUT)
        draw.lattice(axes, grid, INPUT, 0.5)
        side = int(field.any(axis=0).sum())
        edge = (len(field) - side) / 2
        draw.outline(axes, grid, edge, edge, (side, side), KERNEL, 3.5, halo=True)
        draw.head(axes, 2.85, y + 0.3, f"{name}: sees {side} × {side}", across="left")
        draw.bar(axes, 2.85, y + 0.72, 4.75 * weights / most, 0.42, KERNEL)
        draw.write(axes, 2.85, y + 1.5, f"{weights:,} weights", KERNEL, across="left")
        draw.write(axes, 2.85, y + 1.9, f"{work / 1e6:.0f} million MACs", KERNEL, across="left")
        told.append(f"{name}: {weights:,} weights and {work / 1e6:.0f} million multiply-accumulates")
    ratio = parameters(pairs[0][1]) / parameters(pairs[1][1])
    figure.set_label(
        f"Both fields are {side} × {side} pixels. With {CHANNELS} channels on {SIDE} × {SIDE}, "
        f"{'; '.join(told)}. The ratio of either is {ratio:.3f}."
    )
    return figure


def reached(model: Sequential) -> np.ndarray:
    """Which of 9 × 9 pixels have a gradient for the middle output, (9, 9), whichever channel and weight."""
    convolutions = [layer for layer in model if isinstance(layer, Conv2d)]
    thin = Sequential(*(Conv2d(1, 1, own.kernel_size, padding=own.padding, ops=fast) for own in convolutions))
    for layer in thin:
        layer.weight[:] = 1.0  # nothing cancels
    y = thin(photo(9, 9)[None, None])
    return effective_field(thin.backward, y.shape, (0, 0, 4, 4)) > 0


def ratios() -> dict[str, float]:
    """What three 3 × 3 take, measured in one 7 × 7, where it is less and where it is more."""
    same, wide, first = [CHANNELS] * 4, [CHANNELS, *[4 * CHANNELS] * 3], [3, *[CHANNELS] * 3]
    shape = (1, CHANNELS, SIDE, SIDE)

    def ratio(of: str, widths: list[int]) -> float:
        small, large = chain(3, widths), chain(7, [widths[0], widths[-1]])
        if of == "bytes":
            return activation_bytes(small, shape) / activation_bytes(large, shape)
        return parameters(small) / parameters(large)

    return {
        f"weights and MACs, {CHANNELS} to {CHANNELS}": ratio("weights", same),
        f"weights and MACs, {CHANNELS} to {4 * CHANNELS}": ratio("weights", wide),
        "maps that training keeps": ratio("bytes", same),
        f"weights and MACs, 3 to {CHANNELS}": ratio("weights", first),
    }


def where_not() -> Figure:
    """Three 3 × 3 against one 7 × 7, as a factor: less only where the channels stay as many."""
    figure, axes = draw.chart(7.7, 5.2)
    panel = axes[0, 0]
    panel.axvline(1, color=INK, linewidth=2)
    panel.text(1.05, -0.82, "one 7 × 7", color=INK, fontsize=TEXT, weight="bold")
    for y, (name, factor) in enumerate(ratios().items()):
        colour = OUTPUT if factor < 1 else KERNEL
        panel.plot([1, factor], [y, y], color=colour, linewidth=11, solid_capstyle="butt")
        panel.text(1.05, y - 0.36, name, color=INK, fontsize=TEXT, va="center")
        side = {"x": factor * 0.95, "ha": "right"} if factor < 1 else {"x": factor * 1.06, "ha": "left"}
        panel.text(y=y, s=f"×{factor:.3g}", color=colour, fontsize=20, va="center", weight="bold", **side)
    panel.set(xscale="log", xlim=(0.36, 14), ylim=(3.5, -1.1), yticks=[])
    panel.set_xticks([0.5, 1, 2, 4, 8], ["0.5", "1", "2", "4", "8"])
    panel.minorticks_off()
    panel.set_xlabel("three 3 × 3, as a factor (log scale)")
    panel.spines["left"].set_visible(False)
    told = ", ".join(f"{name} ×{factor:.3g}" for name, factor in ratios().items())
    figure.set_label(f"What three 3 × 3 convolutions take where one of 7 × 7 takes 1: {told}.")
    return figure
