"""conv2d against values worked out by hand, against SciPy, and against what a convolution must obey."""

from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate2d

from tinyspatial.shapes import output_size

quick = settings(max_examples=25, deadline=None, derandomize=True)

# 3×4 pixels and a kernel of 2×3: no two sides are equal, and the kernel is not its own mirror image.
IMAGE = [[[[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]]]
KERNEL = [[[[1, 0, -2], [3, 0, 0]]]]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({}, [[10, 12], [18, 20]], id="every place that fits"),
        pytest.param({"bias": [100]}, [[110, 112], [118, 120]], id="bias once for each value"),
        pytest.param({"stride": 2}, [[10]], id="a step that does not fit is left out"),
        pytest.param({"stride": (2, 1)}, [[10, 12]], id="stride down"),
        pytest.param({"stride": (1, 2)}, [[10], [18]], id="stride across"),
        pytest.param({"padding": (1, 0)}, [[3, 6], [10, 12], [18, 20], [-13, -14]], id="border above, below"),
        pytest.param({"padding": (0, 1)}, [[-4, 10, 12, 24], [-12, 18, 20, 40]], id="border left, right"),
        pytest.param({"padding": 1, "stride": (2, 3)}, [[0, 9], [-12, 40]], id="both at once"),
    ],
)
def test_a_kernel_slides_over_an_image(ops: ModuleType, options: dict, expected: list) -> None:
    assert ops.conv2d(IMAGE, KERNEL, **options).tolist() == [[expected]]


def test_channels_are_summed_and_each_filter_makes_one_channel(ops: ModuleType) -> None:
    images = [[[[1, 2]], [[3, 4]]], [[[5, 6]], [[7, 8]]]]  # two images of two channels
    filters = [[[[1]], [[0]]], [[[0]], [[1]]], [[[10]], [[100]]]]  # three filters
    assert ops.conv2d(images, filters, bias=[0, 0, 0.5]).tolist() == [
        [[[1, 2]], [[3, 4]], [[310.5, 420.5]]],
        [[[5, 6]], [[7, 8]], [[750.5, 860.5]]],
    ]


def test_windows_at_the_border_see_fewer_pixels(ops: ModuleType) -> None:
    seen = ops.conv2d(np.ones((1, 1, 5, 5)), np.ones((1, 1, 3, 3)), padding=1)
    assert seen.tolist() == [[[[4, 6, 6, 6, 4], *[[6, 9, 9, 9, 6]] * 3, [4, 6, 6, 6, 4]]]]


