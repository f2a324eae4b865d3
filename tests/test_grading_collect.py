"""Whose notebook a file is, and of which exercise; and what strangers could do with files."""

import os
import struct
import zipfile
from pathlib import Path

import pytest

from kit.errors import KitError
from kit.grading import collect, names, walk
from tests.small_class import ASSIGNMENTS, DOUBLE, HALVE, STUB, laid_out, notebook, zipped

WORK = notebook(DOUBLE)
SECOND = notebook("# again\n" + DOUBLE)
PACK = zipped({"01_double-0a1b2c3d/01_double.ipynb": WORK, "01_double-0a1b2c3d/checks.py": b"pass"})


def found(given: Path, pattern: str = "") -> dict[tuple[str, str], str]:
    """The place of every submission, by student and exercise."""
    return {
        (each.student, each.exercise): each.place
        for each in collect.collect(given, ASSIGNMENTS, pattern).submissions
    }


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("submitted/ada/01_double/any name.ipynb", "ada"),
        ("ada/01_double/01_double.ipynb", "ada"),
        ("ada/01_double.ipynb", "ada"),
        ("ada/week 2/01_double.ipynb", "ada"),
        ("Ada Lovelace_1234_assignsubmission_file_/01_double_ada.ipynb", "Ada Lovelace"),
        ("Ada Lovelace_1234_assignsubmission_file/x.ipynb", "Ada Lovelace"),
        ("Ada Lovelace_1234_assignsubmission_file_01_double.ipynb", "Ada Lovelace"),
        ("lovelaceada_12_345_01_double.ipynb", "lovelaceada"),
        ("lovelaceada_LATE_12_345_01_double-2.ipynb", "lovelaceada"),
        ("ada_01_double.ipynb", "ada"),
        ("01_double_ada.ipynb", "ada"),
        ("01-double Zoë Müller.ipynb", "Zoë Müller"),
        ("01_double_ada (2).ipynb", "ada"),
        ("01_double_ada-Copy1.ipynb", "ada"),
        ("01_double_ada.ipynb.txt", "ada"),
    ],
)
def test_the_student_is_read_from_the_path(tmp_path: Path, path: str, student: str) -> None:
    given = laid_out(tmp_path / "hw", {path: WORK, "01_double_somebody else.ipynb": WORK})
    assert found(given) == {(student, "01_double"): path} | {
        ("somebody else", "01_double"): "01_double_somebody else.ipynb"
    }


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("ada.zip", "ada"),
        ("01_double_ada.zip", "ada"),
        ("Ada L_12_assignsubmission_file_/01_double-0a1b2c3d.zip", "Ada L"),
        ("lada_12_345_01_double-0a1b2c3d.zip", "lada"),
        ("ada/01_double-0a1b2c3d.zip", "ada"),
    ],
)
def test_a_pack_may_be_handed_in_as_it_was_zipped(tmp_path: Path, path: str, student: str) -> None:
    given = laid_out(tmp_path / "hw", {path: PACK, "01_double_bob.ipynb": WORK})
    inside = f"{path}/01_double-0a1b2c3d/01_double.ipynb"
    assert found(given) == {(student, "01_double"): inside, ("bob", "01_double"): "01_double_bob.ipynb"}


def test_a_zip_of_the_class_is_as_good_as_its_folder(tmp_path: Path) -> None:
    files = {"hw/ada/01_double.ipynb": WORK, "hw/bob.zip": PACK, "hw/02_halve_cy.ipynb": notebook(HALVE)}
    laid_out(tmp_path / "folder", files)
    (tmp_path / "hw.zip").write_bytes(zipped(files))
    in_folder, in_zip = (collect.collect(tmp_path / name, ASSIGNMENTS) for name in ("folder", "hw.zip"))
    assert in_folder == in_zip
    assert [each[:2] for each in in_zip.submissions] == [
        ("ada", "01_double"),
        ("bob", "01_double"),
        ("cy", "02_halve"),
    ]


@pytest.mark.parametrize("inside", ["", "exercises-0a1b2c3d/"])
def test_one_student_alone_is_named_by_what_was_given(tmp_path: Path, inside: str) -> None:
    files = {f"{inside}01_double/01_double.ipynb": WORK, f"{inside}02_halve/x.ipynb": notebook(HALVE)}
    laid_out(tmp_path / "ada", files)
    (tmp_path / "bob.zip").write_bytes(zipped(files))
    for name in ("ada", "bob.zip"):
        assert {student for student, _ in found(tmp_path / name)} == {name[:3]}


