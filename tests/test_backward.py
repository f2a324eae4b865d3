"""The way back through every function: by hand, against forward runs, and what is refused. Loops and fast."""

import inspect
import re
from copy import deepcopy
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyspatial import fast, im2col, loops
from tinyspatial.gradcheck import check_gradients

RNG = np.random.default_rng(3)
X = RNG.normal(size=(2, 3, 5, 6))
WEIGHT, BIAS = RNG.normal(size=(4, 3, 2, 3)), RNG.normal(size=4)
GAMMA, BETA, MEAN, VAR = RNG.normal(size=3), RNG.normal(size=3), RNG.normal(size=3), RNG.uniform(1, 2, 3)
FLAT, DENSE = RNG.normal(size=(3, 5)), RNG.normal(size=(4, 5))

CASES: list[tuple[str, tuple]] = [
    ("conv2d", (X, WEIGHT, BIAS, (2, 1), (0, 1))),
    ("conv2d", (X, WEIGHT, None, 3, 2)),
    ("conv2d", (X, WEIGHT[:, :, :, :1])),
    ("max_pool2d", (X, 2)),
    ("max_pool2d", (X, (3, 2), (1, 2), 1)),
    ("avg_pool2d", (X, (2, 3))),
    ("avg_pool2d", (X, 3, 2, 1)),
    ("avg_pool2d", (X, 3, 2, 1, False)),
    ("batch_norm", (X, MEAN, VAR, GAMMA, BETA, True)),
    ("batch_norm", (X, None, None, None, BETA, True, 0.5, 0.3)),
    ("batch_norm", (X, MEAN, VAR, GAMMA, BETA)),
    ("batch_norm", (X, MEAN, VAR, GAMMA, None, False, 0.1, 0.3)),
    ("linear", (FLAT, DENSE, BIAS)),
    ("linear", (FLAT, DENSE)),
    ("relu", (X,)),
    ("relu", (RNG.normal(size=7),)),
]
ids = [f"{name}-{number}" for number, (name, _) in enumerate(CASES)]
every = pytest.mark.parametrize(("name", "args"), CASES, ids=ids)


def backward(ops: ModuleType, name: str, grad: Any, *args: Any) -> tuple:
    found = getattr(ops, f"{name}_backward")(grad, *args)
    return found if isinstance(found, tuple) else (found,)


def like_the_result(name: str, args: tuple) -> np.ndarray:
    """A gradient to send back; batch_norm moves a copy of its statistics."""
    return np.random.default_rng(4).normal(size=getattr(fast, name)(*deepcopy(args)).shape)


@every
def test_gradients_are_those_of_the_forward_function(ops: ModuleType, name: str, args: tuple) -> None:
    grad = like_the_result(name, args)
    check_gradients(getattr(ops, name), getattr(ops, f"{name}_backward"), args, grad)


def test_the_gradient_of_the_loss_is_that_of_the_loss(ops: ModuleType) -> None:
    args = 3 * RNG.normal(size=(3, 5)), [4, 0, 2]
    check_gradients(ops.cross_entropy, ops.cross_entropy_backward, args, grad=-2.0)


@every
def test_both_give_the_same_gradients(name: str, args: tuple) -> None:
    grad = like_the_result(name, args)
    both = backward(loops, name, grad, *args), backward(fast, name, grad, *args)
    for slow, quick in zip(*both, strict=True):
        assert (slow is None) == (quick is None)
        if slow is not None:
            np.testing.assert_allclose(quick, slow, atol=1e-12)


@every
def test_gradients_have_the_shape_of_the_arguments_and_none_for_what_was_none(
    ops: ModuleType, name: str, args: tuple
) -> None:
    signature = inspect.signature(getattr(ops, name))
    given = signature.bind(*args).arguments
    found = backward(ops, name, like_the_result(name, args), *args)
    names = [key for key in signature.parameters if key in ("x", "weight", "bias")]
    for key, grad in zip(names, found, strict=True):
        assert np.shape(grad) == np.shape(given.get(key))
        assert (grad is None) == (given.get(key) is None)


@every
def test_nothing_that_is_given_is_changed(ops: ModuleType, name: str, args: tuple) -> None:
    grad = like_the_result(name, args)
    before = [np.copy(arg) for arg in args if isinstance(arg, np.ndarray)]
    backward(ops, name, grad, *args)
    after = [arg for arg in args if isinstance(arg, np.ndarray)]
    assert all((old == new).all() for old, new in zip(before, after, strict=True))
    assert (grad == like_the_result(name, args)).all()


