"""What loops and fast say to arguments that make no sense: always a ValueError, always which and what.

Inputs of a wrong rank and of wrong channels are in test_every_function.
"""

import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

X, WEIGHT = np.ones((1, 3, 4, 5)), np.ones((8, 3, 2, 2))
ONES, TWO = np.ones(3), np.ones(2)


def refuses(message: str, call: Callable, *args: Any, **options: Any) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call(*args, **options)


@pytest.mark.parametrize(
    ("args", "options", "message"),
    [
        pytest.param(
            (X, np.ones((3, 2, 2))),
            {},
            "Expected 4D weight (out_channels, in_channels, height, width), got (3, 2, 2)",
            id="weight without an axis",
        ),
        pytest.param(
            (X, WEIGHT, np.ones(7)), {}, "Expected bias of shape (8,), got (7,)", id="bias of another length"
        ),
        pytest.param(
            (X, WEIGHT, np.ones((8, 1))), {}, "Expected bias of shape (8,), got (8, 1)", id="bias of two axes"
        ),
        pytest.param(
            (X, np.ones((8, 3, 5, 2))),
            {},
            "kernel_size 5 is larger than the padded input, 4",
            id="kernel too high",
        ),
        pytest.param(
            (X, np.ones((8, 3, 2, 8))),
            {"padding": 1},
            "kernel_size 8 is larger than the padded input, 7",
            id="kernel too wide, even with padding",
        ),
        pytest.param(
            (X, np.ones((8, 3, 0, 2))),
            {},
            "kernel_size must be an integer of at least 1, got 0",
            id="no kernel",
        ),
    ],
)
def test_conv2d_refuses(ops: ModuleType, args: tuple, options: dict, message: str) -> None:
    refuses(message, ops.conv2d, *args, **options)


ONE = "an integer of at least 1 or a pair of them (height, width)"
ZERO = "an integer of at least 0 or a pair of them (height, width)"


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("stride", 0, f"stride must be {ONE}, got 0"),
        ("stride", (1, 0), f"stride must be {ONE}, got (1, 0)"),
        ("stride", 1.5, f"stride must be {ONE}, got 1.5"),
        ("stride", (1, 1, 1), f"stride must be {ONE}, got (1, 1, 1)"),
        ("stride", "2", f"stride must be {ONE}, got '2'"),
        ("padding", -1, f"padding must be {ZERO}, got -1"),
        ("padding", (0, -2), f"padding must be {ZERO}, got (0, -2)"),
        ("padding", 1.0, f"padding must be {ZERO}, got 1.0"),
        ("padding", "same", f"padding must be {ZERO}, got 'same'"),
        ("padding", True, f"padding must be {ZERO}, got True"),
        ("padding", None, f"padding must be {ZERO}, got None"),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("name", "window"),
    [("conv2d", WEIGHT), ("max_pool2d", 2), ("avg_pool2d", 2)],
    ids=["conv2d", "max_pool2d", "avg_pool2d"],
)
def test_every_window_checks_stride_and_padding(
    ops: ModuleType, name: str, window: Any, option: str, value: Any, message: str
) -> None:
    refuses(message, getattr(ops, name), X, window, **{option: value})


def test_an_omitted_conv2d_stride_is_not_none(ops: ModuleType) -> None:
    refuses(f"stride must be {ONE}, got None", ops.conv2d, X, WEIGHT, stride=None)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((X, 0), f"kernel_size must be {ONE}, got 0"),
        ((X, (2, -1)), f"kernel_size must be {ONE}, got (2, -1)"),
        ((X, 2.0), f"kernel_size must be {ONE}, got 2.0"),
        ((X, (5, 1)), "kernel_size 5 is larger than the padded input, 4"),
        ((X, (3, 2), 1, 2), "padding must be at most half of kernel_size (3, 2), got (2, 2)"),
        ((np.ones((1, 1, 0, 2)), 2, 2, 1), "size must be an integer of at least 1, got 0"),
    ],
    ids=["no kernel", "kernel below 1", "float", "too large", "padding too wide", "no rows"],
)
@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
def test_pooling_refuses(ops: ModuleType, name: str, args: tuple, message: str) -> None:
    refuses(message, getattr(ops, name), *args)


WHEN = "when training is False"
IN_PLACE = "is changed in place and must be an array of floats, got"


@pytest.mark.parametrize(
    ("args", "options", "message"),
    [
        pytest.param((X, TWO, ONES), {}, "Expected running_mean of shape (3,), got (2,)", id="mean"),
        pytest.param((X, ONES, TWO), {}, "Expected running_var of shape (3,), got (2,)", id="variance"),
        pytest.param((X, ONES, ONES, TWO), {}, "Expected weight of shape (3,), got (2,)", id="weight"),
        pytest.param((X, ONES, ONES, ONES, TWO), {}, "Expected bias of shape (3,), got (2,)", id="bias"),
        pytest.param((X, None, ONES), {}, f"Expected running_mean {WHEN}, got None", id="no mean"),
        pytest.param((X, ONES, None), {}, f"Expected running_var {WHEN}, got None", id="no variance"),
        pytest.param(
            (X, [0, 0, 0], ONES),
            {"training": True},
            f"running_mean {IN_PLACE} [0, 0, 0]",
            id="list in training",
        ),
        pytest.param(
            (X, ONES, np.array([1, 1, 1])),
            {"training": True},
            f"running_var {IN_PLACE} array([1, 1, 1])",
            id="integers in training",
        ),
    ],
)
def test_batch_norm_refuses(ops: ModuleType, args: tuple, options: dict, message: str) -> None:
    refuses(message, ops.batch_norm, *args, **options)
    assert ONES.tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((np.ones((1, 3)), np.ones(3)), "Expected 2D weight (out_features, in_features), got (3,)"),
        ((np.ones((1, 3)), np.ones((2, 3)), np.ones(3)), "Expected bias of shape (2,), got (3,)"),
    ],
    ids=["weight without an axis", "bias of another length"],
)
def test_linear_refuses(ops: ModuleType, args: tuple, message: str) -> None:
    refuses(message, ops.linear, *args)
