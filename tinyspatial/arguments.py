"""What comes before the loops: refuse bad arguments, make float64 arrays, put a border round the images.

A bad argument is a ValueError that says what was expected and what was given. Nothing here changes an
argument: what is given back is a new array, or the one that came in if it is float64 already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinyspatial.shapes import Shape, output_size, pair

Array = NDArray[np.float64]
Pair = tuple[int, int]

INPUT = "input (batch, channels, height, width)"
WEIGHT = "weight (out_channels, in_channels, height, width)"
LOWEST = -np.finfo(np.float64).max  # above -∞, below every other number

# What constructors in torch.nn take and those here do not. Python itself refuses any other unknown name.
UNSUPPORTED = {
    *("dilation", "groups", "padding_mode", "ceil_mode", "return_indices", "divisor_override"),
    *("affine", "track_running_stats", "inplace", "start_dim", "end_dim", "device", "dtype"),
}


def refuse_unsupported(layer: str, options: Mapping[str, Any]) -> None:
    """Raise ValueError for an option that torch.nn has and this library leaves out."""
    for name in sorted(UNSUPPORTED.intersection(options)):
        raise ValueError(f"{layer} does not support {name} here, got {name}={options[name]!r}")


def expect_4d(shape: Shape, what: str = INPUT) -> None:
    """Raise ValueError unless `shape` has four axes."""
    if len(shape) != 4:
        raise ValueError(f"Expected 4D {what}, got {tuple(shape)}")


def expect_channels(shape: Shape, channels: int) -> None:
    """Raise ValueError unless `shape` is that of a 4-D input with so many channels."""
    expect_4d(shape)
    if shape[1] != channels:
        raise ValueError(f"Expected {channels} input channels, got {shape[1]} in input {tuple(shape)}")


def expect_features(shape: Shape, features: int) -> None:
    """Raise ValueError unless `shape` is that of a 2-D input with so many features."""
    if len(shape) != 2:
        raise ValueError(f"Expected 2D input (batch, features), got {tuple(shape)}")
    if shape[1] != features:
        raise ValueError(f"Expected {features} input features, got {shape[1]} in input {tuple(shape)}")


def floats(x: ArrayLike) -> Array:
    """`x` as an array of float64; the same array if it is one."""
    return np.asarray(x, dtype=np.float64)


def vector(name: str, value: ArrayLike | None, length: int, default: float) -> Array:
    """One number for each of `length` channels, `default` if there is no `value`."""
    if value is not None and np.shape(value) != (length,):
        raise ValueError(f"Expected {name} of shape ({length},), got {np.shape(value)}")
    return np.full(length, default) if value is None else floats(value)


def pad(x: Array, padding: Any, value: float = 0.0) -> Array:
    """`x` with a border of `value` round each image: (N, C, H, W) -> (N, C, H + 2·rows, W + 2·columns).

    Without a border it is `x` itself.
    """
    rows, columns = pair("padding", padding, 0)
    if not rows and not columns:
        return x
    N, C, H, W = x.shape
    padded = np.full((N, C, H + 2 * rows, W + 2 * columns), value)  # much quicker than np.pad
    crop(padded, padding)[:] = x
    return padded


def crop(x: Array, padding: Any) -> Array:
    """`x` without the border that `pad` put round each image."""
    rows, columns = pair("padding", padding, 0)
    return x[:, :, rows : x.shape[2] - rows, columns : x.shape[3] - columns]


def places(shape: Shape, kernel_size: Any, stride: Any, padding: Any) -> Pair:
    """How many places a window has on each image of an input of this 4-D shape: (rows, columns)."""
    rows, columns = map(output_size, shape[2:], kernel_size, stride, padding)
    return rows, columns


def pool_window(kernel_size: Any, stride: Any, padding: Any) -> tuple[Pair, Pair, Pair]:
    """Kernel size, stride and padding, each as a pair; without a stride the windows lie side by side."""
    kernel_size, padding = pair("kernel_size", kernel_size, 1), pair("padding", padding, 0)
    stride = kernel_size if stride is None else pair("stride", stride, 1)
    if any(2 * border > side for border, side in zip(padding, kernel_size, strict=True)):
        raise ValueError(f"padding must be at most half of kernel_size {kernel_size}, got {padding}")
    return kernel_size, stride, padding


def check_conv2d(
    x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None, stride: Any, padding: Any
) -> tuple[Array, Array, Array, Pair, Pair]:
    """Input, weight, bias, stride (down, across), and the size of the output (rows, columns)."""
    x, weight = floats(x), floats(weight)
    stride, padding = pair("stride", stride, 1), pair("padding", padding, 0)
    expect_4d(x.shape)
    expect_4d(weight.shape, WEIGHT)
    expect_channels(x.shape, weight.shape[1])
    size = places(x.shape, weight.shape[2:], stride, padding)
    return x, weight, vector("bias", bias, len(weight), 0.0), stride, size


def check_pool2d(x: ArrayLike, kernel_size: Any, stride: Any, padding: Any) -> tuple[Array, Pair, Pair, Pair]:
    """Input, kernel size, stride (down, across), and the size of the output (rows, columns)."""
    x, window = floats(x), pool_window(kernel_size, stride, padding)
    expect_4d(x.shape)
    return x, *window[:2], places(x.shape, *window)


def check_batch_norm(
    x: ArrayLike, mean: Any, var: Any, weight: ArrayLike | None, bias: ArrayLike | None, training: bool
) -> tuple[Array, Array, Array, Array, Array]:
    """Input, running mean and variance (in training the very arrays that were given), weight and bias."""
    x = floats(x)
    expect_4d(x.shape)
    batch, channels, height, width = x.shape
    if training and batch * height * width == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {x.shape}")
    mean = running("running_mean", mean, channels, 0.0, training)
    var = running("running_var", var, channels, 1.0, training)
    return x, mean, var, vector("weight", weight, channels, 1.0), vector("bias", bias, channels, 0.0)


def check_batches(x: ArrayLike) -> tuple[Array, int, int]:
    """The values of one channel in several batches, how many batches, and how many values each has."""
    x = floats(x)
    if x.ndim != 2 or x.shape[1] == 1:
        expected = "a 2D array (batches, values), more than 1 value each"
        raise ValueError(f"Expected {expected}, got input size {x.shape}")
    return x, *x.shape


def running(name: str, value: Any, channels: int, start: float, training: bool) -> Array:
    """A running statistic: one that training can change where it lies, one to read from otherwise."""
    if value is None and not training:
        raise ValueError(f"Expected {name} when training is False, got None")
    checked = vector(name, value, channels, start)
    if value is None or not training:
        return checked
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
        raise ValueError(f"{name} is changed in place and must be an array of floats, got {value!r}")
    return value


def check_linear(x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None) -> tuple[Array, Array, Array]:
    """Input, weight and bias of a linear layer."""
    x, weight = floats(x), floats(weight)
    if weight.ndim != 2:
        raise ValueError(f"Expected 2D weight (out_features, in_features), got {weight.shape}")
    expect_features(x.shape, weight.shape[1])
    return x, weight, vector("bias", bias, len(weight), 0.0)


def check_cross_entropy(x: ArrayLike, target: ArrayLike) -> tuple[Array, NDArray[np.intp]]:
    """Logits and classes of a batch."""
    x, classes = floats(x), np.asarray(target)
    if x.ndim != 2:
        raise ValueError(f"Expected 2D input (batch, classes), got {x.shape}")
    if classes.shape != (len(x),) or (classes.dtype.kind not in "iu" and classes.size):
        raise ValueError(f"Expected target of {len(x)} integers, got {classes.dtype} {classes.shape}")
    wrong = classes[(classes < 0) | (classes >= x.shape[1])]
    if wrong.size:
        raise ValueError(f"Expected target from 0 to {x.shape[1] - 1}, got {wrong[0]}")
    return x, classes.astype(np.intp)


def check_grad(grad: ArrayLike, shape: Shape, whose: str = "the result's") -> Array:
    """A gradient, which has the shape of what it belongs to."""
    if np.shape(grad) != shape:
        raise ValueError(f"Expected grad of {whose} shape {shape}, got {np.shape(grad)}")
    return floats(grad)
