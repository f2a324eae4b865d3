"""Images that are on the disk already: scikit-learn brings a photograph and 1,797 handwritten digits.

CIFAR-10 is not among them: `cifar10` reads it from where you put it.
"""

from functools import cache
from importlib.metadata import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tinyspatial.cifar import cifar10
from tinyspatial.shapes import integer

__all__ = ["Split", "cifar10", "coloured", "digits", "photo", "split"]

LUMA = np.array([0.299, 0.587, 0.114])  # how bright red, green and blue look (ITU-R BT.601)


def photo(height: int, width: int) -> NDArray[np.float64]:
    """A photograph of a Chinese temple in grey, in any size: (height, width), from 0, black, to 1, white.

    It is the largest part of the picture that has these proportions, around its centre; each value is the
    mean of the area that it stands for.

    Raises ValueError when height or width is not an integer of at least 1.
    Source: china.jpg as bundled with scikit-learn, photographed by danielbuechele
    (www.flickr.com/photos/danielbuechele/6061409035), Creative Commons Attribution 2.0
    (creativecommons.org/licenses/by/2.0).
    """
    height, width = integer("height", height, 1), integer("width", width, 1)
    grey = coloured() @ LUMA / 255
    scale = min(grey.shape[0] / height, grey.shape[1] / width)  # pixels of the picture for one of ours
    down = area_weights(grey.shape[0], height, scale)
    across = area_weights(grey.shape[1], width, scale)
    return np.clip(down @ grey @ across.T, 0, 1)  # white may come out as 1.0000000000001


def coloured() -> NDArray[np.uint8]:
    """The whole photograph: (427, 640, 3), red, green and blue from 0 to 255. Source: as of `photo`."""
    with Image.open(bundled("china.jpg")) as picture:
        return np.asarray(picture)


@cache
def bundled(name: str) -> Path:
    """A file that scikit-learn brings; to import the whole package for it would take a second."""
    return next(Path(str(file.locate())) for file in files("scikit-learn") or () if file.name == name)


def area_weights(pixels: int, cells: int, scale: float) -> NDArray[np.float64]:
    """How much of each cell each pixel fills, along one side: (cells, pixels), every row has the sum 1.

    The cells lie side by side around the centre, each `scale` pixels long.
    """
    start = (pixels - cells * scale) / 2 + scale * np.arange(cells)[:, None]
    pixel = np.arange(pixels)
    overlap = np.minimum(start + scale, pixel + 1) - np.maximum(start, pixel)
    return np.maximum(overlap, 0) / scale


def digits() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Handwritten digits: images (1797, 1, 8, 8), from 0, paper, to 1, ink, and labels (1797,), 0 to 9.

    Source: the test set of the UCI collection "Optical Recognition of Handwritten Digits" (E. Alpaydin, 1998)
    as bundled with scikit-learn.
    """
    rows = table()
    return rows[:, :-1].reshape(-1, 1, 8, 8) / 16, rows[:, -1].astype(np.int64)


@cache
def table() -> NDArray[np.float64]:
    """The digits as scikit-learn brings them, one a row, its label last. To read them takes long."""
    return np.loadtxt(bundled("digits.csv.gz"), delimiter=",")


class Split(NamedTuple):
    """Images to learn from, and images that are held out, each with their labels."""

    images: NDArray
    labels: NDArray
    held_out_images: NDArray
    held_out_labels: NDArray


def split(images: Any, labels: Any, share: float = 0.2, rng: np.random.Generator | None = None) -> Split:
    """Hold out a share of the images, at random, to see later what a network makes of images it never saw.

    images (N, …) and labels (N,) stay in their types, and NaN is a value like any other. The number held out,
    share · N, is rounded; from an empty set come empty parts. `rng`: a numpy Generator; when None, a fresh
    `default_rng(0)`.
    Raises ValueError when there is not one label for each image, and when share is not between 0 and 1.
    """
    images, labels = np.asarray(images), np.asarray(labels)
    if labels.ndim != 1 or images.shape[:1] != labels.shape or not 0 < share < 1:
        given = f"{images.shape} and {labels.shape}, share {share!r}"
        raise ValueError(f"Expected one label for each image and a share between 0 and 1, got {given}")
    order = (rng or np.random.default_rng(0)).permutation(len(images))
    held_out, kept = np.split(order, [round(share * len(images))])
    return Split(images[kept], labels[kept], images[held_out], labels[held_out])
