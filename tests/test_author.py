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