def test_in_a_flat_folder_a_notebook_without_a_name_is_nobodys(tmp_path: Path) -> None:
    given = laid_out(tmp_path / "hw", {"01_double.ipynb": WORK, "01_double_ada.ipynb": WORK})
    made = collect.collect(given, ASSIGNMENTS)
    assert [each.student for each in made.submissions] == ["ada"]
    assert made.left == [collect.Left("01_double.ipynb", "nobody's name is in its path; see --pattern")]


def test_a_pattern_of_the_users_own(tmp_path: Path) -> None:
    files = {"t1/u77/double it.ipynb": WORK, "t1/u78/01_double.ipynb": WORK, "t1/no/01_double.ipynb": WORK}
    given = laid_out(tmp_path / "hw", files)
    assert set(found(given, r"/(?P<student>u\d+)/(?P<exercise>[^/]*)\.ipynb$")) == {
        ("u77", "01_double"),
        ("u78", "01_double"),
    }
    left = collect.collect(given, ASSIGNMENTS, r"/(?P<student>u\d+)/").left
    assert left == [collect.Left("t1/no/01_double.ipynb", "--pattern does not match its path")]


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [("(", "--pattern cannot be read: missing )"), ("x", "--pattern has no group named student")],
)
def test_a_pattern_that_cannot_work_is_told(pattern: str, problem: str) -> None:
    with pytest.raises(KitError, match="(?s)" + problem.replace(")", r"\)")):
        names.compiled(pattern)


@pytest.mark.parametrize(
    ("content", "exercise"),
    [
        (notebook("1", grade_id="answer-halve"), "02_halve"),
        (notebook("import numpy\n\ndef halve(x): return x"), "02_halve"),
        (notebook("1", words="because"), "02_halve"),
        (notebook(DOUBLE, HALVE), "02_halve"),  # a later exercise is given what an earlier one asks for
    ],
    ids=["its grade_id", "its function", "its words", "more than one function"],
)
def test_a_notebook_with_any_name_is_known_by_what_is_in_it(
    tmp_path: Path, content: bytes, exercise: str
) -> None:
    given = laid_out(tmp_path / "hw", {"ada/final.ipynb": content, "bob/01_double.ipynb": WORK})
    assert ("ada", exercise) in found(given)


def test_a_notebook_of_no_exercise_is_told(tmp_path: Path) -> None:
    given = laid_out(tmp_path / "hw", {"ada/notes.ipynb": notebook("1")})
    assert collect.collect(given, ASSIGNMENTS).left == [
        collect.Left("ada/notes.ipynb", "no exercise is recognised; there are 01_double, 02_halve")
    ]


def test_the_cells_say_more_than_a_wrong_name(tmp_path: Path) -> None:
    given = laid_out(tmp_path / "hw", {"ada/02_halve.ipynb": WORK, "bob/01_double.ipynb": WORK})
    assert set(found(given)) == {("ada", "01_double"), ("bob", "01_double")}


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("a_1_9_01_double.ipynb", "a_1_9_01_double-1.ipynb"),
        ("a_1_9_01_double-2.ipynb", "a_1_9_01_double-10.ipynb"),
        ("a/01_double (1).ipynb", "a/01_double (2).ipynb"),
        ("a/01_double.ipynb", "a/01_double_a.ipynb"),
        ("a/try 2/01_double.ipynb", "a/try 10/01_double.ipynb"),
    ],
)
def test_of_several_versions_the_last_is_graded(tmp_path: Path, first: str, last: str) -> None:
    given = laid_out(tmp_path / "hw", {first: WORK, last: SECOND, "b/01_double.ipynb": WORK})
    made = collect.collect(given, ASSIGNMENTS)
    assert [each.place for each in made.submissions] == [last, "b/01_double.ipynb"]
    assert made.left == [collect.Left(first, f"a has handed in 01_double several times; graded is {last}")]


def test_a_notebook_in_which_nothing_was_answered_does_not_replace_work(tmp_path: Path) -> None:
    given = laid_out(tmp_path / "hw", {"a/01_double_a.ipynb": WORK, "a/01_double (1).ipynb": notebook(STUB)})
    assert found(given) == {("a", "01_double"): "a/01_double_a.ipynb"}