def test_conv2d_by_hand(ops: ModuleType) -> None:
    """One filter at two places: out = [1·10 + 2·100, 2·10 + 3·100], and the gradients 1 and -4 come back."""
    grad_x, grad_weight, grad_bias = ops.conv2d_backward([[[[1, -4]]]], [[[[1, 2, 3]]]], [[[[10, 100]]]], [0])
    assert grad_x.tolist() == [[[[10, 100 - 40, -400]]]]
    assert grad_weight.tolist() == [[[[1 - 8, 2 - 12]]]]
    assert grad_bias.tolist() == [-3]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param([[1, 2], [4, 3]], [[0, 0], [5, 0]], id="to the largest"),
        pytest.param([[7, 7], [7, 7]], [[5, 0], [0, 0]], id="of equal ones to the first"),
        pytest.param([[1, 7], [7, 2]], [[0, 5], [0, 0]], id="row by row"),
        pytest.param([[9, np.nan], [np.nan, 9]], [[0, 0], [5, 0]], id="to the last NaN"),
        pytest.param([[-np.inf] * 2] * 2, [[5, 0], [0, 0]], id="minus infinity is a pixel too"),
    ],
)
def test_max_pooling_sends_the_whole_gradient_to_one_pixel(
    ops: ModuleType, image: list, expected: list
) -> None:
    assert ops.max_pool2d_backward([[[[5]]]], [[image]], 2).tolist() == [[expected]]


def test_a_pixel_of_minus_infinity_comes_before_the_border(ops: ModuleType) -> None:
    x = np.full((1, 1, 2, 2), -np.inf)
    assert ops.max_pool2d_backward(np.ones((1, 1, 2, 2)), x, 2, 2, 1).tolist() == [[[[1, 1], [1, 1]]]]


def test_a_pixel_in_several_windows_gets_the_sum(ops: ModuleType) -> None:
    assert ops.max_pool2d_backward([[[[5, 7]]]], [[[[0, 3, 1]]]], (1, 2), 1).tolist() == [[[[0, 12, 0]]]]
    assert ops.avg_pool2d_backward([[[[5, 7]]]], [[[[0, 3, 1]]]], (1, 2), 1).tolist() == [[[[2.5, 6, 3.5]]]]


def test_the_average_divides_by_what_counted(ops: ModuleType) -> None:
    x, grad = np.ones((1, 1, 2, 2)), np.full((1, 1, 2, 2), 12)
    assert ops.avg_pool2d_backward(grad, x, 2, 2, 1).tolist() == [[[[3, 3], [3, 3]]]]
    assert ops.avg_pool2d_backward(grad, x, 2, 2, 1, False).tolist() == [[[[12, 12], [12, 12]]]]


def test_relu_lets_nothing_back_at_zero_and_below(ops: ModuleType) -> None:
    assert ops.relu_backward([1, 2, 3, 4], [-1, 0, 5, np.nan]).tolist() == [0, 0, 3, 4]


