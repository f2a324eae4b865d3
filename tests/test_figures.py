"""Figures: what they print is what a second computation finds, and everybody in the hall can read it.

The second computation is NumPy's or by hand, never a function of tinyspatial.figures.
"""

import io
import re
from collections.abc import Callable
from functools import cache

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from tests.colours import contrast
from tinyspatial import figures
from tinyspatial.data import digits, photo
from tinyspatial.figures import drawing, palette
from tinyspatial.figures.network import stages
from tinyspatial.figures.pooling import moved_maxima
from tinyspatial.figures.sizes import reach, times_read
from tinyspatial.figures.spread import he_sizes, kept_by_he, with_spread, wrapped_conv
from tinyspatial.loops import conv2d, relu
from tinyspatial.model import SimpleCNN

pytestmark = pytest.mark.xdist_group("figures")  # of one worker: their runs are made once

ALL = [pytest.param(getattr(figures, name), id=name) for name in figures.__all__]


@cache
def drawn(make: Callable[[], Figure]) -> Figure:
    figure = make()
    figure.draw_without_rendering()
    return figure


@cache
def saved(make: Callable[[], Figure]) -> str:
    """Another one as SVG: saving lays a figure out for another resolution."""
    return svg(make())


def svg(figure: Figure) -> str:
    text = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "test", "svg.fonttype": "path"}):
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def texts(figure: Figure) -> list[Text]:
    return [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]


def words(make: Callable[[], Figure]) -> list[str]:
    return [t.get_text() for t in texts(drawn(make))]


def correlate(picture: np.ndarray, kernel: list[list[float]]) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(picture, (3, 3))
    return np.einsum("pqij,ij->pq", windows, np.array(kernel))


UPRIGHT = [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]
LEVEL = [[-1, -1, -1], [0, 0, 0], [1, 1, 1]]


# every figure


@pytest.mark.parametrize("make", ALL)
def test_alternative_text_says_what_is_to_be_seen_with_numbers(make):
    label = drawn(make).get_label()
    assert 80 < len(label) < 400
    assert any(c.isdigit() for c in label)
    assert label.endswith(".")
    assert "np." not in label


@pytest.mark.parametrize("make", ALL)
def test_a_figure_is_vector_and_small(make):
    assert "<image" not in saved(make)
    assert len(saved(make)) < 300_000


@pytest.mark.parametrize("make", ALL)
def test_a_figure_is_the_same_each_time(make):
    assert svg(make()) == saved(make)


@pytest.mark.parametrize("make", ALL)
def test_text_can_be_read_from_the_last_row(make):
    assert min([t.get_fontsize() for t in texts(drawn(make))] + [15]) >= 15


@pytest.mark.parametrize("make", ALL)
def test_text_has_contrast_wherever_it_stands(make):
    figure = drawn(make)
    page = {palette.INK, palette.MUTED, *palette.ON_CELL}
    for text in texts(figure):
        if fill := ground(text, figure):
            assert text.get_color() in (palette.ON_LIGHT, palette.ON_DARK), text.get_text()
            assert contrast(text.get_color(), fill) >= 4.5, text.get_text()
        else:  # tests/test_themes.py has the contrast of these on the pages of both themes
            assert text.get_color() in page, text.get_text()


def ground(text: Text, figure: Figure) -> tuple[float, ...] | None:
    """The filling of the last patch that is drawn under the middle of a text, if there is one."""
    box = text.get_window_extent()
    middle = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    fills = [
        patch.get_facecolor()[:3]
        for axes in figure.axes
        for patch in axes.patches
        if patch.get_fill() and patch.get_facecolor()[3] and patch.contains_point(middle)
    ]
    return fills[-1] if fills else None


@pytest.mark.parametrize("make", ALL)
def test_a_figure_has_no_ground_of_its_own(make):
    patches = [drawn(make).patch, *(axes.patch for axes in drawn(make).axes if axes.axison)]
    assert {patch.get_facecolor()[3] for patch in patches} == {0}


