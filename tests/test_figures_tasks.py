"""Figures of exercises: what they say is what a second computation finds, and what is asked stays open.

The second computation is by hand or NumPy's, never a function of tinyspatial.figures.
"""

import numpy as np
import pytest
from matplotlib.text import Text
from numpy.lib.stride_tricks import sliding_window_view

from tests.test_figures import words
from tinyspatial import figures
from tinyspatial.data import photo
from tinyspatial.figures.bills import bills
from tinyspatial.figures.memory import running_means
from tinyspatial.figures.stacks import red_green_blue
from tinyspatial.layers import Conv2d, Flatten, Linear, MaxPool2d
from tinyspatial.model import Sequential

IMAGE = [[1, 2, 0, 3], [0, 1, 3, 2], [2, 1, 0, 1]]
KERNEL = [[2, 0, 1], [-1, 3, 1]]


def said(figure):
    """The words of a figure, numbers of its cells among them."""
    return [text.get_text() for text in figure.findobj(Text) if text.get_visible() and text.get_text()]


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "windows", "unread"),
    [(8, 3, 2, 3, [7]), (9, 3, 2, 4, []), (10, 2, 4, 3, [2, 3, 6, 7]), (5, 4, 3, 1, [4])],
    ids=["a pixel is left", "it comes out even", "pixels between", "one window"],
)
def test_the_ruler_shows_every_window_and_crosses_what_none_reads(size, kernel, stride, windows, unread):
    figure = figures.ruler(size, kernel, stride)
    assert [text for text in said(figure) if text.startswith("window")] == [
        f"window {n}" for n in range(windows)
    ]
    assert said(figure).count("×") == len(unread)
    assert figure.get_label().endswith(
        f"{windows} windows, {windows} outputs; pixels that none reads: {len(unread)}."
    )


def test_the_padded_line_counts_from_the_first_zero_and_does_not_say_where_the_last_window_begins():
    figure = figures.padded_line(8, 3, 2)
    assert said(figure)[:12] == [str(n) for n in range(12)]
    assert said(figure)[12:16] == ["0"] * 4
    assert "9" not in figure.get_label()


def depends(layers, size, place):
    """The cells of every map that an output depends on, each tried: one is changed and all runs again."""
    maps = [np.ones(size)]
    for kernel, stride, padding in layers:
        maps.append(sums(maps[-1], kernel, stride, padding))
    found = []
    for k, below in enumerate(maps[:-1]):
        changed = []
        for n in range(len(below)):
            values = below.copy()
            values[n] += 1
            for layer in layers[k:]:
                values = sums(values, *layer)
            changed.append(values[place] != maps[-1][place])
        found.append(np.flatnonzero(changed).tolist())
    return found


def sums(values, kernel, stride, padding):
    return sliding_window_view(np.pad(values, padding), kernel)[::stride].sum(axis=1)


@pytest.mark.parametrize(
    ("layers", "size", "place", "zeros"),
    [
        ([(3, 1, 1), (2, 2, 0), (3, 1, 1)], 12, 2, 0),
        ([(3, 1, 1), (2, 2, 0), (3, 1, 1)], 12, 0, 2),
        ([(3, 2, 0), (3, 1, 1)], 12, 4, 1),
        ([(3, 1, 0), (3, 1, 0)], 11, 2, 0),
    ],
    ids=["in the middle", "at the border", "at the far end", "without padding"],
)
def test_the_tree_marks_what_an_output_depends_on(layers, size, place, zeros):
    figure = figures.tree(layers, size, place, [f"L{k}" for k in range(len(layers) + 1)])
    for k, cells in enumerate(depends(layers, size, place)):
        span = f"{cells[0]} to {cells[-1]}" if len(cells) > 1 else f"{cells[0]}"
        assert f"L{k} {span}" in figure.get_label()
    told = f"Zeros of the padding that are read: {zeros}."
    assert (told in figure.get_label()) == bool(zeros)
    assert said(figure).count("0") == zeros + 1  # and the number of pixel 0


def test_one_window_prints_image_and_kernel_and_only_the_first_sum():
    figure = figures.one_window(IMAGE, KERNEL)
    numbers = [text for text in said(figure) if text.lstrip("−").isdigit()]
    first = int((np.array(IMAGE)[:2, :3] * KERNEL).sum())
    assert numbers == [*map(str, np.ravel(IMAGE)), "2", "0", "1", "−1", "3", "1", str(first)]
    assert (
        f"the sum of the products, {first}, is the first number of an output of 2 × 2" in figure.get_label()
    )


def test_windows_side_by_side_leave_a_rest_and_show_only_the_first_maximum():
    image = -np.arange(1, 36).reshape(5, 7)
    figure = figures.side_by_side(image, (2, 3))
    numbers = [text for text in said(figure) if text.startswith("−")]
    assert sorted(numbers) == sorted([*(f"−{n}" for n in range(1, 36)), "−1"])
    assert "4 windows" in figure.get_label()
    assert "11 numbers at the right and below are in none" in figure.get_label()


def test_the_border_is_open():
    figure = figures.open_border(np.full((5, 7), -3.0), (2, 3))
    assert said(figure).count("?") == 7 * 9 - 5 * 7
    assert "holds 4 of them and 2 numbers of the image" in figure.get_label()


def test_a_channel_has_one_mean_and_one_variance_over_all_images():
    batch = np.array([[[1, 3, 2, 6], [20, 10, 40, 30]], [[5, 7, 4, 4], [50, 20, 30, 40]]])
    shown = said(figures.by_channel(batch))
    for c in range(2):
        values = batch[:, c].ravel()
        assert f"mean {values.mean():.2f}" in shown
        assert f"variance {values.var():.2f}" in shown
    assert shown.count("8 numbers") == 2


def test_one_filter_has_a_block_for_each_channel_and_a_bias():
    numbers = [text for text in words(figures.one_filter) if text[-1].isdigit()]
    assert len(numbers) == 3 * 2 * 4 + 1


def test_three_bills_are_those_of_the_layers_that_make_something():
    net = Sequential(Conv2d(3, 16, 3, padding=1), MaxPool2d(2), Flatten(), Linear(16 * 4 * 5, 7))
    assert bills(net, (2, 3, 8, 10)) == [
        (16 * 28, 2 * 16 * 80 * 27, 2 * 16 * 80),
        (0, 0, 2 * 16 * 20),
        (7 * 321, 2 * 7 * 320, 2 * 7),
    ]


def test_the_running_mean_goes_a_tenth_of_the_way_each_time():
    assert running_means(20.0, 0.1, 30) == pytest.approx([20 * (1 - 0.9**n) for n in range(31)])
    assert "13.0" in words(figures.following)


def test_the_two_modes_show_the_mean_of_the_batch_and_where_the_running_mean_goes():
    x = np.random.default_rng(3).normal(7, 1, (6, 2, 3, 4))
    shown = said(figures.two_modes(x))
    mean = x[:, 0].mean()
    assert f"mean {mean:.2f}" in shown
    assert f"mean 0.00 → {mean / 10:.2f}" in shown
    assert f"mean {mean / 10:.2f}" in shown


def test_pooling_leaves_a_share_of_the_numbers():
    size = (34 - 2) * (42 - 2)
    assert [f"{size // k**2:,} numbers" for k in (1, 2, 4)] == words(figures.coarser)[1::2]


def test_the_channels_of_the_photograph_make_its_grey():
    red, green, blue = red_green_blue(18, 26)
    assert 0.299 * red + 0.587 * green + 0.114 * blue == pytest.approx(photo(18, 26), abs=1e-9)
