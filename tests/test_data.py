"""The photograph and the digits."""

import re
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_sample_image

from tinyspatial.data import area_weights, digits, photo


def test_a_photo_of_full_size_is_the_picture_in_grey() -> None:
    red, green, blue = np.moveaxis(load_sample_image("china.jpg") / 255, 2, 0)
    np.testing.assert_allclose(photo(427, 640), 0.299 * red + 0.587 * green + 0.114 * blue, atol=1e-12)


def test_a_smaller_photo_is_the_mean_of_blocks() -> None:
    whole = photo(427, 640)[:426, :]  # 213 × 320 has other proportions: one row less, half above, half below
    rows = (photo(427, 640)[1:] + whole) / 2
    np.testing.assert_allclose(photo(213, 320), rows.reshape(213, 2, 320, 2).mean(axis=(1, 3)), atol=1e-12)


def test_a_narrow_photo_is_cut_from_the_centre() -> None:
    np.testing.assert_allclose(photo(427, 40), photo(427, 640)[:, 300:340], atol=1e-12)


@pytest.mark.parametrize("size", [(24, 32), (7, 50), (60, 5), (1, 1), (500, 700)], ids=str)
def test_a_photo_has_the_size_asked_for_and_values_from_0_to_1(size: tuple[int, int]) -> None:
    image = photo(*size)
    assert (image.shape, image.dtype) == (size, np.float64)
    assert 0 <= image.min() <= image.max() <= 1


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((4, 2, 2.0), [[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]]),
        ((3, 2, 1.5), [[2 / 3, 1 / 3, 0], [0, 1 / 3, 2 / 3]]),
        ((4, 1, 2.0), [[0, 0.5, 0.5, 0]]),
        ((1, 2, 0.5), [[1], [1]]),
    ],
    ids=["halves", "thirds", "cut from the centre", "enlarged"],
)
def test_cells_take_from_pixels_what_they_cover(args: tuple, expected: list) -> None:
    np.testing.assert_allclose(area_weights(*args), expected, atol=1e-15)


@pytest.mark.parametrize(("args", "name"), [((0, 5), "height"), ((5, 2.5), "width")], ids=["height", "width"])
def test_a_photo_has_at_least_one_pixel(args: Any, name: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{name} must be an integer of at least 1, got ")):
        photo(*args)


def test_a_photo_may_be_drawn_on() -> None:
    photo(3, 4)[:] = 2
    assert photo(3, 4).max() <= 1


def test_digits() -> None:
    images, labels = digits()
    assert (images.shape, images.dtype, labels.shape) == ((1797, 1, 8, 8), np.float64, (1797,))
    assert (images.min(), images.max()) == (0, 1)
    assert labels[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert (images[0, 0, 0] * 16).tolist() == [0, 0, 5, 13, 9, 1, 0, 0]


def test_digits_may_be_drawn_on() -> None:
    for array in digits():
        array[:] = 9
    images, labels = digits()
    assert (images.max(), labels[9], labels[10]) == (1, 9, 0)
