"""A small network that has learned to read digits, and the file in which students get it.

The run is seeded, and its result is kept for the process. It takes less than a second.
"""

from functools import cache
from typing import Any

import numpy as np

from tinyspatial import fast
from tinyspatial.checkpoint import state
from tinyspatial.data import Split, digits, split
from tinyspatial.model import SimpleCNN
from tinyspatial.training import SGD, fit

__all__ = ["EPOCHS", "LEVELS", "WIDTHS", "as_file", "data", "reader"]

WIDTHS, EPOCHS = (8, 16), 10
LEVELS = 16  # of ink; the images in the file are whole numbers from 0 to this
DECIMALS = 3  # of each weight
SOURCE = (
    "Images and labels: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine "
    "Learning Repository, CC BY 4.0, as bundled with scikit-learn. "
    "The weights were trained on others of these images."
)


@cache
def data() -> Split:
    """The digits: 1,438 to learn from and 359 held out."""
    return split(*digits())


@cache
def reader() -> SimpleCNN:
    """A SimpleCNN that learned the digits, its weights rounded to three decimals: (N, 1, 8, 8) to (N, 10)."""
    model = SimpleCNN(1, WIDTHS, image_size=8, ops=fast, rng=np.random.default_rng(0))
    optimizer = SGD(model.parameters(), lr=0.05, momentum=0.9)
    fit(model, optimizer, data().images, data().labels, EPOCHS, progress=False)
    for array in state(model).values():
        array[...] = np.round(array, DECIMALS)
    return model.eval()


def as_file() -> dict[str, Any]:
    """Weights by the names of `checkpoint`, and the held-out digits with their labels, as lists.

    images (359, 8, 8) in whole numbers from 0, paper, to 16, ink; labels (359,).
    """
    images = np.rint(data().held_out_images[:, 0] * LEVELS).astype(int)
    return {
        "source": SOURCE,
        "weights": {name: array.tolist() for name, array in state(reader()).items()},
        "images": images.tolist(),
        "labels": data().held_out_labels.tolist(),
    }
