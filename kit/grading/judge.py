"""One submission, one verdict: ``grade(notebook, assignment)``.

The notebook is run by a worker (`kit.grading.worker`) behind walls (`kit.grading.sandbox`). What should come
back stays here, and what does come back is compared as a student's own check does it. The worker can lie only
as a wrong answer can.

Answers are found by name after all cells have run in their order. Each is graded twice: in *cascade*, in the
student's notebook as it is, and *alone*, with the reference's answers in the place of those before it. A case
that passes in cascade passes alone.
"""

import time
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any

from kit import check
from kit.grading.notebooks import Cell, cells, words
from kit.grading.process import Gone, Process
from kit.grading.sandbox import LIMITS, Limits

NEEDED = ("limits", "namespaces", "landlock")  # to run what strangers wrote
STRIKES = 2  # calls of one answer that do not come back, before its other cases are not tried
SHOWN = 1000  # characters of a text in the verdict
WORDS = 20_000  # characters of an answer in words, which a person reads


def grade(
    notebook: bytes, assignment: dict[str, Any], *, trusted: bool = False, limits: Limits = LIMITS
) -> dict[str, Any]:
    """The verdict on a submission. It has no times in it: for the same notebook it is the same.

    Raises PermissionError where this machine lacks a wall, unless the submission is ``trusted``; for what is
    in a submission it raises nothing.
    """
    found, remarks = [], []
    try:
        found = cells(notebook, limits.notebook)
    except ValueError as error:
        remarks = [str(error)]
    answers = assignment["answers"]
    with TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True) as folder:
        run = Run(found, assignment, folder, limits, trusted)
        try:
            cascade, alone = both(run, answers)
        finally:
            run.drop()
    written = [{**each, "text": words(found, each["name"], each["title"])} for each in assignment["written"]]
    return {
        "exercise": assignment["exercise"],
        "version": assignment["version"],
        "answers": [marked(*each) for each in zip(answers, alone, cascade, strict=True)],
        "written": [
            {**{key: each[key] for key in ("name", "points")}, "text": shown(each["text"], WORDS)}
            for each in written
        ],
        "remarks": [shown(text) for text in [*remarks, *run.told()]],
        "protection": run.walls,
    }


@cache
def protection() -> list[str]:
    """The walls of this machine, by trying; all are "limits", "namespaces", "landlock", "seccomp"."""
    with TemporaryDirectory(prefix="grading-") as folder:
        process = Process(folder, {}, LIMITS)
        process.close()
    return process.walls


def both(run: "Run", answers: list[dict[str, Any]]) -> tuple[list[list[str]], list[list[str]]]:
    """What is wrong in every case of every answer, in cascade and alone."""
    cascade = [run.problems(answer, {}) for answer in answers]
    alone = list(cascade)
    # In this order no reference is near the student's code before that answer has both its marks.
    for n, answer in enumerate(answers):
        if n and any(cascade[n]):
            again = run.problems(answer, {each["name"]: each["code"] for each in answers[:n]})
            alone[n] = [first and second for first, second in zip(cascade[n], again, strict=True)]
    return cascade, alone


def marked(answer: dict[str, Any], alone: list[str], cascade: list[str]) -> dict[str, Any]:
    """The marks of one answer: of its points, the part that the weights of the passing cases are of all."""
    weights = [case.get("weight", 1) for case in answer["cases"]]
    made: dict[str, Any] = {"name": answer["name"], "points": answer["points"]}
    for way, problems in (("alone", alone), ("cascade", cascade)):
        passed = sum(weight for weight, problem in zip(weights, problems, strict=True) if not problem)
        made[way] = round(answer["points"] * passed / sum(weights), 6)
    rows = zip(answer["cases"], alone, cascade, strict=True)
    made["cases"] = [
        {"name": case["name"], "hidden": case["hidden"], "alone": shown(first), "cascade": shown(second)}
        for case, first, second in rows
    ]
    return made


def judged(case: dict[str, Any], reply: dict[str, Any]) -> str:
    """What is wrong with the worker's reply to a call."""
    if "missing" in reply:
        return check.examine(None, case)
    error = raised(**reply) if "kinds" in reply else None
    given = [reply.get("args"), reply.get("kwargs")]
    return check.verdict(case, given, reply.get("got"), error, None)


