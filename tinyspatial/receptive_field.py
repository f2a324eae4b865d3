"""What one output sees: a stack of layers is itself one window, larger and with a longer stride.

`Field` is that window. The stack is folded into it layer by layer, with the field so far on the right:

    size    ←  size + (kernel_size of the layer − 1) · stride
    padding ←  padding + padding of the layer · stride
    stride  ←  stride · stride of the layer

so `stride` is how many pixels of the input lie between two neighbouring outputs, the product of all strides
so far (the jump). Source: A. Araujo, W. Norris, J. Sim, Computing Receptive Fields of Convolutional Neural
Networks, Distill, 2019, doi.org/10.23915/distill.00021.

`layers` is, everywhere here, a layer, a model, or a sequence in which each item is one of those or a triple
(kernel_size, stride, padding), each an integer or a pair (height, width). A Field is such a triple too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from itertools import accumulate, repeat
from typing import Any, NamedTuple

import numpy as np

from tinyspatial.arguments import Array, expect_4d, floats
from tinyspatial.base import Layer
from tinyspatial.layers import BatchNorm2d, Conv2d, Flatten, GlobalAvgPool2d, Linear, Pool2d, ReLU
from tinyspatial.model import Sequential
from tinyspatial.shapes import Shape, integer, is_integer, leaves, output_size, pair

__all__ = [
    "WHOLE",
    "Field",
    "Region",
    "Row",
    "effective_field",
    "layers_to_cover",
    "receptive_field",
    "region",
    "table",
]

WHOLE = math.inf  # the size of a field that is the whole input, however large that is


class Field(NamedTuple):
    """The window of a layer or of a stack, in pixels; a pair (height, width) where the two sides differ.

    Output p depends on no pixel but p·stride − padding and the size − 1 pixels after it.
    """

    size: Any  # WHOLE behind a linear layer or a global pooling
    stride: Any
    padding: Any


PIXEL = Field(1, 1, 0)  # no layer: a pixel sees itself
Sides = tuple[Field, Field]  # the same down and across, integers only


def then(field: Field, layer: Field) -> Field:
    """The field of a stack with one layer more, along one side."""
    size = field.size + (layer.size - 1) * field.stride
    stride = field.stride * layer.stride
    padding = field.padding + layer.padding * field.stride
    return Field(size, stride, padding)


def receptive_field(layers: Any) -> Field:
    """The receptive field of a stack: `receptive_field([(3, 1, 1), (2, 2, 0)])` is `Field(4, 2, 1)`.

    ReLU, Flatten and BatchNorm2d see one pixel (that BatchNorm2d in training sees the batch is not counted);
    Linear and GlobalAvgPool2d see the whole input. A stride longer than the kernel skips pixels: the field
    has holes then, and its size is that from the first pixel to the last.

    Raises ValueError for what is neither layer nor triple, and for a triple that no layer would take.
    """
    return joined(*reduce(grown, map(window, stack(layers)), (PIXEL, PIXEL)))


class Row(NamedTuple):
    """One layer of a stack: what it is, its own window, and the field of the stack up to it."""

    name: str
    window: Field
    field: Field


def table(layers: Any) -> list[Row]:
    """One row for each layer, in the order in which they compute. Raises ValueError as `receptive_field`."""
    found = list(stack(layers))
    windows = [window(layer) for layer in found]
    fields = list(accumulate(windows, grown, initial=(PIXEL, PIXEL)))[1:]
    return [
        Row(label(layer), joined(*own), joined(*field))
        for layer, own, field in zip(found, windows, fields, strict=True)
    ]


class Region(NamedTuple):
    """A part of an image: which rows and which columns."""

    rows: range
    columns: range


def region(layers: Any, output_index: Any, input_size: Any, clip: bool = True) -> Region:
    """The pixels of the input that the output at `output_index` sees, from the first to the last.

    Without clipping this is the formula of `Field`, and may reach into the padding, before pixel 0 or behind
    the last. With clipping only pixels count that do reach the output: the region is followed back through
    the layers and cut to each map on the way. At the lower and right border that can be less than the formula
    cut to the image, where a stride has left a remainder of the map unread. Both ranges are empty for an
    output that sees nothing but padding.

    output_index (row, column), input_size (height, width): a pair, or one integer for both.
    Raises ValueError as `receptive_field` does, for an index outside the output, and for an input that is
    too small for a layer.
    """
    index, size = pair("output_index", output_index, 0), pair("input_size", input_size, 1)
    windows = [window(layer) for layer in stack(layers)]
    rows, columns = (side([own[k] for own in windows], index[k], size[k], clip) for k in (0, 1))
    return Region(rows, columns) if rows and columns else Region(range(0), range(0))


def side(windows: Iterable[Field], index: int, size: int, clip: bool) -> range:
    """`region` along one side of the image."""
    known, maps = mapped(windows, index, size)
    if not clip:
        field = reduce(then, known, PIXEL)
        start = index * field.stride - field.padding
        return range(start, start + field.size)
    seen = {index}
    for own, size in zip(reversed(known), reversed(maps[:-1]), strict=True):
        starts = [place * own.stride - own.padding for place in seen]
        seen = {start + step for start in starts for step in range(own.size)}.intersection(range(size))
    return range(min(seen), max(seen) + 1) if seen else range(0)


def mapped(windows: Iterable[Field], index: int, size: int) -> tuple[list[Field], list[int]]:
    """The windows, a WHOLE one as long as what it sees, and the sizes of all maps from the input on."""
    sizes, known = [size], []
    for own in windows:
        known.append(Field(sizes[-1], 1, 0) if own.size == WHOLE else own)
        sizes.append(output_size(sizes[-1], *known[-1]))
    if index >= sizes[-1]:
        raise ValueError(f"output_index must be below {sizes[-1]}, the size of the output, got {index}")
    return known, sizes


def layers_to_cover(size: int, kernel_size: int = 3, stride: int = 1) -> int:
    """How many such layers make a field of at least `size` pixels: 16 of kernel size 3 for 32.

    Raises ValueError when an argument is not an integer of at least 1, and when the kernel sees one pixel
    only, so that no number of layers is enough.
    """
    size, kernel_size = integer("size", size, 1), integer("kernel_size", kernel_size, 1)
    own = Field(kernel_size, integer("stride", stride, 1), 0)
    if own.size == 1 and size > 1:
        raise ValueError(f"layers of kernel_size 1 never see more than one pixel, and size is {size}")
    fields = accumulate(repeat(own), then, initial=PIXEL)
    return next(number for number, field in enumerate(fields) if field.size >= size)


def effective_field(
    vector_jacobian: Callable[[Array], Array], output_shape: Shape, unit: tuple[int, ...]
) -> Array:
    """How strongly each pixel moves one output value: |gradient|, summed over the input channels, (H, W).

    `vector_jacobian` takes a gradient by the output, (N, F, P, Q), and gives the gradient by the input,
    (N, C, H, W), as a model's backward pass does right after its forward pass:

        y = model(x)
        field = effective_field(model.backward, y.shape, (0, 0, 4, 4))

    `unit` is the index of the value in an output of `output_shape`; the gradient is that by its own image. It
    may have any type, the result is float64; NaN in it makes its pixel NaN.
    Raises ValueError when `unit` is not in the output, as nothing is in that of an empty batch, and when the
    gradient is not 4-D or of another number of images.
    Source: W. Luo and others, Understanding the Effective Receptive Field in Deep Convolutional Neural
    Networks, 2016, arxiv.org/abs/1701.04128.
    """
    places = zip(unit, output_shape, strict=False)
    if len(unit) != len(output_shape) or not all(is_integer(k, 0) and k < n for k, n in places):
        raise ValueError(f"unit must be an index of an output of shape {tuple(output_shape)}, got {unit}")
    seed = np.zeros(output_shape)
    seed[unit] = 1.0
    grad = floats(vector_jacobian(seed))
    expect_4d(grad.shape, "gradient (batch, channels, height, width)")
    if len(grad) != len(seed):
        raise ValueError(f"Expected a gradient of {len(seed)} images, got {grad.shape}")
    return np.abs(grad[unit[0]]).sum(axis=0)


def stack(layers: Any) -> Iterator[Any]:
    """The items of `layers` one by one, models among them taken apart."""
    for item in [layers] if isinstance(layers, Layer) else layers:
        yield from leaves(item).values() if isinstance(item, Layer) else [item]


def window(layer: Any) -> Sides:
    """The window of one layer or triple, down and across."""
    match layer:
        case tuple() | list() if len(layer) == 3:
            k, s = pair("kernel_size", layer[0], 1), pair("stride", layer[1], 1)
            p = pair("padding", layer[2], 0)
        case Conv2d() | Pool2d():
            k, s, p = layer.kernel_size, layer.stride, layer.padding
        case Linear() | GlobalAvgPool2d():
            return Field(WHOLE, 1, 0), Field(WHOLE, 1, 0)
        case ReLU() | BatchNorm2d() | Flatten() | Sequential():  # a Sequential without layers
            return PIXEL, PIXEL
        case _:
            raise ValueError(f"Expected a layer or (kernel_size, stride, padding), got {layer!r}")
    return Field(k[0], s[0], p[0]), Field(k[1], s[1], p[1])


def grown(fields: Sides, layer: Sides) -> Sides:
    """`then`, down and across."""
    return then(fields[0], layer[0]), then(fields[1], layer[1])


def joined(down: Field, across: Field) -> Field:
    """One field for both sides: each number once where the sides agree, else as a pair."""
    return Field(*(one if one == other else (one, other) for one, other in zip(down, across, strict=True)))


def label(layer: Any) -> str:
    """Conv2d, or 3×5 for a triple."""
    return type(layer).__name__ if isinstance(layer, Layer) else "×".join(map(str, pair("", layer[0], 1)))
