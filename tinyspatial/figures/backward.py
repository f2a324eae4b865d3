"""The way back through a convolution: what two outputs hand back to the pixels of their windows."""

import numpy as np
from matplotlib.figure import Figure

from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import INK, INPUT, KERNEL, MUTED, OUTPUT, SMALL
from tinyspatial.loops import conv2d_backward

WEIGHT = np.array([[2.0, 0, 1], [-1, 3, 1]])
GRADS = {(0, 0): 3.0, (1, 1): -2.0}  # of two outputs by their places; their windows overlap
SIZE = (3, 5)  # of the image
CELL = 0.42


def output_grad(grads: dict[tuple[int, int], float]) -> np.ndarray:
    """A gradient of the outputs (P, Q) that is 0 but in these places."""
    grad = np.zeros((SIZE[0] - WEIGHT.shape[0] + 1, SIZE[1] - WEIGHT.shape[1] + 1))
    for place, value in grads.items():
        grad[place] = value
    return grad


def handed_back(grads: dict[tuple[int, int], float]) -> np.ndarray:
    """The gradient of the pixels (H, W) that follows."""
    image = np.zeros((1, 1, *SIZE))
    return conv2d_backward(output_grad(grads)[None, None], image, WEIGHT[None, None])[0][0, 0]


def spread_back() -> Figure:
    """Two outputs, what each hands back alone, and the sum, with their windows framed."""
    figure, axes = draw.sheet(9.4, 3.0)
    for values, y, text, colour in (
        (output_grad(GRADS), 0.55, "grad", OUTPUT),
        (WEIGHT, 1.95, "kernel", KERNEL),
    ):
        draw.name(axes, draw.table(axes, values, 0.06, y, CELL, colour, "{:.0f}", 9), text, colour)
    alone = [{place: value} for place, value in GRADS.items()]
    x = 1.9
    for grads, sign in zip([*alone, GRADS], ["", "+", "="], strict=True):
        grid = draw.table(axes, handed_back(grads), x, 1.05, CELL, INPUT, "{:.0f}", 9)
        for place in grads:
            draw.outline(axes, grid, *place, WEIGHT.shape, KERNEL, 3, halo=True)
        told = f"from {whole(*grads.values())} alone" if len(grads) == 1 else "from both"
        draw.head(axes, grid.middle, grid.y - 0.3, told, INK if len(grads) == 1 else INPUT)
        draw.write(axes, x - 0.2, grid.centre(1, 0)[1], sign)
        x = grid.right + 0.4
    below = "pixels: each output lays the kernel, times its gradient, on its window"
    draw.write(axes, (1.9 + grid.right) / 2, grid.bottom + 0.42, below, MUTED, SMALL)
    parts, total = [handed_back(grads) for grads in alone], handed_back(GRADS)
    shared = tuple(np.argwhere(np.all(parts, axis=0))[0])
    figure.set_label(
        f"Outputs with the gradients {' and '.join(map(whole, GRADS.values()))}. Each lays the kernel, times "
        f"its own, on its window of the image of {SIZE[0]} × {SIZE[1]} pixels. They overlap: the pixel in "
        f"row {shared[0]}, column {shared[1]} gets {' plus '.join(whole(part[shared]) for part in parts)}, "
        f"which is {whole(total[shared])}."
    )
    return figure


def whole(value: float) -> str:
    return draw.say(value, "{:.0f}")
