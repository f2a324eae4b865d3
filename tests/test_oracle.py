"""Agreement with PyTorch 2.13, whose conventions the library follows, over many arguments.

Skipped where torch is not installed (`pip install '.[oracle]'`). Everything is compared in float64.
"""

from collections.abc import Callable
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tinyspatial import layers
from tinyspatial.model import SimpleCNN

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

RNG = np.random.default_rng(13)
X = RNG.normal(size=(2, 3, 6, 7))


def tensor(array: Any) -> Any:
    return torch.from_numpy(np.array(array, dtype=float))


def agrees(ours: np.ndarray, theirs: Any) -> None:
    assert ours.shape == tuple(theirs.shape)
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("bias", [None, RNG.normal(size=2)], ids=["no bias", "bias"])
@pytest.mark.parametrize("padding", [0, 1, (2, 0), (0, 3)], ids=str)
@pytest.mark.parametrize("stride", [1, 2, (3, 1), (1, 9)], ids=str)
@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (2, 3), (6, 1), (4, 7)], ids=str)
def test_conv2d(ops: ModuleType, kernel: tuple, stride: Any, padding: Any, bias: np.ndarray | None) -> None:
    weight = RNG.normal(size=(2, 3, *kernel))
    theirs = F.conv2d(
        tensor(X), tensor(weight), None if bias is None else tensor(bias), stride=stride, padding=padding
    )
    agrees(ops.conv2d(X, weight, bias, stride, padding), theirs)


WINDOWS = [
    (kernel, stride, padding)
    for kernel, stride, padding in product(
        [2, 3, (3, 2), (1, 4)], [None, 1, 2, (3, 1)], [0, 1, (1, 0), (0, 2)]
    )
    if np.all(2 * np.multiply(padding, (1, 1)) <= np.multiply(kernel, (1, 1)))
]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_max_pool2d(ops: ModuleType, window: tuple) -> None:
    agrees(ops.max_pool2d(X - 9, *window), F.max_pool2d(tensor(X - 9), *window))


@pytest.mark.parametrize("counted", [True, False], ids=["zeros count", "zeros do not count"])
@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_avg_pool2d(ops: ModuleType, window: tuple, counted: bool) -> None:
    theirs = F.avg_pool2d(tensor(X), *window, count_include_pad=counted)
    agrees(ops.avg_pool2d(X, *window, counted), theirs)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=str)
@pytest.mark.parametrize("place", [(0, 0), (1, 1), (2, 3), (5, 6)], ids=str)
@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d", "relu"])
def test_what_is_not_a_number_spreads_alike(ops: ModuleType, name: str, place: tuple, value: float) -> None:
    x, args = X.copy(), [] if name == "relu" else [3, 2, 1]
    x[0, 1][place] = value
    agrees(getattr(ops, name)(x, *args), getattr(F, name)(tensor(x), *args))


@pytest.mark.parametrize("affine", [False, True], ids=["plain", "gamma and beta"])
@pytest.mark.parametrize("options", [{}, {"momentum": 0.7, "eps": 0.1}], ids=["defaults", "momentum and eps"])
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("shape", [(2, 3, 6, 7), (1, 3, 2, 1), (4, 3, 1, 1), (0, 3, 2, 2)], ids=str)
def test_batch_norm(ops: ModuleType, shape: tuple, training: bool, options: dict, affine: bool) -> None:
    x, mean, var = RNG.normal(size=shape), RNG.normal(size=3), RNG.uniform(1, 2, size=3)
    weight, bias = (RNG.normal(size=3), RNG.normal(size=3)) if affine else (None, None)
    their_mean, their_var = tensor(mean), tensor(var)
    affine_tensors = [None, None] if weight is None else [tensor(weight), tensor(bias)]
    theirs = F.batch_norm(tensor(x), their_mean, their_var, *affine_tensors, training=training, **options)
    agrees(ops.batch_norm(x, mean, var, weight, bias, training, **options), theirs)
    agrees(mean, their_mean)
    agrees(var, their_var)


def test_batch_norm_without_running_statistics(ops: ModuleType) -> None:
    agrees(ops.batch_norm(X, None, None, training=True), F.batch_norm(tensor(X), None, None, training=True))


def test_linear_and_relu(ops: ModuleType) -> None:
    x, weight, bias = RNG.normal(size=(2, 5)), RNG.normal(size=(4, 5)), RNG.normal(size=4)
    agrees(ops.linear(x, weight), F.linear(tensor(x), tensor(weight)))
    agrees(ops.linear(x, weight, bias), F.linear(tensor(x), tensor(weight), tensor(bias)))
    agrees(ops.relu(X), F.relu(tensor(X)))


