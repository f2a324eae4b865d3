"""Models: order, mode and parameters of what they are made of, and the three forms of SimpleCNN."""

from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from tinyspatial import loops
from tinyspatial.gradcheck import numerical_gradient
from tinyspatial.layers import BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, ReLU
from tinyspatial.model import Sequential, SimpleCNN

SMALL = {"in_channels": 2, "channels": (3, 4), "num_classes": 5, "image_size": 8}


def test_sequential_computes_in_order() -> None:
    model = Sequential(Linear(2, 2), ReLU())
    model[0].weight[:] = [[1, 0], [0, -1]]
    assert model([[3, 4]]).tolist() == [[3, 0]]
    assert Sequential(ReLU(), model[0])([[3, 4]]).tolist() == [[3, -4]]


def test_sequential_is_a_sequence() -> None:
    model = Sequential(ReLU(), Flatten(), MaxPool2d(2))
    assert [type(layer).__name__ for layer in model] == ["ReLU", "Flatten", "MaxPool2d"]
    assert (len(model), type(model[-1]), type(model[:2]), len(model[:2])) == (3, MaxPool2d, Sequential, 2)


def test_a_sequential_of_nothing_gives_what_it_is_given() -> None:
    assert (Sequential()([1, 2]), Sequential().parameters()) == ([1, 2], [])


def test_parameters_come_in_the_order_of_the_layers() -> None:
    model = Sequential(Conv2d(1, 2, 3), Sequential(BatchNorm2d(2), ReLU()), Linear(8, 3, bias=False))
    assert [array.shape for array in model.parameters()] == [(2, 1, 3, 3), (2,), (2,), (2,), (3, 8)]
    assert model.parameters()[0] is model[0].weight


def test_the_mode_reaches_every_layer() -> None:
    model = Sequential(Conv2d(1, 2, 3), Sequential(BatchNorm2d(2), ReLU()))
    assert model.eval() is model
    assert not any(part.training for part in (model, model[0], model[1], model[1][0]))
    assert all(part.training for part in (model.train(), model[0], model[1], model[1][0]))


def test_the_mode_reaches_every_layer_of_simple_cnn() -> None:
    model = SimpleCNN(**SMALL).eval()
    assert not any(part.training for part in (model, model.features, model.features[0], model.classifier[0]))


@pytest.mark.parametrize(
    ("options", "shapes"),
    [
        pytest.param({}, [(16, 3, 3, 3), (16,), (32, 16, 3, 3), (32,), (10, 2048), (10,)], id="25,578"),
        pytest.param(
            {"channels": (32, 64)},
            [(32, 3, 3, 3), (32,), (64, 32, 3, 3), (64,), (10, 4096), (10,)],
            id="60,362",
        ),
        pytest.param(
            {"channels": (32, 64), "hidden": 128},
            [(32, 3, 3, 3), (32,), (64, 32, 3, 3), (64,), (128, 4096), (128,), (10, 128), (10,)],
            id="545,098",
        ),
        pytest.param(
            {"in_channels": 1, "channels": (2,), "num_classes": 4, "image_size": 9},
            [(2, 1, 3, 3), (2,), (4, 32), (4,)],
            id="one block, odd size",
        ),
    ],
)
def test_simple_cnn_has_the_parameters_that_its_form_asks_for(options: dict, shapes: list) -> None:
    assert [array.shape for array in SimpleCNN(**options).parameters()] == shapes


def test_simple_cnn_is_what_its_layers_compute_one_after_the_other() -> None:
    model, x = SimpleCNN(**SMALL, hidden=6), np.random.default_rng(0).normal(size=(2, 2, 8, 8))
    w1, b1, w2, b2, w3, b3, w4, b4 = model.parameters()
    for bias in (b1, b2, b3, b4):
        bias += 0.1
    maps = loops.max_pool2d(loops.relu(loops.conv2d(x, w1, b1, padding=1)), 2)
    maps = loops.max_pool2d(loops.relu(loops.conv2d(maps, w2, b2, padding=1)), 2)
    logits = loops.linear(loops.relu(loops.linear(maps.reshape(2, 16), w3, b3)), w4, b4)
    np.testing.assert_allclose(model(x), logits, atol=1e-12)


def test_simple_cnn_gives_logits_that_are_no_probabilities() -> None:
    logits = SimpleCNN(**SMALL)(np.random.default_rng(0).normal(size=(3, 2, 8, 8)))
    assert logits.shape == (3, 5)
    assert (logits < 0).any()


def test_simple_cnn_is_the_same_each_time_and_its_layers_differ() -> None:
    first, second = SimpleCNN(**SMALL), SimpleCNN(**SMALL)
    other = SimpleCNN(**SMALL, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(first.features[3].weight, second.features[3].weight)
    assert (first.features[3].weight != other.features[3].weight).all()
    ratio = first.features[0].weight.ravel()[:50] / first.features[3].weight.ravel()[:50]
    assert np.std(ratio) > 0.01  # not the same numbers on another scale


@pytest.mark.parametrize("hidden", [None, 6], ids=["no hidden layer", "hidden layer"])
def test_every_layer_of_simple_cnn_works_with_the_ops_it_is_given(hidden: int | None) -> None:
    used = []

    def spy(name: str) -> Callable:
        return lambda *args: used.append(name) or getattr(loops, name)(*args)

    ops = SimpleNamespace(**{name: spy(name) for name in ("conv2d", "relu", "max_pool2d", "linear")})
    SimpleCNN(**SMALL, hidden=hidden, ops=ops)(np.zeros((1, 2, 8, 8)))
    last = ["linear"] if hidden is None else ["linear", "relu", "linear"]
    assert used == ["conv2d", "relu", "max_pool2d"] * 2 + last


@pytest.mark.parametrize("hidden", [None, 6], ids=["no hidden layer", "hidden layer"])
def test_simple_cnn_goes_back_through_all_its_layers(ops: ModuleType, hidden: int | None) -> None:
    model, rng = SimpleCNN(**SMALL, hidden=hidden, ops=ops), np.random.default_rng(0)
    x, grad = rng.normal(size=(1, 2, 8, 8)), rng.normal(size=(1, 5))
    model(x)
    expected = numerical_gradient(model.forward, (x,), grad=grad)
    np.testing.assert_allclose(model.backward(grad), expected, atol=1e-7)
    shapes = [array.shape for array in model.parameters()]
    assert [found.shape for found in model.gradients()] == shapes


def test_a_sequential_of_nothing_gives_the_gradient_that_it_is_given() -> None:
    assert Sequential().backward([1, 2]) == [1, 2]


def test_gradients_come_in_the_order_of_the_layers() -> None:
    model = Sequential(Linear(2, 2), Sequential(ReLU(), Linear(2, 1, bias=False)))
    model[0].weight[:], model[1][1].weight[:] = [[1, 0], [0, -1]], [[10, 100]]
    model([[3.0, 4.0]])
    assert model.backward([[2.0]]).tolist() == [[20, 0]]
    assert [grad.tolist() for grad in model.gradients()] == [[[60, 80], [0, 0]], [20, 0], [[6, 0]]]


def test_repr_shows_what_is_inside() -> None:
    assert repr(Sequential(ReLU(), Sequential(Flatten()))) == (
        "Sequential(\n  (0): ReLU()\n  (1): Sequential(\n    (0): Flatten()\n  )\n)"
    )
    assert repr(SimpleCNN(**SMALL)).startswith(
        "SimpleCNN(\n  (features): Sequential(\n    (0): Conv2d(2, 3, "
    )
