"""What can be known before anything is computed: sizes, parameters, multiply-accumulates and bytes.

All results are integers, and none of them depends on the values in an array. `layer` is one layer or a whole
model; a model is counted layer by layer, in the order in which it computes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from tinyspatial.layers import Layer

__all__ = ["activation_bytes", "macs", "output_shape", "output_size", "parameters"]

Shape = tuple[int, ...]


def integer(name: str, value: object, least: int) -> int:
    """`value` as an int; ValueError names the argument when it is not an integer or is below `least`."""
    if not is_integer(value, least):
        raise ValueError(f"{name} must be an integer of at least {least}, got {value!r}")
    return int(value)  # type: ignore[call-overload]


def pair(name: str, value: object, least: int) -> tuple[int, int]:
    """(height, width) from one integer for both or from a pair; ValueError names the argument otherwise."""
    both = value if isinstance(value, tuple | list) else (value, value)
    if len(both) != 2 or not all(is_integer(one, least) for one in both):
        kind = f"an integer of at least {least}, or a pair (height, width) of them"
        raise ValueError(f"{name} must be {kind}, got {value!r}")
    return int(both[0]), int(both[1])


def is_integer(value: object, least: int) -> bool:
    """Python's and NumPy's integers; True and False are not numbers here."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= least


def output_size(size: int, kernel_size: int, stride: int = 1, padding: int = 0) -> int:
    """How many places a window has along one side of the input (height or width).

    ⌊(size + 2·padding − kernel_size) / stride⌋ + 1, the rule of torch.nn.Conv2d and of the pooling layers.
    A last step that would leave the padded input is not taken.

    Raises ValueError when an argument is not an integer, when size, kernel_size or stride is below 1 or
    padding below 0, and when the kernel is larger than the padded input.
    """
    size, kernel_size = integer("size", size, 1), integer("kernel_size", kernel_size, 1)
    stride, padding = integer("stride", stride, 1), integer("padding", padding, 0)
    room = size + 2 * padding - kernel_size
    if room < 0:
        padded = f"{size} + 2×{padding} = {size + 2 * padding}"
        raise ValueError(f"kernel_size {kernel_size} is larger than the padded input, {padded}")
    return room // stride + 1


class Step(NamedTuple):
    """One simple layer of a model and the shape of what it gives."""

    layer: Layer
    output_shape: Shape


def steps(layer: Layer, input_shape: Shape) -> list[Step]:
    """The simple layers of `layer` in the order in which they compute."""
    if not layer.is_model:
        return [Step(layer, layer.output_shape(input_shape))]
    found: list[Step] = []
    for child in layer.children():
        found += steps(child, found[-1].output_shape if found else input_shape)
    return found


def output_shape(layer: Layer, input_shape: Shape) -> Shape:
    """The shape that `layer` gives for an input of `input_shape`, such as (N, C, H, W) -> (N, F, P, Q).

    Raises ValueError for a shape that the layer would refuse.
    """
    found = steps(layer, input_shape)
    return found[-1].output_shape if found else tuple(input_shape)


def parameters(layer: Layer) -> int:
    """How many numbers training may change: weights and biases, not running statistics."""
    return sum(parameter.size for parameter in layer.parameters())


def macs(layer: Layer, input_shape: Shape) -> int:
    """Multiply-accumulate operations of one forward pass over an input of `input_shape`, batch included.

    Counted as is usual for networks: convolutions and linear layers only, padded zeros included, the addition
    of the bias left out. One multiply-accumulate is two floating-point operations.
    """
    return sum(step.layer.macs_per_value * math.prod(step.output_shape) for step in steps(layer, input_shape))


def activation_bytes(layer: Layer, input_shape: Shape, bytes_per_value: int = 4) -> int:
    """Bytes of the arrays that one forward pass makes; of a model, those of all its layers together.

    This is what training keeps for the backward pass, the input left out. Flatten makes no new array.
    `bytes_per_value` is 4 for float32, the usual type in training (tinyspatial itself computes with 8).
    """
    made = [step.output_shape for step in steps(layer, input_shape) if not step.layer.is_view]
    return sum(math.prod(shape) for shape in made) * bytes_per_value
