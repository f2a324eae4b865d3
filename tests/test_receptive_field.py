"""Receptive fields: worked out on paper, printed in the literature, and asked of the loops themselves."""

import re
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tinyspatial import fast, shapes
from tinyspatial.base import Layer
from tinyspatial.layers import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    MaxPool2d,
    ReLU,
)
from tinyspatial.model import Sequential, SimpleCNN
from tinyspatial.networks import NETWORKS
from tinyspatial.receptive_field import (
    WHOLE,
    Field,
    Region,
    effective_field,
    layers_to_cover,
    receptive_field,
    region,
    table,
)

CONV, POOL = (3, 1, 1), (2, 2, 0)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        pytest.param([], Field(1, 1, 0), id="no layer: a pixel sees itself"),
        pytest.param([CONV], Field(3, 1, 1), id="one 3×3"),
        pytest.param([CONV, CONV], Field(5, 1, 2), id="two 3×3 see 5"),
        pytest.param([CONV, CONV, CONV], Field(7, 1, 3), id="three 3×3 see 7"),
        pytest.param([CONV, POOL, CONV, CONV], Field(12, 2, 5), id="a pool in between: 3, 4, 8, 12"),
        pytest.param([(3, 2, 0), (3, 2, 0), (3, 2, 0)], Field(15, 8, 0), id="strides multiply: 3, 7, 15"),
        pytest.param([(1, 1, 0)] * 9, Field(1, 1, 0), id="1×1 sees one pixel"),
        pytest.param([(1, 2, 0), (3, 1, 0)], Field(5, 2, 0), id="every second pixel of five"),
        pytest.param([((3, 2), (1, 2), 0), (3, 1, (1, 0))], Field((5, 6), (1, 2), (1, 0)), id="pairs"),
        pytest.param([[3, 1, 1], [2, 2, 0]], Field(4, 2, 1), id="lists"),
        pytest.param([(np.int64(3), 1, np.uint8(1))], Field(3, 1, 1), id="integers of NumPy"),
        pytest.param([Field(5, 1, 2), POOL], Field(6, 2, 2), id="a field is a layer"),
        pytest.param([Conv2d(1, 2, (3, 5), (1, 2), (1, 0)), AvgPool2d(2)], Field((4, 7), (2, 4), (1, 0))),
        pytest.param(Sequential(Conv2d(1, 1, 3), Sequential(ReLU(), BatchNorm2d(1)), MaxPool2d(2))[:2],
                     Field(3, 1, 0), id="ReLU and BatchNorm see one pixel"),
        pytest.param(MaxPool2d(3, 2, 1), Field(3, 2, 1), id="a single layer"),
        pytest.param([CONV, MaxPool2d(2), Sequential(Conv2d(1, 1, 3))], Field(8, 2, 1), id="all together"),
        pytest.param([Sequential(), CONV], Field(3, 1, 1), id="a model of no layers"),
        pytest.param(SimpleCNN().features, Field(10, 4, 3), id="SimpleCNN before its classifier"),
        pytest.param(SimpleCNN(), Field(WHOLE, 4, 3), id="a linear layer sees all"),
        pytest.param([GlobalAvgPool2d(), CONV], Field(WHOLE, 1, 1), id="global pooling sees all"),
    ],
)  # fmt: skip
def test_receptive_field(layers: Any, expected: Field) -> None:
    assert receptive_field(layers) == expected


def test_a_number_stands_once_where_both_sides_agree() -> None:
    assert receptive_field([((3, 1), 1, 0), ((1, 3), 1, (1, 2))]) == (3, 1, (1, 2))


