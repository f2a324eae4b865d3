"""Copies of a model, in this process and in another: equal, and independent of the first."""

import pickle
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tinyspatial import layers
from tinyspatial.layers import BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, ReLU
from tinyspatial.model import Sequential, SimpleCNN
from tinyspatial.training import SGD, train_step

ROOT = Path(__file__).resolve().parent.parent
IMAGES = np.random.default_rng(0).normal(size=(3, 1, 8, 8))
LABELS = np.array([2, 0, 1])
CHILD = """
import pickle, sys
model, images = pickle.load(sys.stdin.buffer)
sys.stdout.buffer.write(pickle.dumps(model(images)))
"""


def reader(ops: ModuleType) -> Sequential:
    """A small network with everything that a copy must keep: running statistics, no bias, its mode."""
    first = [Conv2d(1, 2, 3, bias=False, ops=ops), BatchNorm2d(2, ops=ops), ReLU(ops=ops)]
    return Sequential(*first, MaxPool2d(2, ops=ops), Flatten(), Linear(18, 3, ops=ops))


def through_pickle(value):
    return pickle.loads(pickle.dumps(value))


copies = pytest.mark.parametrize("copied", [deepcopy, through_pickle], ids=["deepcopy", "pickle"])


@copies
def test_a_copy_computes_the_same_with_the_same_module_and_shares_no_array(copied, ops: ModuleType) -> None:
    model = reader(ops)
    model(IMAGES)
    other = copied(model.eval())
    assert other[0].ops is ops
    assert (repr(other), other.training, other[1].num_batches_tracked) == (repr(model), False, 1)
    before = model(IMAGES)
    np.testing.assert_array_equal(other(IMAGES), before)
    for array in (*other.parameters(), other[1].running_mean):
        array += 1
    np.testing.assert_array_equal(model(IMAGES), before)
    assert (other(IMAGES) != before).any()


@copies
def test_model_and_optimizer_copied_together_go_on_as_the_first_would(copied, ops: ModuleType) -> None:
    model = reader(ops)
    optimizer = SGD(model.parameters(), 0.1, momentum=0.9)
    train_step(model, optimizer, IMAGES, LABELS)
    other, its_optimizer = copied((model, optimizer))
    assert its_optimizer.parameters[0] is other[0].weight
    assert train_step(other, its_optimizer, IMAGES, LABELS) == train_step(model, optimizer, IMAGES, LABELS)
    np.testing.assert_array_equal(other[5].weight, model[5].weight)


@copies
@pytest.mark.parametrize("name", layers.__all__)
def test_every_layer_can_be_copied_before_and_after_a_call(copied, name: str) -> None:
    made = {"Conv2d": (1, 2, 3), "MaxPool2d": (2,), "AvgPool2d": (2,), "BatchNorm2d": (1,), "Linear": (8, 2)}
    layer, x = getattr(layers, name)(*made.get(name, ())), IMAGES[0, 0] if name == "Linear" else IMAGES
    np.testing.assert_array_equal(copied(layer)(x), layer(x))
    grad = np.ones(layer(x).shape)
    np.testing.assert_array_equal(copied(layer).backward(grad), layer.backward(grad))


def test_a_model_computes_in_another_process(ops: ModuleType) -> None:
    """A new Python that knows nothing of this one: it imports what the pickle names."""
    model = SimpleCNN(1, (2,), image_size=8, ops=ops)
    ran = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=pickle.dumps((model, IMAGES)),
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    np.testing.assert_array_equal(pickle.loads(ran.stdout), model(IMAGES))
