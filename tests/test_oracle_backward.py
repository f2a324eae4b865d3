"""Gradients, training and files agree with PyTorch 2.13. Skipped where torch is not installed."""

from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tinyspatial.checkpoint import state
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
from tinyspatial.model import Sequential
from tinyspatial.training import SGD, train_step

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

RNG = np.random.default_rng(17)
X = RNG.normal(size=(2, 3, 6, 7))


def leaf(array: Any) -> Any:
    return None if array is None else torch.tensor(np.array(array, dtype=float), requires_grad=True)


def same_gradients(ops: ModuleType, name: str, arrays: tuple, *options: Any, **named: Any) -> None:
    """Ours and torch's for every array, from one random gradient of the result."""
    leaves = [leaf(array) for array in arrays]
    out = getattr(F, name)(*leaves, *options, **named)
    grad = RNG.normal(size=tuple(out.shape))
    out.backward(torch.from_numpy(grad))
    found = getattr(ops, f"{name}_backward")(grad, *arrays, *options, **named)
    compare(found if isinstance(found, tuple) else (found,), leaves)


def compare(found: tuple, leaves: list) -> None:
    for ours, theirs in zip(found, leaves, strict=True):
        assert (ours is None) == (theirs is None)
        if theirs is not None:
            np.testing.assert_allclose(ours, theirs.grad.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("bias", [None, RNG.normal(size=2)], ids=["no bias", "bias"])
@pytest.mark.parametrize("padding", [0, (2, 0)], ids=str)
@pytest.mark.parametrize("stride", [1, (3, 1), (1, 9)], ids=str)
@pytest.mark.parametrize("kernel", [(1, 1), (2, 3), (6, 1)], ids=str)
def test_conv2d(ops: ModuleType, kernel: tuple, stride: Any, padding: Any, bias: Any) -> None:
    same_gradients(ops, "conv2d", (X, RNG.normal(size=(2, 3, *kernel)), bias), stride, padding)


WINDOWS = [
    (kernel, stride, padding)
    for kernel, stride, padding in product([2, (3, 2), (1, 4)], [None, 1, (3, 1)], [0, 1, (0, 2)])
    if np.all(2 * np.multiply(padding, (1, 1)) <= np.multiply(kernel, (1, 1)))
]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_pooling(ops: ModuleType, window: tuple) -> None:
    same_gradients(ops, "max_pool2d", (np.round(X),), *window)  # whole numbers: many are equal
    same_gradients(ops, "avg_pool2d", (X,), *window)
    same_gradients(ops, "avg_pool2d", (X,), *window, count_include_pad=False)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=str)
@pytest.mark.parametrize("name", ["max_pool2d", "relu"])
def test_what_is_not_a_number_gets_its_gradient_alike(ops: ModuleType, name: str, value: float) -> None:
    x, options = X.copy(), () if name == "relu" else (3, 2, 1)
    x[0, 1, 1:3, 2:4] = x[1, 2, 0, 0] = x[1, 1] = value
    same_gradients(ops, name, (x,), *options)


@pytest.mark.parametrize("affine", [False, True], ids=["plain", "gamma and beta"])
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
def test_batch_norm(ops: ModuleType, training: bool, affine: bool) -> None:
    mean, var = RNG.normal(size=3), RNG.uniform(1, 2, size=3)
    weight, bias = (RNG.normal(size=3), RNG.normal(size=3)) if affine else (None, None)
    leaves = [leaf(array) for array in (X, weight, bias)]
    statistics, grad = (torch.tensor(mean), torch.tensor(var)), RNG.normal(size=X.shape)
    F.batch_norm(leaves[0], *statistics, *leaves[1:], training, eps=0.1).backward(torch.from_numpy(grad))
    compare(ops.batch_norm_backward(grad, X, mean, var, weight, bias, training, eps=0.1), leaves)


def test_linear_and_relu(ops: ModuleType) -> None:
    same_gradients(ops, "linear", (X[0, 0], RNG.normal(size=(4, 7)), RNG.normal(size=4)))
    same_gradients(ops, "linear", (X[0, 0], RNG.normal(size=(4, 7)), None))
    same_gradients(ops, "relu", (np.round(X),))


def test_cross_entropy(ops: ModuleType) -> None:
    logits, target = 5 * RNG.normal(size=(4, 6)), [5, 0, 2, 2]
    theirs = leaf(logits)
    loss = F.cross_entropy(theirs, torch.tensor(target))
    (-2 * loss).backward()
    assert ops.cross_entropy(logits, target) == pytest.approx(loss.item(), rel=1e-12)
    compare((ops.cross_entropy_backward(-2, logits, target),), [theirs])


@pytest.mark.parametrize(
    "options",
    [{"lr": 0.1}, {"lr": 0.1, "momentum": 0.9}, {"lr": 0.05, "momentum": 0.5, "weight_decay": 0.1}],
    ids=["plain", "momentum", "momentum and weight decay"],
)
def test_sgd_takes_the_same_steps(options: dict) -> None:
    weight, gradients = RNG.normal(size=(3, 2)), RNG.normal(size=(4, 3, 2))
    parameter = nn.Parameter(torch.tensor(weight))
    ours, theirs = SGD([weight], **options), torch.optim.SGD([parameter], **options)
    for gradient in gradients:
        ours.step([gradient])
        parameter.grad = torch.tensor(gradient)
        theirs.step()
        np.testing.assert_allclose(weight, parameter.detach().numpy(), rtol=1e-12)


def test_a_whole_network_learns_the_same(ops: ModuleType) -> None:
    """Every layer, three steps with momentum; and the arrays have the names that torch gives them."""
    rng = np.random.default_rng(1)
    ours = Sequential(
        *(Conv2d(3, 4, 3, 1, 1, ops=ops, rng=rng), BatchNorm2d(4, ops=ops), ReLU(ops=ops)),
        *(MaxPool2d(3, 2, 1, ops=ops), Conv2d(4, 5, 2, ops=ops, rng=rng), AvgPool2d(2, 1, ops=ops)),
        *(GlobalAvgPool2d(ops=ops), Flatten(), Linear(5, 6, ops=ops, rng=rng)),
    )
    theirs = nn.Sequential(
        *(nn.Conv2d(3, 4, 3, 1, 1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(3, 2, 1)),
        *(nn.Conv2d(4, 5, 2), nn.AvgPool2d(2, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 6)),
    ).double()
    theirs.load_state_dict({name: torch.tensor(array) for name, array in state(ours).items()})
    optimizer = SGD(ours.parameters(), lr=0.1, momentum=0.9)
    their_optimizer = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=0.9)
    for labels in ([0, 5], [3, 3], [1, 2]):
        loss, _ = train_step(ours, optimizer, X, labels, ops)
        their_optimizer.zero_grad()
        their_loss = F.cross_entropy(theirs(torch.tensor(X)), torch.tensor(labels))
        their_loss.backward()
        their_optimizer.step()
        assert loss == pytest.approx(their_loss.item(), rel=1e-9)
    for name, array in state(ours).items():
        np.testing.assert_allclose(array, theirs.state_dict()[name].numpy(), rtol=1e-7, atol=1e-12)