@pytest.mark.parametrize("cut", range(5))
def test_a_stack_may_be_folded_in_parts(cut: int) -> None:
    layers = [(5, 2, 1), (3, 1, (2, 0)), ((2, 3), (2, 1), 1), (3, 3, 0)]
    parts = [receptive_field(layers[:cut]), receptive_field(layers[cut:])]
    assert receptive_field(parts) == receptive_field(layers)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "AlexNet",
            Field(195, 32, 66),
        ),  # Distill: 195, 32 and 64, without padding in the first layer
        ("VGG-16", Field(212, 32, 90)),  # Distill
        ("ResNet-18", Field(435, 32, 217)),  # 11 + 4·8 + (8 + 3·16) + (16 + 3·32) + (32 + 3·64)
        ("ResNet-34", Field(899, 32, 449)),  # 11 + 6·8 + (8 + 7·16) + (16 + 11·32) + (32 + 5·64)
        ("ResNet-50", Field(483, 32, 241)),  # Distill, where one side of the pooling is padded: 239
        ("ResNet-50 v1.5", Field(427, 32, 213)),  # 11 + 3·8 + (8 + 3·16) + (16 + 5·32) + (32 + 2·64)
        ("MobileNet-v1", Field(315, 32, 157)),  # Distill, where one side is padded: 126
    ],
)
def test_known_networks(name: str, expected: Field) -> None:
    assert receptive_field(NETWORKS[name].layers) == expected


def test_every_known_network_is_tested_and_has_a_source() -> None:
    assert list(NETWORKS) == [
        *("AlexNet", "VGG-16", "ResNet-18", "ResNet-34", "ResNet-50", "ResNet-50 v1.5", "MobileNet-v1")
    ]
    assert all(re.search(r"20\d\d", network.source) for network in NETWORKS.values())


@pytest.mark.parametrize(
    ("name", "last"),
    [("AlexNet", 6)] + [(name, 7) for name in NETWORKS if name != "AlexNet"],
    ids=lambda value: str(value),
)
def test_known_networks_end_in_the_map_that_their_papers_print(name: str, last: int) -> None:
    size = 224
    for window in NETWORKS[name].layers:
        size = shapes.output_size(size, *window)
    assert size == last


def test_table_has_a_row_for_each_layer() -> None:
    model = [Sequential(Conv2d(1, 1, 3, padding=1), ReLU()), (2, 2, 0), ((3, 5), 1, 0), GlobalAvgPool2d()]
    assert table(model) == [
        ("Conv2d", Field(3, 1, 1), Field(3, 1, 1)),
        ("ReLU", Field(1, 1, 0), Field(3, 1, 1)),
        ("2×2", Field(2, 2, 0), Field(4, 2, 1)),
        ("3×5", Field((3, 5), 1, 0), Field((8, 12), 2, 1)),
        ("GlobalAvgPool2d", Field(WHOLE, 1, 0), Field(WHOLE, 2, 1)),
    ]
    assert table([]) == []


@pytest.mark.parametrize(
    ("layers", "index", "size", "clipped", "formula"),
    [
        pytest.param([CONV], 0, 8, (0, 2), (-1, 2), id="a corner sees less"),
        pytest.param([CONV], 3, 8, (2, 5), (2, 5), id="the middle sees all"),
        pytest.param([CONV], 7, 8, (6, 8), (6, 9), id="the other corner"),
        pytest.param([CONV, POOL, CONV, CONV], 0, 16, (0, 7), (-5, 7), id="7 of 12 pixels"),
        pytest.param([(3, 2, 0), CONV], 1, 6, (0, 5), (0, 7), id="pixel 5 is read by no window"),
        pytest.param([(1, 2, 1), (3, 1, 0)], 0, 6, (1, 4), (-1, 4), id="a window on padding only"),
        pytest.param([(2, 1, 3)], 0, 4, (0, 0), (-3, -1), id="an output that sees nothing"),
        pytest.param([CONV, GlobalAvgPool2d()], 0, 8, (0, 8), (-1, 9), id="global pooling"),
        pytest.param([], 5, 8, (5, 6), (5, 6), id="no layer"),
    ],
)
def test_region(layers: Any, index: int, size: int, clipped: tuple, formula: tuple) -> None:
    assert region(layers, index, size) == Region(range(*clipped), range(*clipped))
    assert region(layers, index, size, clip=False) == Region(range(*formula), range(*formula))