@pytest.mark.parametrize("make", ALL)
def test_colours_are_those_of_the_palette(make):
    solid = {*palette.PAGE.values(), *palette.ON_CELL.values(), palette.ON_LIGHT, palette.ON_DARK}
    ramps = (palette.PHOTO, palette.MAP, palette.FIELD, palette.SIGNED, *palette.PALE.values())
    known = {colour.lower() for colour in solid}
    known |= {to_hex(ramp(level / (drawing.LEVELS - 1))) for ramp in ramps for level in range(drawing.LEVELS)}
    assert set(re.findall(r"#[0-9a-f]{6}", saved(make).partition("<g id=")[2])) <= known


@pytest.mark.parametrize("make", ALL)
def test_no_text_leaves_the_sheet(make):
    figure = drawn(make)
    for text in texts(figure):
        box = text.get_window_extent()
        assert figure.bbox.x0 - 1 <= box.x0, text.get_text()
        assert box.x1 <= figure.bbox.x1 + 1, text.get_text()
        assert figure.bbox.y0 - 1 <= box.y0, text.get_text()
        assert box.y1 <= figure.bbox.y1 + 1, text.get_text()


@pytest.mark.parametrize("make", ALL)
def test_a_figure_fits_its_place_on_a_slide_or_in_an_exercise(make):
    width, height = drawn(make).get_size_inches()
    slide = (width, height) in {(7.7, 5.2), (11.8, 5.2), (11.8, 3.8), (5.2, 4.75)}
    assert slide or (width == 9.4 and height <= 5.2)


# the pens


def test_roles_have_colours_that_text_may_wear():
    for colour in (palette.INPUT, palette.KERNEL, palette.OUTPUT, palette.STATISTICS, palette.MUTED):
        assert contrast(colour, "#FFFFFF") >= 4.5


