"""Windows as columns: copy every window of an image into one column, and convolution is a matrix product.

The matrix is I·J / (s·t) times as large as the image. So it is made for a few images or a few rows at a time,
and is never larger than BLOCK_BYTES, unless a single row of windows is. The letters are those of `loops`.
"""

# ruff: noqa: E741  (I is the height of a kernel)

import math
from collections.abc import Iterator

import numpy as np

from tinyspatial.arguments import Array, Pair, floats, pad
from tinyspatial.shapes import IntOrPair, Shape

BLOCK_BYTES = 16 * 1024**2


def taps(x: Array, kernel_size: Pair, stride: Pair, size: Pair) -> list[Array]:
    """For each place (i, j) in a window, row by row, what all windows have there: views (N, C, P, Q)."""
    (I, J), (s, t), (P, Q) = kernel_size, stride, size
    return [x[:, :, i : i + s * P : s, j : j + t * Q : t] for i in range(I) for j in range(J)]


def im2col(
    x: Array, kernel_size: Pair, stride: Pair, padding: IntOrPair, size: Pair
) -> Iterator[tuple[slice, slice, Array]]:
    """The windows of `x` block by block: which images, which rows of the result, columns (C·I·J, p·Q·n).

    The images of a block are the last axis, so that long runs of numbers are copied even if images are small.
    """
    P, Q = size
    height = x.shape[1] * math.prod(kernel_size)
    most_rows = max(1, BLOCK_BYTES // max(1, 8 * height * Q))
    most_images = max(1, most_rows // P)
    for n in range(0, len(x), most_images):
        images = slice(n, min(len(x), n + most_images))
        last = images_last(pad(floats(x[images]), padding))
        for p in range(0, P, most_rows):
            rows = slice(p, min(P, p + most_rows))
            size = rows.stop - p, Q
            windows = np.stack(taps(last[:, :, p * stride[0] :], kernel_size, stride, size), axis=2)
            yield images, rows, windows.reshape(height, math.prod(size) * last.shape[4])


def col2im(columns: Array, shape: Shape, kernel_size: Pair, stride: Pair, size: Pair) -> Array:
    """The way back: padded images of this shape, in which every column is added to its window."""
    x = images_last(np.zeros(shape))
    places = columns.reshape(*x.shape[:2], math.prod(kernel_size), *size, x.shape[4])
    for place, values in enumerate(taps(x, kernel_size, stride, size)):
        values += places[:, :, place]
    return x[0].transpose(3, 0, 1, 2)


def images_last(x: Array) -> Array:
    """(N, C, H, W) -> (1, C, H, W, N); no copy if there is a single image."""
    return np.ascontiguousarray(x.transpose(1, 2, 3, 0))[None]
