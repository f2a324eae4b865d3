"""Each gate of the build: the violation is planted in a small course, and the build names it and stops."""

import json
import pickle
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kit import course, write
from kit.errors import KitError
from kit.kept import Made, keep, now
from tests.conftest import HEAD
from tests.small_exercise import EXERCISE, SOLUTION, changed

FIGURE = """\
```{{code-cell}} python
:tags: [remove-input]
from matplotlib.figure import Figure
figure = Figure(figsize=({width}, 3))
figure.set_label("{alt}")
figure
```
"""
TALL = "\n\n".join(f"Paragraph {n} of a slide that holds too much." for n in range(14))


def errors(root: Path) -> list[str]:
    """What the build says of the course in ``root``; nothing if it is built."""
    told: list[str] = []
    try:
        course.build(root)
    except* KitError as group:
        waiting: list[BaseException] = list(group.exceptions)
        while waiting:
            error = waiting.pop(0)
            waiting += error.exceptions if isinstance(error, BaseExceptionGroup) else []
            told += [str(error)] if isinstance(error, KitError) else []
    return told


@pytest.mark.browser
@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('{{ listing("tinyspatial.loops.conv9d") }}', 8, "there is no tinyspatial.loops.conv9d"),
        (
            '{{ listing("tinyspatial.loops.conv2d", ["for m in"]) }}',
            8,
            '"for m in" is not in tinyspatial.loops.conv2d',
        ),
        ("{{ macs }}", 8, "'macs' is undefined"),
        ("```{code-cell} python\n1 / 0\n```", 8, "cell raised ZeroDivisionError"),
        (FIGURE.format(width=4, alt=" "), 8, "the figure has no alternative text"),
        (FIGURE.format(width=14, alt="Nothing."), 6, "a figure is shrunk from 1344 to"),
        (TALL, 6, "px at the foot"),
        (f":::{{fragment}}\n{TALL}\n:::", 6, "px at the foot"),
        ("```python\n" + "x" * 130 + "\n```", 6, "px at the right"),
        ('<p style="font-size: 20px">Small print.</p>', 6, 'text of 20.0 px: "Small print."'),
        ('<pre style="font-size: 14px">small code</pre>', 6, 'code of 14.0 px: "small code"'),
        ('<img alt="x" src="https://cdn.example/x.png">', 8, "the page loads https://cdn.example/x.png"),
        ("```{code-cell}\n:tags: [remove-input]\nx = 1\n```", 6, "the slide shows nothing"),
        (":::{aside}\nx\n:::", 6, "there is no directive 'aside'"),
        (r"$\frac{1$", 8, r"formula \frac{1: KaTeX parse error"),
    ],
    ids=[
        *("unknown symbol", "unknown anchor", "undefined field", "failing cell", "no alternative text"),
        *("shrunk figure", "overflow", "overflow in a fragment", "code cut off", "small text", "small code"),
        *("external reference", "empty slide", "unknown directive", "broken formula"),
    ],
)
def test_a_violation_stops_the_build(
    deck_folder: Callable[[str], Path], text: str, line: int | None, message: str
) -> None:
    told = errors(deck_folder(f"## One\n\n{text}\n"))
    assert any(message in error for error in told), told
    place = f"decks/01_small.md, line {line}: " if line else ""
    assert all(error.startswith(place) for error in told), told


@pytest.mark.browser
def test_every_fault_of_a_deck_is_told_at_once(deck_folder: Callable[[str], Path]) -> None:
    told = errors(deck_folder(f'## One\n\n{TALL}\n\n## Two\n\n<p style="font-size: 9px">tiny</p>\n'))
    assert [error.split(":")[1] for error in told] == [" slide 2", " slide 3"]


@pytest.mark.browser
def test_notes_too_long_for_their_page_are_an_error(deck_folder: Callable[[str], Path]) -> None:
    notes = "\n\n".join(["A sentence of the notes that goes on for a while."] * 60)
    told = errors(deck_folder(f"## One\n\nWords.\n\n:::{{notes}}\n{notes}\n:::\n"))
    assert [error.split(" are ")[0] for error in told] == ["decks/01_small.md, line 6: the notes of slide 2"]


@pytest.mark.browser
def test_a_course_without_faults_is_built_and_gives_the_same_bytes_again(
    project: Callable[..., Path],
) -> None:
    ink = 'figure.text(0.1, 0.5, "ink", color="#1B2430", fontsize=20)\nfigure.set_label('
    figure = FIGURE.format(width=4, alt="Nothing.").replace("figure.set_label(", ink)
    head = HEAD.replace("author:", "theme: dark\nauthor:")  # the course of the project itself is light
    root = project(decks_01_small=f"{head}## One $x^2$\n\nWords.\n\n{figure}")
    first = course.build(root)
    assert sorted(first) == [
        "instructor/index.html",
        "instructor/slides/01_small.html",
        "instructor/slides/01_small.ipynb",
        "instructor/slides/01_small.pdf",
        "public/handouts/01_small-3up.pdf",
        "public/handouts/01_small.pdf",
        "public/index.html",
        "public/slides/01_small.html",
        "public/slides/01_small.pdf",
    ]
    second = course.build(root)
    assert [path for path in first if first[path] != second[path]] == []


