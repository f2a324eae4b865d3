"""The editions of an exercise: what each has, and what it must not have."""

import copy

import nbformat
import pytest

from kit import exercises
from kit.cases import frozen
from kit.errors import KitError
from kit.wrong import wrong_answers
from tests.small_exercise import EXERCISE, SOLUTION, changed, pair


@pytest.fixture
def authored(tmp_path):
    return pair(tmp_path)


@pytest.fixture
def student(authored):
    return exercises.student(authored[0])


@pytest.fixture
def solved(authored):
    return exercises.solved(authored[1], frozen(authored[1]), wrong_answers(authored[1]))


def sources(notebook):
    return [cell.source for cell in notebook.cells]


def cleared(source):
    """What nbgrader's ClearSolutions makes of a cell: its rule, in six lines."""
    lines, inside = [], False
    for line in source.split("\n"):
        if "BEGIN SOLUTION" in line:
            indent = line[: len(line) - len(line.lstrip())]
            lines += [f"{indent}# YOUR CODE HERE", f"{indent}raise NotImplementedError()"]
        inside = "BEGIN SOLUTION" in line or (inside and "END SOLUTION" not in line)
        lines += [] if inside or "END SOLUTION" in line else [line]
    return "\n".join(lines)


def test_a_student_gets_the_cells_in_order_and_no_cases(student):
    assert sources(student) == [
        f"# Halves\n\n*Cut things in two*\n\nAbout 5 minutes · 4 points.\n\n{exercises.HOW}",
        "Every array has two ends.",
        "import numpy as np\nfrom checks import check",
        "def flat(x):\n    return np.asarray(x).reshape(-1)",
        "## Your turn",
        "def half(x, parts=2):\n"
        '    """The first part of `x`, which is cut into `parts` of the same whole size."""\n'
        "    # YOUR CODE HERE\n"
        "    raise NotImplementedError()",
        'check("half")',
    ]


def test_a_students_notebook_has_no_outputs_and_no_metadata_but_nbgraders(authored):
    authored[0].cells[1].outputs = [nbformat.v4.new_output("stream", text="seen")]
    authored[0].cells[1].execution_count = 3
    made = exercises.student(authored[0])
    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in made.cells)
    assert {key for cell in made.cells for key in cell.metadata} == {"deletable", "editable", "nbgrader"}
    assert set(made.metadata) == {"kernelspec", "language_info"}


def test_cells_are_numbered_by_position(student):
    assert [cell.id for cell in student.cells] == [f"cell-00{n}" for n in range(1, 8)]


@pytest.mark.parametrize("which", ["student", "solved"])
def test_an_edition_is_a_valid_notebook(which, request):
    nbformat.validate(request.getfixturevalue(which))


def test_answers_are_open_checks_are_graded_and_the_rest_is_locked(student):
    facts = {
        cell.metadata.nbgrader.grade_id: "".join(
            key[0] for key in ("grade", "solution", "locked") if cell.metadata.nbgrader[key]
        )
        for cell in student.cells
        if "nbgrader" in cell.metadata
    }
    assert facts == {
        "text-00": "l",
        "text-01": "l",
        "given-03": "l",
        "text-04": "l",
        "answer-half": "s",
        "check-half": "gl",
    }


def test_the_check_carries_points_and_the_checksum_that_nbgrader_computes(student):
    about = student.cells[6].metadata.nbgrader
    assert about.points == 4.0
    assert about.checksum == "dfa0959b33209e8b42b0a1e33d103a2b"  # written by nbgrader 0.9.6


def test_nbgraders_source_is_the_solution_and_its_release_is_the_students_notebook(authored, student):
    made = exercises.nbgrader_source(*authored)
    assert "    values = flat(x)  # one axis is enough\n" in made.cells[5].source
    assert "Another text" not in made.cells[5].source
    assert [cleared(source) for source in sources(made)] == sources(student)


def test_only_the_checksum_of_an_answer_differs_between_source_and_release(authored, student):
    for ours, released in zip(exercises.nbgrader_source(*authored).cells, student.cells, strict=True):
        mine, theirs = (copy.deepcopy(cell.metadata) for cell in (ours, released))
        if "nbgrader" in mine and mine.nbgrader.solution:
            mine.nbgrader.checksum = theirs.nbgrader.checksum
        assert mine == theirs