def test_two_students_of_one_name_stay_two(tmp_path: Path) -> None:
    paths = [f"Ada L_{n}_assignsubmission_file_/01_double.ipynb" for n in (12, 13)]
    given = laid_out(tmp_path / "hw", dict.fromkeys(paths, WORK))
    assert set(found(given)) == {("Ada L (12)", "01_double"), ("Ada L (13)", "01_double")}


def test_a_student_without_notebook_is_told_once_and_the_packs_own_files_never(tmp_path: Path) -> None:
    files = {
        **{"Bob_3_assignsubmission_file_/report.pdf": b"%PDF", "Bob_3_assignsubmission_file_/z.txt": b""},
        **{"ada/01_double.ipynb": WORK, "ada/notes.txt": b"", "ada/checks/x.json": b"{}", "README.md": b""},
    }
    assert collect.collect(laid_out(tmp_path / "hw", files), ASSIGNMENTS).left == [
        collect.Left("Bob_3_assignsubmission_file_/report.pdf", "its student handed in no notebook (.ipynb)")
    ]


def test_what_computers_leave_beside_notebooks_is_passed_over(tmp_path: Path) -> None:
    files = {
        "ada/01_double.ipynb": WORK,
        "ada/.ipynb_checkpoints/01_double-checkpoint.ipynb": SECOND,
        "__MACOSX/ada/._01_double.ipynb": b"\x00",
        ".DS_Store": b"",
    }
    made = collect.collect(laid_out(tmp_path / "hw", files), ASSIGNMENTS)
    assert ([each.place for each in made.submissions], made.left) == (["ada/01_double.ipynb"], [])


def test_outputs_are_left_behind(tmp_path: Path) -> None:
    heavy = WORK.replace(b'"outputs": []', b'"outputs": ["' + b"x" * 10_000 + b'"]')
    (each,) = collect.collect(
        laid_out(tmp_path / "hw", {"a/01_double.ipynb": heavy}), ASSIGNMENTS
    ).submissions
    assert b"return 2 * x" in each.content
    assert len(each.content) < 500


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe\x00", b"[1]", b'{"cells": 3}', b'{"cells": [3]}', b"[" * 100_000, b"1" * 5000],
    ids=["empty", "half", "not UTF-8", "a list", "cells are a number", "a cell is a number", "deep", "long"],
)
def test_a_broken_notebook_is_handed_on_to_be_told(tmp_path: Path, content: bytes) -> None:
    given = laid_out(tmp_path / "hw", {"ada/01_double.ipynb": content, "bob/any.ipynb": content})
    made = collect.collect(given, ASSIGNMENTS)
    assert [(each.student, each.content) for each in made.submissions] == [("ada", content)]
    assert [each.place for each in made.left] == ["bob/any.ipynb"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "solution.ipynb"
    secret.write_bytes(WORK)
    given = laid_out(tmp_path / "hw", {"bob/01_double.ipynb": WORK})
    (given / "eve").mkdir()
    (given / "eve" / "01_double.ipynb").symlink_to(secret)
    (given / "mallory").symlink_to(tmp_path)
    os.mkfifo(given / "eve" / "pipe.zip")
    made = collect.collect(given, ASSIGNMENTS)
    assert [(each.student, each.content == b"", each.problem) for each in made.submissions] == [
        ("bob", False, ""),
        ("eve", True, "a link, which is not followed"),
    ]
    assert made.left == [
        collect.Left("eve/pipe.zip", "not a file"),
        collect.Left("mallory", "a link, which is not followed"),
    ]


@pytest.mark.parametrize(
    "path", ["../01_double_eve.ipynb", "/01_double_eve.ipynb", "C:\\01_double_eve.ipynb"]
)
def test_a_path_that_leads_out_of_a_zip_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "hw.zip").write_bytes(zipped({path: WORK, "01_double_ada.ipynb": WORK}))
    made = collect.collect(tmp_path / "hw.zip", ASSIGNMENTS)
    problems = {each.student: each.problem for each in made.submissions}
    assert problems == {"ada": "", "eve": "its path leads out of the zip"}


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("01_double_eve.ipynb")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "hw.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    (each,) = collect.collect(tmp_path / "hw.zip", ASSIGNMENTS).submissions
    assert (each.problem, each.content) == ("a link, which is not followed", b"")


