"""Mutants: what each rule makes of a line, what is left alone, and that a diff shows the fault."""

import ast

import pytest

from kit.edits import KINDS
from kit.mutants import diff, mutants


def made(body, kind=None):
    """What becomes of the lines of a function with this body, by every rule or by one."""
    lines = body.split("\n")
    code = "def f(x, n):\n" + "".join(f"    {line}\n" for line in lines)
    return [m.after.strip() for m in mutants("f", code) if kind in (None, m.kind)]


@pytest.mark.parametrize(
    ("kind", "line", "after"),
    [
        ("arithmetic", "return x + n", ["return x - n"]),
        ("arithmetic", "return x // n", ["return x / n"]),
        ("arithmetic", "return x ** (n)", ["return x * (n)"]),
        ("arithmetic", "x += n", ["x -= n", "x = n"]),
        ("part", "return (x + n) * 2", ["return (x + n)", "return 2", "return (x) * 2", "return (n) * 2"]),
        ("comparison", "return x < n", ["return x <= n", "return x >= n"]),
        ("comparison", "return x is None", ["return x is not None"]),
        ("condition", "return x and n", ["return x or n"]),
        ("condition", "if x: n = 0", ["if not x: n = 0"]),
        ("condition", "return not x", ["return x"]),
        ("constant", "return x[1]", ["return x[2]", "return x[0]"]),
        ("constant", "return True", ["return False"]),
        ("statement", "x.sort()", ["pass"]),
        ("jump", "for i in x: break", ["for i in x: continue"]),
        ("argument", "return g(x, axis=1)", ["return g(x)"]),
        ("argument", "return g(axis=1, n=2)", ["return g(n=2)", "return g(axis=1)"]),
        ("order", "return x[n, 0]", ["return x[0, n]"]),
        ("order", "return g(x, n)", ["return g(n, x)"]),
        ("order", "a, b = x, n", ["a, b = n, x"]),
        ("order", "a, b = g(x)", ["b, a = g(x)"]),
        ("order", "return x.sum(axis=(0, 2))", []),
        ("order", "return max(x, n)", []),
        ("call", "return g(x, n)", ["return x"]),
        ("call", "return x.copy()", ["return x"]),
        ("sign", "return -n", ["return n"]),
        ("bound", "return x[n:]", ["return x[:]"]),
        ("loop", "for i in range(n): g()", ["for i in range(1, n): g()", "for i in range(n - 1): g()"]),
        (
            "loop",
            "return [g(y) for y in x]",
            ["return [g(y) for y in list(x)[1:]]", "return [g(y) for y in list(x)[:-1]]"],
        ),
        ("name", "s, t = n; return s", ["s, t = n; return t"]),
    ],
)
def test_a_rule_makes_these_of_a_line(kind, line, after):
    assert made(line, kind) == after


def test_every_rule_is_tried_here():
    tried = test_a_rule_makes_these_of_a_line.pytestmark[0].args[1]
    assert {kind for kind, *_ in tried} == set(KINDS)


def test_docstrings_and_messages_of_errors_are_left_alone():
    body = '"""One of 2."""\nif x:\n    raise ValueError(f"{n + 1} is over 3")'
    assert made(body) == ["if not x:", "pass"]


def test_code_beside_the_answer_is_left_alone():
    assert [m.line for m in mutants("f", "TWO = 2\ndef f(x):\n    return x + 1\n")] == [3] * 6


def test_mutants_are_in_the_order_of_the_text_all_different_and_all_programs():
    code = "def f(x):\n    for i in range(2):\n        x += i * 3\n    return -x\n"
    found = mutants("f", code)
    assert [m.line for m in found] == sorted(m.line for m in found)
    assert len({m.code for m in found} | {code}) == len(found) + 1
    assert all(ast.parse(m.code) for m in found)
    assert found == mutants("f", code)


def test_signs_that_take_several_bytes_do_not_move_an_edit():
    assert made('y = "über √2"; return x + n', "arithmetic") == ['y = "über √2"; return x - n']


def test_a_diff_shows_the_fault_and_a_line_on_each_side():
    code = "def f(x):\n    y = x\n    y = y * 2  # twice\n    y = abs(y)\n    return y"
    mutant = next(m for m in mutants("f", code) if m.kind == "arithmetic")
    assert diff(mutant, code).split("\n") == [
        "@@ -2,3 +2,3 @@",
        "     y = x",
        "-    y = y * 2  # twice",
        "+    y = y + 2  # twice",
        "     y = abs(y)",
    ]