def test_in_training_the_gradient_of_a_channel_adds_up_to_nothing(ops: ModuleType) -> None:
    """Brighter by a constant changes nothing, nor does higher contrast, so no gradient points there."""
    grad = np.random.default_rng(5).normal(size=X.shape)
    grad_x, *_ = ops.batch_norm_backward(grad, X, None, None, GAMMA, BETA, True, eps=0.0)
    np.testing.assert_allclose(grad_x.sum(axis=(0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose((grad_x * X).sum(axis=(0, 2, 3)), 0, atol=1e-12)


def test_running_statistics_do_not_move_on_the_way_back(ops: ModuleType) -> None:
    mean, var = MEAN.copy(), VAR.copy()
    ops.batch_norm_backward(X, X, mean, var, training=True)
    assert (mean.tolist(), var.tolist()) == (MEAN.tolist(), VAR.tolist())


def test_cross_entropy_by_hand(ops: ModuleType) -> None:
    logits = np.log([[1, 2, 5], [6, 1, 1]])  # softmax: eighths
    assert ops.cross_entropy(logits, [2, 0]) == pytest.approx(-np.log([5 / 8, 6 / 8]).mean())
    grad = ops.cross_entropy_backward(1, logits, [2, 0])
    np.testing.assert_allclose(16 * grad, [[1, 2, -3], [-2, 1, 1]], atol=1e-12)


def test_cross_entropy_of_huge_logits_does_not_overflow(ops: ModuleType) -> None:
    assert ops.cross_entropy([[1e4, 0.0]], [1]) == 1e4
    assert ops.cross_entropy_backward(1, [[1e4, 0.0]], [1]).tolist() == [[1, -1]]


def test_an_ignorant_network_has_the_loss_of_guessing(ops: ModuleType) -> None:
    assert ops.cross_entropy(np.zeros((4, 10)), [1, 2, 3, 4]) == pytest.approx(np.log(10))


def test_of_an_empty_batch_the_loss_is_nan_and_the_gradient_empty(ops: ModuleType) -> None:
    empty = np.zeros((0, 3))
    assert np.isnan(ops.cross_entropy(empty, []))
    assert ops.cross_entropy_backward(1, empty, []).shape == (0, 3)


@pytest.mark.parametrize(
    ("name", "grad", "args", "shape"),
    [
        ("conv2d", np.ones((2, 4, 4, 5)), (X, WEIGHT), "(2, 4, 4, 4), got (2, 4, 4, 5)"),
        ("max_pool2d", np.ones((2, 3, 2)), (X, 2), "(2, 3, 2, 3), got (2, 3, 2)"),
        ("avg_pool2d", 1.0, (X, 2), "(2, 3, 2, 3), got ()"),
        ("batch_norm", np.ones((2, 3, 5, 1)), (X, MEAN, VAR), "(2, 3, 5, 6), got (2, 3, 5, 1)"),
        ("linear", np.ones(4), (FLAT, DENSE), "(3, 4), got (4,)"),
        ("relu", np.ones(2), (np.ones(3),), "(3,), got (2,)"),
        ("cross_entropy", np.ones(3), (FLAT, [0, 1, 2]), "(), got (3,)"),
    ],
    ids=lambda value: value if isinstance(value, str) and "got" not in value else "",
)
def test_a_gradient_of_another_shape_is_refused(
    ops: ModuleType, name: str, grad: Any, args: tuple, shape: str
) -> None:
    message = f"Expected grad of the result's shape {shape}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        backward(ops, name, grad, *args)


@pytest.mark.parametrize(
    ("x", "target", "message"),
    [
        ([1, 2], [0], "Expected 2D input (batch, classes), got (2,)"),
        ([[1, 2]], [0, 1], "Expected target of 1 integers, got int64 (2,)"),
        ([[1, 2]], [0.0], "Expected target of 1 integers, got float64 (1,)"),
        ([[1, 2]], [2], "Expected target from 0 to 1, got 2"),
        ([[1, 2]], [-1], "Expected target from 0 to 1, got -1"),
    ],
    ids=["no batch axis", "too many", "floats", "class 2 of 2", "class -1"],
)
def test_cross_entropy_refuses(ops: ModuleType, x: list, target: list, message: str) -> None:
    for call in (lambda: ops.cross_entropy(x, target), lambda: ops.cross_entropy_backward(1, x, target)):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            call()


def test_both_have_the_same_functions_with_the_same_arguments() -> None:
    assert loops.__all__ == fast.__all__ == sorted(loops.__all__)
    for name in loops.__all__:
        slow, quick = (inspect.signature(getattr(ops, name)).parameters for ops in (loops, fast))
        assert [(a.name, a.default) for a in slow.values()] == [(a.name, a.default) for a in quick.values()]


def test_the_way_back_takes_the_gradient_and_then_what_the_way_there_took() -> None:
    for name in loops.__all__:
        if not name.endswith("_backward"):
            there = inspect.signature(getattr(loops, name)).parameters
            back = inspect.signature(getattr(loops, f"{name}_backward")).parameters
            assert list(back) == ["grad", *there]
            assert list(back.values())[1:] == list(there.values())


@pytest.mark.parametrize("block_bytes", [1, 2000, 4000], ids=["a row", "some rows", "an image or two"])
@pytest.mark.parametrize("stride", [1, (2, 1), (3, 2)], ids=str)
def test_results_do_not_depend_on_the_size_of_the_blocks(
    monkeypatch: pytest.MonkeyPatch, block_bytes: int, stride: Any
) -> None:
    x, args = RNG.normal(size=(5, 3, 5, 6)), (WEIGHT, BIAS, stride, 1)
    out = fast.conv2d(x, *args)
    grad = RNG.normal(size=out.shape)
    whole = out, *fast.conv2d_backward(grad, x, *args)
    monkeypatch.setattr(im2col, "BLOCK_BYTES", block_bytes)
    blocks = fast.conv2d(x, *args), *fast.conv2d_backward(grad, x, *args)
    for one, other in zip(whole, blocks, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    *(st.integers(0, 999), st.integers(1, 5), st.integers(1, 5)),
    *(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2)),
)
def test_convolution_and_its_way_back_are_transposes(
    ops: ModuleType, seed: int, h: int, w: int, i: int, j: int, stride: int, padding: int
) -> None:
    """⟨grad, conv(x)⟩ = ⟨back(grad), x⟩: true of every linear map and its transpose."""
    rng = np.random.default_rng(seed)
    x, weight = rng.normal(size=(1, 2, max(h, i), max(w, j))), rng.normal(size=(3, 2, i, j))
    out = ops.conv2d(x, weight, None, stride, padding)
    grad = rng.normal(size=out.shape)
    grad_x, grad_weight, _ = ops.conv2d_backward(grad, x, weight, None, stride, padding)
    assert np.sum(grad * out) == pytest.approx(np.sum(grad_x * x))
    assert np.sum(grad * out) == pytest.approx(np.sum(grad_weight * weight))
