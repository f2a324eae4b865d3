"""What slides and exercises show of the library: it must fit, and must not give the answers away."""

import inspect
import re
from collections.abc import Callable

import pytest

from tinyspatial import layers, loops, model, shapes

SHOWN = [
    (loops.conv2d, 16),
    (loops.max_pool2d, 16),
    (loops.avg_pool2d, 16),
    (loops.batch_norm, 18),
    (loops.linear, 14),
    (loops.relu, 14),
    (layers.Conv2d.__init__, 14),
    (layers.Conv2d.forward, 14),
    (layers.BatchNorm2d.__init__, 14),
    (layers.BatchNorm2d.forward, 14),
    (model.SimpleCNN.__init__, 14),
    (model.SimpleCNN.forward, 14),
    (shapes.output_size, 14),
]


def code(shown: Callable) -> list[str]:
    """The lines of a function without its docstring."""
    return re.sub(r' *""".*?"""\n', "", inspect.getsource(shown), flags=re.DOTALL).splitlines()


@pytest.mark.parametrize(("shown", "most"), SHOWN, ids=lambda value: getattr(value, "__qualname__", None))
def test_what_slides_show_fits_on_a_slide(shown: Callable, most: int) -> None:
    lines = code(shown)
    assert '"""' not in "".join(lines)
    assert len(lines) <= most
    assert [line for line in lines if len(line) > 84] == []


@pytest.mark.parametrize("name", loops.__all__)
def test_every_loop_function_is_narrow_enough_for_a_slide(name: str) -> None:
    assert [line for line in code(getattr(loops, name)) if len(line) > 84] == []


def test_conv2d_is_seven_loops_one_inside_the_other() -> None:
    loops_found = [line.split(" in ")[0] for line in code(loops.conv2d) if line.lstrip().startswith("for ")]
    assert loops_found == [" " * 4 * depth + f"for {axis}" for depth, axis in enumerate("nfpqcij", start=1)]


@pytest.mark.parametrize("shown", [loops.conv2d, shapes.output_size], ids=["conv2d", "output_size"])
def test_the_docstring_of_an_exercise_does_not_give_away_the_code(shown: Callable) -> None:
    """Students get signature and docstring; no line of the answer may be in it."""
    answer = {line.split("#")[0].strip() for line in code(shown)[1:]}
    hints = ["for ", "range(", "//", "+=", "np."]
    assert not [line for line in (shown.__doc__ or "").splitlines() if line.strip() in answer]
    assert not [hint for hint in hints if hint in (shown.__doc__ or "")]