def test_region_of_rows_and_columns() -> None:
    layers = [((3, 5), (1, 2), (1, 0)), (2, 2, 0)]
    assert region(layers, (0, 1), (4, 13)) == Region(range(3), range(4, 11))
    assert region(layers, (0, 1), (4, 13), clip=False) == Region(range(-1, 3), range(4, 11))


def test_a_region_without_rows_has_no_columns() -> None:
    assert region([((2, 1), 1, (2, 0))], (0, 3), 4) == Region(range(0), range(0))


# What follows asks the loops: NaN in one pixel reaches exactly the outputs that see that pixel.


def seen(model: Sequential, height: int, width: int) -> np.ndarray:
    """Which output sees which pixel, by a run for each pixel: (output rows, columns, height, width)."""
    images = np.ones((height * width, 1, height, width))
    images.reshape(height * width, -1)[np.diag_indices(height * width)] = np.nan
    reached = np.isnan(model(images)[:, 0])
    return reached.transpose(1, 2, 0).reshape(*reached.shape[1:], height, width)


def hull(marked: np.ndarray) -> Region:
    """From the first row and column with a mark to the last."""
    ends = [(axis.min(), axis.max() + 1) if len(axis) else (0,) for axis in np.nonzero(marked)]
    return Region(*(range(*map(int, end)) for end in ends))


def side(most: int, least: int = 1) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(least, most), st.integers(least, most))


CONVS = st.builds(Conv2d, st.just(1), st.just(1), side(4), side(3), side(2, least=0))
POOLS = st.builds(
    lambda pool, kernel, stride, share: pool(kernel, stride, tuple(int(k * share) for k in kernel)),
    st.sampled_from([MaxPool2d, AvgPool2d]), side(3), side(3), st.sampled_from([0, 0.5]),
)  # fmt: skip
POINTWISE = st.sampled_from([ReLU(), BatchNorm2d(1).eval()])


@st.composite
def stacks(draw: st.DrawFn) -> tuple[Sequential, int, int]:
    """A stack of at most four layers that fits on an image of at most 12×11 pixels."""
    size, layers = draw(st.tuples(st.integers(3, 12), st.integers(2, 11))), []
    for layer in draw(st.lists(st.one_of(CONVS, POOLS, POINTWISE), min_size=1, max_size=4)):
        try:
            shapes.output_shape(Sequential(*layers, layer), (1, 1, *size))
        except ValueError:
            continue  # larger than the map it would stand on
        layers.append(layer)
    return Sequential(*layers), *size


@settings(max_examples=150, deadline=None)
@given(stacks())
def test_the_theory_is_what_the_loops_see(stack: tuple[Sequential, int, int]) -> None:
    model, height, width = stack
    truth = seen(model, height, width)
    for row, column in product(*map(range, truth.shape[:2])):
        assert region(model, (row, column), (height, width)) == hull(truth[row, column])


@settings(max_examples=100, deadline=None)
@given(stacks())
def test_size_stride_and_padding_are_those_of_one_window(stack: tuple[Sequential, int, int]) -> None:
    model, height, width = stack
    field = receptive_field(model)
    places = shapes.output_shape(model, (1, 1, height, width))[2:]
    size, stride, padding = (shapes.pair("", number, 0) for number in field)
    assert tuple(map(shapes.output_size, (height, width), size, stride, padding)) == places
    for axis in (0, 1):
        index = places[axis] - 1
        start = index * stride[axis] - padding[axis]
        formula = region(model, (places[0] - 1, places[1] - 1), (height, width), clip=False)
        assert formula[axis] == range(start, start + size[axis])


