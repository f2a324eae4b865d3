"""What instructors and students get: safe to open and to hand out, and nobody's work is lost for it."""

import json
import re
from pathlib import Path

import pytest

from kit.errors import KitError
from kit.grading import by_hand, folder, report, tables
from kit.grading.collect import Left
from tests.small_class import ASSIGNMENTS, marked

WRONG = "".join(
    f"\n      {line}"
    for line in ("call      double(6.0)", "got       <b>7</b> (int)", "expected  12.0", "hint      twice")
)
EVIL = '<script>alert("x")</script>'
CLASS = [
    marked("=cmd|' /C calc'!A0", "01_double", ("", WRONG, ""), remarks=["cell 2: NameError: <i>x</i>"]),
    marked("Zoë Müller", "02_halve", ("", "", ": not implemented yet"), words=EVIL),
    marked("Zoë Müller", "01_double", ("", "", ""), cascade=": got something else"),
]


def made(rows: dict | None = None, cascade: bool = False) -> dict[str, bytes]:
    """The whole report on the class."""
    grades = [
        report.grade_of(each, about, by_hand.words(each, about, rows or {}), cascade)
        for each in CLASS
        for about in [ASSIGNMENTS[each.submission.exercise]]
    ]
    left = [Left(f"{EVIL}.zip", "not a zip")]
    return report.files(grades, left, ASSIGNMENTS, rows or {}, cascade, ["limits", "landlock"])


def feedback(files: dict[str, bytes], start: str) -> str:
    return next(text.decode() for path, text in files.items() if path.startswith(f"feedback/{start}"))


def test_grades_csv_has_both_counts_and_the_one_that_counts() -> None:
    assert made()["grades.csv"].decode("utf-8-sig").splitlines() == [
        "student,exercise,points,max,points alone,points cascade,remark",
        "'=cmd|' /C calc'!A0,01_double,2,3,2,2,cell 2: NameError: <i>x</i>",
        "Zoë Müller,02_halve,2,7,2,2,1 answer in words has no points yet",
        "Zoë Müller,01_double,3,3,3,0,",
    ]
    assert b",01_double,0,3,3,0," in made(cascade=True)["grades.csv"]


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", "＝1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    content = tables.written(["a"], [{"a": cell}])
    assert content.decode("utf-8-sig").splitlines()[1].strip('"').startswith("'")
    assert tables.read(content) == [{"a": cell}]


@pytest.mark.parametrize(
    "content",
    ["a;b\r\nü;2,5\r\n".encode("cp1252"), "a\tb\nü\t2,5\n".encode("utf-16"), 'a,b\nü,"2,5"\n\n'.encode()],
    ids=["Excel with semicolons", "Unicode text", "plain"],
)
def test_a_table_is_read_however_a_spreadsheet_saved_it(content: bytes) -> None:
    assert tables.read(content) == [{"a": "ü", "b": "2,5"}]


def test_feedback_shows_public_cases_as_the_check_does() -> None:
    page = feedback(made(), "cmd")
    assert "<b>PASS</b> double one" in page
    assert "<b>FAIL</b> double six" in page
    shown = re.search(r"<pre>(.*?)</pre>", page, re.DOTALL)
    assert shown
    assert shown[1].splitlines() == [
        *("call      double(6.0)", "got       &lt;b&gt;7&lt;/b&gt; (int)"),
        *("expected  12.0", "hint      twice"),
    ]


def test_feedback_says_of_hidden_cases_how_many_pass_and_nothing_else() -> None:
    files = made()
    pages = [text.decode() for path, text in files.items() if path.startswith("feedback/")]
    assert "<b>1 of 1</b> hidden cases pass" in pages[0]
    assert "<b>0 of 1</b> hidden cases pass; they try the same with other values" in pages[1]
    assert not [page for page in pages if "nothing at all" in page]
    assert "nothing at all" in files["index.html"].decode()


def test_feedback_tells_a_mistake_that_another_answer_made() -> None:
    note = "It fails when your notebook runs as one program, because of an answer before it."
    assert note in feedback(made(), "zoe")
    assert "It passes alone: what fails is an answer before it." in feedback(made(cascade=True), "zoe")


def test_what_students_write_is_text_and_never_markup() -> None:
    for path, content in made().items():
        if path.endswith(".html"):
            assert not re.search(r"<(script|i|b>7)", content.decode()), path
    assert "&lt;script&gt;" in made()["written.html"].decode()


def test_pages_load_nothing_and_say_their_language_and_title() -> None:
    for path, content in made().items():
        if path.endswith(".html"):
            page = content.decode()
            assert '<html lang="en">' in page
            assert re.search(r"<title>[^<]+</title>", page), path
            assert not re.search(r"(?:src|href)=\"https?:|url\(", page), path
            assert all("scope=" in head for head in re.findall(r"<th\b[^>]*>", page)), path


def test_the_overview_shows_what_fails_most() -> None:
    page = made()["index.html"].decode()
    assert "<code>double</code>: double six" in page
    assert 'style="width: 50.0%"' in page
    assert "1 of 2</td>" in page
    assert "no way to your files" in page
    assert page.count("<td>cell 2: NameError: &lt;i&gt;x&lt;/i&gt;</td>") == 1
    assert "<td>1 answer in words" not in page  # that is said once, above the table


def test_the_same_class_gives_the_same_bytes() -> None:
    assert made() == made()


