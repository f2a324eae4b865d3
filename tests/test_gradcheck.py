"""The judge of gradients: right ones pass, and a wrong one is named to the index."""

import re

import numpy as np
import pytest

from tinyspatial import loops
from tinyspatial.gradcheck import check_gradients, numerical_gradient


def square(x: np.ndarray) -> np.ndarray:
    return np.asarray(x) ** 2


def test_the_gradient_of_a_square() -> None:
    found = numerical_gradient(square, ([[1.0, -3.0, 0.0]],), grad=[[1, 1, 10]])
    np.testing.assert_allclose(found, [[2, -6, 0]], atol=1e-8)


def test_any_argument_may_be_asked_for() -> None:
    args = [[1.0, 2.0]], [[3.0, 4.0]], [5.0]
    np.testing.assert_allclose(numerical_gradient(loops.linear, args, "weight"), [[1, 2]], atol=1e-8)
    np.testing.assert_allclose(numerical_gradient(loops.linear, args, "bias"), [1], atol=1e-8)


def test_an_argument_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^linear was given no argument bias$"):
        numerical_gradient(loops.linear, ([[1.0]], [[2.0]]), "bias")


def test_nothing_that_is_given_is_changed_even_if_the_function_changes_it() -> None:
    x, mean, var = np.arange(8.0).reshape(2, 2, 2, 1), np.zeros(2), np.ones(2)
    numerical_gradient(loops.batch_norm, (x, mean, var, None, None, True))
    assert (x.ravel().tolist(), mean.tolist(), var.tolist()) == (list(range(8)), [0, 0], [1, 1])


def test_a_wrong_gradient_is_named_with_function_argument_index_and_both_values() -> None:
    def linear_backward(grad: np.ndarray, *args: np.ndarray) -> tuple:
        grad_x, grad_weight, grad_bias = loops.linear_backward(grad, *args)
        grad_weight[0, 1] += 0.5
        return grad_x, grad_weight, grad_bias

    message = "linear_backward, argument weight, index (0, 1): got 2.5, expected 2"
    args = [[1.0, 2.0]], [[3.0, 4.0]]
    check_gradients(loops.linear, loops.linear_backward, args, [[1.0]])
    with pytest.raises(AssertionError, match=re.escape(message)):
        check_gradients(loops.linear, linear_backward, args, [[1.0]])


def test_nan_is_a_wrong_gradient() -> None:
    with pytest.raises(AssertionError, match=r"index \(1,\): got nan, expected 4"):
        check_gradients(square, lambda grad, x: np.array([2.0, np.nan]), ([1.0, 2.0],))
