"""From source to notebook; a mistake in a field says file and line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kit.author import author
from kit.errors import KitError
from kit.sources import Source, discover

SOURCE = Source("decks", "01_small", "decks/01_small.md")


def test_fields_are_computed_and_cells_know_their_line(deck_folder: Callable[[str], Path]) -> None:
    root = deck_folder(
        '## {{ 2774532096 | count }} {{ "MACs" }}\n\n'
        "```{code-cell} python\n:tags: [remove-input]\n1 + 1\n```\n"
    )
    notebook = author(SOURCE, root)
    assert notebook.metadata.kit.title == "A small lecture"
    assert [(c.id, c.cell_type, c.source) for c in notebook.cells] == [
        ("cell-001", "markdown", "## 2,774,532,096 MACs"),
        ("cell-002", "code", "1 + 1"),
    ]
    assert notebook.cells[1].metadata == {"source": "decks/01_small.md:8", "tags": ["remove-input"]}


def test_the_same_text_gives_the_same_notebook(deck_folder: Callable[[str], Path]) -> None:
    root = deck_folder("## A\n\n```{code-cell} python\n1\n```\n")
    assert author(SOURCE, root) == author(SOURCE, root)


def test_names_of_used_modules_are_fields(project: Callable[..., Path]) -> None:
    root = project(
        decks_01_small="---\ntitle: T\nuses: [tinyspatial.shapes]\n---\n\n{{ output_size(7, 3) }}\n"
    )
    assert author(SOURCE, root).cells[0].source == "5"


def test_a_solution_extends_its_exercise_and_has_its_front_matter(project: Callable[..., Path]) -> None:
    root = project(
        exercises_01_a="---\ntitle: T\n---\n\n{% block answer %}stub{% endblock %}\n",
        solutions_01_a='{% extends "exercises/01_a.md" %}\n{% block answer %}solved{% endblock %}\n',
    )
    notebook = author(Source("solutions", "01_a", "solutions/01_a.md"), root)
    assert (notebook.metadata.kit.title, notebook.cells[0].source) == ("T", "solved")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{{ nothing }}", "UndefinedError: 'nothing' is undefined"),
        ('{{ listing("kit.fields.nothing") }}', "there is no kit.fields.nothing"),
        ('{{ listing("kit.fields.count", ["for m in"]) }}', '"for m in" is not in kit.fields.count'),
        ("{{ 1 / 0 }}", "ZeroDivisionError: division by zero"),
        ("{{ 1 | }}", "expected token"),
    ],
    ids=["undefined field", "unknown symbol", "unknown anchor", "failing field", "broken field"],
)
def test_a_mistake_in_a_field_names_file_and_line(
    deck_folder: Callable[[str], Path], line: str, message: str
) -> None:
    root = deck_folder(f"## One\n\n{line}\n")
    with pytest.raises(KitError) as caught:
        author(SOURCE, root)
    assert str(caught.value).startswith("decks/01_small.md, line 8: ")
    assert message in str(caught.value)


def test_sources_are_found_in_order(project: Callable[..., Path]) -> None:
    root = project(decks_02_b="", decks_01_a="", exercises_01_x="", solutions_01_x="")
    assert [s.path for s in discover(root)] == [
        "decks/01_a.md",
        "decks/02_b.md",
        "exercises/01_x.md",
        "solutions/01_x.md",
    ]


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ({"exercises_01_x": ""}, "exercises/01_x.md: has no partner; write solutions/01_x.md"),
        ({"solutions_01_x": ""}, "solutions/01_x.md: has no partner; write exercises/01_x.md"),
        (
            {"decks_intro": ""},
            "decks/intro.md: 'intro' is not a name that sorts; call it like 01_cnn_engine.md",
        ),
    ],
    ids=["exercise alone", "solution alone", "no number"],
)
def test_what_is_missing_is_said(project: Callable[..., Path], sources: dict[str, str], message: str) -> None:
    with pytest.raises(KitError) as caught:
        discover(project(**sources))
    assert str(caught.value) == message


def test_an_empty_folder_is_an_error(project: Callable[..., Path]) -> None:
    with pytest.raises(KitError, match="no sources found"):
        discover(project())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("---\ntitle: Padding: and stride\n---\n", "line 2: the front matter is no YAML"),
        ("---\ntitle: T\nminutes: [45\n---\n", "line 3: the front matter is no YAML"),
        ("---\ntitle: 2024\n---\n", "line 2: title is not str"),
        ("---\ntitle: T\nuses: tinyspatial.shapes\n---\n", "line 3: uses is not list"),
        ("---\nminutes: 5\n---\n", "line 1: the front matter has no title"),
        ("---\ntitle: T\n---\n\n:::{notes}\nnever closed\n", "line 5: :::{notes} is not closed"),
        ("---\ntitle: T\n---\n\n::: {notes}\nx\n:::\n", "line 5: ::: {notes} opens and closes nothing"),
        (
            "---\ntitle: T\n---\n\n:::{column}\n:::{answer}\nx\n:::\n:::\n",
            "line 6: :::{answer} is inside :::{column}; give the outer one more colons",
        ),
    ],
    ids=["colon", "bracket", "number", "no list", "no title", "not closed", "a space", "equal colons"],
)
def test_a_mistake_in_the_head_or_in_a_directive_names_its_line(
    project: Callable[..., Path], text: str, message: str
) -> None:
    with pytest.raises(KitError) as caught:
        author(SOURCE, project(decks_01_small=text))
    assert str(caught.value).startswith(f"decks/01_small.md, {message}")


def test_a_source_may_begin_with_a_byte_order_mark(project: Callable[..., Path]) -> None:
    root = project(
        decks_01_small="\ufeff---\ntitle: T\nuses: [tinyspatial.shapes]\n---\n\n{{ output_size(7, 3) }}\n"
    )
    assert author(SOURCE, root).cells[0].source == "5"


def test_a_source_that_is_not_utf_8_is_named(project: Callable[..., Path]) -> None:
    root = project(decks_01_small="")
    (root / SOURCE.path).write_bytes("---\ntitle: Größe\n---\n".encode("latin-1"))
    with pytest.raises(KitError, match=r"decks/01_small.md: is not text in UTF-8"):
        author(SOURCE, root)