def test_cells_of_one_shade_are_joined_along_a_row():
    _, axes = drawing.sheet(2, 1)
    drawing.pixels(axes, [[0, 0, 1], [1, 0, 0]], 0, 0, 0.1)
    corners = [len(patch.get_path()) // 5 for patch in axes.patches[1:]]
    assert corners == [2, 2]  # rectangles of the dark shade, of the bright shade


def test_cells_lie_on_their_middle_shade_so_that_no_page_shows_between_them():
    _, axes = drawing.sheet(2, 1)
    drawing.pixels(axes, [[0, 0.5, 0.5], [0.5, 1, 0.5]], 0.1, 0.2, 0.3)
    ground = axes.patches[0]
    assert ground.get_bbox().bounds == pytest.approx((0.1, 0.2, 0.9, 0.6))
    assert to_hex(ground.get_facecolor()) == to_hex(palette.PHOTO(0.5))


def test_a_constant_picture_is_drawn():
    _, axes = drawing.sheet(2, 1)
    assert drawing.pixels(axes, np.ones((2, 3)), 0, 0, 0.1) == (0, 0, 0.1, 2, 3)


def test_drawing_does_not_change_the_values():
    values = np.array([[0.2, 0.7]])
    drawing.pixels(drawing.sheet(1, 1)[1], values, 0, 0, 0.1, low=0.5)
    assert values.tolist() == [[0.2, 0.7]]


def test_signed_shades_are_white_at_0_and_those_of_strength_above_it():
    assert palette.SIGNED(0.5)[:3] == pytest.approx((1, 1, 1), abs=0.02)
    above = [palette.SIGNED(0.5 + share / 2)[:3] for share in (0.25, 0.5, 1.0)]
    assert above == [pytest.approx(palette.MAP(share)[:3], abs=0.02) for share in (0.25, 0.5, 1.0)]


def test_a_signed_map_has_the_shade_of_0_where_it_is_0():
    _, axes = drawing.sheet(2, 1)
    drawing.pixels(axes, [[-3, 0, 1]], 0, 0, 0.1, palette.SIGNED, -3, 3)
    below, zero, above = (np.array(patch.get_facecolor()[:3]) for patch in axes.patches[1:])
    assert zero.min() > 0.97
    assert below[0] > below[1] < above[1] > above[0]  # red against green, green against red


@pytest.mark.parametrize(
    ("value", "said"), [(-1.25, "−1.2"), (-0.04, "0.0"), (0.0, "0.0"), (12.0, "12.0")], ids=str
)
def test_numbers_have_a_true_minus_and_no_negative_zero(value, said):
    assert drawing.say(value) == said


# what the figures claim


def test_pipeline_prints_the_shapes():
    assert {"(1, 1, 28, 36)", "(1, 1, 26, 34)", "(1, 1, 13, 17)"} <= set(words(figures.pipeline))


def test_dense_and_local_counts_weights():
    assert words(figures.dense_and_local) == [
        "Linear: 120 weights, one for each line",
        "Conv2d: 3 weights, the same everywhere",
    ]


def test_dense_outputs_of_a_shuffled_photograph_are_the_same_numbers():
    numbers = [w for w in words(figures.shuffled) if w.lstrip("−")[0].isdigit()]
    assert len(numbers) == 8
    assert numbers[::2] == numbers[1::2]
    assert len(set(numbers)) == 4


def test_the_moved_map_is_the_same_map():
    wide = photo(24, 50)
    here, there = correlate(wide[:, 10:], UPRIGHT), correlate(wide[:, :-10], UPRIGHT)
    assert np.abs(here[:, :-10] - there[:, 10:]).max() == 0
    assert {"moved 10 pixels", "moved 10, difference 0"} <= set(words(figures.shifted))


def test_sliding_window_adds_up():
    answers = correlate(photo(26, 34), UPRIGHT)
    row, column = np.unravel_index(answers.argmax(), answers.shape)
    patch = photo(26, 34)[row : row + 3, column : column + 3]
    said = words(figures.sliding_window)
    assert said.count(f"{answers.max():.2f}") == 1
    assert all(f"{value:.2f}" in said for value in patch.flat)
    products = [f"{value + 0:.2f}".replace("-", "−") for value in (patch * UPRIGHT).flat]
    assert [w for w in said if "." in w][9:18] == products
    assert f"row {row}, column {column}" in figures.sliding_window().get_label()


def test_edge_maps_state_their_range_and_fit_the_scale():
    maps = [correlate(photo(30, 40), kernel) for kernel in (UPRIGHT, LEVEL)]
    ranges = [f"{answers.min():.1f} to {answers.max():.1f}".replace("-", "−") for answers in maps]
    assert [w for w in words(figures.edges) if " to " in w and w[-1].isdigit()] == ranges
    assert {"−2.0", "0", "2.0"} <= set(words(figures.edges))
    assert max(abs(answers).max() for answers in maps) < 2


def test_the_left_wall_is_negative_and_the_right_wall_positive():
    answers = correlate(photo(30, 40), UPRIGHT)[:, :24]  # the tower
    assert answers.argmin(axis=1)[6:12].max() < answers.argmax(axis=1)[6:12].min()


def test_the_cover_is_a_map_up_to_the_window_and_a_photograph_after_it():
    assert "row 15, column 19: 514 of 990 pixels" in figures.cover().get_label()
    painted = {to_rgb(patch.get_facecolor()) for patch in drawn(figures.cover).axes[0].patches}
    strength = abs(correlate(photo(32, 35), UPRIGHT))
    strongest = strength[:15].max() / strength.max()
    assert to_rgb(palette.MAP(round(strongest * (drawing.LEVELS - 1)) / (drawing.LEVELS - 1))) in painted


def test_output_sizes_follow_the_floor():
    assert [w for w in words(figures.output_sizes) if " out" in w] == [
        "8 in, 6 out",
        "8 in, 8 out",
        "8 in, 3 out",
    ]
    label = figures.output_sizes().get_label()
    assert [int(part[0]) for part in label.split("never read: ")[1:]] == [0, 0, 1]


@pytest.mark.parametrize(("padding", "corner", "edge", "centre"), [(0, 1, 3, 9), (1, 4, 6, 9), (2, 9, 9, 9)])
def test_coverage_counts_every_window(padding, corner, edge, centre):
    counted = np.zeros((5 + 2 * padding, 5 + 2 * padding))
    for row in range(3 + 2 * padding):
        for column in range(3 + 2 * padding):
            counted[row : row + 3, column : column + 3] += 1
    counted = counted[padding : padding + 5, padding : padding + 5]
    assert times_read(5, 3, padding).tolist() == counted.tolist()
    assert (counted[0, 0], counted[0, 2], counted[2, 2]) == (corner, edge, centre)


def test_coverage_prints_its_counts():
    printed = [int(w) for w in words(figures.coverage) if w.isdigit()]
    assert printed == [int(n) for p in range(3) for n in times_read(5, 3, p).flat]


def test_receptive_field_grows_by_two():
    assert [reach(layers) for layers in (1, 2, 3, 4)] == [3, 5, 7, 9]
    assert {"1 layer: 3 × 3", "2 layers: 5 × 5", "3 layers: 7 × 7"} <= set(words(figures.receptive_field))


def test_pooled_tables_hold_the_maxima_and_the_means():
    piece = abs(correlate(photo(28, 42), UPRIGHT))[6:14, 14:22]
    blocks = piece.reshape(4, 2, 4, 2).swapaxes(1, 2)
    expected = [piece, blocks.max((2, 3)), blocks.mean((2, 3))]
    printed = [float(w) for w in words(figures.max_and_average) if w[0].isdigit()]
    assert printed == [float(f"{value:.1f}") for values in expected for value in values.flat]


def test_a_fifth_of_the_maxima_stay_when_the_photograph_moves():
    strength = abs(correlate(photo(28, 43), UPRIGHT))
    here, there = (m.reshape(13, 2, 20, 2).max((1, 3)) for m in (strength[:, :-1], strength[:, 1:]))
    assert moved_maxima() == np.mean(here == there)
    assert 0.15 < moved_maxima() < 0.25


def test_a_start_value_of_zero_invents_zeros():
    said = [w for w in words(figures.start_value) if w[-1].isdigit() and "." in w]
    piece, wrong, right = said[:16], said[16:20], said[20:]
    values = np.array([float(w.replace("−", "-")) for w in piece]).reshape(2, 2, 2, 2)
    assert (values < 0).all()
    assert wrong == ["0.0"] * 4
    assert [float(w.replace("−", "-")) for w in right] == values.max((1, 3)).ravel().tolist()


def test_pooling_cost_is_a_quarter():
    assert 64 * 224 * 224 * 4 / 2**20 == 12.25
    bars = {"12.25 MiB", "3.06 MiB", "3.70 billion", "0.92 billion"}
    assert bars <= set(words(figures.pooling_cost))
    assert f"{128 * 224 * 224 * 64 * 9 / 1e9:.2f}" == "3.70"


def test_work_states_the_factors():
    assert 64 * 224 * 224 * 27 == 86704128
    said = words(figures.work)
    assert "one image: 86,704,128 MACs" in said
    assert [w for w in said if w.startswith("×")] == ["×2", "×4", "×5.44", "×32"]


def test_parameters_are_those_of_both_networks():
    label = figures.cnn_and_dense().get_label()
    assert 3072 * 1000 + 1000 + 1000 * 10 + 10 == 3083010
    assert (3 * 9 + 1) * 16 == 448
    assert (16 * 9 + 1) * 32 == 4640
    assert 2048 * 10 + 10 == 20490
    for number in ("3,083,010", "25,578", "120.5", "Conv2d 448", "Conv2d 4,640", "Linear 20,490"):
        assert number in label


def test_im2col_gives_the_feature_map():
    answers = correlate(photo(26, 34)[9:13, 14:18], UPRIGHT)
    said = words(figures.im2col)
    assert [w for w in said if "." in w] == [f"{value:.2f}" for value in answers.flat]
    assert {"16 pixels", "36 numbers, a column for each window"} <= set(said)
    assert "difference is 0." in figures.im2col().get_label()


def test_only_the_right_spread_keeps_the_signal():
    ends = [w.split("\n") for w in words(figures.initialisation) if "\n" in w]
    sizes = {name: float(size.replace(",", "")) for name, size in ends}
    assert sizes["2 × He"] > 1000
    assert sizes["√(1 / fan-in)"] == pytest.approx(sizes["He: √(2 / fan-in)"] / 2**6, rel=0.1)
    assert sizes["He / 2"] < 0.001


def test_the_drawn_median_of_he_stays_within_a_factor_of_two():
    medians = [line.get_ydata() for line in drawn(figures.initialisation).axes[0].lines]
    inside = [bool(((median > 0.5) & (median < 2)).all()) for median in medians]
    assert inside == [False, True, False, False]
    assert medians[1].tolist() == np.median(he_sizes(), axis=0).tolist()


def test_the_slide_counts_the_networks_that_he_keeps():
    lowest, highest = he_sizes().min(axis=1), he_sizes().max(axis=1)
    assert he_sizes().shape == (100, 13)
    assert kept_by_he() == sum(a > 0.5 and b < 2 for a, b in zip(lowest, highest, strict=True))
    assert 80 < kept_by_he() < 100


def test_the_fast_convolution_is_that_of_the_loops_with_borders_joined():
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(6, 3, 3, 3))
    around = np.concatenate([x[..., -1:, :], x, x[..., :1, :]], axis=2)
    around = np.concatenate([around[..., -1:], around, around[..., :1]], axis=3)
    assert wrapped_conv(x, weight) == pytest.approx(conv2d(around, weight))


