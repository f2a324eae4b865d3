"""Images that are already on the disk: scikit-learn carries a photograph and 1,797 written digits."""

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits, load_sample_image

from tinyspatial.shapes import integer

__all__ = ["digits", "photo"]

LUMA = np.array([0.299, 0.587, 0.114])  # how bright red, green and blue look (ITU-R BT.601)


def photo(height: int, width: int) -> NDArray[np.float64]:
    """A grey photograph in any size: (height, width), 0 is black and 1 is white.

    The largest part of the picture with these proportions, from its centre; every pixel is the mean of the
    area that it covers. The picture is china.jpg as bundled with scikit-learn: photograph by Daniel Buechele
    (flickr.com/photos/danielbuechele/6061409035), Creative Commons Attribution 2.0.

    Raises ValueError when height or width is not an integer of at least 1.
    """
    height, width = integer("height", height, 1), integer("width", width, 1)
    grey = load_sample_image("china.jpg") @ LUMA / 255
    rows, columns = grey.shape
    scale = min(rows / height, columns / width)  # pixels of the picture for one of ours
    down = area_weights(rows, height, scale)
    across = area_weights(columns, width, scale)
    return down @ grey @ across.T


def area_weights(size: int, cells: int, scale: float) -> NDArray[np.float64]:
    """What each of `size` pixels gives to each of `cells` cells: (cells, size), each row has the sum 1.

    The cells lie side by side around the centre, each `scale` pixels long.
    """
    start = (size - cells * scale) / 2 + scale * np.arange(cells)[:, None]
    pixel = np.arange(size)
    overlap = np.minimum(start + scale, pixel + 1) - np.maximum(start, pixel)
    return np.maximum(overlap, 0) / scale


def digits() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Written digits: images (1797, 1, 8, 8), 0 is paper and 1 is ink, and their labels (1797,), 0 to 9.

    From the test set of the UCI collection "Optical Recognition of Handwritten Digits" (E. Alpaydin and
    C. Kaynak, 1998), as bundled with scikit-learn; licence CC BY 4.0.
    """
    bundle = load_digits()
    return bundle.images[:, None] / 16, bundle.target