def raised(kinds: list[str], text: str, told: str) -> Exception:
    """An error of these kinds with this message; formatted, it also says in which line it arose."""
    kind: type[Exception] = NotImplementedError if "NotImplementedError" in kinds else Exception
    said = told.removeprefix(f"{kinds[0]}: ")
    for name in reversed(kinds):
        kind = type(name, (kind,), {"__str__": lambda self: text, "__format__": lambda self, how: said})
    return kind()


def shown(value: Any, size: int = SHOWN) -> Any:
    """A text without what cannot be printed, and not too long; numbers as they are."""
    if not isinstance(value, str):
        return value
    text = "".join(sign if sign.isprintable() or sign == "\n" else "�" for sign in value[: size + 1])
    return text if len(text) <= size else text[:size] + "…"


class Run:
    """A notebook under trial: its worker, if there is one, and what became of its cells."""

    def __init__(
        self, found: list[Cell], assignment: dict[str, Any], folder: str, limits: Limits, trusted: bool
    ) -> None:
        originals = dict(zip(assignment["given_ids"], assignment["given"], strict=True))
        own = [(f"cell {n}", cell) for n, cell in enumerate(found, 1) if cell.code]
        codes = [(place, originals.get(cell.name, cell.source)) for place, cell in own]
        self.cells = [*(("", code) for code in assignment["given"]), *codes]
        self.given, self.files = assignment["given"], assignment["files"]
        self.folder, self.limits, self.trusted = folder, limits, trusted
        self.process: Process | None = None
        self.supplied: dict[str, str] | None = None  # to the notebook that the worker has run, if it has
        self.left: dict[int, str] = {}  # cells that are not run again, and why
        self.errors: dict[int, str] = {}
        self.walls: list[str] = []
        self.end = time.monotonic() + limits.total

    def problems(self, answer: dict[str, Any], supplied: dict[str, str]) -> list[str]:
        """What is wrong in each case of an answer, with the code ``supplied`` for others."""
        found: list[str] = []
        strikes = 0
        for case in answer["cases"]:
            if strikes == STRIKES:
                found.append(f": not tried, because {STRIKES} calls before this one did not come back")
                continue
            try:
                reply = self.call(case, supplied)
            except Gone as gone:
                strikes += 1
                found.append(f": {case['call']} {gone}")
                self.drop()
            else:
                problem, trouble = check.attempt(judged, case, reply)
                found.append(problem if trouble is None else ": what came back cannot be read")
        return found

    def call(self, case: dict[str, Any], supplied: dict[str, str]) -> dict[str, Any]:
        """The worker's reply to the call of a case, after the cells have run."""
        if time.monotonic() > self.end:
            raise Gone(f"is not tried any more, after {self.limits.total:g} seconds")
        if self.process is None or self.supplied != supplied:
            end = min(self.end, time.monotonic() + self.limits.cells)
            while not self.prepared(supplied, end):
                self.drop()
        assert self.process
        return self.process.ask({key: case[key] for key in ("call", "args", "kwargs")})

    def prepared(self, supplied: dict[str, str], end: float) -> bool:
        """Have the cells run in a worker; False when one of them ends it, which is then left out."""
        process = self.fresh()
        for n, (name, source) in enumerate(self.cells):
            if n in self.left:
                continue
            if time.monotonic() > end:
                self.left[n] = "is left out: the cells take too much time"
                continue
            try:
                reply = process.ask({"cell": f"<{name}>", "source": source})
            except Gone as gone:
                self.left[n] = str(gone)
                return False
            self.errors.setdefault(n, str(reply.get("error", "")))
        if supplied:
            process.ask({"codes": supplied, "given": self.given})
        self.supplied = supplied
        return True

    def fresh(self) -> Process:
        """A worker that has run nothing yet."""
        if self.process is not None:
            try:
                self.process.again()
            except Gone:
                self.drop()
        if self.process is None:
            self.process = Process(self.folder, self.files, self.limits)
            self.walls = self.process.walls
            if missing := [wall for wall in NEEDED if wall not in self.walls and not self.trusted]:
                raise PermissionError(f"this machine has no {' and no '.join(missing)} for the submission")
        return self.process

    def drop(self) -> None:
        """End the worker, with all that it has started."""
        if self.process is not None:
            self.process.close()
            self.process = None

    def told(self) -> list[str]:
        """A line for every cell of the student's in which something went wrong."""
        troubles = {n: f": {error}" for n, error in self.errors.items() if error}
        troubles |= {n: f" {reason}" for n, reason in self.left.items()}
        return [f"{self.cells[n][0]}{troubles[n]}" for n in sorted(troubles) if self.cells[n][0]]
