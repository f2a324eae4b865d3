"""CIFAR-10 as its authors give it: 60,000 photographs of 32×32 pixels in ten classes, in Python pickles.

A pickle can call any function of the machine that reads it. This reader lets it build arrays and nothing
else, and takes files out of the archive one by one, by name, without writing any to the disk.
"""

import gzip
import io
import pickle
import tarfile
import zlib
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CLASSES", "cifar10"]

FOLDER = "cifar-10-batches-py"
PARTS = {"train": [f"data_batch_{number}" for number in range(1, 6)], "test": ["test_batch"]}
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
MOST_BYTES = 64 * 1024**2  # of one batch; the real ones have 31 million

ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    ("numpy._core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}
BROKEN_ARCHIVE = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError)
BROKEN_PICKLE = (
    *(pickle.UnpicklingError, EOFError, MemoryError, OverflowError),
    *(ValueError, TypeError, KeyError, IndexError, AttributeError),
)


def cifar10(path: str | PathLike[str], part: str = "train") -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Images (N, 3, 32, 32) of float32 from 0 to 1, channels red, green, blue, and labels (N,) from 0 to 9.

    path: the folder of the official python version, or its archive (.tar.gz). part: "train", 50,000 images,
    or "test", 10,000. `CLASSES` names the labels.

    Raises ValueError when a batch is missing, truncated or malformed, and when a pickle asks for anything
    but arrays; FileNotFoundError when there is nothing at path.
    Source: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009;
    www.cs.toronto.edu/~kriz/cifar.html describes the format.
    """
    if part not in PARTS:
        raise ValueError(f"part must be one of {sorted(PARTS)}, got {part!r}")
    read = from_folder if Path(path).is_dir() else from_archive
    batches = [batch(name, data) for name, data in read(Path(path), PARTS[part]).items()]
    images = np.concatenate([pixels for pixels, _ in batches]).astype(np.float32)
    images /= 255
    return images, np.concatenate([labels for _, labels in batches])


def from_folder(path: Path, names: list[str]) -> dict[str, bytes]:
    """The bytes of each batch in a folder, or in the folder in it that has the archive's name."""
    folder = path / FOLDER if (path / FOLDER).is_dir() else path
    for name in names:
        if not (folder / name).is_file():
            raise ValueError(f"there is no {name} in {folder}")
    return {name: (folder / name).read_bytes() for name in names}


def from_archive(path: Path, names: list[str]) -> dict[str, bytes]:
    """The bytes of each batch in the archive; nothing is unpacked to the disk."""
    try:
        with tarfile.open(path, "r:gz") as archive:
            return {name: from_member(archive, name) for name in names}
    except BROKEN_ARCHIVE as error:
        raise ValueError(f"{path.name} is truncated or no .tar.gz archive: {error}") from error


def from_member(archive: tarfile.TarFile, name: str) -> bytes:
    try:
        member = archive.getmember(f"{FOLDER}/{name}")
    except KeyError:
        raise ValueError(f"there is no {FOLDER}/{name} in the archive") from None
    file = archive.extractfile(member) if member.isfile() else None
    if file is None or member.size > MOST_BYTES:
        raise ValueError(f"{name} is no file of at most {MOST_BYTES:,} bytes")
    return file.read()


class ArraysOnly(pickle.Unpickler):
    """An unpickler that knows NumPy's arrays and no other function or class."""

    def find_class(self, module: str, name: str) -> Callable:
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no batch of CIFAR-10 needs")
        return ALLOWED[module, name]


def batch(name: str, data: bytes) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Images (N, 3, 32, 32) and labels (N,) of one pickled batch."""
    try:
        content = ArraysOnly(io.BytesIO(data), encoding="bytes").load()
        pixels, labels = content[b"data"], content[b"labels"]
    except BROKEN_PICKLE as error:
        raise ValueError(f"{name} is truncated or no batch of CIFAR-10: {error}") from error
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.shape[1:] != (3 * 32 * 32,):
        raise ValueError(f"{name}: expected pixels of shape (N, 3072) and type uint8, got {kind(pixels)}")
    if not isinstance(labels, list) or len(labels) != len(pixels):
        raise ValueError(f"{name}: expected a list of {len(pixels)} labels, got {kind(labels)}")
    if wrong := [label for label in labels if type(label) is not int or not 0 <= label <= 9]:
        raise ValueError(f"{name}: expected labels from 0 to 9, got {wrong[0]!r}")
    return pixels.reshape(-1, 3, 32, 32), np.array(labels, dtype=np.int64)


def kind(value: Any) -> str:
    """Type, and size where it has one, for a message."""
    return f"{type(value).__name__} {getattr(value, 'dtype', '')} {np.shape(value)}".replace("  ", " ")