@pytest.mark.parametrize(
    ("padding", "corner", "edge", "centre"),
    [(0, 1, 3, 9), (1, 4, 6, 9), (2, 9, 9, 9)],
    ids=["no padding", "padding 1", "padding 2"],
)
def test_how_often_a_pixel_is_used_depends_on_padding(
    ops: ModuleType, padding: int, corner: int, edge: int, centre: int
) -> None:
    """Only a padding of kernel_size - 1 treats all pixels alike."""
    pixel, counts = np.zeros((25, 1, 5, 5)), []
    pixel[range(25), 0, np.arange(25) // 5, np.arange(25) % 5] = 1  # image k has its one bright pixel at k
    for touched in ops.conv2d(pixel, np.ones((1, 1, 3, 3)), padding=padding):
        counts.append(int(touched.sum()))
    assert (counts[0], counts[2], counts[12]) == (corner, edge, centre)


def test_an_empty_batch_gives_an_empty_result(ops: ModuleType) -> None:
    assert ops.conv2d(np.zeros((0, 2, 5, 6)), np.zeros((3, 2, 2, 3)), padding=1).shape == (0, 3, 6, 6)


def test_results_are_float64_whatever_comes_in(ops: ModuleType) -> None:
    image, kernel = np.full((1, 1, 1, 1), 200, np.uint8), np.full((1, 1, 1, 1), 200, np.uint8)
    out = ops.conv2d(image, kernel)
    assert (out.dtype, out.item()) == (np.float64, 40000.0)  # not 40000 modulo 256


def test_arguments_are_not_changed(ops: ModuleType) -> None:
    x, weight, bias = np.ones((1, 2, 4, 5)), np.ones((3, 2, 2, 3)), np.ones(3)
    ops.conv2d(x, weight, bias, stride=2, padding=1)
    assert all((array == 1).all() for array in (x, weight, bias))


def test_without_padding_it_is_scipys_correlation_and_not_its_convolution(ops: ModuleType) -> None:
    rng = np.random.default_rng(1)
    x, weight, bias = rng.normal(size=(2, 3, 5, 6)), rng.normal(size=(4, 3, 2, 3)), rng.normal(size=4)
    expected = [
        [
            sum(correlate2d(image[c], kernel[c], mode="valid") for c in range(3)) + bias[f]
            for f, kernel in enumerate(weight)
        ]
        for image in x
    ]
    np.testing.assert_allclose(ops.conv2d(x, weight, bias), expected, atol=1e-12)


def test_full_padding_is_scipys_full_correlation(ops: ModuleType) -> None:
    rng = np.random.default_rng(2)
    image, kernel = rng.normal(size=(4, 5)), rng.normal(size=(2, 3))
    out = ops.conv2d(image[None, None], kernel[None, None], padding=(1, 2))
    np.testing.assert_allclose(out[0, 0], correlate2d(image, kernel, mode="full"), atol=1e-12)


def draw(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


@quick
@given(st.integers(0, 999), st.floats(-3, 3), st.floats(-3, 3))
def test_it_is_linear_in_the_image(ops: ModuleType, seed: int, a: float, b: float) -> None:
    x, y, weight = draw(seed, 1, 2, 4, 5), draw(seed + 1, 1, 2, 4, 5), draw(seed + 2, 2, 2, 3, 2)
    whole = ops.conv2d(a * x + b * y, weight, padding=1)
    parts = a * ops.conv2d(x, weight, padding=1) + b * ops.conv2d(y, weight, padding=1)
    np.testing.assert_allclose(whole, parts, atol=1e-10)


@quick
@given(st.integers(0, 999), st.integers(0, 2), st.integers(0, 2))
def test_inside_the_border_a_shifted_image_gives_a_shifted_result(
    ops: ModuleType, seed: int, down: int, right: int
) -> None:
    x, weight = draw(seed, 1, 1, 7, 8), draw(seed + 1, 1, 1, 3, 2)
    shifted = np.roll(x, (down, right), axis=(2, 3))
    inside = np.s_[:, :, down:, right:]  # what rolled in on the other side is not compared
    expected = np.roll(ops.conv2d(x, weight), (down, right), axis=(2, 3))
    np.testing.assert_allclose(ops.conv2d(shifted, weight)[inside], expected[inside], atol=1e-12)


def test_with_stride_2_a_shift_of_2_moves_the_result_by_1_and_a_shift_of_1_does_not(ops: ModuleType) -> None:
    x, weight = draw(3, 1, 1, 9, 9), draw(4, 1, 1, 3, 3)
    before = ops.conv2d(x, weight, stride=2)
    by_two = ops.conv2d(np.roll(x, 2, axis=3), weight, stride=2)
    by_one = ops.conv2d(np.roll(x, 1, axis=3), weight, stride=2)
    np.testing.assert_allclose(by_two[..., 1:], before[..., :-1], atol=1e-12)
    assert np.abs(by_one[..., 1:] - before[..., :-1]).min() > 1e-3


@quick
@given(
    *(st.integers(1, 6), st.integers(1, 6)),
    *(st.integers(1, 3), st.integers(1, 3)),
    *(st.integers(1, 3), st.integers(1, 3)),
    *(st.integers(0, 2), st.integers(0, 2)),
)
def test_the_result_has_the_size_that_output_size_promises(
    ops: ModuleType, h: int, w: int, i: int, j: int, s: int, t: int, above: int, beside: int
) -> None:
    x, weight = np.ones((1, 1, max(h, i), max(w, j))), np.ones((1, 1, i, j))
    rows = output_size(max(h, i), i, s, above)
    columns = output_size(max(w, j), j, t, beside)
    assert ops.conv2d(x, weight, None, (s, t), (above, beside)).shape == (1, 1, rows, columns)
