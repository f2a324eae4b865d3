"""Sizes and counts: every number here was worked out on paper or is printed in the literature."""

import re
from typing import Any

import numpy as np
import pytest

from tinyspatial.base import Layer
from tinyspatial.layers import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    MaxPool2d,
    ReLU,
)
from tinyspatial.model import Sequential, SimpleCNN
from tinyspatial.shapes import activation_bytes, macs, output_shape, output_size, parameters, steps

MIB = 1024**2


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        pytest.param((224, 3), 222, id="no padding loses two pixels"),
        pytest.param((224, 3, 1, 1), 224, id="padding 1 keeps the size"),
        pytest.param((224, 3, 2, 1), 112, id="stride 2 halves, 223/2 is rounded down"),
        pytest.param((112, 3, 2), 55, id="109/2 is rounded down"),
        pytest.param((128, 5, 2, 2), 64, id="127/2 is rounded down"),
        pytest.param((224, 3, 2), 111, id="221/2 is rounded down"),
        pytest.param((224, 7, 2, 3), 112, id="stem of ResNet"),
        pytest.param((5, 5), 1, id="the kernel is the image"),
        pytest.param((1, 5, 1, 2), 1, id="the kernel fits only with padding"),
        pytest.param((7, 2, 3), 2, id="two steps of three"),
        pytest.param((3, 1, 5), 1, id="a stride beyond the image"),
        pytest.param((np.int64(7), np.int32(2), np.uint8(3)), 2, id="integers of NumPy"),
    ],
)
def test_output_size(args: tuple, expected: int) -> None:
    size = output_size(*args)
    assert (size, type(size)) == (expected, int)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((0, 3), "size must be an integer of at least 1, got 0"),
        ((5, 0), "kernel_size must be an integer of at least 1, got 0"),
        ((5, 3, 0), "stride must be an integer of at least 1, got 0"),
        ((5, 3, 1, -1), "padding must be an integer of at least 0, got -1"),
        ((5.0, 3), "size must be an integer of at least 1, got 5.0"),
        ((5, 3, (1, 1)), "stride must be an integer of at least 1, got (1, 1)"),
        ((5, 3, True), "stride must be an integer of at least 1, got True"),
        ((3, 6, 1, 1), "kernel_size 6 is larger than the padded input, 5"),
    ],
    ids=["size", "kernel", "stride", "padding", "float", "pair", "truth value", "kernel too large"],
)
def test_output_size_refuses(args: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        output_size(*args)


@pytest.mark.parametrize(
    ("layer", "given", "expected"),
    [
        (Conv2d(3, 64, 5, stride=2, padding=2), (32, 3, 128, 128), (32, 64, 64, 64)),
        (Conv2d(3, 8, (3, 5), stride=(2, 1), padding=(0, 2)), (2, 3, 9, 11), (2, 8, 4, 11)),
        (MaxPool2d(2), (32, 64, 224, 224), (32, 64, 112, 112)),
        (AvgPool2d((2, 3), stride=(1, 2), padding=(1, 0)), (4, 2, 5, 7), (4, 2, 6, 3)),
        (GlobalAvgPool2d(), (4, 2, 5, 7), (4, 2, 1, 1)),
        (BatchNorm2d(2), (4, 2, 5, 7), (4, 2, 5, 7)),
        (ReLU(), (4, 2, 5), (4, 2, 5)),
        (Flatten(), (4, 2, 5, 7), (4, 70)),
        (Linear(70, 10), (4, 70), (4, 10)),
        (Sequential(Conv2d(3, 4, 3), MaxPool2d(2), Flatten()), (0, 3, 8, 10), (0, 48)),
        (Sequential(), (4, 2), (4, 2)),
        (SimpleCNN(), (4, 3, 32, 32), (4, 10)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Layer) else None,
)
def test_output_shape(layer: Layer, given: tuple, expected: tuple) -> None:
    assert output_shape(layer, given) == expected


@pytest.mark.parametrize(
    ("layer", "given", "message"),
    [
        (
            Conv2d(3, 8, 3),
            (3, 224, 224),
            "Expected 4D input (batch, channels, height, width), got (3, 224, 224)",
        ),
        (Conv2d(3, 8, 3), (1, 4, 5, 6), "Expected 3 input channels, got 4 in input (1, 4, 5, 6)"),
        (BatchNorm2d(3), (1, 4, 5, 6), "Expected 3 input channels, got 4 in input (1, 4, 5, 6)"),
        (MaxPool2d(6), (1, 4, 5, 6), "kernel_size 6 is larger than the padded input, 5"),
        (GlobalAvgPool2d(), (4, 5), "Expected 4D input (batch, channels, height, width), got (4, 5)"),
        (Linear(3, 2), (1, 4), "Expected 3 input features, got 4 in input (1, 4)"),
        (SimpleCNN(), (1, 3, 16, 16), "Expected 2048 input features, got 512 in input (1, 512)"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Layer) else None,
)
def test_shapes_that_a_layer_would_refuse_are_refused(layer: Layer, given: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        output_shape(layer, given)
    with pytest.raises(ValueError, match=re.escape(message)):
        layer(np.zeros(given))


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (Conv2d(3, 64, 3), 1_792),
        (Conv2d(3, 64, 3, bias=False), 1_728),
        (Conv2d(3, 16, 3), 448),
        (Conv2d(3, 32, 3), 896),
        (Conv2d(64, 64, 7, bias=False), 200_704),
        (Sequential(*[Conv2d(64, 64, 3, bias=False)] * 3), 110_592),
        (Linear(3072, 32), 98_336),
        (Sequential(Linear(3072, 1000), Linear(1000, 10)), 3_083_010),
        (BatchNorm2d(5), 10),
        (Sequential(MaxPool2d(2), AvgPool2d(2), GlobalAvgPool2d(), ReLU(), Flatten()), 0),
        (SimpleCNN(), 25_578),
        (SimpleCNN(channels=(32, 64)), 60_362),
        (SimpleCNN(channels=(32, 64), hidden=128), 545_098),
    ],
    ids=str,
)
def test_parameters(layer: Layer, expected: int) -> None:
    assert parameters(layer) == expected


@pytest.mark.parametrize(
    ("layer", "given", "expected"),
    [
        pytest.param(Conv2d(3, 64, 3, padding=1), (1, 3, 224, 224), 86_704_128, id="one image"),
        pytest.param(Conv2d(3, 64, 3, padding=1), (32, 3, 224, 224), 2_774_532_096, id="a batch of 32"),
        pytest.param(Conv2d(64, 128, 3, padding=1), (16, 64, 56, 56), 3_699_376_128, id="deeper"),
        pytest.param(Conv2d(3, 64, 3, padding=1, bias=False), (1, 3, 224, 224), 86_704_128, id="no bias"),
        pytest.param(Conv2d(64, 64, 7, padding=3), (1, 64, 1, 1), 200_704, id="7×7, padded zeros included"),
        pytest.param(Sequential(*[Conv2d(64, 64, 3, padding=1)] * 3), (1, 64, 1, 1), 110_592, id="three 3×3"),
        pytest.param(Linear(2048, 10), (4, 2048), 81_920, id="linear"),
        pytest.param(
            Sequential(MaxPool2d(2), ReLU(), BatchNorm2d(3)), (2, 3, 8, 8), 0, id="nothing else counts"
        ),
        pytest.param(SimpleCNN(), (1, 3, 32, 32), 1_642_496, id="442,368 + 1,179,648 + 20,480"),
    ],
)
def test_macs(layer: Layer, given: tuple, expected: int) -> None:
    assert macs(layer, given) == expected


@pytest.mark.parametrize(
    ("layer", "given", "expected"),
    [
        pytest.param(Conv2d(3, 64, 3, padding=1), (32, 3, 224, 224), 392 * MIB, id="392 MiB"),
        pytest.param(Conv2d(3, 256, 3, padding=1), (64, 3, 112, 112), 784 * MIB, id="784 MiB"),
        pytest.param(
            Conv2d(3, 64, 3, padding=1), (1, 3, 224, 224), 12_845_056, id="12.25 MiB before pooling"
        ),
        pytest.param(MaxPool2d(2), (1, 64, 224, 224), 3_211_264, id="3.06 MiB after"),
        pytest.param(Flatten(), (1, 3, 4, 5), 0, id="flatten makes no array"),
        pytest.param(Sequential(), (1, 3, 4, 5), 0, id="nor does a model of no layers"),
        pytest.param(
            Sequential(ReLU(), Flatten(), Linear(6, 2)), (5, 3, 2), (30 + 10) * 4, id="a model: all of them"
        ),
    ],
)
def test_activation_bytes(layer: Layer, given: tuple, expected: int) -> None:
    assert activation_bytes(layer, given) == expected


def test_activation_bytes_in_other_types() -> None:
    assert activation_bytes(ReLU(), (2, 3), bytes_per_value=2) == 12


def test_steps_take_a_model_apart_in_the_order_of_computing() -> None:
    found = [
        (type(step.layer).__name__, step.output_shape) for step in steps(SimpleCNN(hidden=7), (2, 3, 32, 32))
    ]
    assert found == [
        ("Conv2d", (2, 16, 32, 32)),
        ("ReLU", (2, 16, 32, 32)),
        ("MaxPool2d", (2, 16, 16, 16)),
        ("Conv2d", (2, 32, 16, 16)),
        ("ReLU", (2, 32, 16, 16)),
        ("MaxPool2d", (2, 32, 8, 8)),
        ("Flatten", (2, 2048)),
        ("Linear", (2, 7)),
        ("ReLU", (2, 7)),
        ("Linear", (2, 10)),
    ]


@pytest.mark.parametrize("layer", [SimpleCNN(image_size=8, channels=(2, 3), hidden=4)], ids=["SimpleCNN"])
def test_every_step_has_the_shape_that_is_promised(layer: Any) -> None:
    x = np.ones((2, 3, 8, 8))
    for step in steps(layer, x.shape):
        x = step.layer(x)
        assert x.shape == step.output_shape
