"""What a proof says, and the page that shows it. Of the promises themselves see test_guarantees.py."""

import pytest

from kit import proofpage
from tests.test_guarantees import marked, proved


@pytest.fixture(scope="module")
def proof(tmp_path_factory):
    mark = 'equivalent("parts].copy()", "parts]", why="Views & copies: a < b.")'
    return proved(tmp_path_factory.mktemp("pair"), solution=marked(mark))


def test_a_proof_says_which_cases_refuse_which_wrong_answer(proof):
    assert (proof.name, proof.title) == ("01_halves", "Halves")
    assert [(wrong.name, cases) for wrong, cases in proof.caught][:3] == [
        ("parts forgotten", ["three parts", "a part is left over", "all in one part"]),
        ("rounded up", ["a part is left over"]),
        ("the last part", ["two parts", "three parts"]),
    ]


def test_a_proof_says_what_became_of_every_mutant(proof):
    assert [(each.mutant.line, each.killer, each.equivalent) for each in proof.tried][:3] == [
        (3, "all in one part", ""),
        (3, "two parts", ""),
        (3, "all in one part", ""),
    ]
    assert [each.equivalent for each in proof.tried if not each.killer] == ["Views & copies: a < b."]


@pytest.fixture(scope="module")
def page(proof):
    return proofpage.proof_page([proof]).decode()


def test_the_page_begins_with_a_table_of_all_exercises(page):
    row = page[page.index('<a href="#01_halves">') :].partition("</tr>")[0]
    assert row == (
        '<a href="#01_halves">01 Halves</a></th><td>2</td><td>3</td><td>6 of 6</td><td>12 of 13</td>'
        "<td>1</td><td>0</td>"
    )
    assert 'id="01_halves"' in page


def test_the_page_has_a_row_for_every_wrong_answer_and_needs_no_other_file(page):
    assert page.count("<strong>rounded up</strong>") == 1
    assert "By hidden cases only: Whoever sees such a call thinks of rounding." in page
    assert "<li>a part is left over (hidden)</li>" in page
    assert "// parts] → // 2]" in page
    assert "http" not in page
    assert "src=" not in page


def test_the_page_shows_mutants_that_no_case_refuses_as_diffs(page):
    shown = page[page.index("<figure>") : page.index("</figure>")]
    assert "Line 6 of <code>half</code>, call: Views &amp; copies: a &lt; b." in shown
    assert "<del>-    return values[: len(values) // parts].copy()</del>" in shown
    assert "<ins>+    return values[: len(values) // parts]</ins>" in shown


def test_the_page_shows_survivors_first(proof):
    tried = [each._replace(equivalent="") for each in proof.tried]
    page = proofpage.proof_page([proof._replace(tried=tried)]).decode()
    assert "that no case refuses</h4>" in page
    assert "<td>12 of 13</td><td>0</td><td>1</td>" in page