def test_an_instructor_sees_hidden_cases_and_mistakes_below_the_check(solved):
    assert sources(solved)[6:10] == [
        'check("half");',  # without the bare number that it returns
        "**Hidden cases of `half`**, which no student's file has:\n\n"
        "| case | call | expected |\n"
        "| --- | --- | --- |\n"
        "| a part is left over | `half(<array (5,)>, parts=4)` | array of shape (1,) |\n"
        "| no parts | `half(<array (3,)>, parts=0)` | ValueError with “parts” |\n"
        "| all in one part | `half(<array (2, 3)>, parts=1)` | array of shape (6,) |",
        'check("half_hidden");',
        "**Common mistakes**, each of them refused by the checks:\n\n"
        "| mistake | change | why |\n"
        "| --- | --- | --- |\n"
        "| parts forgotten | `// parts] → // 2]` | The name of the function is misleading. |\n"
        "| rounded up | `len(values) // parts → -(-len(values) // parts)` | Nothing may be left over. |\n"
        "| the last part | `[: len(values) // parts] → [-(len(values) // parts) :]` | First and last. |\n"
        "| what is left | `[: len(values) // parts] → [len(values) // parts :]` | A colon misplaced. |\n"
        "| one too many | `len(values) // parts → len(values) // parts + 1` | Counts from 1. |\n"
        "| every second one | `[: len(values) // parts] → [::parts]` | Deals out cards. |",
    ]


def test_an_instructor_has_the_discussion_and_the_places_of_the_code(solved):
    assert sources(solved)[-1].startswith("Whoever writes a two")
    assert solved.cells[5].metadata == {"source": "solutions/01_halves.md:3"}
    assert "nbgrader" not in str(solved)


def test_a_bar_in_a_table_is_escaped():
    assert exercises.table("words", ("a",), [("x | y",)]).endswith("| x \\| y |")


def test_an_end_of_a_line_stays_within_its_row_of_a_table():
    assert exercises.table("words", ("a", "b"), [("x\ny", "z")]).endswith("| --- | --- |\n| x y | z |")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ""), ("a", "`a`"), ("f`a`", "`` f`a` ``"), ("``", "``` `` ```")],
    ids=["nothing", "plain", "one mark inside", "two marks inside"],
)
def test_code_stands_between_longer_marks_than_it_has(text, expected):
    assert exercises.code(text) == expected


def test_a_mistake_over_two_lines_is_one_row_of_the_table(tmp_path):
    old, new = '"// parts]", "// 2]"', '"len(values) // parts]", "len(\\n        values) // 2]"'
    solution = pair(tmp_path, solution=changed(SOLUTION, old, new))[1]
    made = sources(exercises.solved(solution, frozen(solution), wrong_answers(solution)))
    row = next(text for text in made if "Common mistakes" in text).split("\n")[4]
    assert row == (
        "| parts forgotten | `len(values) // parts] → len(\\n        values) // 2]` "
        "| The name of the function is misleading. |"
    )


def test_nothing_that_is_given_is_changed(authored):
    before = copy.deepcopy(authored)
    exercises.student(authored[0])
    exercises.nbgrader_source(*authored)
    exercises.solved(authored[1], frozen(authored[1]), wrong_answers(authored[1]))
    assert authored == before


@pytest.mark.parametrize(
    ("exercise", "solution", "problem"),
    [
        pytest.param(
            changed(EXERCISE, "    raise NotImplementedError()", "    pass"),
            SOLUTION,
            "half does not end like a stub",
            id="no stub",
        ),
        pytest.param(
            EXERCISE,
            changed(SOLUTION, "def half(x, parts=2):", "two = 2\ndef half(x, parts=2):"),
            "the answer is not one function",
            id="helpers in the answer",
        ),
    ],
)
def test_an_answer_that_nbgrader_could_not_cut_is_refused(tmp_path, exercise, solution, problem):
    with pytest.raises(KitError, match=problem):
        exercises.nbgrader_source(*pair(tmp_path, exercise, solution))
