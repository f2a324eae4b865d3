"""Directives, slides and editions."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from kit import directives, slides
from kit.errors import KitError

TEXT = """\
:::{notes}
Welcome.
:::

## First {.below}

Words.

```python {"symbol": "a.b", "steps": []}
## not a heading
```

::::{columns}
:::{column}
left
:::
::::

:::{answer}
42
:::

:::{notes}
Say this.
:::

## Second
"""


def deck(*cells: nbformat.NotebookNode) -> nbformat.NotebookNode:
    about = {"title": "T", "name": "01_t", "source": "decks/01_t.md"}
    return nbformat.from_dict(new_notebook(cells=list(cells), metadata={"kit": about}))


def test_directives_are_found_outermost_first() -> None:
    found = directives.blocks(TEXT)
    assert [b.name for b in found] == ["notes", "", "columns", "answer", "notes", ""]
    assert found[2].text == ":::{column}\nleft\n:::"


def test_a_directive_inside_a_code_fence_is_code() -> None:
    text = "```\n:::{notes}\nx\n:::\n```"
    assert directives.blocks(text) == [directives.Block("", text)]


def test_replace_reaches_into_nested_directives() -> None:
    nested = "::::{columns}\n:::{answer}\n42\n:::\n::::"
    emptied = directives.replace(nested, lambda b: "" if b.name == "answer" else b.text)
    assert emptied == "::::{columns}\n:::{answer}\n\n:::\n::::"


def test_a_slide_begins_at_each_heading_and_has_its_notes() -> None:
    title, first, second = slides.slides(slides.speaker(deck(new_markdown_cell(TEXT))))
    assert (title.title, title.notes) == ("T", "Welcome.")
    assert (first.number, first.title, first.classes, first.notes) == (2, "First", ("below",), "Say this.")
    assert (second.number, second.title, second.notes) == (3, "Second", "")


def test_an_unknown_layout_is_an_error() -> None:
    with pytest.raises(KitError, match=r"there is no layout .belov"):
        slides.slides(slides.speaker(deck(new_markdown_cell("## X {.belov}\n\ny"))))


def test_listings_are_shown_and_the_rest_are_words() -> None:
    first = slides.slides(slides.speaker(deck(new_markdown_cell(TEXT))))[1]
    assert [c.source.split("\n")[1] for c in first.show] == ["## not a heading"]
    assert [c.source.split("\n")[0] for c in first.words] == ["Words.", "::::{columns}", ":::{answer}"]


def test_the_audience_has_no_notes_and_no_answers() -> None:
    text = nbformat.writes(slides.audience(deck(new_markdown_cell(TEXT))))
    assert "Welcome." not in text
    assert "Say this." not in text
    assert "42" not in text
    assert ":::{answer}" in text


def test_editions_do_not_change_the_notebook() -> None:
    notebook = deck(new_markdown_cell(TEXT), new_code_cell("1"))
    before = nbformat.writes(notebook)
    slides.audience(notebook)
    slides.speaker(notebook)
    assert nbformat.writes(notebook) == before


def test_the_speakers_notebook_has_jupyters_slideshow_metadata() -> None:
    cells = slides.speaker(deck(new_markdown_cell(TEXT))).cells
    types = [c.metadata.slideshow.slide_type for c in cells]
    assert types == ["notes", "slide", "-", "-", "notes", "slide"]
    assert [c.id for c in cells] == [f"cell-{n:03d}" for n in range(1, 7)]
