"""What layers cost in numbers that can be counted: multiply-accumulates, parameters, copies."""

import numpy as np
from matplotlib.figure import Figure

from tinyspatial.data import photo
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import INK, INPUT, KERNEL, MUTED, OUTPUT, PAPER, TEXT
from tinyspatial.figures.windows import RISING
from tinyspatial.layers import Conv2d, Linear, ReLU
from tinyspatial.loops import conv2d, linear
from tinyspatial.model import Sequential, SimpleCNN
from tinyspatial.shapes import macs, parameters


def work() -> Figure:
    """One convolution of one image, and what each change of it multiplies the work by."""
    base = macs(Conv2d(3, 64, 3, padding=1), (1, 3, 224, 224))
    cases = {
        "twice the filters": macs(Conv2d(3, 128, 3, padding=1), (1, 3, 224, 224)),
        "twice the side": macs(Conv2d(3, 64, 3, padding=1), (1, 3, 448, 448)),
        "kernel 7 × 7": macs(Conv2d(3, 64, 7, padding=3), (1, 3, 224, 224)),
        "a batch of 32": macs(Conv2d(3, 64, 3, padding=1), (32, 3, 224, 224)),
    }
    figure, axes = draw.chart(7.7, 5.2)
    panel = axes[0, 0]
    panel.axvline(base, color=INK, linewidth=2)
    panel.text(base * 1.04, -0.85, f"one image: {base:,} MACs", color=INK, fontsize=TEXT, weight="bold")
    for y, (name, count) in enumerate(cases.items()):
        panel.plot([base, count], [y, y], color=KERNEL, linewidth=9, solid_capstyle="butt")
        panel.text(base * 1.04, y - 0.24, name, color=INK, fontsize=TEXT)
        panel.text(
            count * 1.1, y, f"×{count / base:.3g}", color=KERNEL, fontsize=20, va="center", weight="bold"
        )
    panel.set(xscale="log", xlim=(base * 0.95, base * 62), ylim=(3.5, -1.1), yticks=[])
    panel.set_xticks([1e8, 3e8, 1e9, 3e9], ["0.1 billion", "0.3", "1 billion", "3"])
    panel.set_xlabel("multiply-accumulates, MACs (log scale)")
    panel.spines["left"].set_visible(False)
    told = ", ".join(f"{name} ×{count / base:.3g}" for name, count in cases.items())
    figure.set_label(f"One image through Conv2d(3, 64, 3, padding=1): {base:,} multiply-accumulates; {told}.")
    return figure


def cnn_and_dense() -> Figure:
    """Parameters of a dense network and of SimpleCNN at one scale; below, where those of SimpleCNN are."""
    cnn, wide = SimpleCNN(), 7.6
    dense = parameters(Sequential(Linear(3 * 32 * 32, 1000), ReLU(), Linear(1000, 10)))
    few = parameters(cnn)
    figure, axes = draw.sheet(7.7, 5.2)
    for y, name, count, colour in ((0.1, "dense network", dense, MUTED), (1.45, "SimpleCNN", few, OUTPUT)):
        draw.head(axes, 0.04, y + 0.2, f"{name}: {count:,} parameters", colour, across="left")
        draw.bar(axes, 0.04, y + 0.45, wide * count / dense, 0.5, colour)
    draw.line(axes, [(0.04, 2.45), (0.04, 3.1)], MUTED, 1, ":")
    draw.line(axes, [(0.04 + wide * few / dense, 2.45), (0.04 + wide, 3.1)], MUTED, 1, ":")
    layers = [layer for layer in (*cnn.features, *cnn.classifier) if parameters(layer)]
    x = 0.04
    for layer, place in zip(layers, (0.6, 2.0, 4.7), strict=True):
        colour, length = KERNEL if isinstance(layer, Conv2d) else OUTPUT, wide * parameters(layer) / few
        draw.bar(axes, x, 3.1, length, 0.6, colour, PAPER)
        draw.line(axes, [(x + length / 2, 3.7), (place, 4.15)], colour)
        draw.head(axes, place, 4.4, type(layer).__name__, colour)
        draw.write(axes, place, 4.75, f"{parameters(layer):,}", colour)
        x += length
    told = ", ".join(f"{type(layer).__name__} {parameters(layer):,}" for layer in layers)
    figure.set_label(
        f"Parameters: a dense network of 3,072, 1,000 and 10 units has {dense:,}, SimpleCNN {few:,}, "
        f"which is {dense / few:.1f} times fewer. Of these, {told}."
    )
    return figure


def im2col() -> Figure:
    """Windows copied into columns, so that a convolution becomes one product of matrices."""
    patch, row = photo(26, 34)[9:13, 14:18], RISING.reshape(1, -1)
    columns = np.array([patch[p : p + 3, q : q + 3].ravel() for p in range(2) for q in range(2)]).T
    product = linear(columns.T, row).T  # (1, 9) times (9, 4)
    error = np.abs(product.ravel() - conv2d(patch[None, None], RISING[None, None]).ravel()).max()
    figure, axes = draw.sheet(11.8, 3.8)
    scene = draw.pixels(axes, patch, 0.04, 0.9, 0.5, low=0, high=1, colour=INPUT)
    weights = draw.table(axes, row, 2.75, 1.71, 0.37, KERNEL, "{:.0f}")
    matrix = draw.pixels(axes, columns, 6.95, 0.5, 0.31, low=0, high=1, colour=INPUT)
    answers = draw.table(axes, product, 8.95, 1.555, 0.68, OUTPUT, "{:.2f}", 2)
    draw.outline(axes, scene, 0, 0, (3, 3), KERNEL, 3, halo=True)
    draw.outline(axes, matrix, 0, 0, (9, 1), KERNEL, 3, halo=True)
    draw.write(axes, 6.5, 1.895, "×", size=20)
    draw.write(axes, 8.57, 1.895, "=", size=20)
    draw.name(axes, scene, "photograph", INPUT)
    draw.name(axes, weights, "kernel as a row", KERNEL)
    draw.name(axes, matrix, "windows as columns", INPUT)
    draw.name(axes, answers, "map as a row", OUTPUT)
    draw.write(axes, scene.middle, 3.2, f"{patch.size} pixels", INPUT)
    draw.write(axes, matrix.middle, 3.58, f"{columns.size} numbers, a column for each window", INPUT)
    figure.set_label(
        f"The four 3 × 3 windows of a 4 × 4 picture, copied into the columns of a matrix: {patch.size} "
        f"pixels become {columns.size} numbers. One product of matrices gives the feature map of the "
        f"loops; the largest difference is {error:.0g}."
    )
    return figure
