"""Both themes can be read by everybody: contrast and colours that keep apart, from the style sheet."""

from itertools import combinations

import pytest

from kit.themes import THEMES, replacements, tokens
from tests.colours import VISION, contrast, distance
from tinyspatial.figures import palette

TEXT = ("ink", "muted", "accent", "input", "kernel", "output", "statistics")
CODE = ("keyword", "name", "string", "number", "comment", "builtin", "ink")
ROLES = ("input", "kernel", "output", "statistics")
SHADES = [palette.PHOTO, palette.MAP, palette.SIGNED, *palette.PALE.values()]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["paper", "panel"])
@pytest.mark.parametrize("name", TEXT)
def test_text_has_contrast_on_the_page_and_on_panels(theme: str, ground: str, name: str) -> None:
    assert contrast(tokens(theme)[name], tokens(theme)[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", CODE)
@pytest.mark.parametrize("ground", ["panel", "lit"])
def test_code_has_contrast_lit_or_not(theme: str, name: str, ground: str) -> None:
    assert contrast(tokens(theme)[name], tokens(theme)[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_unlit_lines_can_still_be_read(theme: str) -> None:
    assert contrast(tokens(theme)["unlit"], tokens(theme)["panel"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_what_stands_on_the_accent_can_be_read(theme: str) -> None:
    assert contrast(tokens(theme)["on-accent"], tokens(theme)["accent"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(("one", "other"), list(combinations(ROLES, 2)))
def test_roles_keep_apart_for_everybody(theme: str, vision: str, one: str, other: str) -> None:
    assert distance(tokens(theme)[one], tokens(theme)[other], vision) > 15


@pytest.mark.parametrize("theme", THEMES)
def test_the_halo_looks_like_the_page(theme: str) -> None:
    assert distance(tokens(theme)["halo"], tokens(theme)["paper"]) < 1


def test_figures_are_drawn_in_the_colours_of_the_light_theme() -> None:
    assert {name: colour.lower() for name, colour in palette.PAGE.items()} == {
        name: tokens("light")[name] for name in palette.PAGE
    }
    assert list(replacements()) == [colour.lower() for colour in palette.PAGE.values()]


def test_both_themes_name_the_same_colours() -> None:
    assert tokens("light").keys() == tokens("dark").keys()


def test_no_shade_and_nothing_on_a_shade_is_replaced() -> None:
    shades = {rgb(ramp(level / 48)) for ramp in SHADES for level in range(49)}
    fixed = {palette.ON_LIGHT, palette.ON_DARK, *palette.ON_CELL.values()}
    replaced = set(replacements()) | set(replacements().values())
    assert replaced.isdisjoint(shades | {colour.lower() for colour in fixed})
    assert len(replaced) == 2 * len(replacements())  # and so it can be undone


def test_strokes_on_cells_look_like_the_colours_of_the_page() -> None:
    assert all(distance(on_page, on_cell) < 2 for on_page, on_cell in palette.ON_CELL.items())


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["input", "kernel", "output", "statistics", "ink", "muted"])
def test_frames_on_pictures_stand_out_from_their_halo(theme: str, name: str) -> None:
    assert contrast(tokens(theme)[name], tokens(theme)["halo"]) >= 3


@pytest.mark.parametrize("role", palette.PALE)
def test_numbers_have_contrast_on_the_palest_and_the_darkest_pale_cell(role: str) -> None:
    assert min(contrast(palette.ON_LIGHT, palette.PALE[role](x)[:3]) for x in (0.0, 0.5, 1.0)) >= 4.5


@pytest.mark.parametrize(
    ("fill", "expected"), [("#FFFFFF", "ON_LIGHT"), ("#A9CDF0", "ON_LIGHT"), ("#00402F", "ON_DARK")]
)
def test_on_takes_what_can_be_read(fill: str, expected: str) -> None:
    assert palette.on(fill) == getattr(palette, expected)
    assert contrast(palette.on(fill), fill) >= 4.5


def rgb(colour: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour[:3])
