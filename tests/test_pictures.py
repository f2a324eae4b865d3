"""A figure among the words of an exercise: one image that every notebook shows, small, its words in it."""

import base64
import io
import re

import nbformat
import numpy as np
import pytest
from matplotlib.figure import Figure
from nbconvert import HTMLExporter
from PIL import Image

from kit import leaks, markdown, offline, packs, pictures
from kit.author import author
from kit.errors import KitError
from kit.exercises import nbgrader_source, student
from kit.secret import Secrets
from kit.sources import Source
from tests import small_exercise

DRAWN = "{{ picture(hello()) }}"


def hello(text="minus −3", width=5.0, size=18, label="A line of 3 words & “a” <sign> of $5."):
    figure = Figure(figsize=(width, 2.0), facecolor="none")
    figure.text(0.5, 0.5, text, fontsize=size, ha="center")
    figure.set_label(label)
    return figure


def image(html):
    """The picture in an element: its pixels and what is written beside them."""
    opened = Image.open(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])))
    opened.load()
    return opened


def test_a_figure_becomes_one_element_with_its_label_its_width_and_a_picture_of_twice_as_many_pixels():
    html = pictures.picture(hello())
    assert re.fullmatch(r'<img width="404" alt="[^"]+" src="data:image/png;base64,[A-Za-z0-9+/=]+">', html)
    assert image(html).size == (2 * 404, int(2 * 0.8 * 96 * 2) + 2 * 20)


def test_quotes_signs_and_dollars_of_the_label_do_not_end_it_or_begin_a_formula():
    html = pictures.picture(hello())
    assert 'alt="A line of 3 words &amp; “a” &lt;sign&gt; of &#36;5."' in html
    assert pictures.attribute('say "`x`" \\ $y$') == ("say &quot;&#96;x&#96;&quot; &#92; &#36;y&#36;")


def test_the_picture_lies_on_a_light_ground_to_its_very_corners():
    drawn = image(pictures.picture(hello())).convert("RGB")
    assert [drawn.getpixel((x, y)) for x in (0, 807) for y in (0, 346)] == [(255, 255, 255)] * 4


def test_the_picture_is_small_and_the_same_each_time():
    first, second = (pictures.picture(hello()) for _ in range(2))
    pictures.png.cache_clear()
    assert first == second == pictures.picture(hello())
    assert len(first) < 10_000


def test_figures_of_pyplot_are_closed():
    from matplotlib import pyplot

    figure = pyplot.figure(figsize=(3, 2))
    figure.set_label("Nothing, 0 of it.")
    pictures.picture(figure)
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("picture(hello(label=''))", "the figure has no alternative text"),
        ("picture('a figure')", "picture() got str and no figure"),
        ("picture(hello(size=14))", "the figure's text would be 11.2 pt in a notebook"),
        ("picture(hello(width=11.8, size=16))", "the figure's text would be 10.7 pt in a notebook"),
    ],
    ids=["no label", "no figure", "small text", "a wide figure"],
)
def test_a_mistake_is_told_with_file_and_line(project, field, message):
    root = project(
        exercises_01_a=f"---\ntitle: T\nuses: [tests.test_pictures]\n---\n\nWords.\n\n{{{{ {field} }}}}\n",
        solutions_01_a='{% extends "exercises/01_a.md" %}\n',
    )
    for kind in ("exercises", "solutions"):
        with pytest.raises(KitError) as caught:
            author(Source(kind, "01_a", f"{kind}/01_a.md"), root)
        assert str(caught.value).startswith(f"exercises/01_a.md, line 8: {message}; ")


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A small exercise with a picture, and its solution, as authored."""
    root = tmp_path_factory.mktemp("course")
    text = small_exercise.EXERCISE.replace("minutes: 5\n", "minutes: 5\nuses: [tests.test_pictures]\n")
    return small_exercise.pair(root, exercise=text.replace("Every array", f"{DRAWN}\n\nEvery array"))


def picture_cell(notebook):
    return next(cell for cell in notebook.cells if "<img" in cell.source)


def test_students_instructors_and_nbgrader_have_the_same_picture(pair):
    exercise, solution = pair
    cells = [
        picture_cell(each) for each in (student(exercise), nbgrader_source(exercise, solution), solution)
    ]
    assert len({cell.source for cell in cells}) == 1
    assert cells[0].metadata == cells[1].metadata


def test_jupyters_own_page_and_ours_show_it(pair):
    notebook = student(pair[0])
    body, _ = HTMLExporter(template_name="lab").from_notebook_node(nbformat.from_dict(notebook))
    ours = markdown.to_html(picture_cell(notebook).source)
    element = pictures.picture(hello())
    assert element in ours
    data = element.partition("src=")[2].rstrip(">")
    assert data in body
    assert "of &#36;5." in body or "of $5." in body
    offline.check({"page.html": ours.encode()}, {})


def test_what_a_picture_says_is_searched_for_what_nobody_may_see(pair):
    row = [4, 8, -15, 16, 23, 42, -7, 11, 3, 19]
    case = {"call": "half", "name": "the hidden one", "args": [{"nd": row}], "want": {"nd": [1]}}
    secrets = Secrets({}, {}, {"the hidden case": case})
    notebook = student(pair[0])
    shown = " ".join(map(str, row)).replace("-", "\N{MINUS SIGN}")
    for text, found in ((shown, ["the hidden case"]), (" ".join(map(str, row[::-1])), [])):
        picture_cell(notebook).source = pictures.picture(hello(text))
        public = {"a.ipynb": packs.notebook_bytes(notebook)}
        assert [each.what for each in leaks.find(public, secrets, {})] == found


def test_the_typeface_is_that_of_the_slides_and_only_meanwhile(tmp_path):
    import matplotlib

    before = list(matplotlib.rcParams["font.family"])
    with pictures.typeface(tmp_path):
        assert matplotlib.rcParams["font.family"] == ["DejaVu Sans"]
    assert matplotlib.rcParams["font.family"] == before


def test_photographs_keep_their_shades_in_few_colours():
    figure = Figure(figsize=(3.0, 3.0))
    figure.set_label("Shades from 0 to 1.")
    axes = figure.add_axes((0, 0, 1, 1))
    shades = np.linspace(0, 1, 49).reshape(7, 7)
    axes.imshow(shades, cmap="gray", interpolation="nearest")
    axes.set_axis_off()
    drawn = np.asarray(image(pictures.picture(figure)).convert("L"), float)[20:-20, 20:-20]
    side = len(drawn) / 7
    seen = [drawn[int((p + 0.5) * side), int((q + 0.5) * side)] for p in range(7) for q in range(7)]
    assert np.abs(np.array(seen) - 255 * shades.ravel()).max() <= 16  # of 255
