"""Markdown, code and outputs as HTML."""

import pytest
from nbformat.v4 import new_code_cell, new_output

from kit import fields, markdown, render
from kit.errors import KitError
from kit.math import typeset
from tests.conftest import ROOT

SVG = '<svg width="72pt" height="36pt"></svg>'


def test_markdown_has_tables_typography_and_formulas() -> None:
    assert markdown.to_html('"so" $a_b$') == '<p>“so” <span class="tex" data-display="false">a_b</span></p>\n'
    assert "<td>1</td>" in markdown.to_html("| a |\n|---|\n| 1 |")


def test_each_line_of_a_listing_knows_its_steps() -> None:
    html = markdown.listing_html(
        "a\nb\n", 'text {"symbol": "m.f", "steps": [[1, 2, "both"], [2, 2, "last"]]}'
    )
    assert '<span class="line in1"><span class="badge" aria-hidden="true">1</span>a\n</span>' in html
    assert '<span class="line in1 in2"><span class="badge" aria-hidden="true">2</span>b\n</span>' in html
    assert html.count("fragment step") == 2


def test_an_unknown_directive_is_an_error() -> None:
    with pytest.raises(KitError, match="there is no directive 'aside'"):
        markdown.to_html(":::{aside}\nx\n:::")


def test_a_figure_has_alternative_text_and_its_natural_size() -> None:
    output = new_output(
        "display_data", {"image/svg+xml": SVG}, metadata={"image/svg+xml": {"alt": 'A "line"'}}
    )
    html = render.cells_html([new_code_cell("f", outputs=[output], metadata={"tags": ["remove-input"]})])
    assert 'alt="A &quot;line&quot;" width="96" height="48" src="data:image/svg+xml;base64,' in html
    assert "<pre" not in html


def test_a_figure_without_alternative_text_names_the_line_of_its_cell() -> None:
    output = new_output("display_data", {"image/svg+xml": SVG})
    cell = new_code_cell("f", outputs=[output], metadata={"source": "decks/01_a.md:41"})
    with pytest.raises(KitError) as caught:
        render.cells_html([cell])
    assert str(caught.value).startswith("decks/01_a.md, line 41: the figure has no alternative text")


def test_printed_output_is_escaped() -> None:
    output = new_output("stream", name="stdout", text="<script>alert(1)</script>")
    assert "<script>" not in render.cells_html([new_code_cell("f", outputs=[output])])


def test_formulas_are_typeset_with_words_for_them() -> None:
    key = ("decks/01_a.md", "public")
    page = typeset({key: markdown.to_html(r"$\frac{1}{2}$")}, ROOT)[key]
    assert 'data-speech="one half"' in page
    assert 'class="katex"' in page


def test_a_broken_formula_names_its_page() -> None:
    with pytest.raises(KitError, match=r"decks/01_a.md: formula .*frac"):
        typeset({("decks/01_a.md", "public"): markdown.to_html(r"$\frac{1$")}, ROOT)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (fields.count(2774532096), "2,774,532,096"),
        (fields.mib(12845056), "12.25 MiB"),
        (fields.mib(411041792), "392 MiB"),
        (fields.gib(50 * 822083584), "38.3 GiB"),
        (fields.billions(2774532096), "2.77"),
        (fields.millions(86704128), "86.7"),
        (fields.percent(0.9743), "97.4\N{NO-BREAK SPACE}%"),
        (fields.times(49 / 9), "5.44×"),
        (fields.times(112347.4), "112,347×"),
    ],
)
def test_numbers_are_written_in_one_way(written: str, expected: str) -> None:
    assert written == expected
