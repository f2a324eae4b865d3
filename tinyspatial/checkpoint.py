"""What a network has learnt, in a file: names and arrays in NumPy's own format, .npz, and no code.

The names are those of torch's state_dict: "features.0.weight", "1.running_mean".
"""

from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from zipfile import BadZipFile, is_zipfile

import numpy as np

from tinyspatial.arguments import Array
from tinyspatial.base import Layer

__all__ = ["load", "save", "state"]

LEARNT = ("weight", "bias", "running_mean", "running_var")


def state(layer: Layer) -> dict[str, Array]:
    """Parameters and running statistics of a layer or a model by name: the arrays themselves, not copies."""
    return dict(named(layer, ""))


def named(layer: Layer, prefix: str) -> Iterator[tuple[str, Array]]:
    """The layer's own arrays, then those of the layers in it."""
    for name in LEARNT:
        if getattr(layer, name, None) is not None:
            yield prefix + name, getattr(layer, name)
    for name, child in layer.named_children().items():
        yield from named(child, f"{prefix}{name}.")


def save(layer: Layer, path: str | PathLike[str]) -> None:
    """Write all that `state` gives into the file `path`, whatever its ending."""
    with Path(path).open("wb") as file:  # given a path, savez would add the ending .npz
        np.savez(file, **state(layer))  # type: ignore[arg-type]


def load(layer: Layer, path: str | PathLike[str]) -> None:
    """Read what `save` wrote into a layer of the same form, IN PLACE; all of it or, after an error, nothing.

    Floats of any type and layout are read into the layer's own; NaN is a value like any other.
    Raises ValueError when the file is not of this kind, when names or shapes are not those of the layer, and
    when numbers are integers.
    """
    arrays, found = state(layer), arrays_in(Path(path))
    if differing := sorted(arrays.keys() ^ found.keys()):
        where = "the file" if differing[0] in arrays else "the model"
        raise ValueError(f"{differing[0]} is missing from {where}")
    for name, array in arrays.items():
        if found[name].shape != array.shape or found[name].dtype.kind != "f":
            wanted, got = f"{array.shape} floats", f"{found[name].shape} {found[name].dtype}"
            raise ValueError(f"Expected {name} of {wanted}, got {got}")
    for name, array in arrays.items():
        array[...] = found[name]


def arrays_in(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an .npz file; a pickled object in it is an error."""
    with path.open("rb") as file:
        try:
            if not is_zipfile(file):
                raise BadZipFile("it is no .npz file")
            file.seek(0)
            with np.load(file, allow_pickle=False) as stored:
                return {name: stored[name] for name in stored.files}
        except (BadZipFile, ValueError, EOFError) as error:
            raise ValueError(f"{path.name} cannot be read: {error}") from error
