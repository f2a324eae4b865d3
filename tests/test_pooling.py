"""max_pool2d and avg_pool2d against values worked out by hand and against each other."""

from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyspatial.shapes import output_size

quick = settings(max_examples=25, deadline=None, derandomize=True)
both = pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])

# All negative, so that a border or a start of zero would show; 3×5, so that windows leave a rest.
IMAGE = [[[[-9, -2, -7, -4, -5], [-6, -3, -8, -1, -10], [-11, -12, -15, -14, -13]]]]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        pytest.param((2,), [[-2, -1]], id="side by side, the rest is dropped"),
        pytest.param((2, 1), [[-2, -2, -1, -1], [-3, -3, -1, -1]], id="windows that overlap"),
        pytest.param(((1, 2), (2, 3)), [[-2, -4], [-11, -13]], id="kernel and stride by side"),
        pytest.param(((3, 2), None), [[-2, -1]], id="stride None is the kernel"),
        pytest.param((2, 2, 1), [[-9, -2, -4], [-6, -3, -1]], id="the border never wins"),
        pytest.param(((2, 3), (1, 2), (1, 0)), [[-2, -4], [-2, -1], [-3, -1], [-11, -13]], id="border above"),
    ],
)
def test_max_by_hand(ops: ModuleType, window: tuple, expected: list) -> None:
    assert ops.max_pool2d(IMAGE, *window).tolist() == [[expected]]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        pytest.param((2,), [[-5, -5]], id="side by side, the rest is dropped"),
        pytest.param(((1, 2), (2, 3)), [[-5.5, -4.5], [-11.5, -13.5]], id="kernel and stride by side"),
        pytest.param(((3, 1), (1, 4)), [[-26 / 3, -28 / 3]], id="a column at a time"),
        pytest.param((2, 2, 1), [[-2.25, -2.25, -2.25], [-4.25, -9.5, -9.5]], id="zeros of the border count"),
        pytest.param((2, 2, 1, False), [[-9, -4.5, -4.5], [-8.5, -9.5, -9.5]], id="or do not count"),
    ],
)
def test_average_by_hand(ops: ModuleType, window: tuple, expected: list) -> None:
    np.testing.assert_allclose(ops.avg_pool2d(IMAGE, *window), [[expected]], atol=1e-12)


@pytest.mark.parametrize(("counted", "corner"), [(True, 4 / 9), (False, 1)], ids=["with zeros", "without"])
def test_average_of_ones_at_the_corner(ops: ModuleType, counted: bool, corner: float) -> None:
    assert ops.avg_pool2d(np.ones((1, 1, 3, 3)), 3, 1, 1, count_include_pad=counted)[0, 0, 0, 0] == corner


@both
def test_channels_and_images_do_not_mix(ops: ModuleType, name: str) -> None:
    x = np.arange(6.0).reshape(3, 2, 1, 1) * np.ones((1, 1, 2, 4))  # every channel is constant
    assert getattr(ops, name)(x, 2)[:, :, 0, 1].tolist() == [[0, 1], [2, 3], [4, 5]]


@pytest.mark.parametrize("place", [0, 1, 3], ids=["first", "in between", "last"])
@both
def test_nan_anywhere_in_the_window_is_the_result_and_stays_in_its_window(
    ops: ModuleType, name: str, place: int
) -> None:
    x = np.array([3.0, 2.0, 8.0, 1.0, 4.0, 4.0, 4.0, 4.0]).reshape(1, 1, 2, 4).copy()
    x[0, 0, place // 2, place % 2] = np.nan
    out = getattr(ops, name)(x, 2)
    assert np.isnan(out[0, 0, 0, 0])
    assert not np.isnan(out[0, 0, 0, 1])


def test_a_window_of_minus_infinity_stays_so(ops: ModuleType) -> None:
    assert ops.max_pool2d(np.full((1, 1, 2, 2), -np.inf), 2).item() == -np.inf


@both
def test_integers_are_pooled_as_floats(ops: ModuleType, name: str) -> None:
    out = getattr(ops, name)(np.full((1, 1, 3, 3), 250, np.uint8), 3, 1, 1)
    assert (out.dtype, out[0, 0, 1, 1]) == (np.float64, 250.0)


@both
def test_an_empty_batch_gives_an_empty_result(ops: ModuleType, name: str) -> None:
    assert getattr(ops, name)(np.zeros((0, 2, 5, 7)), (2, 3)).shape == (0, 2, 2, 2)


@both
def test_arguments_are_not_changed(ops: ModuleType, name: str) -> None:
    x = np.ones((1, 2, 4, 5))
    getattr(ops, name)(x, 3, 2, 1)
    assert (x == 1).all()


@quick
@given(st.integers(0, 999), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
def test_the_largest_value_is_never_below_the_mean(
    ops: ModuleType, seed: int, i: int, j: int, stride: int
) -> None:
    x = np.random.default_rng(seed).normal(size=(1, 2, 4, 5))
    assert (ops.max_pool2d(x, (i, j), stride) >= ops.avg_pool2d(x, (i, j), stride) - 1e-12).all()


@quick
@given(st.integers(1, 6), st.integers(1, 4), st.integers(1, 3), st.integers(0, 2))
def test_the_result_has_the_size_of_output_size(
    ops: ModuleType, size: int, kernel: int, stride: int, pad: int
) -> None:
    size, pad = max(size, kernel), min(pad, kernel // 2)
    expected = (1, 1, output_size(size, kernel, stride, pad), output_size(size + 1, kernel, stride, pad))
    x = np.ones((1, 1, size, size + 1))
    assert (
        ops.max_pool2d(x, kernel, stride, pad).shape
        == ops.avg_pool2d(x, kernel, stride, pad).shape
        == expected
    )
