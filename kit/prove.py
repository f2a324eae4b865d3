"""What makes an exercise safe to give: its stub passes nothing, its solution everything, no mistake survives.

Tried in `kit.tries` with all cases: programs that do no work, the solution, the wrong answers that the author
named, and mutants of the solution that nobody named. Each gate is a function here; its error says what to do.
"""

from pathlib import Path
from typing import NamedTuple

from nbformat import NotebookNode

from kit.cases import Checks
from kit.cells import answers, refuse
from kit.errors import KitError
from kit.idle import idle_variants, memoriser
from kit.mutants import Mutant, mutants
from kit.tries import Faulty, Outcome, Pack, Refusal, Trials, Variant, try_all
from kit.wrong import Equivalent, Wrong, equivalents

ENOUGH_WRONG = 6  # wrong answers in an exercise
ENOUGH_KILLED = 0.98  # of its mutants, those that are equivalent among them
TOLD = 20  # survivors in an error


class Tried(NamedTuple):
    """What became of a mutant."""

    mutant: Mutant
    killer: str  # the case that refuses it, or how it stops; "" if it lives
    equivalent: str  # why nothing can refuse it, or ""


class Proof(NamedTuple):
    """What has been shown for one exercise."""

    name: str
    title: str
    checks: list[Checks]
    caught: list[tuple[Wrong, list[str]]]  # each wrong answer with the cases that refuse it
    tried: list[Tried]
    right: dict[str, str]  # the solution of every answer


def prove(
    exercise: NotebookNode,
    solution: NotebookNode,
    checks: list[Checks],
    wrong: list[Wrong],
    pack: Pack,
    root: Path,
) -> Proof:
    """Try every program in the ``pack``. KitError for one that passes, or fails, where it must not."""
    name, title = (exercise.metadata.kit[key] for key in ("name", "title"))
    if not checks:  # all answers are in words; that the notebook runs to its end, kit.pairs sees to
        return Proof(name, title, [], [], [], {})
    right = {answer: cell.source for answer, cell in answers(solution).items()}
    variants = [
        *idle_variants(exercise, solution),
        memoriser(solution),
        Variant("the solution", right, whole=True),
    ]
    named = [Faulty(what(each), each.answer, each.code, None) for each in wrong]
    made = [mutant for answer, code in right.items() for mutant in mutants(answer, code)]
    faulty = [*named, *(Faulty("a mutant", each.answer, each.code, 1) for each in made)]
    cases = [case for each in checks for case in [*each.public, *each.hidden]]
    try:
        outcomes, refusals = try_all(name, Trials(variants, faulty, right, cases, pack), root)
    except KitError as error:
        raise KitError(error.problem, exercise.metadata.kit["source"], remedy=error.remedy) from error
    *idle, memory, solved = zip(variants, outcomes, strict=True)
    for variant, outcome in idle:
        fails_everything(variant, outcome, exercise)
    passes_everything(solved[1], solution)
    knows_no_hidden_case(memory[1], checks, solution)
    caught = [(each, refusing(each, refusals[n], checks)) for n, each in enumerate(wrong)]
    if len(wrong) < ENOUGH_WRONG:
        problem = f"there are {len(wrong)} wrong answers, and at least {ENOUGH_WRONG} are needed"
        raise KitError(problem, solution.metadata.kit["source"], remedy="write mistakes that you have met")
    tried = judged(list(zip(made, refusals[len(wrong) :], strict=True)), equivalents(solution))
    few_survive(tried, solution)
    return Proof(name, title, checks, caught, tried, right)


def fails_everything(variant: Variant, outcome: Outcome, exercise: NotebookNode) -> None:
    """A student who has done nothing runs the notebook to its end and passes no case."""
    for (answer, case), problem in outcome.problems.items():
        if not problem:
            cell = answers(exercise)[answer]
            raise refuse(
                cell, f"{variant.name} passes the case {case!r}", "change the case, or what the stub keeps"
            )
    if outcome.raised and variant.name == "the stub":
        problem = f"the students' notebook does not run to its end: {outcome.raised[0]}"
        raise KitError(
            problem, exercise.metadata.kit["source"], remedy="cells may not need a finished answer"
        )


