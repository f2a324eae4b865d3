"""Figures of what zeros at the border do: what they print is what NumPy finds on the same photograph."""

import numpy as np
import pytest

from tinyspatial import figures
from tinyspatial.data import photo
from tinyspatial.figures.borders import rim

PICTURE = photo(22, 28)


def means(counted: bool) -> np.ndarray:
    """The mean of every window of 7 × 7 around a pixel, by slices."""
    found = np.empty(PICTURE.shape)
    for row, column in np.ndindex(*PICTURE.shape):
        window = PICTURE[max(0, row - 3) : row + 4, max(0, column - 3) : column + 4]
        found[row, column] = window.sum() / (49 if counted else window.size)
    return found


def outermost(values: np.ndarray) -> float:
    return float(np.mean([*values[0], *values[-1], *values[1:-1, 0], *values[1:-1, -1]]))


def test_the_outermost_rows_and_columns_count_once_each():
    values = np.array([[1.0, 2, 3, 4], [5, 100, 200, 6], [7, 8, 9, 15]])
    assert rim(values) == 6


def test_a_border_of_zeros_makes_a_dark_rim():
    label = figures.dark_rim().get_label()
    assert f"{outermost(PICTURE):.2f} on average, the outermost means {outermost(means(True)):.2f}" in label
    assert outermost(means(True)) < 0.6 * outermost(PICTURE)


@pytest.mark.parametrize(("name", "counted"), [("zeros count", True), ("only pixels count", False)])
def test_the_rim_by_two_opinions(name, counted):
    assert f"{name}, {outermost(means(counted)):.2f}" in figures.two_opinions().get_label()


def test_without_the_zeros_the_rim_is_as_bright_as_the_photograph():
    assert outermost(means(False)) == pytest.approx(outermost(PICTURE), abs=0.02)


def test_the_means_are_darkest_in_a_corner_as_the_figure_says():
    dark = np.unravel_index((means(True) / means(False)).argmin(), PICTURE.shape)
    assert dark in [(row, column) for row in (0, 21) for column in (0, 27)]
