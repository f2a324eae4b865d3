"""Pooling as nested loops, forward and backward. The package says what the letters mean."""

# Slides show these functions as they stand: lines of at most 84 characters, and a layout made by hand. Types
# are in pooling.pyi, shapes in the docstrings.
# mypy: allow-untyped-defs, check-untyped-defs
# ruff: noqa: E741  (I is the height of a kernel)
# fmt: off

import numpy as np

from tinyspatial.arguments import LOWEST, check_grad, check_pool2d, crop, pad

__all__ = ["avg_pool2d", "avg_pool2d_backward", "max_pool2d", "max_pool2d_backward"]


def max_pool2d(x, kernel_size, stride=None, padding=0):
    """Keep the largest value of every window, in each channel on its own.

        out[n,c,p,q] = max over i and j of x[n, c, p·s + i, q·t + j]

    with x after padding with -∞, which never wins against a pixel. A window that holds
    NaN gives NaN.

    Shapes: (N, C, H, W) -> (N, C, P, Q), where `shapes.output_size` gives P and Q.
    kernel_size, stride, padding: one integer, or a pair (height, width); without a stride
    the windows lie side by side (stride = kernel_size).
    Raises ValueError when x is not 4-D, when kernel_size or stride is below 1, when padding
    is below 0 or above half of kernel_size, and when the window is larger than the padded
    input.
    Convention: torch.nn.functional.max_pool2d.
    """
    x, (I, J), (s, t), (P, Q) = check_pool2d(x, kernel_size, stride, padding)
    N, C = x.shape[:2]
    x, out = pad(x, padding, value=-np.inf), np.zeros((N, C, P, Q))
    for n in range(N):                              # every image of the batch
        for c in range(C):                          # every channel
            for p in range(P):                      # every output row
                for q in range(Q):                  # every output column
                    best = -np.inf                  # smaller than any pixel
                    for i in range(I):              # every window row
                        for j in range(J):          # every window column
                            value = x[n, c, p * s + i, q * t + j]
                            if value > best or value != value:      # or NaN
                                best = value
                    out[n, c, p, q] = best
    return out


def max_pool2d_backward(grad, x, kernel_size, stride=None, padding=0):
    """Send the gradient of every output of `max_pool2d` to the pixel that was the largest.

    Only that pixel was passed on, so only it has a derivative: 1. Of several equal ones the
    first takes all, row by row; a pixel of -∞ still comes before the border. In a window
    with NaN it is the last NaN.

    Shapes: grad (N, C, P, Q) as the result of `max_pool2d`, x (N, C, H, W)
    -> the gradient of x, (N, C, H, W).
    Raises ValueError in the same cases as `max_pool2d`, and when grad has another shape.
    Convention: the gradient of torch.nn.functional.max_pool2d.
    """
    x, (I, J), (s, t), (P, Q) = check_pool2d(x, kernel_size, stride, padding)
    N, C = x.shape[:2]
    grad = check_grad(grad, (N, C, P, Q))
    x = pad(np.maximum(x, LOWEST), padding, value=-np.inf)
    grad_x = np.zeros(x.shape)
    for n in range(N):                              # the very loops of max_pool2d
        for c in range(C):
            for p in range(P):
                for q in range(Q):
                    best, place = -np.inf, (0, 0)   # and where it is
                    for i in range(I):
                        for j in range(J):
                            value = x[n, c, p * s + i, q * t + j]
                            if value > best or value != value:
                                best, place = value, (p * s + i, q * t + j)
                    grad_x[n, c, *place] += grad[n, c, p, q]
    return crop(grad_x, padding)


def avg_pool2d(x, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Take the mean of every window, in each channel on its own.

        out[n,c,p,q] = Σ_i Σ_j x[n, c, p·s + i, q·t + j] / number of values that count

    with x after padding with zeros. The zeros count like pixels, unless
    count_include_pad is False.

    Shapes: (N, C, H, W) -> (N, C, P, Q), where `shapes.output_size` gives P and Q.
    kernel_size, stride, padding: as for `max_pool2d`.
    Raises ValueError in the same cases as `max_pool2d`.
    Convention: torch.nn.functional.avg_pool2d.
    """
    x, (I, J), (s, t), (P, Q) = check_pool2d(x, kernel_size, stride, padding)
    N, C = x.shape[:2]
    counts = pad(np.ones(x.shape), padding, value=float(count_include_pad))
    x, out = pad(x, padding), np.zeros((N, C, P, Q))
    for n in range(N):                              # every image of the batch
        for c in range(C):                          # every channel
            for p in range(P):                      # every output row
                for q in range(Q):                  # every output column
                    total = count = 0.0             # two accumulators
                    for i in range(I):              # every window row
                        for j in range(J):          # every window column
                            total += x[n, c, p * s + i, q * t + j]
                            count += counts[n, c, p * s + i, q * t + j]
                    out[n, c, p, q] = total / count
    return out


def avg_pool2d_backward(grad, x, kernel_size, stride=None, padding=0,
                        count_include_pad=True):
    """Share the gradient of every output of `avg_pool2d` equally among the pixels of its window.

        grad_x[n, c, p·s + i, q·t + j] += grad[n,c,p,q] / number of values that count

    What falls on the border is lost.

    Shapes: grad (N, C, P, Q) as the result of `avg_pool2d`, x (N, C, H, W)
    -> the gradient of x, (N, C, H, W).
    Raises ValueError in the same cases as `avg_pool2d`, and when grad has another shape.
    Convention: the gradient of torch.nn.functional.avg_pool2d.
    """
    x, (I, J), (s, t), (P, Q) = check_pool2d(x, kernel_size, stride, padding)
    N, C = x.shape[:2]
    grad = check_grad(grad, (N, C, P, Q))
    counts = pad(np.ones(x.shape), padding, value=float(count_include_pad))
    grad_x = np.zeros(counts.shape)
    for n in range(N):                              # the very loops of avg_pool2d
        for c in range(C):
            for p in range(P):
                for q in range(Q):
                    count = counts[n, c, p * s : p * s + I, q * t : q * t + J].sum()
                    for i in range(I):
                        for j in range(J):
                            share = grad[n, c, p, q] / count
                            grad_x[n, c, p * s + i, q * t + j] += share
    return crop(grad_x, padding)
