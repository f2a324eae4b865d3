"""Listings are the tested source and nothing else; steps are found by the text they name."""

import inspect

import pytest

from kit import fields
from kit.errors import KitError
from kit.listing import listing, source, stub, without_docstring
from kit.markdown import captions_html
from tinyspatial import loops


def test_a_listing_is_the_source_less_its_docstring() -> None:
    assert listing("kit.fields.count") == (
        '```python {"symbol": "kit.fields.count", "steps": []}\n'
        "def count(number: int) -> str:\n"
        '    return f"{number:,}"\n'
        "```"
    )


@pytest.mark.parametrize("name", ["conv2d", "max_pool2d", "avg_pool2d", "batch_norm"])
def test_every_listed_line_is_byte_for_byte_a_line_of_the_source(name: str) -> None:
    listed = listing(f"tinyspatial.loops.{name}").split("\n", 1)[1].removesuffix("```")
    before, _, rest = inspect.getsource(getattr(loops, name)).partition('    """')
    assert listed == before + rest.partition('"""\n')[2]


def test_steps_are_numbered_by_the_text_they_name() -> None:
    assert '"steps": [[1, 1, "the name"], [1, 2, ""]]' in listing(
        "kit.fields.count", steps={"def count": "the name", "def count .. return": ""}
    )


def test_a_caption_may_hold_code() -> None:
    fence = listing("kit.fields.count", steps={"return": "`f` and more"}).split("\n")[0]
    assert captions_html(fence.lstrip("`")) == (
        '<ol class="captions"><li class="in1" data-step="1"><span><code>f</code> and more</span></li></ol>'
    )


def test_start_and_end_cut_a_part_and_move_it_to_the_margin() -> None:
    part = listing("kit.listing.span", start="begin = find", end="finish = find")
    assert [line[:5] for line in part.split("\n")[1:-1]] == ["begin", "finis"]


@pytest.mark.parametrize(
    ("symbol", "steps", "problem"),
    [
        ("tinyspatial.loops.nothing", [], "there is no tinyspatial.loops.nothing"),
        ("nowhere.at.all", [], "there is no nowhere.at.all"),
        ("kit.fields.count", ["for m in"], '"for m in" is not in kit.fields.count'),
        ("kit.fields.count", ["number"], '"number" is in 2 lines of kit.fields.count'),
        ("kit.fields.count", ["return .. def count"], "ends before it begins"),
    ],
    ids=["unknown symbol", "unknown module", "unknown anchor", "ambiguous anchor", "reversed range"],
)
def test_what_cannot_be_found_is_an_error(symbol: str, steps: list[str], problem: str) -> None:
    with pytest.raises(KitError) as caught:
        listing(symbol, steps)
    assert problem in str(caught.value)


def test_a_stub_has_signature_and_docstring_and_raises() -> None:
    assert stub("kit.fields.count") == (
        "def count(number: int) -> str:\n"
        '    """2774532096 -> "2,774,532,096"."""\n'
        "    # YOUR CODE HERE\n"
        "    raise NotImplementedError()"
    )


def test_a_stub_may_say_something_else_than_the_docstring() -> None:
    assert stub("kit.fields.count", docstring="With commas.") == (
        "def count(number: int) -> str:\n"
        '    """With commas."""\n'
        "    # YOUR CODE HERE\n"
        "    raise NotImplementedError()"
    )


def test_a_method_stands_at_the_left_margin() -> None:
    assert source("kit.errors.KitError.__str__").startswith("def __str__(self) -> str:\n    place")


def test_a_text_without_docstring_is_left_alone() -> None:
    text = without_docstring(inspect.getsource(fields.count))
    assert without_docstring(text) == text
