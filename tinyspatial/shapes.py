"""What is known before anything is computed: sizes, parameters, multiply-accumulates and bytes.

All results are integers, and no array is looked into. A `layer` is one layer or a whole model; a model is
counted layer by layer in the order in which it computes.
"""

# Slides and exercises show output_size as it stands, without types. Those for users are in shapes.pyi.
# mypy: allow-untyped-defs, check-untyped-defs

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, SupportsIndex

import numpy as np

if TYPE_CHECKING:
    from tinyspatial.base import Layer

__all__ = ["activation_bytes", "leaves", "macs", "output_shape", "output_size", "parameters", "steps"]

Shape = tuple[int, ...]
IntOrPair = SupportsIndex | Sequence[SupportsIndex]  # for both sides, or (height, width)
INTEGERS, SEVERAL = (int, np.integer), (tuple, list)


# fmt: off
def output_size(size, kernel_size, stride=1, padding=0):
    """How many places a window has along one side of an image, its height or its width.

        ⌊(size + 2·padding − kernel_size) / stride⌋ + 1

    A last step that would leave the padded image is not taken.

    Raises ValueError when an argument is not an integer, when size, kernel_size or stride
    is below 1 or padding below 0, and when the kernel is larger than the padded input.
    Convention: torch.nn.Conv2d and the pooling layers, one side at a time.
    """
    size = integer("size", size, least=1)
    kernel_size = integer("kernel_size", kernel_size, least=1)
    stride = integer("stride", stride, least=1)
    padding = integer("padding", padding, least=0)
    padded = size + 2 * padding
    if kernel_size > padded:
        raise ValueError(f"kernel_size {kernel_size} is larger than "
                         f"the padded input, {padded}")
    return (padded - kernel_size) // stride + 1
# fmt: on


class Step(NamedTuple):
    """One layer of a model, where it stands in it, and the shape of what it gives."""

    name: str
    layer: Layer
    output_shape: Shape


def leaves(layer: Layer, name: str = "") -> dict[str, Layer]:
    """The layers of a model in the order in which they compute, models inside it taken apart.

    Keys are the names of the attributes on the way, as in torch: "features.0". A single layer has none, "".
    """
    if not layer.children():
        return {name: layer}
    found: dict[str, Layer] = {}
    for own, child in layer.named_children().items():
        found |= leaves(child, f"{name}.{own}" if name else own)
    return found


def steps(layer: Layer, input_shape: Shape) -> list[Step]:
    """The layers of a model as `leaves` finds them, each with the shape of its output.

    An empty batch, N = 0, is a shape like any other.
    Raises ValueError for a shape that is not made of integers of at least 0, or that a layer would refuse.
    """
    input_shape = tuple(integer("each number of input_shape", number, 0) for number in input_shape)
    found: list[Step] = []
    for name, leaf in leaves(layer).items():
        found.append(Step(name, leaf, leaf.output_shape(input_shape)))
        input_shape = found[-1].output_shape
    return found


def output_shape(layer: Layer, input_shape: Shape) -> Shape:
    """The shape that `layer` gives for an input of `input_shape`: (N, C, H, W) -> (N, F, P, Q) and so on.

    Raises ValueError as `steps` does.
    """
    return steps(layer, input_shape)[-1].output_shape


def parameters(layer: Layer) -> int:
    """How many numbers training may change: weights and biases, but no running statistics."""
    return sum(parameter.size for parameter in layer.parameters())


def macs(layer: Layer, input_shape: Shape) -> int:
    """Multiply-accumulate operations of one forward pass over an input of `input_shape`, the whole batch.

    Counted as is usual for networks: only in convolutions and linear layers, with padded zeros, without the
    addition of the bias: Σ over layers of output values · inputs of one output value. A multiply-accumulate
    is two floating-point operations. An empty batch costs 0.
    Raises ValueError as `steps` does.
    """
    return sum(step.layer.macs_per_value * math.prod(step.output_shape) for step in steps(layer, input_shape))


def activation_bytes(layer: Layer, input_shape: Shape, bytes_per_value: int = 4) -> int:
    """Bytes of all arrays that one forward pass makes; for a single layer, of its output.

    This is what training keeps for the backward pass, apart from the input. Flatten makes no array.
    `bytes_per_value`: 4 for float32, the usual type in training (`loops` computes in float64, which is 8).
    An empty batch takes 0.
    Raises ValueError as `steps` does, and when bytes_per_value is not an integer of at least 1.
    """
    bytes_per_value = integer("bytes_per_value", bytes_per_value, 1)
    made = [step.output_shape for step in steps(layer, input_shape) if not step.layer.is_view]
    return sum(math.prod(shape) for shape in made) * bytes_per_value


def integer(name: str, value: Any, least: int) -> int:
    """`value` as an int; raises ValueError when it is not an integer of at least `least`."""
    if not is_integer(value, least):
        raise ValueError(f"{name} must be an integer of at least {least}, got {value!r}")
    return int(value)


def pair(name: str, value: Any, least: int) -> tuple[int, int]:
    """(height, width) from one integer for both, or from two; raises ValueError as `integer` does."""
    both = value if isinstance(value, SEVERAL) else (value, value)
    if len(both) != 2 or not (is_integer(both[0], least) and is_integer(both[1], least)):
        wanted = f"an integer of at least {least} or a pair of them (height, width)"
        raise ValueError(f"{name} must be {wanted}, got {value!r}")
    return int(both[0]), int(both[1])


def is_integer(value: Any, least: int) -> bool:
    """Whether `value` is an integer, Python's or NumPy's, and not too small. True is no number here."""
    return isinstance(value, INTEGERS) and not isinstance(value, bool) and bool(value >= least)
