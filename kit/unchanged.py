"""Is dist/ still what a build would make? Answered at once, by hashes of all that went in and came out."""

import json
import os
from contextlib import suppress
from pathlib import Path

from kit.errors import KitError
from kit.files import sum_of
from kit.kept import Moment, content, digest, file_digest, newer, versions
from kit.whole import whole

SOURCES = ("decks", "exercises", "solutions")
NOTE = ".cache/built.json"
OTHERS = {"chromium", "locks"}  # in .cache
LEFT = ".cache/temporary"  # notes of the temporary files of programs, named by these


def unchanged(root: Path) -> int:
    """How many files dist/ has if nothing has changed since it was built, else 0.

    Something has changed, too, when a program that was killed has left its temporary files.
    """
    if left(root):
        return 0
    try:
        note = json.loads(content(root / NOTE))
        sums = json.loads(content(root / "dist" / "manifest.json"))["files"]
    except ValueError:
        return 0
    files = {f.relative_to(root / "dist").as_posix(): f for f in (root / "dist").rglob("*") if f.is_file()}
    files.pop("manifest.json", None)
    whole = files.keys() == sums.keys() and note["came_out"] == file_digest(root / "dist" / "manifest.json")
    if not whole or note["went_in"] != went_in(root, read_by_all(root)):
        return 0
    same = all(sum_of(files[name]) == known for name, known in sums.items())
    return len(sums) + 1 if same else 0


def left(root: Path) -> list[Path]:
    """The notes of programs that were killed."""
    notes = list((root / LEFT).glob("*"))
    if not notes:
        return []
    import psutil  # takes a moment to load, and there is seldom one

    return [note for note in notes if not psutil.pid_exists(int(note.name.split("-")[0]))]


def note(root: Path, began: Moment) -> None:
    """Remember what dist/ was built from, unless something of it was changed after ``began``."""
    names = read_by_all(root)
    if not any(newer(root / name, began) for name in names):
        told = {"went_in": went_in(root, names), "came_out": file_digest(root / "dist" / "manifest.json")}
        with suppress(KitError), whole(root / NOTE) as part:  # on a full disk dist/ is right even so
            part.write_text(json.dumps(told), encoding="utf-8")


def went_in(root: Path, names: list[str]) -> str:
    """Hash of these files, which are all that any stage has read, and of what all ran on."""
    hashes = (f"{name} {file_digest(root / name)}" for name in names)
    return digest(versions(), os.environ.get("KIT_BROWSER", ""), *hashes)


def read_by_all(root: Path) -> list[str]:
    """Sources, the kit, and what the entries in .cache say that they were made from."""
    kit = Path(__file__).parent
    folders = [root / name for name in SOURCES]
    found = {
        str(f) for folder in (*folders, kit) for f in folder.rglob("*") if f.is_file() and f.suffix != ".pyc"
    }
    for entry in (e for folder in (root / ".cache").glob("*/") for e in folder.rglob("*")):
        if entry.is_file() and not OTHERS & set(entry.relative_to(root).parts):
            with entry.open("rb") as opened:
                head = opened.readline()
            if head.startswith(b'{"inputs"'):
                found.update(json.loads(head)["files"])
    return sorted({*found, "package-lock.json", "pyproject.toml"})
