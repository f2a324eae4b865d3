"""`build.py verify` names what is not as its sources make it, and nothing else."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kit import course, verify, write
from kit.errors import KitError
from kit.files import Built
from tests.conftest import ROOT

WEATHER = """\
## One

```{code-cell} python
:tags: [remove-input]
from pathlib import Path
from matplotlib.figure import Figure
figure = Figure(figsize=(4, 3), facecolor="none")
figure.add_subplot().plot([0, 1], [0, float(Path("weather.txt").read_text())])
figure.set_label("A line.")
figure
```
"""
BUILT = {"public/a.html": "1", "public/b.html": "2", "public/c.html": "3"}


@pytest.mark.browser
def test_it_names_a_file_changed_by_hand_and_a_cell_that_depends_on_the_weather(
    deck_folder: Callable[[str], Path],
) -> None:
    root = deck_folder(WEATHER)
    for name in ("build.py", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    (root / "weather.txt").write_text("1")
    write.write(course.build(root), root / "dist")
    with (root / "dist" / "public" / "index.html").open("ab") as page:
        page.write(b" ")
    (root / "weather.txt").write_text("2")
    found = verify.verify(root)
    assert found[0] == "dist/public/index.html was changed after it was built"
    assert found[-1] == "decks/01_small.md, line 8: the cell has other outputs each time"
    assert "dist/public/slides/01_small.html is made differently now" in found
    assert "dist/instructor/proof.html is made differently now" not in found
    assert verify.edited(write.sums_of(root / "dist"), root / "dist") == found[:1]


def test_a_dist_that_agrees_with_its_manifest_is_fine(tmp_path: Path) -> None:
    write.write(Built(tmp_path.parent, {"public/a.html": b"a", "b.pdf": b"b"}), tmp_path)
    assert verify.edited(write.sums_of(tmp_path), tmp_path) == []


def test_what_was_changed_removed_or_put_into_dist_is_named(tmp_path: Path) -> None:
    files = {"public/a.html": b"a", "public/b.html": b"b", "c.pdf": b"c"}
    write.write(Built(tmp_path.parent, files), tmp_path)
    (tmp_path / "public" / "a.html").write_bytes(b"A")
    (tmp_path / "public" / "b.html").unlink()
    (tmp_path / "notes.txt").write_bytes(b"mine")
    assert verify.edited(write.sums_of(tmp_path), tmp_path) == [
        "dist/public/b.html is missing",
        "dist/notes.txt is not in manifest.json",
        "dist/public/a.html was changed after it was built",
    ]


@pytest.mark.parametrize(
    ("again", "told"),
    [
        (BUILT, []),
        (BUILT | {"public/b.html": "x"}, ["dist/public/b.html is made differently now"]),
        (BUILT | {"d": "4"}, ["dist/d is made now, and was not"]),
        ({"public/a.html": "1", "public/b.html": "2"}, ["dist/public/c.html is not made any more"]),
    ],
    ids=["the same", "another", "more", "less"],
)
def test_two_builds_are_compared_file_by_file(again: dict[str, str], told: list[str]) -> None:
    assert verify.compared(BUILT, again) == told


def notebook(*outputs: str, source: str = "draw()") -> dict[str, Any]:
    cells = [
        {"source": source, "metadata": {"source": f"decks/01_x.md:{n}"}, "outputs": [text]}
        for n, text in enumerate(outputs, 1)
    ]
    return {"cells": [*cells, {"source": "Words.", "metadata": {}}]}


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (notebook("a", "b"), []),
        (notebook("a", "x"), ["decks/01_x.md, line 2: the cell has other outputs each time"]),
        (notebook("a", "x", source="paint()"), []),
        ({}, []),
    ],
    ids=["the same", "another output", "another cell", "no notebook"],
)
def test_a_cell_is_blamed_if_it_says_the_same_and_gives_another_output(after: Any, told: list[str]) -> None:
    assert verify.cells(notebook("a", "b"), after) == told


def test_without_a_manifest_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    with pytest.raises(KitError, match=r"dist/ has no manifest.json to compare with; run python3 build.py"):
        verify.verify(tmp_path)


def test_sources_that_do_not_build_any_more_are_told_with_the_last_error(tmp_path: Path) -> None:
    (tmp_path / "build.py").write_text(
        "import sys; sys.exit('error: decks/01_x.md: no\\ndist/ is as it was.')"
    )
    with pytest.raises(KitError, match=r"^the sources do not build in another folder: decks/01_x.md: no$"):
        verify.rebuilt(tmp_path)


def test_the_copy_has_the_sources_and_nothing_that_was_made(tmp_path: Path) -> None:
    root, copy = tmp_path / "root", tmp_path / "a copy"
    for path in (
        "decks/01_x.md",
        "lib/a.py",
        "dist/old",
        ".cache/run/x",
        ".git/HEAD",
        "lib/__pycache__/a",
        ".npmrc",
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x")
    (root / ".cache" / "chromium").mkdir()
    verify.copied(root, copy)
    assert write.files_in(copy) == [".npmrc", "decks/01_x.md", "lib/a.py"]
    assert (copy / ".cache" / "chromium").is_symlink()