def passes_everything(outcome: Outcome, solution: NotebookNode) -> None:
    """The solution runs to the end and passes every case."""
    for (answer, case), problem in outcome.problems.items():
        if problem:
            raise refuse(answers(solution)[answer], f"the solution fails the case {case!r}{problem}")
    if outcome.raised:
        raise KitError(f"the solution raises {outcome.raised[0]}", solution.metadata.kit["source"])


def knows_no_hidden_case(memory: Outcome, checks: list[Checks], solution: NotebookNode) -> None:
    """Whoever has learned the public cases by heart passes no hidden one: these are what marks are for."""
    for each in checks:
        for case in each.hidden:
            if not memory.problems[each.name, case["name"]]:
                problem = f"a memoriser of the public cases passes the hidden case {case['name']!r}"
                remedy = "it is a public call in another spelling; change its input"
                raise refuse(answers(solution)[each.name], problem, remedy)


def what(wrong: Wrong) -> str:
    return f"wrong answer {wrong.name!r} of {wrong.answer}"


def refusing(wrong: Wrong, refusal: Refusal, checks: list[Checks]) -> list[str]:
    """The names of the cases that a wrong answer fails; one that students have, or it says why none can."""
    found, place = refusal.cases, (wrong.file, wrong.line)
    if refusal.stopped:
        remedy = "a mistake must end, and show in what it gives"
        raise KitError(f"{what(wrong)} {refusal.stopped}", *place, remedy)
    if not found:
        raise KitError(f"{what(wrong)} passes every case", *place, "add a case in which the mistake shows")
    public = [case["name"] for each in checks if each.name == wrong.answer for case in each.public]
    learned = [case for case in found if case in public]
    if not learned and not wrong.hidden:
        problem = f"{what(wrong)} is refused by hidden cases only, such as {found[0]!r}"
        remedy = "add a public case in which the mistake shows, or say why there can be none: hidden=…"
        raise KitError(problem, *place, remedy)
    if learned and wrong.hidden:
        problem = f"{what(wrong)} says hidden=, and the public case {learned[0]!r} refuses it"
        raise KitError(problem, *place, "take hidden= away")
    return found


def judged(made: list[tuple[Mutant, Refusal]], marks: list[Equivalent]) -> list[Tried]:
    """Every mutant with what kills it or why nothing can. KitError for a mark that is not true."""
    killers = {(m.answer, m.code): refusal.stopped or "".join(refusal.cases) for m, refusal in made}
    for mark in marks:
        killer, marked = killers.get((mark.answer, mark.code)), f"equivalent: “{mark.change}”"
        if killer is None:
            remedy = "mark the line of a survivor as an error, or the proof, shows it"
            raise KitError(f"{marked} is no mutant of {mark.answer}", mark.file, mark.line, remedy)
        if killer:
            problem = f"{marked} is no survivor: {killer!r} tells it from the solution"
            raise KitError(problem, mark.file, mark.line, "take the mark away")
    why = {(mark.answer, mark.code): mark.why for mark in marks}
    return [Tried(m, killers[m.answer, m.code], why.get((m.answer, m.code), "")) for m, _ in made]


def alive(tried: list[Tried]) -> list[Tried]:
    """Those that nothing refuses and nothing excuses."""
    return [each for each in tried if not each.killer and not each.equivalent]


def few_survive(tried: list[Tried], solution: NotebookNode) -> None:
    """Nearly every mutant of an exercise is refused, or is marked as no mistake."""
    left = alive(tried)
    if len(left) > (1 - ENOUGH_KILLED) * len(tried):
        told = "; ".join(survivor(each.mutant) for each in left[:TOLD])
        more = f"; and {len(left) - TOLD} more" if len(left) > TOLD else ""
        part = f"{len(left)} of {len(tried)} mutants pass every case, and at most {1 - ENOUGH_KILLED:.0%} may"
        remedy = "add cases that refuse them, or mark those that are no mistake as equivalent(…, why=…)"
        raise refuse(answers(solution)[left[0].mutant.answer], f"{part}: {told}{more}", remedy)


def survivor(mutant: Mutant) -> str:
    """A mutant in one line."""
    return f"{mutant.answer} line {mutant.line}: {mutant.before.strip()!r} → {mutant.after.strip()!r}"
