"""What a user of the kit did wrong, said once.

A KitError is raised where the mistake is known and printed by build.py as one line; anything else that
is raised is a bug of ours and keeps its traceback. What a machine refuses, as a full disk does, is no bug.
"""

import errno
import tempfile

REFUSALS = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS),
    *(errno.EACCES, errno.EPERM, errno.EBUSY, errno.EIO),
}
ROOM = "make room, and see that the folder may be written"


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


def refused(error: OSError, what: object = None) -> KitError:
    """What the machine refuses, and for which file; an error of another kind is raised again."""
    if error.errno not in REFUSALS:
        raise error
    file = what or error.filename or f"a file in {tempfile.gettempdir()}"  # all others are named
    return KitError(f"{file} cannot be written: {error.strerror}", remedy=ROOM)
