"""A run as a step-through: the block that `watch` gives, and what a page makes of it."""

import json
import re
from typing import Any

import numpy as np
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from kit import grids, watching
from kit.errors import KitError
from tinyspatial import loops
from tinyspatial.data import digits
from tinyspatial.tracing import compact, record
from tinyspatial.watching import ink, levels, watch

X = [[[[0, 13, 15, 10], [3, 15, 2, 0], [4, 12, 0, 0]]]]
WEIGHT = [[[[1, -2], [0.5, 0]]]]
CONV = ("tinyspatial.loops.conv2d", X, WEIGHT)


def run(*args: Any, **options: Any) -> dict[str, Any]:
    """The JSON of a block."""
    fence, text, end = watch(*args, **options).split("\n")
    assert (fence, end, "`" in text) == ("```{watch}", "```", False)
    return json.loads(text)


def told(symbol: str, *args: Any, **options: Any) -> list[str]:
    """What the lines of one long step did, with short numbers and no roles."""
    found = run(symbol, *args, **options)
    lines = found["told"][: found["stops"][0] + 1]
    return [re.sub(r"\[\w* (\S+)\]", lambda number: f"{float(number[1]):g}", text) for text in lines]


def test_the_block_holds_the_trace_of_a_real_run() -> None:
    found, trace = run(*CONV, stride=(1, 2)), record(loops.conv2d, X, WEIGHT, stride=(1, 2))
    assert {key: found[key] for key in json.loads(compact(trace))} == json.loads(compact(trace))
    assert found["result"] == loops.conv2d(X, WEIGHT, stride=(1, 2)).tolist()


def test_a_product_and_its_accumulator_have_the_colours_of_their_arrays() -> None:
    assert run(*CONV)["told"][:4] == [
        "total = [output 0.0]",
        "pixel = [input 0.0]",
        "[input 0.0] × [kernel 1.0] = [ 0.0], total [output 0.0]",
        "pixel = [input 13.0]",
    ]


def test_every_product_adds_up_to_what_conv2d_gives() -> None:
    assert told(*CONV) == [
        *("total = 0", "pixel = 0", "0 × 1 = 0, total 0", "pixel = 13", "13 × (-2) = -26, total -26"),
        *("pixel = 3", "3 × 0.5 = 1.5, total -24.5", "pixel = 15", "15 × 0 = 0, total -24.5"),
        "out[0, 0, 0, 0] = -24.5",
    ]


def test_a_comparison_says_how_it_came_out() -> None:
    assert told("tinyspatial.loops.max_pool2d", [[[[-3.0, -5.0, -1.0]]]], (1, 3)) == [
        *("best = -inf", "value = -3", "-3 > -inf: yes", "best = -3", "value = -5", "-5 > -3: no"),
        *("value = -1", "-1 > -3: yes", "best = -1", "out[0, 0, 0, 0] = -1"),
    ]


def test_of_two_conditions_the_one_that_holds_is_told() -> None:
    assert told("tinyspatial.loops.max_pool2d", [[[[2.0, np.nan]]]], (1, 2))[5] == "nan ≠ nan: yes"


def test_a_cell_that_grows_by_another_is_told_as_a_sum() -> None:
    lines = told("tinyspatial.ways.ways", [(2, 1, 0)], 1, 3, roles={"count": "input"})
    assert [line for line in lines if line.startswith("count")] == ["count[0, 1] + 1 = 1"]


def test_running_statistics_are_told_as_they_are_written() -> None:
    lines = told(
        "tinyspatial.loops.normalisation.running_statistics", [[2, 4]], 0.25, roles={"x": "input"}, by="b"
    )
    assert lines == [
        *("mean = var = 0", "2 ÷ 2 = 1, mean 1", "4 ÷ 2 = 2, mean 3"),
        *("(2 − 3)² ÷ (2 − 1) = 1, var 1", "(4 − 3)² ÷ (2 − 1) = 1, var 2"),
        *("running_mean[1] = 0.75 × 0 + 0.25 × 3 = 0.75", "running_var[1] = 0.75 × 1 + 0.25 × 2 = 1.25"),
    ]


def test_long_steps_fill_the_output_or_pass_through_a_loop() -> None:
    filled, passed = run(*CONV), run(*CONV, by="p")
    assert filled["stops"] == [9, 19, 29, 39, 49, 59]
    assert passed["stops"] == [29, 59]
    assert (filled["by"], passed["by"]) == ("out", "p")


def test_the_telling_moments_are_results_first_cells_the_next_row_and_the_last() -> None:
    found = run(*CONV)
    assert [step for step, _ in found["moments"]] == [4, 6, 9, 19, 39, 59]
    assert found["moments"][0][1] == "[input 13.0] × ([kernel -2.0]) = [ -26.0], total [output -26.0]"
    assert [step for step, _ in run(*CONV, by="p")["moments"]] == [0, 29, 59]


def test_the_author_may_say_it_better() -> None:
    words = ["one", "two", "three", "four", "five", "six"]
    assert [caption for _, caption in run(*CONV, captions=words)["moments"]] == words
    with pytest.raises(ValueError, match="conv2d has 6 telling moments here, and 2 captions"):
        watch(*CONV, captions=["one", "two"])


def test_what_padding_adds_is_known() -> None:
    assert run(*CONV)["added"] == {}
    padded = run(*CONV, padding=(1, 0))["added"]["x"]
    assert padded == [0, 1, 2, 3, 16, 17, 18, 19]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"roles": {"y": "input"}}, "conv2d has no array 'y'; it has bias, x, weight, out"),
        ({"by": "z"}, "conv2d has no array and no loop variable 'z'"),
    ],
    ids=["array", "loop"],
)
def test_a_name_that_the_run_does_not_have_is_refused(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        watch(*CONV, **options)


def test_a_run_without_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="conv2d has no step to watch with these arguments"):
        watch("tinyspatial.loops.conv2d", np.ones((0, 1, 3, 3)), WEIGHT)


