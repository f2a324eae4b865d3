"""Seven things that can be odd about an input, and the words for what a function makes of it."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Refused(NamedTuple):
    """A ValueError with this message."""

    message: str


class Not(NamedTuple):
    """The condition cannot be met here."""

    why: str


class Same(NamedTuple):
    """What the usual input gives, in float64 where it is an array."""


Outcome = Refused | Not | Same | str  # a text is what `sizes` or `marks` says of the result
SAME = Same()

COLUMNS = ("rank", "channels", "empty", "integers", "nan", "strided", "float32")


class Row(NamedTuple):
    """A function with one argument left open, a good value for it, and what the seven odd ones do."""

    call: Callable[[Callable, Any], Any]
    x: Any  # an array of small integers as floats, or a shape
    rank: Outcome
    channels: Outcome
    empty: Outcome
    nan: Outcome
    integers: Outcome = SAME
    strided: Outcome = SAME
    float32: Outcome = SAME


def nothing(why: str) -> Row:
    """A row for a function without arrays and shapes among its arguments."""
    return Row(lambda f, x: None, None, *[Not(why)] * 7)


def first_is_nan(x: np.ndarray) -> np.ndarray:
    x = x.copy()
    x[(0,) * x.ndim] = np.nan
    return x


OF_ARRAYS: dict[str, Callable] = {
    "rank": lambda x: x[0],
    "channels": lambda x: np.concatenate([x, x[:, :1]], axis=1),
    "empty": lambda x: x[:0],
    "integers": lambda x: x.astype(np.int8),
    "nan": first_is_nan,
    "strided": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "float32": lambda x: x.astype(np.float32),
}
OF_SHAPES: dict[str, Callable] = {
    "rank": lambda shape: shape[1:],
    "channels": lambda shape: (shape[0], shape[1] + 1, *shape[2:]),
    "empty": lambda shape: (0, *shape[1:]),
    "integers": lambda shape: tuple(map(np.int64, shape)),
    "nan": lambda shape: (np.nan, *shape[1:]),
    "strided": lambda shape: list(shape),
    "float32": lambda shape: tuple(map(np.float32, shape)),
}


def arrays(result: Any) -> list[np.ndarray]:
    """The numbers of a result; None is left out."""
    parts = result if isinstance(result, tuple | list) else (result,)
    return [np.asarray(part) for part in parts if part is not None]


def sizes(result: Any) -> str:
    """2×1×1×2 for an array of this shape, · for a number, several with blanks between; and if NaN came."""
    shapes = ["×".join(map(str, part.shape)) or "·" for part in arrays(result)]
    return " ".join(shapes + ["with NaN"] * any(np.isnan(part).any() for part in arrays(result)))


def marks(result: Any) -> str:
    """Every value as one letter, in the order of memory: n for NaN, a point for a number."""
    return " ".join(
        "".join("n" if value else "." for value in np.isnan(part).ravel()) for part in arrays(result)
    )


def told(column: str, result: Any) -> str:
    """What a row says of the result, in this column."""
    if isinstance(result, int):
        return str(result)
    return marks(result) if column == "nan" else sizes(result)
