"""The functions of `loops`, with the loops left to NumPy: same names, arguments, results and errors.

Convolution becomes a product of two matrices, of filters and of windows written as columns. Everything else
treats all windows at once: what remains is a loop over the places in a window. The letters are those of
`loops`; formulas and shapes are in its docstrings.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinyspatial import loops
from tinyspatial.arguments import (
    LOWEST,
    Array,
    Pair,
    check_batch_norm,
    check_conv2d,
    check_cross_entropy,
    check_grad,
    check_linear,
    check_pool2d,
    crop,
    floats,
    pad,
)
from tinyspatial.im2col import col2im, im2col, taps
from tinyspatial.shapes import IntOrPair

__all__ = loops.__all__

CHANNEL = (0, 2, 3)  # the axes that are summed over where each channel is treated on its own


def conv2d(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
) -> Array:
    """`loops.conv2d` as one matrix product: filters (F, C·I·J) times windows (C·I·J, P·Q·N).

    The columns are made block by block, so the memory beyond the result is bounded: see `im2col`. Even an x
    in another type than float64 is converted only where a block needs it.
    """
    x = np.asarray(x)
    like_x = np.broadcast_to(0.0, x.shape)  # has its shape, and takes no memory
    _, weight, bias, stride, (P, Q) = check_conv2d(like_x, weight, bias, stride, padding)
    filters, out = matrix(weight), np.empty((len(x), len(weight), P, Q))
    for images, rows, columns in im2col(x, weight.shape[2:], stride, padding, (P, Q)):
        part = out[images, :, rows]
        product = (filters @ columns).reshape(len(weight), *part.shape[2:], len(part))
        np.add(product.transpose(3, 0, 1, 2), bias[:, None, None], out=part)
    return out


def conv2d_backward(
    grad: ArrayLike,
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
) -> tuple[Array, Array, Array | None]:
    """`loops.conv2d_backward` as two matrix products, and the way back from columns to images."""
    given = bias is not None
    x, weight, bias, stride, (P, Q) = check_conv2d(x, weight, bias, stride, padding)
    filters, grad = matrix(weight), check_grad(grad, (len(x), len(weight), P, Q))
    grad_x, grad_weight = pad(np.zeros(x.shape), padding), np.zeros(filters.shape)
    for images, rows, columns in im2col(x, weight.shape[2:], stride, padding, (P, Q)):
        part = grad[images, :, rows].transpose(1, 2, 3, 0)
        g = part.reshape(len(weight), columns.shape[1])
        grad_weight += g @ columns.T
        top, bottom = rows.start * stride[0], (rows.stop - 1) * stride[0] + weight.shape[2]
        windows = grad_x[images, :, top:bottom]
        windows += col2im(filters.T @ g, windows.shape, weight.shape[2:], stride, part.shape[1:3])
    grad_bias = grad.sum(axis=CHANNEL) if given else None
    return crop(grad_x, padding), grad_weight.reshape(weight.shape), grad_bias


def max_pool2d(
    x: ArrayLike, kernel_size: IntOrPair, stride: IntOrPair | None = None, padding: IntOrPair = 0
) -> Array:
    """`loops.max_pool2d`: the largest so far, one place of all windows after the other."""
    x, *window = check_pool2d(x, kernel_size, stride, padding)
    best, *others = taps(pad(x, padding, value=-np.inf), *window)
    best = best.copy()
    for values in others:
        np.maximum(best, values, out=best)  # NaN wins
    return best


def max_pool2d_backward(
    grad: ArrayLike,
    x: ArrayLike,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
) -> Array:
    """`loops.max_pool2d_backward`: which place of each window holds its largest value, then the way back."""
    x, *window = check_pool2d(x, kernel_size, stride, padding)
    grad = check_grad(grad, (*x.shape[:2], *window[2]))
    x = pad(np.maximum(x, LOWEST), padding, value=-np.inf)
    winner, grad_x = winners(taps(x, *window)), np.zeros(x.shape)
    for place, share in enumerate(taps(grad_x, *window)):
        share += np.where(winner == place, grad, 0.0)
    return crop(grad_x, padding)


def avg_pool2d(
    x: ArrayLike,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    count_include_pad: bool = True,
) -> Array:
    """`loops.avg_pool2d`: sums over the places of all windows at once."""
    x, *window = check_pool2d(x, kernel_size, stride, padding)
    return sum(taps(pad(x, padding), *window), np.zeros(())) / counts(x, window, padding, count_include_pad)


def avg_pool2d_backward(
    grad: ArrayLike,
    x: ArrayLike,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    count_include_pad: bool = True,
) -> Array:
    """`loops.avg_pool2d_backward`: the same share for each place of a window."""
    x, *window = check_pool2d(x, kernel_size, stride, padding)
    share = check_grad(grad, (*x.shape[:2], *window[2])) / counts(x, window, padding, count_include_pad)
    grad_x = pad(np.zeros(x.shape), padding)
    for place in taps(grad_x, *window):
        place += share
    return crop(grad_x, padding)


def batch_norm(
    x: ArrayLike,
    running_mean: ArrayLike | None,
    running_var: ArrayLike | None,
    weight: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Array:
    """`loops.batch_norm`, all channels at once."""
    x, running_mean, running_var, weight, bias = check_batch_norm(
        x, running_mean, running_var, weight, bias, training
    )
    mean, var, M = statistics(x, running_mean, running_var, training)
    if M:
        running_mean[:] = (1 - momentum) * running_mean + momentum * mean.ravel()
        running_var[:] = (1 - momentum) * running_var + momentum * var.ravel() * M / (M - 1)
    return (x - mean) * (weight[:, None, None] / np.sqrt(var + eps)) + bias[:, None, None]


def batch_norm_backward(
    grad: ArrayLike,
    x: ArrayLike,
    running_mean: ArrayLike | None,
    running_var: ArrayLike | None,
    weight: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Array, Array | None, Array | None]:
    """`loops.batch_norm_backward`, all channels at once."""
    given = weight is not None, bias is not None
    x, running_mean, running_var, weight, bias = check_batch_norm(
        x, running_mean, running_var, weight, bias, training
    )
    grad, (mean, var, M) = check_grad(grad, x.shape), statistics(x, running_mean, running_var, training)
    normal = (x - mean) / np.sqrt(var + eps)
    grad_weight, grad_bias = (grad * normal).sum(axis=CHANNEL), grad.sum(axis=CHANNEL)
    common = (grad_bias[:, None, None] + normal * grad_weight[:, None, None]) / M if M else 0.0
    grad_x = (grad - common) * weight[:, None, None] / np.sqrt(var + eps)
    return grad_x, grad_weight if given[0] else None, grad_bias if given[1] else None


def linear(x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None) -> Array:
    """`loops.linear` as one matrix product."""
    x, weight, bias = check_linear(x, weight, bias)
    return x @ weight.T + bias


def linear_backward(
    grad: ArrayLike, x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None
) -> tuple[Array, Array, Array | None]:
    """`loops.linear_backward` as two matrix products."""
    given = bias is not None
    x, weight, bias = check_linear(x, weight, bias)
    grad = check_grad(grad, (len(x), len(weight)))
    return grad @ weight, grad.T @ x, grad.sum(axis=0) if given else None


def relu(x: ArrayLike) -> Array:
    """`loops.relu`, all values at once."""
    x = floats(x)
    return np.maximum(x, 0.0, out=np.empty(x.shape))


def relu_backward(grad: ArrayLike, x: ArrayLike) -> Array:
    """`loops.relu_backward`, all values at once."""
    x = floats(x)
    return np.where(x <= 0, 0.0, check_grad(grad, x.shape))


def cross_entropy(x: ArrayLike, target: ArrayLike) -> float:
    """`loops.cross_entropy`, all images at once."""
    x, target = check_cross_entropy(x, target)
    if not len(x):
        return np.nan
    below = x - x.max(axis=1, keepdims=True)
    return float((np.log(np.exp(below).sum(axis=1)) - below[np.arange(len(x)), target]).mean())


def cross_entropy_backward(grad: ArrayLike, x: ArrayLike, target: ArrayLike) -> Array:
    """`loops.cross_entropy_backward`, all images at once."""
    grad = check_grad(grad, ())
    x, target = check_cross_entropy(x, target)
    softmax = np.exp(x - x.max(axis=1, keepdims=True))
    softmax /= softmax.sum(axis=1, keepdims=True)
    softmax[np.arange(len(x)), target] -= 1
    return grad * softmax / max(len(x), 1)


def matrix(weight: Array) -> Array:
    """Every filter as one row: (F, C, I, J) -> (F, C·I·J)."""
    return weight.reshape(len(weight), math.prod(weight.shape[1:]))


def winners(places: list[Array]) -> NDArray[np.intp]:
    """Which place of every window has its largest value: of equal ones the first, of NaNs the last."""
    values = np.stack(places, axis=-1)
    first, nan = values.argmax(axis=-1), np.isnan(values)
    if not nan.any():
        return first
    last_nan = len(places) - 1 - nan[..., ::-1].argmax(axis=-1)
    return np.where(nan.any(axis=-1), last_nan, first)


def counts(x: Array, window: list[Pair], padding: IntOrPair, count_include_pad: bool) -> Array:
    """How many values each mean of `avg_pool2d` is taken over: (1, 1, P, Q)."""
    pixels = pad(np.ones((1, 1, *x.shape[2:])), padding, value=float(count_include_pad))
    return sum(taps(pixels, *window), np.zeros(()))


def statistics(x: Array, running_mean: Array, running_var: Array, training: bool) -> tuple[Array, Array, int]:
    """Mean and variance (C, 1, 1), and of how many values in each channel: 0 for the running ones."""
    N, _, H, W = x.shape
    if training and N * H * W:
        return x.mean(axis=CHANNEL)[:, None, None], x.var(axis=CHANNEL)[:, None, None], N * H * W
    return running_mean[:, None, None], running_var[:, None, None], 0
