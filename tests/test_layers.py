"""Layers: what they keep, that the loops do their work, and the mode."""

from copy import copy
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tinyspatial import loops
from tinyspatial.base import Layer
from tinyspatial.gradcheck import numerical_gradient
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

X = np.random.default_rng(5).normal(size=(2, 3, 5, 6))
CONV = Conv2d(3, 4, (2, 3), stride=(2, 1), padding=(0, 1), rng=np.random.default_rng(6))
LINEAR = Linear(6, 4, rng=np.random.default_rng(7))
CONV.bias += [1, 2, 3, 4]
LINEAR.bias += [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("layer", "x", "expected"),
    [
        (CONV, X, loops.conv2d(X, CONV.weight, CONV.bias, (2, 1), (0, 1))),
        (Conv2d(3, 2, 2, bias=False), X, loops.conv2d(X, Conv2d(3, 2, 2).weight)),
        (MaxPool2d(3, 2, 1), X, loops.max_pool2d(X, 3, 2, 1)),
        (MaxPool2d((2, 3)), X, loops.max_pool2d(X, (2, 3))),
        (AvgPool2d(3, 2, 1), X, loops.avg_pool2d(X, 3, 2, 1)),
        (AvgPool2d(3, 2, 1, count_include_pad=False), X, loops.avg_pool2d(X, 3, 2, 1, False)),
        (GlobalAvgPool2d(), X, X.mean(axis=(2, 3), keepdims=True)),
        (ReLU(), X, loops.relu(X)),
        (Flatten(), X, X.reshape(2, 90)),
        (LINEAR, X[0, 0], loops.linear(X[0, 0], LINEAR.weight, LINEAR.bias)),
    ],
    ids=lambda value: repr(value) if isinstance(value, Layer) else "",
)
def test_a_layer_gives_what_the_loops_give(layer: Layer, x: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_allclose(layer(x), expected, atol=1e-14)


def test_flatten_runs_the_last_axis_fastest() -> None:
    assert Flatten()([[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]).tolist() == [[1, 2, 3, 4, 5, 6, 7, 8]]


@pytest.mark.parametrize("x", [5.0, [1.0, 2.0]], ids=["a number", "a row"])
def test_flatten_needs_a_batch_and_something_behind_it(x: Any) -> None:
    with pytest.raises(ValueError, match=r"^Expected input \(batch, ...\) of at least 2 axes, got \("):
        Flatten()(x)


def test_arguments_are_kept_as_pairs() -> None:
    conv, pool = Conv2d(3, 8, 3, 2, 1), MaxPool2d(2)
    assert (conv.in_channels, conv.out_channels) == (3, 8)
    assert (conv.kernel_size, conv.stride, conv.padding) == ((3, 3), (2, 2), (1, 1))
    assert (pool.kernel_size, pool.stride, pool.padding) == ((2, 2), (2, 2), (0, 0))


@pytest.mark.parametrize(
    ("layer", "shapes"),
    [
        (Conv2d(3, 8, (2, 5)), [(8, 3, 2, 5), (8,)]),
        (Conv2d(3, 8, 2, bias=False), [(8, 3, 2, 2)]),
        (Linear(5, 4), [(4, 5), (4,)]),
        (Linear(5, 4, bias=False), [(4, 5)]),
        (BatchNorm2d(6), [(6,), (6,)]),
        (MaxPool2d(2), []),
        (Flatten(), []),
    ],
    ids=str,
)
def test_parameters_are_the_arrays_themselves(layer: Layer, shapes: list) -> None:
    own = [array for array in (layer.weight, layer.bias) if array is not None]
    assert [array.shape for array in layer.parameters()] == shapes
    assert all(mine is given for mine, given in zip(own, layer.parameters(), strict=True))


@pytest.mark.parametrize(
    ("layer", "fan_in"), [(Conv2d(4, 200, (3, 5)), 60), (Linear(60, 200), 60)], ids=["Conv2d", "Linear"]
)
def test_weights_start_he_normal_and_biases_at_zero(layer: Layer, fan_in: int) -> None:
    assert abs(layer.weight.std() / np.sqrt(2 / fan_in) - 1) < 0.02  # 12,000 draws: 0.0065 is one deviation
    assert abs(layer.weight.mean()) < 0.01
    assert layer.bias.tolist() == [0] * 200


@pytest.mark.parametrize("make", [lambda **rng: Conv2d(3, 8, 3, **rng), lambda **rng: Linear(3, 8, **rng)])
def test_weights_are_the_same_each_time_unless_a_generator_says_otherwise(make: Any) -> None:
    rng = np.random.default_rng(0)
    first, second = make(rng=rng), make(rng=rng)
    np.testing.assert_array_equal(make().weight, first.weight)
    assert (first.weight != second.weight).all()


def test_the_module_given_as_ops_does_the_work() -> None:
    def double(x: np.ndarray) -> np.ndarray:
        return 2 * x

    assert ReLU(ops=SimpleNamespace(relu=double))(np.array([-3])).tolist() == [-6]


def test_batch_norm_has_the_state_of_torch() -> None:
    norm = BatchNorm2d(2)
    assert (norm.eps, norm.momentum, norm.training, norm.num_batches_tracked) == (1e-5, 0.1, True, 0)
    assert (norm.weight.tolist(), norm.bias.tolist()) == ([1, 1], [0, 0])
    assert (norm.running_mean.tolist(), norm.running_var.tolist()) == ([0, 0], [1, 1])


def test_batch_norm_in_training_uses_the_batch_and_keeps_count() -> None:
    norm, x = BatchNorm2d(3, eps=0.1, momentum=0.5), X.copy()
    norm.weight[:], norm.bias[:] = [1, 2, 3], [4, 5, 6]
    mean, var = np.zeros(3), np.ones(3)
    expected = loops.batch_norm(X, mean, var, [1, 2, 3], [4, 5, 6], True, 0.5, 0.1)
    np.testing.assert_array_equal(norm(x), expected)
    np.testing.assert_array_equal([norm.running_mean, norm.running_var], [mean, var])
    assert norm.num_batches_tracked == 1
    assert (x == X).all()


def test_batch_norm_in_evaluation_uses_what_it_has_seen_and_learns_nothing() -> None:
    norm = BatchNorm2d(3).eval()
    np.testing.assert_allclose(norm(X), X / np.sqrt(1 + 1e-5))
    assert (norm.running_mean.tolist(), norm.num_batches_tracked) == ([0, 0, 0], 0)


def test_train_and_eval_give_the_layer_back() -> None:
    norm = BatchNorm2d(3)
    assert norm.eval() is norm
    assert not norm.training
    assert norm.train() is norm
    assert norm.training
    assert not norm.train(False).training


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Conv2d(3, 8, 3, dilation=2), "Conv2d does not support dilation here, got dilation=2"),
        (lambda: Conv2d(4, 8, 3, groups=4), "Conv2d does not support groups here, got groups=4"),
        (lambda: Conv2d(3, 8, 3, padding_mode="reflect"), "Conv2d does not support padding_mode here"),
        (lambda: MaxPool2d(2, ceil_mode=True), "MaxPool2d does not support ceil_mode here, got "),
        (lambda: BatchNorm2d(3, affine=False), "BatchNorm2d does not support affine here, got affine=False"),
        (lambda: Conv2d(0, 8, 3), "in_channels must be an integer of at least 1, got 0"),
        (lambda: Conv2d(3, 8.0, 3), "out_channels must be an integer of at least 1, got 8.0"),
        (lambda: Conv2d(3, 8, 0), "kernel_size must be an integer of at least 1 or a pair"),
        (lambda: Conv2d(3, 8, 3, stride=0), "stride must be an integer of at least 1 or a pair"),
        (lambda: Conv2d(3, 8, 3, padding=-1), "padding must be an integer of at least 0 or a pair"),
        (lambda: MaxPool2d(2, stride=0), "stride must be an integer of at least 1 or a pair"),
        (lambda: AvgPool2d(2, padding=2), "padding must be at most half of kernel_size"),
        (lambda: BatchNorm2d(0), "num_features must be an integer of at least 1, got 0"),
        (lambda: Linear(0, 2), "in_features must be an integer of at least 1, got 0"),
        (lambda: Linear(2, 0), "out_features must be an integer of at least 1, got 0"),
    ],
)
def test_a_layer_that_cannot_work_is_not_made(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        make()


EVERY = [
    (Conv2d(3, 4, (2, 3), (2, 1), (0, 1)), X),
    (Conv2d(3, 2, 2, bias=False), X),
    (MaxPool2d(3, 2, 1), X),
    (AvgPool2d(3, 2, 1, count_include_pad=False), X),
    (GlobalAvgPool2d(), X),
    (BatchNorm2d(3), X),
    (BatchNorm2d(3).eval(), X),
    (ReLU(), X),
    (Flatten(), X),
    (Linear(6, 4), X[0, 0]),
    (Linear(6, 4, bias=False), X[0, 0]),
]
every = pytest.mark.parametrize(("layer", "x"), EVERY, ids=[repr(layer) for layer, _ in EVERY])


@every
def test_every_layer_gives_the_gradients_of_its_input_and_its_parameters(
    ops: ModuleType, layer: Layer, x: np.ndarray
) -> None:
    layer.ops = ops  # type: ignore[attr-defined]
    grad = np.random.default_rng(9).normal(size=layer(x).shape)
    expected = numerical_gradient(layer.forward, (x,), grad=grad)
    np.testing.assert_allclose(layer.backward(grad), expected, atol=1e-7)
    for parameter, found in zip(layer.parameters(), layer.gradients(), strict=True):
        for place in np.ndindex(parameter.shape):
            before, parameter[place] = parameter[place], parameter[place] + 1e-6
            above = np.sum(grad * layer.forward(x))
            parameter[place] = before - 1e-6
            below = np.sum(grad * layer.forward(x))
            parameter[place] = before
            assert found[place] == pytest.approx((above - below) / 2e-6, abs=1e-6)


def test_gradients_come_in_the_order_of_the_parameters_and_replace_the_old_ones() -> None:
    layer = Linear(2, 1)
    assert layer.gradients() == [None, None]
    for x in ([[5.0, 6.0]], [[7.0, 8.0]]):
        layer(x)
        layer.backward([[2.0]])
    assert [grad.tolist() for grad in layer.gradients()] == [[[14, 16]], [2]]
    assert layer.gradients() == [layer.weight_grad, layer.bias_grad]


@every
def test_there_is_no_way_back_before_a_call(layer: Layer, x: np.ndarray) -> None:
    untouched = copy(layer)
    untouched.received = None
    message = f"^{type(layer).__name__} must be called before there is a way back through it$"
    with pytest.raises(ValueError, match=message):
        untouched.backward(np.ones((2, 2)))


@every
def test_a_gradient_that_is_not_of_the_outputs_shape_is_refused(layer: Layer, x: np.ndarray) -> None:
    layer(x)
    with pytest.raises(ValueError, match=r"^Expected grad of the result's shape \("):
        layer.backward(np.ones(7))


def test_a_misspelt_option_is_pythons_own_error() -> None:
    with pytest.raises(TypeError, match="strides"):
        Conv2d(3, 8, 3, strides=2)


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (Conv2d(3, 64, 3), "Conv2d(3, 64, kernel_size=(3, 3), stride=(1, 1))"),
        (
            Conv2d(3, 8, 3, padding=(0, 1), bias=False),
            "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=(0, 1), bias=False)",
        ),
        (AvgPool2d(3, 2, 1), "AvgPool2d(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))"),
        (GlobalAvgPool2d(), "GlobalAvgPool2d()"),
        (BatchNorm2d(16), "BatchNorm2d(16, eps=1e-05, momentum=0.1)"),
        (Linear(2048, 10), "Linear(in_features=2048, out_features=10, bias=True)"),
        (ReLU(), "ReLU()"),
    ],
    ids=lambda value: "" if isinstance(value, str) else type(value).__name__,
)
def test_repr_reads_like_torch(layer: Layer, text: str) -> None:
    assert repr(layer) == text
