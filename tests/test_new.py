"""`build.py new`: examples that build, with all in them that CONTRIBUTING names, and nothing overwritten."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kit import course, objectives
from kit.author import front_matter
from kit.errors import KitError
from kit.fields import FILTERS
from kit.new import new
from kit.render import THEME
from kit.sources import discover
from tests.conftest import ROOT

DECK, EXERCISE, SOLUTION = (
    (THEME / "new" / f"{name}.md").read_text(encoding="utf-8") for name in ("deck", "exercise", "solution")
)
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
HOW_TO = CONTRIBUTING[CONTRIBUTING.index("## Write a deck") : CONTRIBUTING.index("## Draw a figure")]
OBJECTIVE = (
    "---\ntitle: One\nobjectives:\n  cut: cut it\n  glue: glue it\n---\n\n## A {serves=cut,glue}\n\nB.\n"
)


def texts(root: Path) -> dict[str, str]:
    return {p.relative_to(root).as_posix(): p.read_text() for kind in ("decks", "exercises", "solutions")
            for p in sorted((root / kind).glob("*.md"))}  # fmt: skip


@pytest.mark.browser
def test_a_new_deck_builds_with_all_gates_and_so_does_the_exercise_that_comes_with_it(
    project: Callable[..., Path],
) -> None:
    root = project()
    assert new("deck", "01_first_steps", root) == [
        "decks/01_first_steps.md",
        "exercises/01_first_steps.md",
        "solutions/01_first_steps.md",
    ]
    told: list[str] = []
    made = course.build(root, tell=told.append)
    assert told == ["01_first_steps: its notes add up to 15 minutes, as announced"]
    assert {
        "public/slides/01_first_steps.pdf",
        "public/exercises/01_first_steps.zip",
        "instructor/coverage.html",
    } <= set(made)
    assert b"<title>First steps" in made["public/slides/01_first_steps.html"]
    assert all(b"ew topic" not in data and b"ew-topic" not in data for data in made.values())


def test_a_new_exercise_serves_the_objective_of_its_topic_or_the_last_one(
    project: Callable[..., Path],
) -> None:
    root = project(decks_01_one=OBJECTIVE)
    assert new("exercise", "01_cut", root) == ["exercises/01_cut.md", "solutions/01_cut.md"]
    new("exercise", "02_wood", root)
    served = {name: front_matter(f"exercises/{name}.md", root)["serves"] for name in ("01_cut", "02_wood")}
    assert served == {"01_cut": ["cut"], "02_wood": ["glue"]}
    assert ":serves: glue" in texts(root)["exercises/02_wood.md"]
    assert '"serves": "glue"' in texts(root)["exercises/02_wood.md"]
    assert texts(root)["solutions/02_wood.md"].startswith('{% extends "exercises/02_wood.md" %}')
    objectives.check(discover(root), root)


def test_where_no_deck_has_objectives_a_new_exercise_serves_none(project: Callable[..., Path]) -> None:
    root = project()
    new("exercise", "01_wood", root)
    assert "serves" not in texts(root)["exercises/01_wood.md"]
    objectives.check(discover(root), root)


def test_a_new_deck_takes_the_exercise_that_is_there_and_a_name_that_no_objective_has(
    project: Callable[..., Path],
) -> None:
    root = project(exercises_07_saw="---\ntitle: Saw\nserves: [saw]\n---\n", solutions_07_saw="x")
    assert new("deck", "01_saw", root) == ["decks/01_saw.md"]
    assert new("deck", "02_saw", root) == ["decks/02_saw.md", "exercises/08_saw.md", "solutions/08_saw.md"]
    assert list(front_matter("decks/02_saw.md", root)["objectives"]) == ["saw-2"]
    objectives.check(discover(root), root)


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        ("deck", "padding", "'padding' is not a name that sorts; call it like 04_padding"),
        ("deck", "4_Padding", "'4_Padding' is not a name that sorts; call it like 04_padding"),
        ("deck", "01_one", "decks/01_one.md: is there already; 02 is free"),
        ("deck", "01_two", "decks/01_one.md: has the number 01 already; 02 is free"),
        ("exercise", "06_saw", "solutions/06_saw.md: is there already; 07 is free"),
    ],
    ids=["no number", "no name", "is there", "number is taken", "a solution is there"],
)
def test_a_name_that_is_none_or_is_taken_writes_nothing(
    project: Callable[..., Path], kind: str, name: str, told: str
) -> None:
    root = project(decks_01_one=OBJECTIVE, solutions_06_saw="mine")
    before = texts(root)
    with pytest.raises(KitError) as caught:
        new(kind, name, root)
    assert str(caught.value) == told
    assert texts(root) == before


# What CONTRIBUTING names, the examples show.


def named(pattern: str, least: int) -> list[str]:
    """What the pattern finds in CONTRIBUTING, each once; fewer than ``least`` means that it finds nothing."""
    found = sorted(set(re.findall(pattern, HOW_TO, re.MULTILINE)))
    assert len(found) >= least, f"{pattern} finds {found}"
    return found


@pytest.mark.parametrize("directive", named(r":::\{(\w+)\}", 5))
def test_every_directive_is_in_the_deck(directive: str) -> None:
    assert f":::{{{directive}}}" in DECK


@pytest.mark.parametrize("tag", named(r"^\| `([a-z-]+)` \|", 9))
def test_every_tag_of_a_cell_is_in_the_exercise(tag: str) -> None:
    assert re.search(rf':tags: \[{tag}\]|"tags": \["{tag}"\]', EXERCISE + SOLUTION)


@pytest.mark.parametrize("key", named(r"^([a-z]+):(?: |$)", 6) + named(r"`([a-z]+): [\[{a-z]", 4))
def test_every_line_of_front_matter_is_in_an_example(key: str) -> None:
    assert re.search(rf"^(# )?{key}:", f"{DECK}\n{EXERCISE}", re.MULTILINE)


@pytest.mark.parametrize("option", named(r"`:([a-z]+): ", 4))
def test_every_option_of_a_cell_is_in_the_exercise(option: str) -> None:
    assert f":{option}: " in EXERCISE


@pytest.mark.parametrize(
    "call", named(r"(?:\{\{ |`)(listing|watch|stub|source|picture|case|wrong|equivalent|check)\(", 9)
)
def test_every_function_is_called_in_an_example(call: str) -> None:
    assert f"{call}(" in DECK + EXERCISE + SOLUTION


OF_CONVOLUTIONS = {"padding", "stride"}  # the examples in CONTRIBUTING are about these, and ours are not


@pytest.mark.parametrize("argument", sorted({*named(r"[`( ]([a-z]+)=(?=[^`]*`)", 14)} - OF_CONVOLUTIONS))
def test_every_argument_is_in_an_example(argument: str) -> None:
    assert f"{argument}=" in DECK + EXERCISE + SOLUTION


@pytest.mark.parametrize(
    "text", [*FILTERS, "remove-input", "remove-cell", ".below", ".statement", "$$", "+++"]
)
def test_what_else_there_is_occurs_in_an_example(text: str) -> None:
    assert text in HOW_TO
    assert text in DECK + EXERCISE
