"""One folder for all temporary files of a program, which the next one removes if this one was killed."""

import os
import secrets
import tempfile
from multiprocessing.util import Finalize
from pathlib import Path

from kit.unchanged import LEFT, left
from kit.whole import remove, whole

NAMES = ("TMPDIR", "TEMP", "TMP")  # by which programs know where temporary files go


def begin(root: Path) -> Finalize:
    """From now on, temporary files of this process and of all that it starts go into one folder.

    The folder goes when the process ends, or when what this gives is called. It is in the system's own one,
    since it has sockets in it, whose paths must be short; what programs that were killed have left there is
    removed first.
    """
    notes = root / LEFT  # one for each program, by its number and the name of its folder
    notes.mkdir(parents=True, exist_ok=True)
    for note in left(root):
        forget(note)
    code = secrets.token_hex(4)
    ours, note = Path(tempfile.gettempdir(), f"kit-{code}"), notes / f"{os.getpid()}-{code}"
    with whole(note) as part:  # first, so that no folder is ever without a note
        part.write_text(str(ours), encoding="utf-8")
    end = Finalize(None, forget, [note], exitpriority=-101)  # multiprocessing removes its own before, at -100
    ours.mkdir(mode=0o700)
    tempfile.tempdir = str(ours)
    os.environ.update(dict.fromkeys(NAMES, str(ours)))
    return end


def forget(note: Path) -> None:
    """Remove a folder and then its note, which stays while some process still writes into the folder."""
    ours = Path(note.read_text(encoding="utf-8"))
    if ours.name == f"kit-{note.name.split('-')[1]}":
        remove(ours)
    if not ours.exists():
        note.unlink(missing_ok=True)
