"""dist/ is replaced whole or not at all, and no page loads anything from elsewhere."""

import hashlib
import json
import threading
import time
from pathlib import Path

import pytest

from kit import offline
from kit import write as writing
from kit.errors import KitError
from kit.files import Built, File, Files


def write(made: dict[str, bytes], dist: Path) -> None:
    writing.write(Built(dist.parent, made), dist)


def update(made: dict[str, bytes], dist: Path, names: list[str]) -> dict[str, bytes]:
    return dict(writing.update(Built(dist.parent, made), dist, names))


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_dist_has_exactly_the_artifacts_and_their_checksums(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    write({"public/old.html": b"old"}, dist)
    write({"public/a.html": b"new"}, dist)
    assert set(files(dist)) == {"public/a.html", "manifest.json"}
    sums = json.loads((dist / "manifest.json").read_text())["files"]
    assert sums == {"public/a.html": hashlib.sha256(b"new").hexdigest()}
    assert [p.name for p in tmp_path.iterdir()] == ["dist"]


def test_a_write_that_fails_leaves_the_last_dist_whole(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    write({"public/a.html": b"good"}, dist)
    before = files(dist)
    with pytest.raises(KitError, match="dist/ cannot be written"):
        write({"b": b"new", "b/c": b"a file below a file cannot be written"}, dist)
    assert files(dist) == before
    assert [p.name for p in tmp_path.iterdir()] == ["dist"]


def test_a_read_only_dist_is_replaced_and_nothing_is_left(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    write({"public/a.html": b"old"}, dist)
    for folder in (dist / "public", dist):
        folder.chmod(0o555)
    write({"public/a.html": b"new"}, dist)
    assert (dist / "public" / "a.html").read_bytes() == b"new"
    assert [p.name for p in tmp_path.iterdir()] == ["dist"]


SMALL = {
    "public/index.html": b"both",
    "public/slides/01_a.html": b"old a",
    "public/slides/02_b.html": b"old b",
    "public/handouts/01_a-3up.pdf": b"old paper",
    "public/exercises/01_a/checks/old.json": b"not made any more",
    "instructor/slides/01_ab.html": b"another name",
}


def test_an_update_replaces_what_belongs_to_its_names_and_nothing_else(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    write(SMALL, dist)
    made = {
        "public/index.html": b"a alone",
        "public/slides/01_a.html": b"a",
        "public/exercises/01_a.zip": b"z",
    }
    mine = {path: data for path, data in made.items() if path != "public/index.html"}
    assert update(made, dist, ["01_a"]) == mine
    kept = ("public/index.html", "public/slides/02_b.html", "instructor/slides/01_ab.html")
    expected = {path: SMALL[path] for path in kept} | mine
    now = files(dist)
    assert json.loads(now.pop("manifest.json"))["files"] == {
        path: hashlib.sha256(data).hexdigest() for path, data in sorted(expected.items())
    }
    assert now == expected
    assert [p.name for p in tmp_path.iterdir()] == ["dist"]


def test_an_update_that_fails_leaves_the_last_dist_whole(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    write(SMALL, dist)
    before = files(dist)
    with pytest.raises(KitError, match="dist/ cannot be written"):
        update({"01_a": b"new", "01_a/b": b"a file below a file cannot be written"}, dist, ["01_a"])
    assert files(dist) == before


def test_files_that_stay_are_the_same_in_the_new_dist_and_copies_of_those_of_another_course(
    tmp_path: Path,
) -> None:
    dist, other = tmp_path / "dist", tmp_path / "other" / "dist"
    other.parent.mkdir()
    write({"a.html": b"a"}, dist)
    before = (dist / "a.html").stat().st_ino
    for folder in (dist, other):
        writing.write(Files({"a.html": File(dist / "a.html", hashlib.sha256(b"a").hexdigest())}), folder)
    assert [(folder / "a.html").stat().st_ino == before for folder in (dist, other)] == [True, False]
    assert files(dist) == files(other)


def test_an_update_does_not_take_a_file_that_somebody_changed_for_ours(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    write(SMALL, dist)
    (dist / "public" / "slides" / "02_b.html").write_bytes(b"by hand")
    update({}, dist, ["01_a"])
    assert writing.sums_of(dist)["public/slides/02_b.html"] == hashlib.sha256(b"old b").hexdigest()


def test_an_update_of_nothing_begins_a_dist(tmp_path: Path) -> None:
    update({"public/slides/01_a.html": b"a"}, tmp_path / "dist", ["01_a"])
    assert set(files(tmp_path / "dist")) == {"public/slides/01_a.html", "manifest.json"}


@pytest.mark.parametrize(
    "page",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<img src="//cdn.example/x.png" alt="x">',
        '<link rel="stylesheet" href="http://cdn.example/x.css">',
        "<style>@import url(https://fonts.example/x.css);</style>",
        '<p style="background: url(https://cdn.example/x.png)">x</p>',
        '<form action="https://cdn.example/"></form>',
    ],
    ids=["script", "image without scheme", "style sheet", "import", "style", "form"],
)
def test_an_external_reference_is_an_error(page: str) -> None:
    with pytest.raises(KitError, match=r"dist/public/a.html, line 2: the page loads .*example"):
        offline.check({"public/a.html": f"<p>\n{page}".encode()}, {})


def test_a_link_to_a_file_that_is_not_made_is_an_error() -> None:
    with pytest.raises(KitError, match=r"slides/b.html is not in dist"):
        offline.check({"public/a.html": b'<a href="slides/b.html#/2">b</a>'}, {})


def test_links_elsewhere_and_data_inside_the_page_are_fine() -> None:
    page = b'<a href="https://example.org">x</a><a href="b.html">b</a><img alt="" src="data:image/png,A">'
    offline.check({"public/a.html": page, "public/b.html": b"<p>b</p>"}, {})


def test_after_a_build_that_was_killed_the_last_good_dist_is_there_and_nothing_else(tmp_path: Path) -> None:
    for name in (".dist-old-7", ".dist-new-7", ".dist-new-8", ".dist-made-x_1-7"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.html").write_text(name)
    writing.recover(tmp_path / "dist")
    assert [path.name for path in tmp_path.iterdir()] == ["dist"]
    assert (tmp_path / "dist" / "page.html").read_text() == ".dist-old-7"


def test_a_second_build_says_that_it_waits_and_then_runs(tmp_path: Path) -> None:
    told: list[str] = []

    def second() -> None:
        with writing.alone(tmp_path, told.append):
            told.append("second")

    with writing.alone(tmp_path, told.append):
        other = threading.Thread(target=second)
        other.start()
        while not told:
            time.sleep(0.01)
        told.append("first has ended")
    other.join()
    assert told == ["Another build is running here; this one waits for it", "first has ended", "second"]