def test_weights_half_as_large_halve_the_signal_once_a_layer():
    rng = np.random.default_rng(0)
    x, first, second = (rng.normal(size=(2, 2, 3, 3)) for _ in range(3))
    whole, half = (relu(conv2d(relu(conv2d(x, k * first, padding=1)), k * second)) for k in (1, 0.5))
    assert half == pytest.approx(whole / 4)
    assert (with_spread(0.5)[:, 2] == he_sizes()[:, 2] / 4).all()


def test_batch_norm_gives_mean_0_and_deviation_1():
    said = words(figures.normalised)
    assert said.count("mean 0.0") == 4
    assert said.count("std 1.0") == 4
    assert sum(w.startswith("mean ") for w in said) == 8


def test_training_mode_cannot_tell_three_images_apart():
    image = digits()[0][703]
    said = words(figures.trap)
    for x in (image, image / 4 + 0.75, 5 * image + 100):
        normal = (x - x.mean()) / np.sqrt(x.var() + 1e-5)
        assert f"to {normal.max():.3f}" in said
        assert normal.max() == pytest.approx((image.max() - image.mean()) / image.std(), abs=0.002)
    assert {"100", "to 105"} <= set(said)


def test_what_is_off_the_scale_says_so():
    assert words(figures.trap).count("off the") == 2  # the bright input, and its output in evaluation mode


