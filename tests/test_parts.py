"""Lectures and exercises that have not changed are taken from dist/, and only those."""

from pathlib import Path

import pytest

from kit import course, forms, leaks, search, write
from kit.errors import KitError
from kit.files import Built
from kit.forms import Open
from kit.leaks import Guarded
from kit.secret import Secrets
from tests.conftest import HEAD, ROOT
from tests.small_exercise import EXERCISE, SOLUTION, changed

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("parts")]
DATA = changed(EXERCISE, "minutes: 5\n", "minutes: 5\ndata: {sizes: giver.sizes}\n")
GIVER = 'def sizes():\n    return {"source": "Nobody.", "sizes": [1, 2]}\n'
DECK = f"{HEAD}## One\n\nWords.\n"
BOTH = {"decks/01_halves.md", "exercises/01_halves.md"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of a deck and an exercise that have the same name, built once."""
    root = tmp_path_factory.mktemp("parts")
    for name in ("package.json", "package-lock.json"):
        (root / name).write_bytes((ROOT / name).read_bytes())
    (root / ".cache").mkdir()
    for name in ("node_modules", ".cache/chromium"):
        (root / name).symlink_to(ROOT / name)
    texts = {"decks": DECK, "exercises": DATA, "solutions": SOLUTION}
    for kind, text in texts.items():
        (root / kind).mkdir()
        (root / kind / "01_halves.md").write_text(text, encoding="utf-8")
    (root / "giver.py").write_text(GIVER, encoding="utf-8")
    return root


@pytest.fixture(autouse=True)
def found(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library of the course can be imported."""
    monkeypatch.syspath_prepend(root)


def built(root: Path) -> tuple[set[str], dict[str, bytes]]:
    """What was made, and did not come from dist/, and all files, which are in dist/ now."""
    said: list[str] = []
    files = course.build(root, said.append)
    write.write(files, root / "dist")
    kinds = {"computing its fields": "decks", "computing its fields and expected values": "exercises"}
    stages = (line.partition(": ") for line in said)
    return {f"{kinds[stage]}/{name}.md" for name, _, stage in stages if stage in kinds}, dict(files)


def test_only_what_has_changed_is_made_and_all_files_are_there(root: Path) -> None:
    assert built(root)[0] == BOTH
    made, files = built(root)
    assert made == set()
    (root / "decks" / "01_halves.md").write_text(DECK.replace("Words.", "Other words."), encoding="utf-8")
    made, again = built(root)
    assert made == {"decks/01_halves.md"}
    assert again.keys() == files.keys()
    assert b"Other words." in again["public/slides/01_halves.html"]


def test_a_file_of_dist_that_somebody_has_changed_is_made_again(root: Path) -> None:
    _, files = built(root)
    page = root / "dist" / "instructor" / "solutions" / "01_halves.html"
    page.write_text("Mine.")
    assert built(root) == ({"exercises/01_halves.md"}, files)
    page.unlink()
    assert built(root) == ({"exercises/01_halves.md"}, files)


def test_data_that_a_function_of_the_library_gives_are_those_of_now(root: Path) -> None:
    built(root)
    (root / "giver.py").write_text(GIVER.replace("[1, 2]", "[1, 2, 3]"), encoding="utf-8")
    made, files = built(root)
    assert made == {"exercises/01_halves.md"}
    assert b"[1,2,3]" in files["public/exercises/01_halves/sizes.json"]


def test_a_deck_and_an_exercise_of_one_name_keep_the_secrets_of_both(tmp_path: Path) -> None:
    nothing = Open("", "", "", "", frozenset())
    code = "def half(values, parts):\n    return values[: len(values) // parts + 1]"
    exercise = {"01_halves": Guarded(forms.needles_of(Secrets({"the solution": code}, {}, {})), nothing)}
    deck = {"01_halves": Guarded(forms.needles_of(leaks.NOTHING), nothing)}
    page = Built(tmp_path, {"public/slides/01_halves.html": code.encode()})
    with pytest.raises(KitError, match="gives away the solution"):
        course.nothing_leaks(page, deck, exercise, search.Early(tmp_path))
