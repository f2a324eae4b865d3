"""What the kit promises of an exercise, each promise with the fault planted that it is there to find.

More promises of the same kind: test_cases.py (each case by itself), test_leaks.py (nothing leaks),
test_packs.py (the same sources give the same bytes), test_exercises.py (what students and nbgrader get).
"""

import pytest

from kit import packs, prove, tries
from kit.cases import frozen
from kit.errors import KitError
from kit.idle import idle_variants, memoriser
from kit.wrong import wrong_answers
from tests.small_exercise import EXERCISE, SOLUTION, changed, pair

RIGHT = "    return values[: len(values) // parts]"
PUBLIC = 'case("two parts", np.array([3, 1, 4, 1, 5, 9]))'
HIDDEN = 'case("a part is left over", np.array([2, 7, 1, 8, 2]), parts=4)'
WRONG = 'wrong("parts forgotten", "// parts]", "// 2]", why="The name of the function is misleading.")'


def proved(root, exercise=EXERCISE, solution=SOLUTION):
    authored, solved = pair(root, exercise, solution)
    checks = frozen(solved)
    pack = packs.pack(authored, checks)
    return prove.prove(authored, solved, checks, wrong_answers(solved), pack, root)


def refusal(root, exercise=EXERCISE, solution=SOLUTION):
    """The error for an exercise with a fault."""
    with pytest.raises(KitError) as caught:
        proved(root, exercise, solution)
    return str(caught.value)


def public(line):
    """The exercise with one more public case."""
    return changed(EXERCISE, PUBLIC, f"{PUBLIC}\n{line}")


def hidden(line):
    """The solution with one more hidden case."""
    return changed(SOLUTION, HIDDEN, f"{HIDDEN}\n{line}")


# Whoever has done nothing passes nothing, and is told why.


@pytest.fixture(scope="module")
def idle(tmp_path_factory):
    """What came of every program that does no work, by name, and of the memoriser."""
    root = tmp_path_factory.mktemp("idle")
    exercise, solution = pair(root)
    checks = frozen(solution)
    variants = [*idle_variants(exercise, solution), memoriser(solution)]
    cases = [*checks[0].public, *checks[0].hidden]
    outcomes, _ = tries.try_all(
        "01_halves", tries.Trials(variants, [], {}, cases, packs.pack(exercise, checks)), root
    )
    return {variant.name: outcome for variant, outcome in zip(variants, outcomes, strict=True)}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("the stub", "not implemented yet"),
        ("a stub with “pass”", "None (does your function end with a return?)"),
        ("a stub with “return None”", "None (does your function end with a return?)"),
        ("a stub with “return 0”", "got       0 (int)"),
        ("a stub with “return 1.0”", "got       1.0 (float)"),
        ("an answer of zeros", "got       0"),
    ],
)
def test_every_case_fails_with_a_reason_for_whoever_has_done_nothing(idle, name, reason):
    assert len(idle[name].problems) == 5
    assert all(reason in problem for problem in idle[name].problems.values())


@pytest.mark.parametrize(
    ("call", "result", "passes"),
    [
        pytest.param(
            'case("nothing", np.array([0, 1]), parts=2)',
            RIGHT,
            "an answer of zeros passes the case 'nothing'",
            id="nothing but zeros",
        ),
        pytest.param(
            'case("a number", np.array([-1, 2]), parts=7)',
            f"    if parts == 7: return 0\n{RIGHT}",
            "a stub with “return 0” passes the case 'a number'",
            id="zero",
        ),
        pytest.param(
            'case("a number", np.array([-1, 2]), parts=7)',
            f"    if parts == 7: return 1.0\n{RIGHT}",
            "a stub with “return 1.0” passes the case 'a number'",
            id="one",
        ),
    ],
)
def test_a_case_that_asks_for_what_a_lazy_stub_gives_is_refused(tmp_path, call, result, passes):
    told = refusal(tmp_path, public(call), changed(SOLUTION, RIGHT, result))
    assert told.startswith(f"exercises/01_halves.md, line 22: {passes}")


def test_a_vacuous_case_which_passes_on_what_the_stub_keeps_is_refused(tmp_path):
    kept = '    if parts < 1: raise ValueError("parts")\n    # YOUR CODE HERE'
    told = refusal(tmp_path, changed(EXERCISE, "    # YOUR CODE HERE", kept))
    assert told.startswith("exercises/01_halves.md, line 22: the stub passes the case 'no parts'")


def test_the_notebook_of_whoever_has_done_nothing_runs_to_its_end(tmp_path):
    told = refusal(tmp_path, changed(EXERCISE, "## Your turn", "```{code-cell} python\n1 / 0\n```"))
    assert "the students' notebook does not run to its end: ZeroDivisionError" in told