def test_evaluation_mode_uses_the_statistics_of_other_digits():
    images = digits()[0]
    mean, variance = 0.0, 1.0
    for first in range(0, 640, 32):
        batch = images[first : first + 32]
        mean, variance = 0.9 * mean + 0.1 * batch.mean(), 0.9 * variance + 0.1 * batch.var(ddof=1)
    scale = np.sqrt(variance + 1e-5)
    said = words(figures.trap)
    assert f"to {(1 - mean) / scale:.3f}" in said
    assert f"to {(105 - mean) / scale:.0f}" in said


def test_stages_of_simple_cnn_are_behind_relu():
    network, image = SimpleCNN(channels=(2, 3)), np.random.default_rng(0).normal(size=(1, 3, 32, 32))
    found = stages(network, image)
    assert [maps.shape[1:] for maps in found[1:]] == [(2, 32, 32), (2, 16, 16), (3, 16, 16), (3, 8, 8)]
    assert all(maps.min() >= 0 for maps in found[1:])
    assert (found[-1] == network.features(image)).all()


def test_simple_cnn_prints_the_shapes_of_its_maps():
    shapes = ["3 × 32 × 32", "16 × 32 × 32", "16 × 16 × 16", "32 × 16 × 16", "32 × 8 × 8"]
    said = words(figures.simple_cnn)
    assert [w for w in said if "×" in w] == shapes
    assert [w for w in said if w.replace(",", "").isdigit()] == ["2,048", "10"]
