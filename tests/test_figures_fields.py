"""Figures of receptive fields: what they print is what NumPy, or a pencil, finds for the same runs."""

import re
from functools import cache
from itertools import product

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from tests.conftest import ROOT
from tinyspatial import corners, figures
from tinyspatial.data import digits, photo, split
from tinyspatial.figures.depth import chain, growing, ratios, reached
from tinyspatial.figures.effective import DEPTHS, DRAWS, holding, mean_field, one_field, stack
from tinyspatial.figures.fields import QUIZ, gradient, quiz, reads
from tinyspatial.figures.real_networks import places_read
from tinyspatial.figures.regions import field_shares
from tinyspatial.networks import NETWORKS, bottleneck, bottleneck_v1_5
from tinyspatial.receptive_field import receptive_field, region
from tinyspatial.shapes import parameters

pytestmark = pytest.mark.xdist_group("figures")  # of one worker: their runs are made once

DECK = (ROOT / "decks" / "02_receptive_fields.md").read_text(encoding="utf-8")


@cache
def label(name: str) -> str:
    return getattr(figures, name)().get_label().replace("\N{NO-BREAK SPACE}", " ")


@cache
def words(name: str) -> list[str]:
    figure: Figure = getattr(figures, name)()
    found = (text.get_text().strip() for text in figure.findobj(Text) if text.get_visible())
    return [text.replace("\N{NO-BREAK SPACE}", " ") for text in found if text]


def windows_of_three(x: np.ndarray) -> np.ndarray:
    """Every 3 × 3 window of a picture with a border of zeros, (H, W, 9)."""
    padded = np.pad(x, 1)
    return np.lib.stride_tricks.sliding_window_view(padded, (3, 3)).reshape(*x.shape, 9)


# one output


def test_the_output_of_the_negative_is_the_same_to_the_last_digit():
    model = quiz()
    weights = [layer.weight.ravel() for layer in (model[0], model[2], model[3])]
    outputs = []
    for outside in (lambda x: x, lambda x: 1 - x):
        x = outside(photo(32, 32))
        x[9:21, 9:21] = photo(32, 32)[9:21, 9:21]
        first = windows_of_three(x) @ weights[0]
        pooled = first.reshape(16, 2, 16, 2).max((1, 3))
        outputs.append((windows_of_three(windows_of_three(pooled) @ weights[1]) @ weights[2])[7, 7])
    assert outputs[0] == outputs[1]
    assert [word for word in words("one_output") if word.startswith("0.")] == [f"{outputs[0]:.12f}"] * 2
    assert f"the {32 * 32 - 12 * 12} pixels outside a frame of 12 × 12" in label("one_output")
    assert "changes by 0, others up to 0.9" in label("one_output")


@pytest.mark.parametrize(("depth", "side"), [(1, 3), (2, 5), (3, 7)], ids=["one layer", "two", "three"])
def test_the_gradient_is_a_full_square_and_zero_outside(depth, side):
    edge = (9 - side) // 2
    inside = np.zeros((9, 9), dtype=bool)
    inside[edge : 9 - edge, edge : 9 - edge] = True
    assert ((gradient(depth) > 0) == inside).all()
    assert f"{side**2} pixels, {side} × {side}, behind {depth} layer" in label("growth")


def test_the_gradient_of_one_layer_is_its_kernel():
    weight = np.random.default_rng(0).normal(0.0, np.sqrt(2 / 9), (8, 1, 3, 3))
    assert gradient(1)[3:6, 3:6] == pytest.approx(abs(weight[0, 0]))


@pytest.mark.parametrize(
    ("stride", "expected"),
    [
        (1, [[[3, 4, 5, 6, 7], [3, 4, 5]], [[3, 4, 5], [4, 5, 6], [5, 6, 7]]]),
        (2, [[[2, 3, 4, 5, 6, 7, 8], [1, 2, 3]], [[2, 3, 4], [4, 5, 6], [6, 7, 8]]]),
    ],
    ids=["stride 1 sees 5 pixels", "stride 2 sees 7 pixels"],
)
def test_two_layers_read_what_a_pencil_finds(stride, expected):
    assert [
        [each.tolist() for each in level] for level in reads(photo(28, 42)[14, 12:23], stride)
    ] == expected


