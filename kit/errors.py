"""What a user of the kit did wrong, said once.

A KitError is raised where the mistake is known and printed by build.py as one line; anything else that
is raised is a bug of ours and keeps its traceback.
"""


class KitError(Exception):
    """A mistake in a source, named so that it can be found and mended.

    ``str(error)`` is one line: ``decks/02_x.md, line 41: PROBLEM; REMEDY``.
    """

    def __init__(self, problem: str, file: str = "", line: int | None = None, remedy: str = "") -> None:
        self.problem, self.file, self.line, self.remedy = problem, file, line, remedy
        super().__init__(problem)

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}" if self.file and self.line else self.file
        text = f"{place}: {self.problem}" if place else self.problem
        return " ".join(f"{text}; {self.remedy}".split() if self.remedy else text.split())