def test_pieces_of_digits_are_those_of_the_collection() -> None:
    shades = 16 * digits()[0]
    np.testing.assert_array_equal(ink(3, (1, 6), (0, 4)), shades[3:4, :, 1:6, 0:4])
    np.testing.assert_array_equal(levels(2, 5), shades[:10, 0, 4, 3].reshape(2, 5))


# What kit makes of a block: text in, HTML out.


def film(html: str) -> dict[str, Any]:
    return json.loads(html.partition('<script type="application/json">')[2].partition("</script>")[0])


def test_each_step_is_a_sentence() -> None:
    said = film(watching.watch_html(watch(*CONV).split("\n")[1]))["said"]
    assert said[4] == "line 10, p 0, q 0, i 0, j 1: 13 times minus 2 is minus 26, total minus 26"
    assert said[9] == "line 11, p 0, q 0: out[0, 0, 0, 0] is minus 24.5"


def test_cells_are_blank_until_they_are_filled_and_the_script_is_safe() -> None:
    html = watching.watch_html(watch(*CONV).split("\n")[1])
    found = film(html)
    assert found["cells"]["out"] == [""] * 6
    assert found["cells"]["x"][:4] == ["0", "13", "15", "10"]
    assert found["values"]["out"][9] == "−24.5"
    assert html.count("</script>") == 1


def test_a_cell_that_is_read_before_it_is_written_is_there_from_the_start() -> None:
    block = watch(
        "tinyspatial.loops.normalisation.running_statistics", [[2, 4]], roles={"running_var": "statistics"}
    )
    assert film(watching.watch_html(block.split("\n")[1]))["cells"]["running_var"] == ["1", ""]


def test_what_a_shorter_map_does_not_have_is_faint_and_blank() -> None:
    block = watch("tinyspatial.ways.ways", [(2, 2, 0)], 1, 4, roles={"count": "input"}, by="d")
    count = grids.grid(json.loads(block.split("\n")[1]), "count", "input")
    assert (count.cells, sorted(count.added)) == (["", "", "", "", "", "1", "", ""], [6, 7])


def test_each_telling_moment_is_a_fragment_and_a_frame() -> None:
    html = watching.watch_html(watch(*CONV).split("\n")[1])
    assert re.findall(r'class="fragment moment" data-step="(\d+)"', html) == ["4", "6", "9", "19", "39", "59"]
    assert re.findall(r'<li data-step="(\d+)">', html) == ["4", "6", "9", "19", "39", "59"]


def test_the_listing_is_that_of_the_loops_with_arrays_in_their_colours() -> None:
    html = watching.watch_html(watch(*CONV).split("\n")[1])
    pre = html.partition("<code>")[2].partition("</code></pre>")[0]
    assert re.sub(r"<[^>]+>", "", pre).startswith("for n in range(N):")
    assert '<span class="n input">x</span>' in pre
    assert '<span class="n kernel">weight</span>' in pre


def test_notebooks_have_the_listing_and_the_moments_in_words() -> None:
    cell = new_markdown_cell(f"## A title\n\n{watch(*CONV)}\n\nMore.")
    text = watching.in_words(new_notebook(cells=[cell])).cells[0].source
    assert text.startswith("## A title\n\n```python\nfor n in range(N):")
    assert "1. line 10, p 0, q 0, i 0, j 1: 13 times minus 2" in text
    assert text.endswith("out[0, 0, 1, 2] is 2\n\nMore.")


def test_a_run_that_is_too_long_for_a_slide_is_refused() -> None:
    block = watch("tinyspatial.loops.conv2d", np.ones((1, 3, 9, 9)), np.ones((1, 3, 3, 3)))
    with pytest.raises(KitError) as caught:
        watching.watch_html(block.split("\n")[1])
    assert re.match(
        r"the step-through of tinyspatial.loops.conv2d has \d{3},\d{3} bytes", caught.value.problem
    )
    assert caught.value.remedy == "give it smaller arrays"


def test_arrays_that_do_not_fit_are_refused() -> None:
    block = watch("tinyspatial.loops.max_pool2d", np.ones((1, 1, 20, 20)), 10)
    with pytest.raises(KitError, match="the arrays of max_pool2d do not fit on a slide"):
        watching.watch_html(block.split("\n")[1])


@pytest.mark.parametrize(
    ("captions", "side"),
    [
        pytest.param(6 * ["[input 3.0] × [kernel 1.0]"], 30, id="as wide as a column lets them be"),
        pytest.param(6 * [60 * "a"], 29, id="shorter, for captions of two lines"),
        pytest.param(9 * ["out"], 44, id="in three rows only what changes"),
        pytest.param(4 * ["out"], 35, id="two columns have more room"),
    ],
)
def test_frames_are_as_large_as_their_number_and_shorter_captions_allow(
    captions: list[str], side: int
) -> None:
    found = run("tinyspatial.loops.conv2d", np.ones((1, 1, 5, 5)), np.ones((1, 1, 3, 3)), stride=2)
    arrays = [grids.grid(found, name, role) for name, role in found["roles"].items()]
    assert watching.framed(arrays, captions)[1] == side


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-0.0, "0"), (4.0, "4"), (-1.5, "−1.5"),
     (0.333, "0.33"), (12.345, "12.3"), (0.004, "0.004"), (1234.5, "1234"),
     ("-Infinity", "−∞"), ("NaN", "NaN"), (None, None)],
    ids=str,
)  # fmt: skip
def test_numbers_are_short(value: Any, text: str | None) -> None:
    assert grids.written(value) == text