def test_stepping_counts_the_pixels():
    assert "5 pixels with stride 1 in the first, 7 pixels with stride 2" in label("stepping")
    assert "first layer with stride 2: 7 pixels" in words("stepping")


# regions


def test_the_stack_of_the_question_sees_12_pixels():
    assert [receptive_field(QUIZ[:depth]).size for depth in (1, 2, 3, 4)] == [3, 4, 8, 12]


def test_every_window_has_its_number_of_real_pixels():
    starts = [2 * p - 5 for p in range(8)]
    real = [min(start + 12, 16) - max(start, 0) for start in starts]
    printed = [int(word) for word in words("places") if word.isdigit()]
    assert printed == [n for p in range(8) for n in (p, real[p])] + [0, 5, 10, 15]
    assert real == [7, 9, 11, 12, 12, 11, 9, 7]


def test_a_corner_of_vgg_sees_a_third_of_its_field():
    lengths = np.array([min(32 * p - 90 + 212, 224) - max(32 * p - 90, 0) for p in range(7)])
    assert lengths.tolist() == [122, 154, 186, 212, 186, 154, 122]
    shares = np.outer(lengths, lengths) / 212**2
    assert (field_shares(NETWORKS["VGG-16"].layers, 224) == shares).all()
    printed = [int(word) for word in words("corner") if word.isdigit()]
    assert printed == [round(100 * share) for share in shares.flat]
    assert "In a corner **two thirds** of it are padding" in DECK
    assert 1 - shares[0, 0] == pytest.approx(2 / 3, abs=0.01)


# depth


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([(3, 1, 1)], list(range(1, 34, 2))),
        ([(5, 1, 2)], list(range(1, 34, 4))),
        ([(3, 1, 1), (2, 2, 0)], [1, 3, 4, 8, 10, 18, 22, 38]),
        ([(3, 2, 1)], [1, 3, 7, 15, 31, 63]),
    ],
    ids=["3 × 3", "5 × 5", "with pooling", "with stride 2"],
)
def test_the_field_grows_until_it_covers_32(layers, expected):
    assert growing(layers) == expected
    assert f"{len(expected) - 1} layers, {expected[-1]} pixels" in label("until_covered")


def test_the_curves_are_those_fields():
    curves = [line.get_ydata() for line in figures.until_covered().axes[0].lines]
    assert [len(curve) - 1 for curve in curves[1:]] == [16, 8, 7, 5]
    assert all(curve[-2] < 32 <= curve[-1] for curve in curves[1:])


def test_three_small_kernels_cost_27_of_49():
    small, large = 3 * 9 * 64 * 64, 49 * 64 * 64
    for weights in (small, large):
        assert f"{weights:,} weights" in words("three_and_one")
        assert f"{weights * 56 * 56 / 1e6:.0f} million MACs" in words("three_and_one")
    assert "The ratio of either is 0.551." in label("three_and_one")


def test_three_small_kernels_reach_just_as_far():
    square = np.zeros((9, 9), dtype=bool)
    square[1:8, 1:8] = True
    assert (reached(chain(3, [64] * 4)) == square).all()
    assert (reached(chain(7, [64] * 2)) == square).all()


def test_where_the_rule_fails():
    expected = [27 / 49, 9 * (64 + 256 + 256) / (49 * 64), 3, 9 * (3 + 64 + 64) / (49 * 3)]
    assert list(ratios().values()) == pytest.approx(expected)
    assert [word for word in words("where_not") if word[0] == "×"] == ["×0.551", "×1.65", "×3", "×8.02"]


@pytest.mark.parametrize(("channels", "wins"), [(19, True), (20, False), (21, False)], ids=str)
def test_widening_at_once_loses_from_20_ninths_on(channels, wins):
    small, large = chain(3, [9, *[channels] * 3]), chain(7, [9, channels])
    assert (parameters(small) < parameters(large)) is wins