@settings(max_examples=60, deadline=None)
@given(stacks())
def test_a_field_has_no_holes_while_no_stride_is_longer_than_its_kernel(
    stack: tuple[Sequential, int, int],
) -> None:
    model, height, width = stack
    for own in (row.window for row in table(model)):
        kernel, stride = shapes.pair("", own.size, 1), shapes.pair("", own.stride, 1)
        if any(s > k for s, k in zip(stride, kernel, strict=True)):
            return
    truth = seen(model, height, width)
    for row, column in product(*map(range, truth.shape[:2])):
        rows, columns = region(model, (row, column), (height, width))
        assert truth[row, column].sum() == len(rows) * len(columns)


@pytest.mark.parametrize(
    "head", [[GlobalAvgPool2d()], [Flatten(), Linear(12, 2)]], ids=["global pooling", "linear"]
)
def test_the_loops_see_the_whole_input_where_the_theory_says_so(head: list[Layer]) -> None:
    model = Sequential(Conv2d(1, 1, 3, padding=1), *head)
    image = np.ones((12, 1, 3, 4))
    image.reshape(12, 12)[np.diag_indices(12)] = np.nan
    assert np.isnan(model(image)).all()
    assert region(model, 0, (3, 4)) == Region(range(3), range(4))


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        pytest.param((32,), 16, id="3×3 on 32×32: 15 layers see 31 pixels, 16 see 33"),
        pytest.param((33,), 16, id="33 is exactly 16 layers"),
        pytest.param((1,), 0, id="a pixel needs no layer"),
        pytest.param((32, 5), 8, id="5×5"),
        pytest.param((32, 32), 1, id="a kernel as large as the image"),
        pytest.param((224, 3, 2), 7, id="stride 2: 127 pixels after 6 layers, 255 after 7"),
        pytest.param((1, 1), 0, id="1×1 on one pixel"),
    ],
)
def test_layers_to_cover(args: tuple, expected: int) -> None:
    assert layers_to_cover(*args) == expected


def slopes(model: Layer, x: np.ndarray, seed: np.ndarray) -> np.ndarray:
    """Gradient of Σ seed·output by each value of x, from the differences of two runs."""
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = 0.5
        gradient[place] = (seed * (model(x + step) - model(x - step))).sum()
    return gradient


def test_the_effective_field_of_two_layers_of_ones_is_a_pyramid() -> None:
    model = Sequential(Conv2d(2, 1, 3), Conv2d(1, 3, 3))
    for layer, value in zip(model, (1.0, -1.0), strict=True):
        layer.weight[:] = value
    x = np.zeros((2, 2, 6, 7))
    measured = effective_field(lambda seed: slopes(model, x, seed), (2, 3, 2, 3), (1, 2, 1, 0))
    expected = np.zeros((6, 7))
    expected[1:6, 0:5] = 2 * np.outer([1, 2, 3, 2, 1], [1, 2, 3, 2, 1])  # two channels
    np.testing.assert_allclose(measured, expected, atol=1e-12)
    assert hull(measured > 1e-9) == region(model, (1, 0), (6, 7))


NO_LAYER = "Expected a layer or (kernel_size, stride, padding), got"
ONE = "must be an integer of at least 1 or a pair of them (height, width), got"
ZERO = "must be an integer of at least 0 or a pair of them (height, width), got"


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        pytest.param([(3, 1)], f"{NO_LAYER} (3, 1)", id="two numbers"),
        pytest.param((3, 1, 1), f"{NO_LAYER} 3", id="a triple that is in no list"),
        pytest.param(["311"], f"{NO_LAYER} '311'", id="text"),
        pytest.param([(0, 1, 1)], f"kernel_size {ONE} 0", id="no kernel"),
        pytest.param([((3, 3, 3), 1, 1)], f"kernel_size {ONE} (3, 3, 3)", id="three sides"),
        pytest.param([(3.0, 1, 1)], f"kernel_size {ONE} 3.0", id="float"),
        pytest.param([(3, 0, 1)], f"stride {ONE} 0", id="no stride"),
        pytest.param([(3, None, 1)], f"stride {ONE} None", id="None"),
        pytest.param([(3, 1, -1)], f"padding {ZERO} -1", id="negative padding"),
    ],
)
@pytest.mark.parametrize("call", [receptive_field, table, lambda layers: region(layers, 0, 8)],
                         ids=["receptive_field", "table", "region"])  # fmt: skip
