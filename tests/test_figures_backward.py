"""The picture of the way back: its numbers, found by hand."""

from tinyspatial.figures import spread_back

# 3 · [2 0 1; −1 3 1] in the window at (0, 0), −2 · the same at (1, 1), and their sum
FIRST = [6, 0, 3, 0, 0, -3, 9, 3, 0, 0, 0, 0, 0, 0, 0]
SECOND = [0, 0, 0, 0, 0, 0, -4, 0, -2, 0, 0, 2, -6, -2, 0]


def test_each_output_lays_the_kernel_on_its_window_and_overlaps_are_added():
    printed = [t.get_text().replace("\N{MINUS SIGN}", "-") for t in spread_back().axes[0].texts]
    numbers = [int(text) for text in printed if text.lstrip("-").isdigit()]
    total = [a + b for a, b in zip(FIRST, SECOND, strict=True)]
    assert numbers == [3, 0, 0, 0, -2, 0, 2, 0, 1, -1, 3, 1, *FIRST, *SECOND, *total]


def test_its_words_name_a_pixel_that_both_windows_hold():
    assert "row 1, column 1 gets 9 plus −4, which is 5." in spread_back().get_label()
