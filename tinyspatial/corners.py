"""Does a network find in one corner what it has learned in another? Digits on a larger sheet tell.

All digits to learn from lie at the same place, HOME. Three networks see them, with the same convolutions,
started from the same seed and trained in the same way; then held-out digits are shown at other places.
Images may be of any type and become float64; NaN stays, and an empty batch stays empty.
"""

from functools import cache
from typing import Any

import numpy as np

from tinyspatial import fast
from tinyspatial.arguments import Array, expect_4d, floats
from tinyspatial.data import Split, digits, split
from tinyspatial.layers import Conv2d, Flatten, Linear, MaxPool2d, ReLU
from tinyspatial.model import Sequential
from tinyspatial.training import SGD, accuracy, fit

__all__ = [
    *("AWAY", "FLAT", "HEADS", "HOME", "POOLED", "SHEET", "UNSTRIDED"),
    *("found", "network", "placed", "sheets"),
]

SHEET, HOME, AWAY = 20, 2, 10  # side of the sheet; where a digit of 8 × 8 begins: in the corner, in the other
FLAT, POOLED, UNSTRIDED = HEADS = ("Flatten", "global max", "global max, stride 1")
WIDTHS = 8, 32
EPOCHS, BATCH = 4, 16
STEP = {"lr": 0.03, "momentum": 0.9}


def placed(images: Array, row: int, column: int) -> Array:
    """Every image on an empty sheet, its top left pixel at (row, column): (N, C, H, W) -> (N, C, 20, 20).

    Raises ValueError when it would not lie on the sheet, and for images that are not 4D.
    """
    images = floats(images)
    expect_4d(images.shape)
    height, width = images.shape[2:]
    if not (0 <= row <= SHEET - height and 0 <= column <= SHEET - width):
        raise ValueError(f"{height} × {width} at row {row}, column {column} leaves {SHEET} × {SHEET}")
    sheet = np.zeros((*images.shape[:2], SHEET, SHEET))
    sheet[:, :, row : row + height, column : column + width] = images
    return sheet


def network(head: str) -> Sequential:
    """Two convolutions and a head, one of HEADS, untrained: (N, 1, 20, 20) -> (N, 10).

    FLAT and POOLED have a 2 × 2 pooling behind each convolution, UNSTRIDED has none. FLAT has a weight for
    every place of every map; the others keep the largest value of each map. Raises ValueError for any other.
    """
    if head not in HEADS:
        raise ValueError(f"head must be one of {', '.join(HEADS)}, got {head!r}")
    rng, layers = np.random.default_rng(0), list[Any]()
    side, channels = SHEET, 1
    for width in WIDTHS:
        layers += [Conv2d(channels, width, 3, padding=1, ops=fast, rng=rng), ReLU(ops=fast)]
        channels = width
        if head != UNSTRIDED:
            layers.append(MaxPool2d(2, ops=fast))
            side //= 2
    if head != FLAT:
        layers.append(MaxPool2d(side, ops=fast))
        side = 1
    return Sequential(*layers, Flatten(), Linear(channels * side**2, 10, ops=fast, rng=rng))


@cache
def sheets() -> Split:
    """The digits, four fifths to learn from and one fifth held out."""
    return split(*digits())


@cache
def trained(head: str) -> Sequential:
    """The network after training on digits that all lie at HOME."""
    model = network(head)
    images = placed(sheets().images, HOME, HOME)
    fit(model, SGD(model.parameters(), **STEP), images, sheets().labels, EPOCHS, BATCH, progress=False)
    return model


@cache
def found(head: str, row: int, column: int) -> float:
    """The share of the held-out digits that the trained network recognises at this place, from 0 to 1."""
    images = placed(sheets().held_out_images, row, column)
    return accuracy(trained(head), images, sheets().held_out_labels)
