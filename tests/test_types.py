"""The types that a program which uses the library is promised: read by mypy, and true when it runs.

mypy checks this file as part of the project, and `.ci/run` once more, strictly, as the program of somebody
who has installed the package.
"""

from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

from tinyspatial import fast, lists, loops
from tinyspatial.base import Layer
from tinyspatial.layers import BatchNorm2d, Conv2d, MaxPool2d
from tinyspatial.loops import conv2d
from tinyspatial.model import Sequential, SimpleCNN
from tinyspatial.receptive_field import Field, receptive_field
from tinyspatial.shapes import macs, output_size
from tinyspatial.training import SGD, Epoch, accuracy, fit

Array = NDArray[np.float64]
X, W = np.ones((2, 3, 5, 6)), np.ones((4, 3, 2, 3))


def array(value: Any) -> bool:
    """Whether what was promised to be an array of float64 is one."""
    return isinstance(value, np.ndarray) and value.dtype == np.float64


def test_functions_give_arrays_of_float64() -> None:
    assert array(assert_type(conv2d(X, W), Array))
    assert array(assert_type(fast.conv2d(X.tolist(), W, None, (1, np.int64(2)), padding=1), Array))
    assert array(assert_type(loops.batch_norm(X, None, None, training=True), Array))
    assert array(assert_type(loops.max_pool2d(X, [2, 3]), Array))
    assert isinstance(assert_type(loops.cross_entropy([[0.0, 1.0]], [1]), float), float)


def test_gradients_are_arrays_or_none_where_nothing_was_given() -> None:
    grad = np.ones(conv2d(X, W).shape)
    for ops in (loops.conv2d_backward, fast.conv2d_backward):
        found = assert_type(ops(grad, X, W), tuple[Array, Array, Array | None])
        assert [array(part) for part in found] == [True, True, False]


def test_layers_and_models_have_typed_attributes() -> None:
    layer = Conv2d(3, 4, (2, 3), ops=fast)
    assert array(assert_type(layer(X), Array))
    assert array(assert_type(layer.weight, Array))
    assert assert_type(layer.kernel_size, tuple[int, int]) == (2, 3)
    assert array(assert_type(BatchNorm2d(3).train().running_var, Array))
    model = Sequential(layer, MaxPool2d(2))
    assert isinstance(assert_type(model[0], Layer), Conv2d)
    assert len(assert_type(model[:1], Sequential)) == 1
    assert assert_type(model.eval(), Sequential) is model
    assert assert_type(model.gradients(), list[Array | None]) == [None, None]


def test_what_counts_and_trains_says_what_it_gives() -> None:
    model = SimpleCNN(1, (2,), image_size=8, ops=fast)
    images, labels = np.zeros((2, 1, 8, 8)), [0, 1]
    history = assert_type(fit(model, SGD(model.parameters()), images, labels, 1, progress=False), list[Epoch])
    assert len(history) == 1
    assert assert_type(accuracy(model, images, labels), float) in (0, 0.5)
    assert assert_type(output_size(5, 3), int) == 3
    assert assert_type(macs(model, (1, 1, 8, 8)), int) == 64 * 2 * 9 + 32 * 10
    assert assert_type(receptive_field([(3, 1, 1)]), Field) == (3, 1, 1)
    assert assert_type(lists.predict(lists.from_model(model), images[0].tolist()), int) in range(10)
