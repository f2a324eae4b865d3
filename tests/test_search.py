"""What was searched once is not searched again, and nothing is missed for that."""

from hashlib import sha256
from pathlib import Path

import pytest

from kit import forms, leaks, packs, search
from kit.files import Built
from kit.secret import Secrets

SECRET = "def half(values, parts):\n    return values[: len(values) // parts + 1]"
PAGE = b"<p>Nothing to see.</p>"
FILES = {"exercises/01_a/notes.md": b"Cut it.", "exercises/02_b/notes.md": b"Paste it.", "index.html": PAGE}
NONE = Secrets({}, {}, {})
ONE = Secrets({"the solution": SECRET}, {}, {})


def everywhere(
    root: Path, public: dict[str, bytes], groups: dict[str, forms.Needles], entry: str = "course"
) -> search.Found:
    return search.everywhere(Built(root, public), groups, search.Early(root, entry))


def found(root: Path, public: dict[str, bytes], secrets: Secrets) -> set[str]:
    hits = everywhere(root, public, {"01_a": forms.needles_of(secrets)})
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
    assert everywhere(tmp_path, public, groups) == {}
    groups["02_b"] = forms.needles_of(ONE)
    assert everywhere(tmp_path, public, groups).keys() == {("01_a", "02_b")}
    groups["01_a"] = forms.needles_of(Secrets({"another": SECRET.replace("+ 1", "* values[0]")}, {}, {}))
    assert everywhere(tmp_path, public, groups).keys() == {("01_a", "02_b")}
    public["slides/01_a.html"] += b"<p>More.</p>"
    assert everywhere(tmp_path, public, groups).keys() == {("01_a", "02_b")}


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
    assert everywhere(tmp_path, public, groups).keys() == places
    half = {"exercises/01_a/notes.md": SECRET.encode()}
    assert everywhere(tmp_path, half, groups, "named").keys() == {("01_a", group) for group in groups}
    again = {**public, **half}
    both = places | {("01_a", group) for group in groups}
    assert everywhere(tmp_path, again, groups).keys() == both
    groups["02_b"] = forms.needles_of(NONE)
    only = {("01_a", "01_a"), ("02_b", "01_a")}
    assert everywhere(tmp_path, again, groups).keys() == only


def test_what_was_found_early_counts_for_that_file_and_for_those_secrets_alone(tmp_path: Path) -> None:
    """What is shown early is told from what is in the files, to see which of the two was looked into."""
    groups = {"01_a": forms.needles_of(ONE)}
    path, page = "slides/01_a.html", SECRET.encode()

    def hits(public: dict[str, bytes], now: dict[str, forms.Needles], begins: bool = True) -> set[str]:
        early = search.Early(tmp_path)
        if begins:
            early.begin(groups)
        early.look(path, page)
        if (path, sum_) in early.found:
            early.found[path, sum_][0]["01_a"][:] = [leaks.Hit(path, "seen early", "", "", "")]
        found = search.everywhere(Built(tmp_path, public), now, early)
        return {hit.place for each in found.values() for hit in each}

    sum_ = sha256(page).hexdigest()
    assert hits({path: page}, groups, begins=False) == {path}
    assert hits({path: page + b" # more"}, groups) == {path}
    assert hits({path: page}, {**groups, "02_b": forms.needles_of(NONE)}) == {path}
    assert hits({path: page + b" # less"}, groups) == {path}
    assert hits({path: page}, groups) == {"seen early"}
