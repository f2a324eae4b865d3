"""Is a backward function right? Move one input value a little, and see how much the result moves.

That takes two forward runs for each value, which is far too slow to train with, but it trusts nothing except
the forward function.
"""

import inspect
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tinyspatial.arguments import Array, floats

__all__ = ["check_gradients", "numerical_gradient"]

TRAINED = ("x", "weight", "bias")  # the arguments that have a gradient


def numerical_gradient(
    function: Callable, args: tuple, argument: str = "x", grad: ArrayLike = 1.0, step: float = 1e-6
) -> Array:
    """The gradient of Σ grad · function(*args) for every value of one argument, in that argument's shape.

        (function(… + step …) - function(… - step …)) / (2 · step)

    The error is of the order of step² by the formula, and of 1e-16 / step by rounding. The result makes no
    sense where `function` has a corner, and is NaN where NaN comes in. No argument is changed, whatever
    `function` does. The argument may have any type, the steps are taken in float64; an empty one has an empty
    gradient.

    Raises ValueError when the function was given no such argument, and whatever the function raises.
    """
    names = list(inspect.signature(function).parameters)
    if argument not in names[: len(args)]:
        raise ValueError(f"{function.__name__} was given no argument {argument}")
    index = names.index(argument)
    values, grad = floats(args[index]), floats(grad)
    found = np.zeros(values.shape)
    for place in np.ndindex(values.shape):
        for sign in (1, -1):
            moved = list(deepcopy(args))
            moved[index] = values.copy()
            moved[index][place] += sign * step
            found[place] += sign * np.sum(grad * function(*moved)) / (2 * step)
    return found


def check_gradients(
    function: Callable, backward: Callable, args: tuple, grad: ArrayLike = 1.0, tolerance: float = 1e-6
) -> None:
    """Compare every gradient that `backward(grad, *args)` gives with the numerical one, in float64.

    NaN agrees with nothing; an empty array has nothing to disagree.
    Raises AssertionError for the first value that is further away than tolerance · (1 + |expected|):
    "conv2d_backward, argument weight, index (0, 1, 2, 0): got 0.25, expected 0.5". Raises ValueError when the
    function does.
    """
    results: Any = backward(grad, *deepcopy(args))
    results = results if isinstance(results, tuple) else (results,)
    names = [name for name in inspect.signature(function).parameters if name in TRAINED]
    for name, found in zip(names, results, strict=True):
        if found is None:
            continue
        expected = numerical_gradient(function, args, name, grad)
        for place in np.argwhere(~(np.abs(found - expected) <= tolerance * (1 + np.abs(expected)))):
            where = f"{backward.__name__}, argument {name}, index {tuple(place.tolist())}"
            at = tuple(place)
            raise AssertionError(f"{where}: got {found[at]:.9g}, expected {expected[at]:.9g}")
