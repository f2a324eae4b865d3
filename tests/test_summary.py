"""The table of a network: row by row worked out on paper, its total that of the whole model."""

import re
from typing import Any

import numpy as np
import pytest

from tinyspatial import shapes
from tinyspatial.base import Layer
from tinyspatial.layers import AvgPool2d, BatchNorm2d, Conv2d, Flatten, GlobalAvgPool2d, Linear, ReLU
from tinyspatial.model import Sequential, SimpleCNN
from tinyspatial.receptive_field import WHOLE, Field, receptive_field
from tinyspatial.summary import as_markdown, as_text, summary, total

SMALL = Sequential(
    Sequential(Conv2d(3, 4, (3, 5), padding=1), BatchNorm2d(4), ReLU()), AvgPool2d(2), GlobalAvgPool2d(),
    Flatten(), Linear(4, 2),
)  # fmt: skip

TEXT = """\
layer              output shape  parameters    MACs  bytes  field
0.0 Conv2d         2×4×8×8              184  23,040  2,048    3×5
0.1 BatchNorm2d    2×4×8×8                8       0  2,048    3×5
0.2 ReLU           2×4×8×8                0       0  2,048    3×5
1 AvgPool2d        2×4×4×4                0       0    512    4×6
2 GlobalAvgPool2d  2×4×1×1                0       0     32    all
3 Flatten          2×4                    0       0      0    all
4 Linear           2×2                   10      16     16    all
total              2×2                  202  23,056  6,704    all"""

MARKDOWN = """\
| layer | output shape | parameters | MACs | bytes | field |
| --- | --- | --: | --: | --: | --: |
| Conv2d | 1×8×222×222 | 224 | 10,645,344 | 1,577,088 | 3 |
| total | 1×8×222×222 | 224 | 10,645,344 | 1,577,088 | 3 |"""


def test_summary_has_a_row_for_each_layer() -> None:
    assert summary(SMALL, (2, 3, 8, 10)) == [
        ("0.0 Conv2d", (2, 4, 8, 8), 184, 23_040, 2_048, Field((3, 5), 1, 1)),
        ("0.1 BatchNorm2d", (2, 4, 8, 8), 8, 0, 2_048, Field((3, 5), 1, 1)),
        ("0.2 ReLU", (2, 4, 8, 8), 0, 0, 2_048, Field((3, 5), 1, 1)),
        ("1 AvgPool2d", (2, 4, 4, 4), 0, 0, 512, Field((4, 6), 2, 1)),
        ("2 GlobalAvgPool2d", (2, 4, 1, 1), 0, 0, 32, Field(WHOLE, 2, 1)),
        ("3 Flatten", (2, 4), 0, 0, 0, Field(WHOLE, 2, 1)),
        ("4 Linear", (2, 2), 10, 16, 16, Field(WHOLE, 2, 1)),
    ]


def test_text_is_aligned() -> None:
    assert as_text(summary(SMALL, (2, 3, 8, 10))) == TEXT


def test_markdown_is_a_table() -> None:
    assert as_markdown(summary(Conv2d(3, 8, 3), [1, 3, 224, 224])) == MARKDOWN


@pytest.mark.parametrize(
    ("model", "shape"),
    [(SimpleCNN(), (4, 3, 32, 32)), (SMALL, (2, 3, 8, 10)), (ReLU(), (3, 2)), (Sequential(), (0, 2))],
    ids=["SimpleCNN", "small", "one layer", "no layer, no image"],
)
@pytest.mark.parametrize("bytes_per_value", [4, 8], ids=["float32", "float64"])
def test_the_total_is_that_of_the_whole_model(model: Layer, shape: tuple, bytes_per_value: int) -> None:
    assert total(summary(model, shape, bytes_per_value)) == (
        "total",
        shapes.output_shape(model, shape),
        shapes.parameters(model),
        shapes.macs(model, shape),
        shapes.activation_bytes(model, shape, bytes_per_value),
        receptive_field(model),
    )


def test_an_empty_batch_costs_nothing_but_has_parameters() -> None:
    assert total(summary(SMALL, (0, 3, 8, 10)))[1:5] == ((0, 2), 202, 0, 0)


def test_the_shapes_are_those_that_the_layers_give() -> None:
    x = np.ones((2, 3, 8, 10))
    for row, layer in zip(summary(SMALL, x.shape), shapes.leaves(SMALL).values(), strict=True):
        x = layer(x)
        assert row.output_shape == x.shape


def test_layers_have_the_names_that_torch_gives_them() -> None:
    assert list(shapes.leaves(SimpleCNN(hidden=3))) == [
        *(f"features.{index}" for index in range(6)),
        *("flatten", "classifier.0", "classifier.1", "classifier.2"),
    ]


NUMBER = "each number of input_shape must be an integer of at least 0, got"


@pytest.mark.parametrize(
    ("model", "shape", "message"),
    [
        (SMALL, (3, 8, 10), "Expected 4D input (batch, channels, height, width), got (3, 8, 10)"),
        (SMALL, (2, 1, 8, 10), "Expected 3 input channels, got 1 in input (2, 1, 8, 10)"),
        (SMALL, (2, 3, 8, 2), "kernel_size 5 is larger than the padded input, 4"),
        (SimpleCNN(), (2, 3, 64, 64), "Expected 2048 input features, got 8192 in input (2, 8192)"),
        (ReLU(), (2, 3.0), f"{NUMBER} 3.0"),
        (ReLU(), (-1, 3), f"{NUMBER} -1"),
        (ReLU(), (2, None), f"{NUMBER} None"),
        (Layer(), (2, 3), "Expected a layer or (kernel_size, stride, padding), got Layer()"),
    ],
    ids=["rank", "channels", "too small", "features", "float", "negative", "None", "unknown layer"],
)
def test_summary_refuses(model: Layer, shape: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        summary(model, shape)


def test_no_rows_have_no_total() -> None:
    with pytest.raises(ValueError, match=r"^Expected at least one row of a summary, got none$"):
        total([])