PAIRS = [
    ("Conv2d", (3, 4, (2, 3)), {"stride": (2, 1), "padding": 1}),
    ("Conv2d", (3, 4, 3), {"bias": False}),
    ("MaxPool2d", (2,), {}),
    ("MaxPool2d", (3, 2, 1), {}),
    ("AvgPool2d", (2,), {}),
    ("AvgPool2d", ((3, 2),), {"padding": 1, "count_include_pad": False}),
    ("BatchNorm2d", (3,), {}),
    ("BatchNorm2d", (3, 0.1, 0.5), {}),
    ("ReLU", (), {}),
    ("Flatten", (), {}),
]


@pytest.mark.parametrize(("name", "args", "options"), PAIRS, ids=str)
def test_layers_take_the_same_arguments_and_give_the_same(name: str, args: tuple, options: dict) -> None:
    ours, theirs = getattr(layers, name)(*args, **options), getattr(nn, name)(*args, **options).double()
    with torch.no_grad():
        for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            other.copy_(tensor(mine))
    agrees(ours(X), theirs(tensor(X)))
    agrees(ours.eval()(X), theirs.eval()(tensor(X)))


def test_linear_layer() -> None:
    ours, theirs = layers.Linear(7, 4), nn.Linear(7, 4).double()
    theirs.load_state_dict({"weight": tensor(ours.weight), "bias": tensor(ours.bias + 3)})
    ours.bias += 3
    agrees(ours(X[0, 0]), theirs(tensor(X[0, 0])))


def test_global_average_pooling_is_adaptive_pooling_to_one() -> None:
    agrees(layers.GlobalAvgPool2d()(X), nn.AdaptiveAvgPool2d(1)(tensor(X)))


def test_batch_norm_layer_learns_the_same_statistics_over_several_batches() -> None:
    ours, theirs = layers.BatchNorm2d(3), nn.BatchNorm2d(3).double()
    for batch in RNG.normal(5, 2, size=(3, 2, 3, 4, 5)):
        ours(batch)
        theirs(tensor(batch))
    agrees(ours.running_mean, theirs.running_mean)
    agrees(ours.running_var, theirs.running_var)
    assert ours.num_batches_tracked == theirs.num_batches_tracked.item()


def test_simple_cnn_is_the_same_network_in_torch() -> None:
    ours = SimpleCNN(in_channels=2, channels=(3, 4), hidden=6, num_classes=5, image_size=8)
    theirs = nn.Sequential(
        *(nn.Conv2d(2, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(16, 6), nn.ReLU(), nn.Linear(6, 5)),
    ).double()
    with torch.no_grad():
        for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            other.copy_(tensor(mine))
    x = RNG.normal(size=(2, 2, 8, 8))
    agrees(ours(x), theirs(tensor(x)))


BAD: list[tuple[str, list, dict]] = [
    ("conv2d", [np.ones((1, 4, 4, 4)), np.ones((2, 3, 2, 2))], {}),
    ("conv2d", [np.ones((1, 3, 4, 4)), np.ones((2, 3, 5, 5))], {}),
    ("conv2d", [np.ones((1, 3, 4, 4)), np.ones((2, 3, 2, 2)), np.ones(3)], {}),
    ("conv2d", [np.ones((1, 3, 4, 4)), np.ones((2, 3, 2, 2))], {"stride": 0}),
    ("conv2d", [np.ones((1, 3, 4, 4)), np.ones((2, 3, 2, 2))], {"padding": -1}),
    ("conv2d", [np.ones((1, 3, 4, 4)), np.ones((2, 3, 2, 2))], {"stride": 1.5}),
    ("max_pool2d", [np.ones((1, 3, 4, 4)), 5], {}),
    ("max_pool2d", [np.ones((1, 3, 4, 4)), 2], {"padding": 2}),
    ("avg_pool2d", [np.ones((1, 3, 4, 4)), 3], {"padding": 2}),
    ("batch_norm", [np.ones((1, 3, 1, 1)), None, None], {"training": True}),
    ("batch_norm", [np.ones((2, 3, 2, 2)), None, None], {}),
    ("batch_norm", [np.ones((2, 3, 2, 2)), np.ones(2), np.ones(2)], {}),
    ("linear", [np.ones((2, 3)), np.ones((4, 5))], {}),
]


@pytest.mark.parametrize(
    ("name", "args", "options"), BAD, ids=lambda value: value if type(value) is str else ""
)
def test_what_torch_refuses_is_refused(ops: ModuleType, name: str, args: list, options: dict) -> None:
    tensors = [tensor(arg) if isinstance(arg, np.ndarray) else arg for arg in args]
    theirs: Callable = getattr(F, name)
    with pytest.raises((RuntimeError, ValueError, TypeError)):
        theirs(*tensors, **options)
    with pytest.raises(ValueError, match=r"Expected|must be|is larger"):
        getattr(ops, name)(*args, **options)
