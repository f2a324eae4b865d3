"""linear and relu, worked out by hand."""

from types import ModuleType

import numpy as np


def test_every_output_is_a_weighted_sum_of_all_inputs(ops: ModuleType) -> None:
    x, weight = [[1, 2, 3], [4, 5, 6]], [[1, 0, 0], [0, 10, 100]]
    assert ops.linear(x, weight).tolist() == [[1, 320], [4, 650]]
    assert ops.linear(x, weight, bias=[0.5, -20]).tolist() == [[1.5, 300], [4.5, 630]]


def test_relu_keeps_what_is_positive_in_any_shape(ops: ModuleType) -> None:
    assert ops.relu([-1.5, 0, 2]).tolist() == [0, 0, 2]
    assert ops.relu([[[[-1]], [[3]]]]).tolist() == [[[[0]], [[3]]]]
    assert ops.relu(-7).tolist() == 0


def test_linear_and_relu_do_not_change_their_arguments(ops: ModuleType) -> None:
    x, weight = -np.ones((2, 3)), np.ones((4, 3))
    ops.linear(x, weight, np.zeros(4))
    ops.relu(x)
    assert (x == -1).all()
    assert (weight == 1).all()
