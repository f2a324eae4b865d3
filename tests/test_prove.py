"""The gates of an exercise, each with the fault that it is there to find."""

import pytest

from kit import packs, prove
from kit.cases import frozen
from kit.errors import KitError
from kit.wrong import wrong_answers
from tests.small_exercise import EXERCISE, SOLUTION, changed, pair


def proved(root, exercise=EXERCISE, solution=SOLUTION):
    authored, solved = pair(root, exercise, solution)
    checks = frozen(solved)
    return prove.prove(authored, solved, checks, wrong_answers(solved), packs.pack(authored, checks))


@pytest.fixture(scope="module")
def proof(tmp_path_factory):
    return proved(tmp_path_factory.mktemp("pair"))


def test_a_proof_says_which_cases_refuse_which_wrong_answer(proof):
    assert (proof.name, proof.title) == ("01_halves", "Halves")
    assert [(wrong.name, cases) for wrong, cases in proof.caught] == [
        ("parts forgotten", ["three parts", "a part is left over"]),
        ("rounded up", ["a part is left over"]),
    ]


RIGHT = "    return values[: len(values) // parts]"
CASE = 'case("two parts", np.array([3, 1, 4, 1, 5, 9]))'


@pytest.mark.parametrize(
    ("exercise", "solution", "problem"),
    [
        pytest.param(
            changed(
                EXERCISE,
                "    # YOUR CODE HERE",
                '    if parts < 1: raise ValueError("parts")\n    # YOUR CODE HERE',
            ),
            SOLUTION,
            "exercises/01_halves.md, line 22: the stub passes the case 'no parts'",
            id="a case that passes on what the stub keeps",
        ),
        pytest.param(
            changed(EXERCISE, CASE, f'{CASE}\ncase("nothing", np.array([1, 0]), parts=2)').replace(
                "[1, 0]", "[0, 1]"
            ),
            SOLUTION,
            "exercises/01_halves.md, line 22: an answer of zeros passes the case 'nothing'",
            id="a case whose result is all zeros",
        ),
        pytest.param(
            changed(EXERCISE, CASE, f'{CASE}\ncase("a number", np.array([1, 2]), parts=7)'),
            changed(SOLUTION, RIGHT, f"    if parts == 7: return 0\n{RIGHT}"),
            "exercises/01_halves.md, line 22: a stub with “return 0” passes the case 'a number'",
            id="a case that zero passes",
        ),
        pytest.param(
            changed(EXERCISE, "## Your turn", "```{code-cell} python\n1 / 0\n```"),
            SOLUTION,
            "exercises/01_halves.md: the students' notebook does not run to its end: ZeroDivisionError",
            id="a cell that stops the notebook",
        ),
        pytest.param(
            changed(EXERCISE, "def flat(x):", "calls = []\ndef flat(x):\n    calls.append(0)").replace(
                "return np.asarray(x)", "return (len(calls) < 4) * np.asarray(x)"
            ),
            SOLUTION,
            "the solution fails the case",
            id="a solution that does not give the same twice",
        ),
        pytest.param(
            EXERCISE,
            changed(SOLUTION, '"// parts]", "// 2]"', '"one axis is enough", "all axes are"'),
            "solutions/01_halves.md, line 24: wrong answer 'parts forgotten' of half passes every case; add",
            id="a wrong answer that survives",
        ),
        pytest.param(
            EXERCISE,
            changed(
                SOLUTION,
                '"// parts]", "// 2]"',
                '"if parts < 1:", "while parts < 1:\\n        continue\\n    if 0:"',
            ),
            "exercises/01_halves.md: wrong answer 'parts forgotten' of half does not end within 2 seconds",
            id="a wrong answer that never ends",
        ),
        pytest.param(
            EXERCISE,
            changed(
                SOLUTION, '"// parts]", "// 2]"', '"if parts < 1:", "import os; os._exit(3)\\n    if 0:"'
            ),
            "exercises/01_halves.md: wrong answer 'parts forgotten' of half ends its process",
            id="a wrong answer that ends its process",
        ),
    ],
)
def test_a_fault_is_an_error_at_its_place(tmp_path, monkeypatch, exercise, solution, problem):
    monkeypatch.setattr(prove, "TIMEOUT", 2)
    with pytest.raises(KitError) as caught:
        proved(tmp_path, exercise, solution)
    assert problem in str(caught.value)


def test_a_wrong_answer_is_judged_by_the_cases_of_its_own_function(tmp_path):
    """`twice` calls `half`: a mistake in `half` that only `twice` notices is not caught."""
    more = """
```{code-cell} python
:name: twice
:tags: [answer]
def twice(x):
    \"\"\"The first half of `x`, two times.\"\"\"
    %s
```

```{code-cell} python
:name: twice
:tags: [check]
check("twice")
```

```{code-cell} python
:name: twice
:tags: [cases]
case("odd", np.array([2, 7, 1]))
```
"""
    stub = more % "# YOUR CODE HERE\n    raise NotImplementedError()"
    exercise = EXERCISE + "{% block twice %}" + stub + "{% endblock %}"
    solution = SOLUTION + "{% block twice %}" + more % "return 2 * half(x)" + "{% endblock %}"
    solution = changed(solution, 'case("a part is left over", np.array([2, 7, 1, 8, 2]), parts=4)', "")
    with pytest.raises(KitError, match="'rounded up' of half passes every case"):
        proved(tmp_path, exercise, solution)


def test_the_page_has_a_row_for_every_wrong_answer_and_needs_no_other_file(proof):
    page = prove.proof_page([proof]).decode()
    assert page.count('<th scope="row">') == 2
    assert page.count('class="caught"') == 3
    assert "<li>a part is left over (hidden)</li>" in page
    assert "// parts] → // 2]" in page
    assert "http" not in page
    assert "src=" not in page


def test_the_page_shows_what_an_author_wrote_as_text(proof):
    wrong, cases = proof.caught[0]
    page = prove.proof_page([proof._replace(caught=[(wrong._replace(why="a < b & c"), cases)])]).decode()
    assert "a &lt; b &amp; c" in page