def test_bombs_go_off_by_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "NOTEBOOK_BYTES", 1 << 20)
    monkeypatch.setattr(walk, "ZIP_BYTES", 4 << 20)
    monkeypatch.setattr(walk, "ZIP_FILES", 50)
    zeros = bytes((1 << 20) - 1)
    nested = zipped({f"{n}.ipynb": zeros for n in range(3)})
    files = {
        "01_double_ada.ipynb": WORK,
        "one.zip": zipped({"01_double.ipynb": zeros + zeros}),
        "many.zip": zipped({f"{n:02}.ipynb": b"" for n in range(51)}),
        "sum.zip": zipped({f"{n}.zip": nested for n in range(3)}),
        "deep.zip": zipped({"a.zip": zipped({"b.zip": zipped({"c.zip": PACK})})}),
    }
    made = collect.collect(laid_out(tmp_path / "hw", files), ASSIGNMENTS)
    assert [each.student for each in made.submissions if not each.problem] == ["ada"]
    reasons = {
        each.place.partition(".")[0]: each.reason for each in made.left if "exercise" not in each.reason
    }
    reasons |= {each.student: each.problem for each in made.submissions if each.problem}
    assert reasons == {
        "one": "larger than 1 MiB",
        "many": "holds more than 50 files",
        "sum": "its zip unpacks to more than 4 MiB",
        "deep": "a zip in too many others",
    }


def test_a_zip_that_lies_about_a_size_gives_no_more_than_it_says(tmp_path: Path) -> None:
    content = zipped({"01_double_eve.ipynb": bytes(3_000_000)})
    lie = content.replace(struct.pack("<I", 3_000_000), struct.pack("<I", 10))
    (tmp_path / "hw.zip").write_bytes(lie)
    (each,) = collect.collect(tmp_path / "hw.zip", ASSIGNMENTS).submissions
    assert (each.content, each.problem[:20]) == (b"", "cannot be unpacked: ")


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", PACK[:200], PACK[:-40], PACK.replace(b"\x08\x00", b"\x63\x00"), b"Rar!"],
    ids=["empty", "a beginning", "cut", "cut at the end", "another method", "no zip"],
)
def test_a_broken_zip_is_told(tmp_path: Path, content: bytes) -> None:
    given = laid_out(tmp_path / "hw", {"eve.zip": content, "01_double_ada.ipynb": WORK})
    made = collect.collect(given, ASSIGNMENTS)
    assert [each.student for each in made.submissions if not each.problem] == ["ada"]
    told = [each.place for each in made.left] + [each.place for each in made.submissions if each.problem]
    assert [place.startswith("eve.zip") for place in told] == [True]


def test_a_locked_zip_is_told(tmp_path: Path) -> None:
    locked = bytearray(PACK)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the bit that says "encrypted"
        place = -1
        while (place := locked.find(mark, place + 1)) >= 0:
            locked[place + offset] |= 1
    given = laid_out(tmp_path / "hw", {"eve.zip": bytes(locked)})
    (each,) = collect.collect(given, ASSIGNMENTS).submissions
    assert "password" in each.problem


def test_names_are_cleaned_of_what_cannot_be_seen(tmp_path: Path) -> None:
    long, hidden = "n" * 200, "a\u202eb\x07 c"
    given = laid_out(tmp_path / "hw", {f"{long}/01_double.ipynb": WORK, f"{hidden}/01_double.ipynb": WORK})
    bytes_ = os.fsencode(given) + b"/z\xff"
    laid_out(Path(os.fsdecode(bytes_)), {"01_double.ipynb": WORK})
    students = [each.student for each in collect.collect(given, ASSIGNMENTS).submissions]
    assert students == ["a\ufffdb\ufffd c", "n" * 119 + "…", "z\ufffd"]


def test_accents_are_the_same_however_a_computer_writes_them(tmp_path: Path) -> None:
    given = laid_out(tmp_path / "hw", {"Zoe\u0308/01_double.ipynb": WORK, "Zo\u00eb/02_halve.ipynb": WORK})
    assert {student for student, _ in found(given)} == {"Zo\u00eb"}


@pytest.mark.parametrize(
    ("name", "problem"), [("none", "is not there"), ("a.txt", "is neither a folder nor a zip")]
)
def test_what_cannot_be_submissions_is_one_line(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(KitError, match=problem):
        collect.collect(tmp_path / name, ASSIGNMENTS)
