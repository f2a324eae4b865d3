"""What was searched once is not searched again, and nothing is missed for that."""

from pathlib import Path

import pytest

from kit import forms, packs, search
from kit.files import Built
from kit.secret import Secrets

SECRET = "def half(values, parts):\n    return values[: len(values) // parts + 1]"
PAGE = b"<p>Nothing to see.</p>"
FILES = {"exercises/01_a/notes.md": b"Cut it.", "exercises/02_b/notes.md": b"Paste it.", "index.html": PAGE}
NONE = Secrets({}, {}, {})
ONE = Secrets({"the solution": SECRET}, {}, {})


def found(root: Path, public: dict[str, bytes], secrets: Secrets) -> set[str]:
    hits = search.everywhere(Built(root, public), {"01_a": forms.needles_of(secrets)}, root)
    return {hit.file for each in hits.values() for hit in each}


def test_a_file_that_has_changed_and_a_secret_that_has_changed_are_searched_again(tmp_path: Path) -> None:
    shown = {**FILES, "exercises/02_b/notes.md": SECRET.encode()}
    assert found(tmp_path, FILES, ONE) == set()
    assert found(tmp_path, shown, ONE) == {"exercises/02_b/notes.md"}
    assert found(tmp_path, shown, NONE) == set()
    assert found(tmp_path, shown, ONE) == {"exercises/02_b/notes.md"}


def test_what_is_in_a_zip_is_searched_once_it_is_no_file_by_itself(tmp_path: Path) -> None:
    inside = {"01_a/notes.md": SECRET.encode()}
    public = {**FILES, "exercises/all-exercises.zip": packs.zipped("all", inside)}
    alone = {**public, "exercises/01_a/notes.md": SECRET.encode()}
    assert found(tmp_path, alone, ONE) == {"exercises/01_a/notes.md"}
    assert found(tmp_path, public, ONE) == {"exercises/all-exercises.zip"}


def test_a_long_page_is_searched_to_its_end(tmp_path: Path) -> None:
    page = {"index.html": b"<p>Nothing to see.</p>\n" * 20_000 + SECRET.encode()}
    assert found(tmp_path, page, ONE) == {"index.html"}
    assert found(tmp_path, page, NONE) == set()


def test_a_long_text_without_secrets_is_searched_again_for_what_has_become_one(tmp_path: Path) -> None:
    script = b"<script>" + b"let nothing = 0;\n" * 200 + SECRET.encode() + b"</script>"
    public = {"slides/01_a.html": b"<p>One.</p>" + script, "slides/02_b.html": b"<p>Two.</p>" + script}
    assert found(tmp_path, public, NONE) == set()
    other = {**public, "slides/01_a.html": b"<p>Another one.</p>" + script}
    assert found(tmp_path, other, NONE) == set()
    assert found(tmp_path, other, ONE) == set(public)
    assert found(tmp_path, public, ONE) == set(public)


def test_of_two_secrets_the_one_that_is_new_is_found_in_a_text_that_has_long_been_there(
    tmp_path: Path,
) -> None:
    public = {"slides/01_a.html": b"<style>" + b"p { margin: 0 }\n" * 200 + SECRET.encode() + b"</style>"}
    groups = {"01_a": forms.needles_of(NONE), "02_b": forms.needles_of(NONE)}
    assert search.everywhere(Built(tmp_path, public), groups, tmp_path) == {}
    groups["02_b"] = forms.needles_of(ONE)
    assert search.everywhere(Built(tmp_path, public), groups, tmp_path).keys() == {("01_a", "02_b")}
    groups["01_a"] = forms.needles_of(Secrets({"another": SECRET.replace("+ 1", "* values[0]")}, {}, {}))
    assert search.everywhere(Built(tmp_path, public), groups, tmp_path).keys() == {("01_a", "02_b")}
    public["slides/01_a.html"] += b"<p>More.</p>"
    assert search.everywhere(Built(tmp_path, public), groups, tmp_path).keys() == {("01_a", "02_b")}


@pytest.mark.parametrize(
    ("path", "bundle"),
    [
        ("slides/01_cnn_engine.html", "01_cnn_engine"),
        ("handouts/01_cnn_engine-3up.pdf", "01_cnn_engine"),
        ("exercises/02_conv2d/checks/conv2d.json", "02_conv2d"),
        ("exercises/02_conv2d-colab.ipynb", "02_conv2d"),
        ("exercises/all-exercises.zip", "all"),
        ("index.html", "index"),
    ],
)
def test_files_belong_to_what_their_paths_name(path: str, bundle: str) -> None:
    assert search.bundles([path]) == {bundle: [path]}


def test_what_is_new_in_half_of_a_course_is_searched_and_the_other_half_not_forgotten(tmp_path: Path) -> None:
    groups = {name: forms.needles_of(ONE) for name in ("01_a", "02_b")}
    public = {**FILES, "exercises/02_b/notes.md": SECRET.encode()}
    places = {("02_b", group) for group in groups}
    assert search.everywhere(Built(tmp_path, public), groups, tmp_path).keys() == places
    half = {"exercises/01_a/notes.md": SECRET.encode()}
    assert search.everywhere(Built(tmp_path, half), groups, tmp_path, "named").keys() == {
        ("01_a", group) for group in groups
    }
    again = {**public, **half}
    both = places | {("01_a", group) for group in groups}
    assert search.everywhere(Built(tmp_path, again), groups, tmp_path).keys() == both
    groups["02_b"] = forms.needles_of(NONE)
    only = {("01_a", "01_a"), ("02_b", "01_a")}
    assert search.everywhere(Built(tmp_path, again), groups, tmp_path).keys() == only