@pytest.mark.browser
@pytest.mark.parametrize(
    ("source", "old", "new", "message"),
    [
        (
            "exercises",
            "raise NotImplementedError()",
            "return flat(x)[: len(x) // parts]",
            "the stub passes the case",
        ),
        ("solutions", '"// parts]", "// 2]"', '"one axis is enough", "all axes are"', "passes every case"),
        ("solutions", '"// parts]", "// 2]"', '"// pieces]", "// 2]"', "// pieces]"),
        (
            "exercises",
            "two ends.",
            "two ends. Hint: `return values[: len(values) // parts]`.",
            "gives away the solution of half",
        ),
        ("exercises", "two ends.", "{{ ends }}", "'ends' is undefined"),
    ],
    ids=["a stub that passes", "a wrong answer that survives", "an edit of nothing", "a leak", "a field"],
)
def test_a_fault_in_an_exercise_stops_the_build(
    project: Callable[..., Path], source: str, old: str, new: str, message: str
) -> None:
    texts = {"exercises": EXERCISE, "solutions": SOLUTION}
    texts[source] = changed(texts[source], old, new)
    told = errors(project(exercises_01_halves=texts["exercises"], solutions_01_halves=texts["solutions"]))
    assert len(told) == 1
    assert message in told[0], told


@pytest.mark.browser
def test_a_fault_that_was_found_before_is_told_with_its_line_of_now(
    deck_folder: Callable[[str], Path],
) -> None:
    root = deck_folder("## One\n\n" + "A line of words.\n\n" * 30)
    file = root / "decks" / "01_small.md"
    first = errors(root)
    assert first[0].startswith("decks/01_small.md, line 6: slide 2: ")
    file.write_text(file.read_text().replace("title:", "# a remark\ntitle:"))
    assert errors(root) == [line.replace("line 6", "line 7") for line in first]


@pytest.mark.browser
def test_a_slide_that_was_looked_at_on_the_screen_is_not_looked_at_again_until_it_changes(
    deck_folder: Callable[[str], Path],
) -> None:
    root = deck_folder("## One\n\nWords.\n\n## Two\n\nMore words.\n")
    file, name = root / "decks" / "01_small.md", "seen/01_small-screen"
    text = file.read_text()
    assert errors(root) == []
    head, _, payload = (root / ".cache" / name).read_bytes().partition(b"\n")
    looked = pickle.loads(payload)
    assert list(looked.values()) == [[], [], []]  # the title, One, and Two
    planted = {**looked, list(looked)[1]: [("it is purple", "paint it")]}
    keep(root, name, json.loads(head)["inputs"], Made(planted), now())
    file.write_text(text.replace("More words.", "Other words."))
    assert errors(root) == ["decks/01_small.md, line 6: slide 2: it is purple; paint it"]
    file.write_text(text.replace("\nWords.", "\nNo words."))
    assert errors(root) == []


@pytest.mark.browser
def test_a_slide_is_looked_at_as_the_audience_sees_it_too(deck_folder: Callable[[str], Path]) -> None:
    full = "Words.\n\n" * 5  # with room for one line in a box, but not for the empty box
    [error] = errors(deck_folder(f"## One\n\n{full}:::{{answer}}\nYes.\n:::\n"))
    assert re.fullmatch(r"decks/01_small.md, line 6: slide 2: overflows by \d+ px at the foot; .*", error)


@pytest.mark.browser
def test_a_build_by_name_changes_what_has_this_name_and_nothing_else(
    deck_folder: Callable[[str], Path],
) -> None:
    root = deck_folder("## One\n\nWords.\n")
    text = (root / "decks" / "01_small.md").read_text()
    (root / "decks" / "02_other.md").write_text(text)
    write.write(course.build(root), root / "dist")
    before = write.sums_of(root / "dist")
    for name in ("01_small", "02_other"):
        (root / "decks" / f"{name}.md").write_text(text.replace("Words.", "Other words."))
    write.update(course.build(root, names={"02_other"}), root / "dist", {"02_other"})
    after = write.sums_of(root / "dist")
    changed = {path for path in before | after if before.get(path) != after.get(path)}
    assert {path.split(".")[0].removesuffix("-3up") for path in changed} == {
        f"{folder}/02_other" for folder in ("instructor/slides", "public/handouts", "public/slides")
    }
