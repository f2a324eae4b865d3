"""What every function does with unusual arrays: loops and fast alike, there and back.

Lists and arrays in any order are read as float64; infinity spreads like NaN. The usual seven conditions, for
these and all other functions, are in test_every_function.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tinyspatial import fast, loops

RNG = np.random.default_rng(8)
IMAGES = RNG.integers(-9, 9, size=(2, 3, 5, 6)).astype(float)
ROWS = RNG.integers(-9, 9, size=(4, 5)).astype(float)

CALLS: dict[str, tuple[np.ndarray, tuple]] = {
    "conv2d": (IMAGES, (RNG.normal(size=(4, 3, 2, 3)), RNG.normal(size=4), 2, 1)),
    "max_pool2d": (IMAGES, (3, 2, 1)),
    "avg_pool2d": (IMAGES, (3, 2, 1, False)),
    "batch_norm": (IMAGES, (None, None, RNG.normal(size=3), None, True)),
    "linear": (ROWS, (RNG.normal(size=(2, 5)), RNG.normal(size=2))),
    "relu": (IMAGES, ()),
    "cross_entropy": (ROWS, ([4, 0, 2, 1],)),
}
every = pytest.mark.parametrize("name", CALLS)


def there_and_back(ops: ModuleType, name: str, x: Any, *args: Any) -> list[np.ndarray]:
    """The result, and the gradients that a gradient of ones gives; None is left out."""
    out = getattr(ops, name)(x, *args)
    back = getattr(ops, f"{name}_backward")(np.ones(np.shape(out)), x, *args)
    return [out, *(grad for grad in (back if isinstance(back, tuple) else (back,)) if grad is not None)]


def equal(found: list, expected: list) -> None:
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)
        assert (np.shape(one), np.asarray(one).dtype) == (np.shape(other), np.float64)


@pytest.mark.parametrize(
    "convert",
    [
        pytest.param(lambda x: x.tolist(), id="lists"),
        pytest.param(np.asfortranarray, id="Fortran order"),
        pytest.param(lambda x: np.flip(np.flip(x, 0).copy(), 0), id="negative strides"),
    ],
)
@every
def test_the_same_numbers_in_another_form_give_the_same(
    ops: ModuleType, name: str, convert: Callable
) -> None:
    x, args = CALLS[name]
    equal(there_and_back(ops, name, convert(x), *args), there_and_back(loops, name, x, *args))


@every
def test_an_array_that_cannot_be_written_will_do(ops: ModuleType, name: str) -> None:
    x, args = CALLS[name]
    locked = x.copy()
    locked.flags.writeable = False
    equal(there_and_back(ops, name, locked, *args), there_and_back(loops, name, x, *args))


@pytest.mark.parametrize("name", ["conv2d", "batch_norm", "linear"])
def test_an_empty_batch_gives_weights_a_gradient_of_zero(ops: ModuleType, name: str) -> None:
    x, args = CALLS[name]
    _, _, *others = there_and_back(ops, name, x[:0], *args)
    assert all((grad == 0).all() for grad in others)


@pytest.mark.parametrize("value", [np.nan, np.inf], ids=str)
@every
def test_nan_and_infinity_spread_alike(name: str, value: float) -> None:
    x, args = CALLS[name]
    x = x.copy()
    x[(0,) * x.ndim] = value
    with np.errstate(invalid="ignore"):
        slow, quick = (there_and_back(ops, name, x, *args) for ops in (loops, fast))
    equal(quick, slow)
    assert not np.isfinite(slow[0]).all()


@pytest.mark.parametrize("what", ["text", object()], ids=["text", "an object"])
@every
def test_what_is_no_array_of_numbers_is_refused(ops: ModuleType, name: str, what: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        getattr(ops, name)(what, *CALLS[name][1])