@pytest.mark.parametrize(
    ("layers", "field", "safe"),
    [
        ([(3, 1, 1)] * 12, 25, 25),
        ([(3, 1, 1), (2, 2, 0)] * 4, 46, 31),
        ([(3, 1, 1), (2, 2, 0)] * 5, 94, 63),
    ],
    ids=["twelve convolutions", "four blocks", "five blocks"],
)
def test_how_long_an_object_may_be_to_lie_in_one_field_wherever_it_is(layers, field, safe):
    side = 640
    windows = [region(layers, p, side).columns for p in range(side // receptive_field(layers).stride)]
    ends = [(window.start, window.stop) for window in windows]

    def fits(length: int) -> bool:
        return all(any(a <= x and x + length <= b for a, b in ends) for x in range(160, 320))

    assert receptive_field(layers).size == field
    assert [length for length in (safe, safe + 1) if fits(length)] == [safe]


# real networks


def test_the_bars_are_the_fields_of_the_literature():
    printed = ["AlexNet 195", "VGG-16 212", "MobileNet-v1 315", "ResNet-50 v1.5 427", "ResNet-18 435"]
    assert ", ".join([*printed, "ResNet-50 483", "ResNet-34 899"]) in label("known_networks")
    bars = [line.get_xdata()[1] for line in figures.known_networks().axes[0].lines[:7]]
    assert bars == [195, 212, 315, 427, 435, 483, 899]
    assert {receptive_field(network.layers).stride for network in NETWORKS.values()} == {32}


def test_no_output_of_vgg_sees_the_whole_image_and_those_of_resnet_34_four_in_a_row():
    assert (
        receptive_field(NETWORKS["AlexNet"].layers).size
        < receptive_field(NETWORKS["VGG-16"].layers).size
        < 224
    )
    assert receptive_field(NETWORKS["ResNet-34"].layers).size // 224 == 4


def test_a_stride_in_the_1_by_1_leaves_holes():
    paper, later = places_read(bottleneck(2)), places_read(bottleneck_v1_5(2))
    assert np.argwhere(paper).tolist() == [list(place) for place in product((2, 4, 6), repeat=2)]
    assert np.argwhere(later).tolist() == [list(place) for place in product((3, 4, 5), repeat=2)]
    assert {"field 5 × 5, 9 places read", "field 3 × 3, 9 places read"} <= set(words("with_holes"))


# the effective field


def test_the_smallest_square_is_found():
    field = np.array([[0, 1, 0, 0, 0], [0, 2, 3, 2, 0], [0, 3, 9, 3, 0], [0, 2, 3, 2, 0], [0, 0, 0, 0, 1]])
    assert [holding(field, share) for share in (0.29, 0.30, 0.93, 0.94, 1.0)] == [1, 3, 3, 5, 5]


def test_the_mean_field_is_that_of_networks_with_a_sum_of_1():
    fields = [one_field(4, seed) for seed in range(DRAWS)]
    assert mean_field(4) == pytest.approx(np.mean([field / field.sum() for field in fields], axis=0))
    assert mean_field(4).sum() == pytest.approx(1)


def test_one_field_is_the_slope_of_its_output():
    model, image = stack(2, 0), photo(5, 5)[None, None]
    channel = int(model(image)[0, :, 2, 2].argmax())
    moved = [image + 1e-6 * np.eye(25)[place].reshape(1, 1, 5, 5) for place in range(25)]
    slopes = [(model(x) - model(image))[0, channel, 2, 2] / 1e-6 for x in moved]
    assert one_field(2, 0).ravel() == pytest.approx(np.abs(slopes), rel=1e-4, abs=1e-6)


def test_the_measured_sides_bend_like_a_root():
    theory, measured = (line.get_ydata() for line in figures.root_of_depth().axes[0].lines)
    assert list(theory) == [1 + 2 * depth for depth in DEPTHS]
    assert list(measured) == [holding(mean_field(depth), 0.95) for depth in DEPTHS]
    sides = dict(zip(DEPTHS, measured, strict=True))
    assert 1.8 < sides[32] / sides[8] < 2.4  # a root gives 2, a line nearly 4
    assert sides[32] < 65 / 2


def test_the_middle_holds_the_gradient():
    field = mean_field(16)
    inner, outer = field[6:27, 6:27].sum(), field[7:26, 7:26].sum()
    assert outer < 0.95 <= inner
    assert {"33 × 33", "21 × 21"} <= set(words("middle_counts"))
    assert f"{21**2 / 33**2:.0%}".replace("%", " %") in label("middle_counts")
    assert "less than half of the area" in DECK


# corners


def test_a_digit_is_placed_and_nothing_else():
    images = digits()[0][:2]
    sheet = corners.placed(images, 3, 11)
    assert sheet.shape == (2, 1, 20, 20)
    assert (sheet[:, :, 3:11, 11:19] == images).all()
    assert sheet.sum() == images.sum()


@pytest.mark.parametrize("place", [(13, 0), (0, 13), (-1, 0)], ids=str)
def test_a_digit_must_lie_on_the_sheet(place):
    with pytest.raises(ValueError, match=f"8 × 8 at row {place[0]}, column {place[1]} leaves 20 × 20"):
        corners.placed(digits()[0][:1], *place)


def test_the_three_networks_differ_in_the_head_alone():
    flat, pooled, unstrided = map(corners.network, corners.HEADS)
    assert [parameters(model[-1]) for model in (flat, pooled, unstrided)] == [32 * 5 * 5 * 10 + 10, 330, 330]
    for model in (pooled, unstrided):
        first, second = (layer for layer in model if getattr(layer, "in_channels", None))
        assert (first.weight == flat[0].weight).all()
        assert (second.weight == flat[3].weight).all()
    assert [receptive_field(model[:-3]).stride for model in (pooled, unstrided)] == [4, 1]


def test_there_is_no_other_head():
    with pytest.raises(
        ValueError, match="head must be one of Flatten, global max, global max, stride 1, got 'x'"
    ):
        corners.network("x")


def test_the_printed_shares_are_counted():
    held_out = split(*digits())
    for place, share in (((2, 2), corners.found(corners.POOLED, 2, 2)), ((10, 10), None)):
        sheet = np.zeros((len(held_out.held_out_images), 1, 20, 20))
        sheet[:, :, place[0] : place[0] + 8, place[1] : place[1] + 8] = held_out.held_out_images
        scores = corners.trained(corners.POOLED).eval()(sheet)
        counted = np.mean(scores.argmax(axis=1) == held_out.held_out_labels)
        assert share is None or share == counted
        assert f"{100 * counted:.0f} %" in words("four_corners")


def test_flatten_fails_away_from_home_and_pooling_does_not():
    away = [(2, 10), (10, 2), (10, 10)]
    assert corners.found(corners.FLAT, 2, 2) > 0.93
    assert max(corners.found(corners.FLAT, *place) for place in away) < 0.2
    assert min(corners.found(corners.POOLED, *place) for place in [(2, 2), *away]) > 0.85


def test_strides_break_equivariance():
    flat, pooled, unstrided = ([corners.found(head, 2, 2 + k) for k in range(9)] for head in corners.HEADS)
    assert 0.28 < flat[0] - flat[1] < 0.38  # "a third"
    assert pooled[:7:2] == [pooled[0]] * 4
    assert max(pooled[1::2]) < min(pooled[::2]) - 0.1
    assert unstrided == [unstrided[0]] * 9
    curves = [line.get_ydata() for line in figures.moved_right().axes[0].lines[:3]]
    assert [list(curve) for curve in curves] == [
        [100 * s for s in head] for head in (unstrided, pooled, flat)
    ]


# what the lecture says


def test_the_minutes_of_the_notes_are_those_of_the_lecture():
    (minutes,) = re.findall(r"^minutes: (\d+)$", DECK, re.MULTILINE)
    assert sum(map(int, re.findall(r"\((\d+) min\)", DECK))) == int(minutes)