def test_a_json_has_everything_of_a_student() -> None:
    path = next(path for path in made() if path.startswith("students/zoe"))
    found = json.loads(made()[path])
    assert [each["exercise"] for each in found["exercises"]] == ["02_halve", "01_double"]
    assert found["exercises"][0]["words"][0]["text"] == EVIL


@pytest.mark.parametrize(
    ("student", "stem"),
    [
        *(("ada", "ada"), ("u1234", "u1234")),
        *(("Ada", "ada-b4b4c1c4"), ("Zoë", "zoe-"), ("李小龙", "student-"), ("con", "con-"), ("../x", "x-")),
        *(("a" * 300, "a" * 60 + "-"), ("-rf", "rf-")),
    ],
)
def test_files_have_safe_names_that_stay(student: str, stem: str) -> None:
    found = report.stem(student)
    assert found.startswith(stem[:4])
    assert found == stem or re.fullmatch(r"[a-z0-9-]+-[0-9a-f]{8}", found)


def test_two_students_never_share_a_file() -> None:
    assert len({report.stem(name).lower() for name in ("Ada", "ada", "ADA", "adà", "ada!", "a da")}) == 6


def rows_of(files: dict[str, bytes], tmp_path: Path, **changes: str) -> dict:
    """written.csv with some cells of its only row changed, as a person's run would read it."""
    (row,) = tables.read(files[by_hand.SHEET])
    file = tmp_path / by_hand.SHEET
    file.write_bytes(tables.written(by_hand.COLUMNS, [{**row, **changes}]))
    return by_hand.read(file)


def test_points_by_hand_count_and_are_never_overwritten(tmp_path: Path) -> None:
    rows = rows_of(made(), tmp_path, points="2,5", comment="Why <b>half</b>?")
    files = made(rows)
    assert b"02_halve,4.5,7,4.5,4.5,\r\n" in files["grades.csv"]
    assert "Why &lt;b&gt;half&lt;/b&gt;?" in feedback(files, "zoe")
    (row,) = tables.read(files[by_hand.SHEET])
    assert (row["points"], row["comment"]) == ("2,5", "Why <b>half</b>?")


def test_a_name_that_a_spreadsheet_could_not_write_still_has_its_points(tmp_path: Path) -> None:
    rows = rows_of(made(), tmp_path, points="4", student="Zo? M?ller")
    assert b"02_halve,6,7,6,6,\r\n" in made(rows)["grades.csv"]
    assert len(tables.read(made(rows)[by_hand.SHEET])) == 1


def test_points_for_another_answer_stay_and_are_told(tmp_path: Path) -> None:
    rows = rows_of(made(), tmp_path, **{"points": "4", "answer id": "#00000000"})
    assert b"why has changed since it was given points" in made(rows)["grades.csv"]


def test_points_of_a_student_who_is_gone_stay(tmp_path: Path) -> None:
    rows = rows_of(made(), tmp_path, **{"points": "1", "student": "Gone", "answer id": "#00000000"})
    assert [row["student"] for row in tables.read(made(rows)[by_hand.SHEET])] == ["Zoë Müller", "Gone"]


@pytest.mark.parametrize("said", ["five", "-1", "4.5", "nan"])
def test_points_that_are_none_are_told_with_their_line(tmp_path: Path, said: str) -> None:
    with pytest.raises(
        KitError, match=r"written\.csv, line 2: '.*' are no points from 0 to 4; write a number"
    ):
        rows_of(made(), tmp_path, points=said)


def test_nobody_has_to_read_an_empty_answer() -> None:
    empty = marked("ada", "02_halve", ("", "", ""))
    (word,) = by_hand.words(empty, ASSIGNMENTS["02_halve"], {})
    assert (word.points, word.text) == (0.0, "")
    assert tables.read(by_hand.sheet([word], {})) == []


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(KitError, match="has other files; name a new folder with --to"):
        folder.claim(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_what_a_person_changed_is_kept_and_what_is_stale_goes(tmp_path: Path) -> None:
    target = tmp_path / "grades"
    folder.claim(target)
    assert folder.publish(target, {"a.csv": b"1", "x/b.html": b"1", "w.csv": b"1"}, "w.csv") == []
    (target / "a.csv").write_bytes(b"mine")
    (target / "w.csv").write_bytes(b"points")
    (target / "notes.txt").write_bytes(b"mine too")
    folder.claim(target)
    assert folder.publish(target, {"a.csv": b"2", "w.csv": b"2"}, "w.csv") == ["a.yours.csv"]
    found = {p.relative_to(target).as_posix(): p.read_bytes() for p in target.rglob("*") if p.is_file()}
    assert {k: v for k, v in found.items() if k != folder.LIST} == {
        **{"a.csv": b"2", "a.yours.csv": b"mine", "w.csv": b"2", "notes.txt": b"mine too"},
    }


def test_where_grades_go(tmp_path: Path) -> None:
    (tmp_path / "hw1").mkdir()
    (tmp_path / "hw2.zip").write_bytes(b"")
    assert folder.chosen(tmp_path / "hw1", None, tmp_path) == tmp_path / "hw1-grades"
    assert folder.chosen(tmp_path / "hw2.zip", None, tmp_path) == tmp_path / "hw2-grades"
    assert folder.chosen(tmp_path / "hw1", tmp_path / "x", tmp_path) == tmp_path / "x"
    with pytest.raises(KitError, match="every build replaces dist/"):
        folder.chosen(tmp_path / "hw1", tmp_path / "dist" / "x", tmp_path)
    with pytest.raises(KitError, match="is among the submissions"):
        folder.chosen(tmp_path / "hw1", tmp_path / "hw1" / "x", tmp_path)
