"""Back from one output through a stack of layers, along one row of pixels: what each reads, and how often."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinyspatial.arguments import Array
from tinyspatial.receptive_field import mapped, stack, window
from tinyspatial.shapes import integer

__all__ = ["ways"]


def ways(layers: Any, index: int, width: int) -> Array:
    """On how many ways each cell of a row of pixels reaches the output at `index`, layer by layer back.

        count[d, cell] = Σ over the outputs q of the next map that read the cell, of count[d + 1, q]

    A cell with no way is outside the region that the output sees; most ways start in its middle. These are
    the gradients of layers whose weights are all 1. Each layer counts with its window across.

    Shapes: (D + 1, width) for D layers. Row D is the output, row 0 the input; NaN stands behind a
    shorter map.
    Raises ValueError as `receptive_field.region` does.
    """
    index, width = integer("output_index", index, 0), integer("width", width, 1)
    windows, sizes = mapped([window(layer)[1] for layer in stack(layers)], index, width)
    D, size = len(windows), np.array(sizes)
    count = np.where(np.arange(size[0]) < size[:, None], 0.0, np.nan)
    count[D, index] = 1
    for d in reversed(range(D)):  # from the last layer to the first
        k, s, p = windows[d]
        for q in reached(count[d + 1]):
            for j in range(k):  # every place of its window
                cell = q * s - p + j
                if 0 <= cell < size[d]:
                    count[d, cell] += count[d + 1, q]
    return count


def reached(row: Array) -> list[int]:
    """The cells of a row that have a way to the output."""
    return [cell for cell, number in enumerate(row) if number > 0]
