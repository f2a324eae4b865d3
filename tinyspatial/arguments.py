"""What happens before the loops: refuse bad arguments, make float64 arrays, put a border round the input.

Every bad argument is a ValueError that says which one it is and what was given. Nothing here changes an
argument: a result is a new array, or the very array that was given when it is float64 already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinyspatial.shapes import output_size, pair

Array = NDArray[np.float64]
Pair = tuple[int, int]

AXES = {
    "input": "(batch, channels, height, width)",
    "weight": "(out_channels, in_channels, kernel_height, kernel_width)",
}
UNSUPPORTED = frozenset(
    "affine ceil_mode device dilation divisor_override dtype groups inplace padding_mode return_indices "
    "start_dim end_dim track_running_stats".split()
)


def expect_4d(shape: tuple[int, ...], name: str = "input") -> None:
    """Raise ValueError unless `shape` has four axes."""
    if len(shape) != 4:
        raise ValueError(f"Expected 4D {name} {AXES[name]}, got {tuple(shape)}")


def expect_channels(shape: tuple[int, ...], channels: int) -> None:
    """Raise ValueError unless an input of this (4-D) shape has as many channels as the layer was made for."""
    if shape[1] != channels:
        raise ValueError(f"Expected {channels} input channels, got {shape[1]} in input {tuple(shape)}")


def expect_features(shape: tuple[int, ...], features: int) -> None:
    """Raise ValueError unless `shape` is (batch, features)."""
    if len(shape) != 2:
        raise ValueError(f"Expected 2D input (batch, features), got {tuple(shape)}")
    if shape[1] != features:
        raise ValueError(f"Expected {features} input features, got {shape[1]} in input {tuple(shape)}")


def refuse_unsupported(layer: str, options: Mapping[str, Any]) -> None:
    """Raise ValueError for an argument that torch.nn has and this library leaves out."""
    for name in sorted(UNSUPPORTED.intersection(options)):
        raise ValueError(f"{layer} does not support {name}, got {name}={options[name]!r}")


def floats(x: ArrayLike) -> Array:
    return np.asarray(x, dtype=np.float64)


def vector(name: str, value: ArrayLike | None, length: int, default: float) -> Array:
    """One number per channel; `default` in every place when there is none."""
    if value is None:
        return np.full(length, default)
    if np.shape(value) != (length,):
        raise ValueError(f"Expected {name} of shape ({length},), got {np.shape(value)}")
    return floats(value)


def check_conv2d(
    x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None, stride: Any, padding: Any
) -> tuple[Array, Array, Array, Pair, Pair]:
    """Input, weight, bias, stride (down, across) and the size of the output (rows, columns)."""
    x, weight = floats(x), floats(weight)
    expect_4d(x.shape)
    expect_4d(weight.shape, "weight")
    expect_channels(x.shape, weight.shape[1])
    stride, size = check_window(x, weight.shape[2:], stride, padding)
    return x, weight, vector("bias", bias, len(weight), 0.0), stride, size


def check_pool2d(x: ArrayLike, kernel_size: Any, stride: Any, padding: Any) -> tuple[Array, Pair, Pair, Pair]:
    """Input, kernel size, stride and the size of the output; without a stride the windows lie side by side."""
    x, kernel_size, padding = floats(x), pair("kernel_size", kernel_size, 1), pair("padding", padding, 0)
    expect_4d(x.shape)
    if any(2 * border > side for border, side in zip(padding, kernel_size, strict=True)):
        raise ValueError(f"padding must be at most half of kernel_size {kernel_size}, got {padding}")
    return x, kernel_size, *check_window(x, kernel_size, kernel_size if stride is None else stride, padding)


def check_window(x: Array, kernel_size: Any, stride: Any, padding: Any) -> tuple[Pair, Pair]:
    """Stride as a pair, and how many places the window has (down, across)."""
    stride, padding = pair("stride", stride, 1), pair("padding", padding, 0)
    rows, columns = map(output_size, x.shape[2:], kernel_size, stride, padding)
    return stride, (rows, columns)


def pad(x: Array, padding: Any, value: float = 0.0) -> Array:
    """`x` with a border of `value`: (N, C, H, W) -> (N, C, H + 2·rows, W + 2·columns)."""
    rows, columns = pair("padding", padding, 0)
    return np.pad(x, ((0, 0), (0, 0), (rows, rows), (columns, columns)), constant_values=value)


def check_batch_norm(
    x: ArrayLike, mean: Any, var: Any, weight: ArrayLike | None, bias: ArrayLike | None, training: bool
) -> tuple[Array, Any, Any, Array, Array]:
    """Input, running mean and variance, weight and bias; no running statistics are needed while training."""
    x = floats(x)
    expect_4d(x.shape)
    channels = x.shape[1]
    if training and x.size == channels:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {x.shape}")
    if not training and (mean is None or var is None):
        raise ValueError("Expected running_mean and running_var when training is False, got None")
    mean = running("running_mean", mean, channels, 0.0, training)
    var = running("running_var", var, channels, 1.0, training)
    return x, mean, var, vector("weight", weight, channels, 1.0), vector("bias", bias, channels, 0.0)


def running(name: str, value: Any, channels: int, start: float, training: bool) -> Any:
    """A running statistic; in training it must be an array of floats, because it is updated where it lies."""
    writable = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    if training and value is not None and not writable:
        raise ValueError(f"{name} is updated in place and must be an array of floats, got {value!r}")
    vector(name, value, channels, start)
    return value if writable else vector(name, value, channels, start)


def check_linear(x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None) -> tuple[Array, Array, Array]:
    """Input, weight and bias of a linear layer."""
    x, weight = floats(x), floats(weight)
    if weight.ndim != 2:
        raise ValueError(f"Expected 2D weight (out_features, in_features), got {weight.shape}")
    expect_features(x.shape, weight.shape[1])
    return x, weight, vector("bias", bias, len(weight), 0.0)