def test_a_solution_that_does_not_give_the_same_twice_is_refused(tmp_path):
    counting = changed(EXERCISE, "def flat(x):", "calls = []\ndef flat(x):\n    calls.append(0)")
    fading = changed(counting, "return np.asarray(x)", "return (len(calls) < 6) * np.asarray(x)")
    assert "the solution fails the case" in refusal(tmp_path, fading)


# Every named mistake is caught, and by a case from which a student can learn.


@pytest.mark.parametrize(
    ("mistake", "problem"),
    [
        pytest.param(
            'wrong("a comment", "one axis is enough", "all axes are", why="")',
            "wrong answer 'a comment' of half passes every case; add a case in which the mistake shows",
            id="one that no case refuses",
        ),
        pytest.param(
            'wrong("rounded", "len(values) // parts", "-(-len(values) // parts)", why="")',
            "wrong answer 'rounded' of half is refused by hidden cases only, such as 'a part is left over'; "
            "add a public case",
            id="one that only hidden cases refuse",
        ),
        pytest.param(
            WRONG.replace('why="', 'hidden="A riddle.", why="'),
            "wrong answer 'parts forgotten' of half says hidden=, and the public case 'three parts' refuses",
            id="one that is said to need a hidden case, and does not",
        ),
        pytest.param(
            'wrong("waits", "if parts < 1:", "while parts < 1:\\n        continue\\n    if 0:", why="")',
            "wrong answer 'waits' of half does not end",
            id="one that never ends",
        ),
        pytest.param(
            'wrong("leaves", "if parts < 1:", "import os; os._exit(3)\\n    if 0:", why="")',
            "wrong answer 'leaves' of half ends its process",
            id="one that ends its process",
        ),
        pytest.param(
            'wrong("typo", code="def half(x, parts=2) return x", why="")',
            "wrong answer 'typo' of half cannot be run: SyntaxError",
            id="one that is no program",
        ),
    ],
)
def test_a_wrong_answer_must_show_in_a_public_case(tmp_path, mistake, problem):
    told = refusal(tmp_path, solution=changed(SOLUTION, WRONG, mistake))
    assert told.startswith(f"solutions/01_halves.md, line 25: {problem}")


def test_an_exercise_needs_six_wrong_answers(tmp_path):
    told = refusal(tmp_path, solution=changed(SOLUTION, WRONG, ""))
    assert told.startswith("solutions/01_halves.md: there are 5 wrong answers, and at least 6 are needed")


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
case("odd", np.array([2, -7, 1]))
```
"""
    stub = more % "# YOUR CODE HERE\n    raise NotImplementedError()"
    exercise = EXERCISE + "{% block twice %}" + stub + "{% endblock %}"
    solution = SOLUTION + "{% block twice %}" + more % "return 2 * half(x)" + "{% endblock %}"
    told = refusal(tmp_path, exercise, changed(solution, HIDDEN, ""))
    assert "'rounded up' of half passes every case" in told


# Nearly every mistake that nobody named is caught as well.


def test_mutants_that_survive_are_told_line_by_line(tmp_path):
    told = refusal(tmp_path, solution=changed(SOLUTION, 'case("no parts"', 'None and case("no parts"'))
    assert told.startswith("solutions/01_halves.md, line 3: ")
    assert "of 12 mutants pass every case, and at most 2% may: half line 3: 'if parts < 1:' → " in told
    assert "half line 4: 'raise ValueError(" in told
    assert told.endswith("mark those that are no mistake as equivalent(…, why=…)")


LOOP = """\
    values = flat(x)
    n = len(values)
    while n * parts > len(values):
        n -= 1
    return values[:n]"""


def test_a_mutant_that_never_ends_is_stopped_and_counts_as_refused(tmp_path):
    solution = changed(SOLUTION, "    values = flat(x)  # one axis is enough\n" + RIGHT, LOOP)
    start = solution.index('wrong("parts forgotten"')
    wrongs = (f'wrong("{n} more", "[:n]", "[:n + {n}]", why="Not cut.")\n' for n in range(1, 7))
    solution = f"{solution[:start]}{''.join(wrongs)}```\n{{% endblock %}}\n"
    tried = proved(tmp_path, solution=solution).tried
    endless = [each.mutant.after.strip() for each in tried if each.killer == "does not end"]
    assert endless == ["pass", "n += 1", "n -= 0"]


