"""Ways back through a stack: counted by hand, against the region, and against the gradient of the loops."""

import numpy as np
import pytest

from tinyspatial import loops
from tinyspatial.layers import GlobalAvgPool2d
from tinyspatial.receptive_field import region
from tinyspatial.ways import ways

CONV, POOL = (3, 1, 1), (2, 2, 0)


def test_ways_multiply_layer_by_layer_and_most_start_in_the_middle() -> None:
    assert ways([CONV] * 3, 4, 9).tolist() == [
        [0, 1, 3, 6, 7, 6, 3, 1, 0],
        [0, 0, 1, 2, 3, 2, 1, 0, 0],
        [0, 0, 0, 1, 1, 1, 0, 0, 0],
        [0, 0, 0, 0, 1, 0, 0, 0, 0],
    ]


def test_at_the_border_there_are_fewer_ways_and_behind_a_shorter_map_there_is_nothing() -> None:
    nan = np.nan
    expected = [[1, 2, 1, 1], [1, 1, nan, nan], [1, nan, nan, nan]]
    np.testing.assert_array_equal(ways([(3, 2, 1), (2, 2, 0)], 0, 4), expected)


@pytest.mark.parametrize(
    ("layers", "index"),
    [([CONV, POOL, CONV], 1), ([(3, 2, 0), (2, 1, 1)], 0), ([(2, 3, 0)], 1), ([CONV, GlobalAvgPool2d()], 0)],
    ids=["a pool", "strides", "holes", "the whole map"],
)
def test_the_cells_with_a_way_are_the_region(layers: list, index: int) -> None:
    reached = np.flatnonzero(ways(layers, index, 12)[0])
    seen = region(layers, index, 12).columns
    assert (reached[0], reached[-1] + 1) == (seen.start, seen.stop)


def test_ways_are_the_gradient_of_layers_of_ones() -> None:
    layers = [(3, 1, 1), (2, 2, 0), (3, 1, 1)]
    maps, grad = [np.zeros((1, 1, 1, 10))], np.zeros((1, 1, 1, 5))
    grad[..., 3] = 1
    for k, s, p in layers:
        maps.append(loops.conv2d(maps[-1], np.ones((1, 1, 1, k)), stride=(1, s), padding=(0, p)))
    for (k, s, p), seen in zip(reversed(layers), reversed(maps[:-1]), strict=True):
        grad, *_ = loops.conv2d_backward(grad, seen, np.ones((1, 1, 1, k)), None, (1, s), (0, p))
    np.testing.assert_array_equal(ways(layers, 3, 10)[0], grad.ravel())


def test_ways_refuses_an_index_outside_the_output() -> None:
    with pytest.raises(ValueError, match="output_index must be below 4, the size of the output, got 4"):
        ways([POOL], 4, 8)
