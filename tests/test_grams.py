"""Needles that are in a text are found by the pieces that both have: all of them, and no other."""

from hypothesis import given
from hypothesis import strategies as st

from kit import grams


@given(text=st.text("ab", max_size=90), cuts=st.lists(st.tuples(st.integers(0, 80), st.integers(6, 20))))
def test_it_finds_what_looking_for_each_would_find(text: str, cuts: list[tuple[int, int]]) -> None:
    needles = [n for start, length in cuts for n in (text[start:][:length], text[::-1][start:][:length])]
    needles = [needle for needle in needles if len(needle) >= 6]
    found = grams.held(text, grams.index(needles, 6), 6)
    assert found == {needle for needle in needles if needle in text}


def test_a_needle_as_long_as_the_least_is_found_wherever_it_stands() -> None:
    table = grams.index(["needle"], 6)
    for before in range(20):
        text = "-" * before + "needle" + "-" * 5
        assert grams.held(text, table, 6) == {"needle"}