def test_what_is_no_layer_is_refused(call: Any, layers: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call(layers)


def test_a_layer_that_nobody_has_taught_it_is_refused() -> None:
    class Dropout(Layer):
        pass

    with pytest.raises(ValueError, match=r"^Expected a layer or .*, got Dropout\(\)$"):
        receptive_field(Sequential(ReLU(), Dropout()))


@pytest.mark.parametrize(
    ("index", "size", "message"),
    [
        (4, 8, "output_index must be below 4, the size of the output, got 4"),
        ((0, 4), 8, "output_index must be below 4, the size of the output, got 4"),
        (-1, 8, f"output_index {ZERO} -1"),
        (0.5, 8, f"output_index {ZERO} 0.5"),
        (0, 0, f"input_size {ONE} 0"),
        (0, (1, 1, 8, 8), f"input_size {ONE} (1, 1, 8, 8)"),
        (0, 1, "kernel_size 2 is larger than the padded input, 1"),
    ],
    ids=["outside", "column outside", "negative", "float", "no image", "a whole shape", "too small an image"],
)  # fmt: skip
@pytest.mark.parametrize("clip", [True, False], ids=["clipped", "formula"])
def test_region_refuses(index: Any, size: Any, clip: bool, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        region([CONV, POOL], index, size, clip)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((0,), "size must be an integer of at least 1, got 0"),
        ((8.0,), "size must be an integer of at least 1, got 8.0"),
        ((2, 1), "layers of kernel_size 1 never see more than one pixel, and size is 2"),
        ((8, 0), "kernel_size must be an integer of at least 1, got 0"),
        ((8, (3, 5)), "kernel_size must be an integer of at least 1, got (3, 5)"),
        ((8, 3, 0), "stride must be an integer of at least 1, got 0"),
    ],
    ids=["no size", "float", "1×1", "no kernel", "pair", "no stride"],
)
def test_layers_to_cover_refuses(args: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        layers_to_cover(*args)


@pytest.mark.parametrize("unit", [(0, 0, 2, 0), (0, 0, -1, 0), (0, 0)], ids=["outside", "negative", "short"])
def test_effective_field_refuses_a_unit_that_is_not_there(unit: tuple) -> None:
    message = f"unit must be an index of an output of shape (1, 1, 2, 2), got {unit}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        effective_field(lambda seed: seed, (1, 1, 2, 2), unit)


@st.composite
def averaging(draw: st.DrawFn) -> Layer:
    """A convolution with positive weights, or a mean: layers through which every pixel has a gradient."""
    kernel = (draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    stride = draw(st.integers(1, min(kernel)))  # a longer step would leave pixels out
    if draw(st.booleans()):
        return AvgPool2d(kernel, stride, padding=min(kernel) // 2, ops=fast)
    layer = Conv2d(1, 1, kernel, stride, padding=draw(st.integers(0, 2)), ops=fast)
    layer.weight[:] = 1.0
    return layer


@settings(max_examples=60, deadline=None)
@given(
    layers=st.lists(averaging(), min_size=1, max_size=4),
    where=st.tuples(st.floats(0, 0.99), st.floats(0, 0.99)),
)
def test_the_gradient_reaches_just_the_region_that_theory_says(
    layers: list[Layer], where: tuple[float, float]
) -> None:
    model, size = Sequential(*layers), (19, 16)
    try:
        y = model(np.ones((1, 1, *size)))
    except ValueError:  # the stack leaves nothing of an image of this size
        assume(False)
    unit = int(where[0] * y.shape[2]), int(where[1] * y.shape[3])
    reached = effective_field(model.backward, y.shape, (0, 0, *unit)) > 0
    rows, columns = region(model, unit, size)
    expected = np.zeros(size, dtype=bool)
    expected[rows.start : rows.stop, columns.start : columns.stop] = True
    assert (reached == expected).all()
