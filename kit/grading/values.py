"""Python values as JSON, the reverse of ``kit.check.decode``."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

MARKS = {"nd", "tuple", "float", "strange"}  # keys that mean something in our JSON


def encode(value: Any, other: Callable[[Any], Any] = lambda value: value) -> Any:
    """The value as lists, dictionaries, texts and finite numbers; ``other`` makes what is none of these.

    A number of NumPy becomes one of Python. Of a subclass only what ``kit.check`` would compare remains.
    """
    if value is None or type(value) in (bool, int, str):
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return encode_array(np.asarray(value))
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else {"float": str(float(value))}
    if type(value) is tuple:
        return {"tuple": [encode(item, other) for item in value]}
    if type(value) is list:
        return [encode(item, other) for item in value]
    if isinstance(value, dict) and all(type(key) is str for key in value) and not MARKS & value.keys():
        return {key: encode(item, other) for key, item in value.items()}
    return other(value)


def encode_array(array: np.ndarray) -> dict[str, Any]:
    """The numbers of an array, its shape and its type; more than 64 bits for a number are not kept."""
    if array.dtype.itemsize > 8:
        array = array.astype(float)
    numbers = [number if math.isfinite(number) else str(number) for number in array.ravel().tolist()]
    return {"nd": numbers, "shape": list(array.shape), "dtype": str(array.dtype)}