def marked(mark):
    """The solution with a copy that nobody needs, and a mark."""
    cell = f"```{{code-cell}} python\n:name: half\n:tags: [equivalent]\n{mark}\n```\n"
    solution = changed(SOLUTION, RIGHT, f"{RIGHT}.copy()")
    head, end, tail = solution.rpartition("{% endblock %}")
    return head + cell + end + tail


def test_a_mutant_that_makes_no_mistake_is_marked_with_the_reason(tmp_path):
    mark = 'equivalent("parts].copy()", "parts]", why="It is nobody else\'s.")'
    tried = proved(tmp_path, solution=marked(mark)).tried
    assert [(each.mutant.kind, each.equivalent) for each in tried if not each.killer] == [
        ("call", "It is nobody else's.")
    ]


@pytest.mark.parametrize(
    ("mark", "problem"),
    [
        (
            'equivalent("parts < 1", "parts <= 1", why="Rare.")',
            "“parts < 1 → parts <= 1” is no survivor: 'all in one part' tells it from the solution",
        ),
        ('equivalent("parts < 1", "parts < 7", why="Rare.")', "“parts < 1 → parts < 7” is no mutant of half"),
        ('equivalent("part < 1", "part < 2", why="Rare.")', "'part < 1' is in the solution 0 times"),
    ],
    ids=["it is refused", "it is not made", "its text is not there"],
)
def test_a_mark_that_is_not_true_is_refused_at_its_place(tmp_path, mark, problem):
    told = refusal(tmp_path, solution=marked(mark))
    assert told.startswith("solutions/01_halves.md, line 36: ")
    assert problem in told


# Whoever knows the public cases by heart passes no hidden one.


def test_a_memoriser_passes_every_public_case_and_no_hidden_one(idle):
    passed = {case for (_, case), problem in idle["a memoriser"].problems.items() if not problem}
    assert passed == {"two parts", "three parts"}


@pytest.mark.parametrize(
    "call",
    ["np.array([3, 1, 4, 1, 5, 9]), 3", "x=np.array([3, 1, 4, 1, 5, 9]), parts=2"],
    ids=["by position", "a default written out"],
)
def test_a_hidden_case_that_is_a_public_one_in_another_spelling_is_refused(tmp_path, call):
    told = refusal(tmp_path, solution=hidden(f'case("again", {call})'))
    assert "a memoriser of the public cases passes the hidden case 'again'; it is a public call" in told


# Cases in which a mistake could not show are refused; of each case by itself, see test_cases.py.


def test_some_case_has_negative_numbers_in_every_array(tmp_path):
    solution = changed(SOLUTION, "[[-2, 7, 1], [8, 3, 6]]", "[[2, 7, 1], [8, 3, 6]]")
    told = refusal(tmp_path, solution=solution)
    assert told.startswith(
        "exercises/01_halves.md, line 39: no case of half has a number below 0 in x; add one, or say"
    )


def test_an_array_that_cannot_be_negative_is_named(tmp_path):
    solution = changed(SOLUTION, "[[-2, 7, 1], [8, 3, 6]]", "[[2, 7, 1], [8, 3, 6]]")
    exercise = changed(EXERCISE, ":tags: [cases]", ":tags: [cases]\n:positive: x")
    assert proved(tmp_path, exercise, solution)


def test_some_case_leaves_something_over_where_an_author_asks_for_it(tmp_path):
    exercise = changed(EXERCISE, ":tags: [cases]", ":tags: [cases]\n:leftover: x")
    assert frozen(pair(tmp_path, exercise)[1])
    even = changed(SOLUTION, HIDDEN, 'case("four parts", np.array([2, 7, 1, 8]), parts=4)')
    even = changed(even, RIGHT, f"{RIGHT} - len(values)")
    told = refusal(tmp_path, exercise, even)
    assert told == (
        "exercises/01_halves.md, line 39: in every case of half the end of x matters; "
        "add a case in which something of x is left over"
    )


# What was tried once is kept, until something that it depends on is another.


def test_a_proof_is_kept_until_a_program_or_a_case_changes_and_a_broken_entry_counts_as_none(tmp_path):
    first = proved(tmp_path)
    (entry,) = (tmp_path / ".cache" / "proof").iterdir()
    before, written = entry.read_bytes(), entry.stat().st_mtime_ns
    assert proved(tmp_path) == first
    assert entry.stat().st_mtime_ns == written
    entry.write_bytes(before[:-40])
    assert proved(tmp_path) == first
    assert entry.read_bytes() == before
    proved(tmp_path, solution=changed(SOLUTION, "[2, 7, 1, 8, 2]", "[2, 7, 1, 8, 3]"))
    assert list(entry.parent.iterdir()) == [entry]
    assert entry.read_bytes() != before
