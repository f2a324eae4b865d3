"""The folder that `grade` writes: nothing in it that is not ours, or that a person has changed, is ever lost.

.files.json names what we wrote, with its sha256.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from kit.errors import KitError

LIST = ".files.json"


def chosen(given: Path, to: Path | None, root: Path) -> Path:
    """Where the grades go: ``to``, or hw1-grades beside hw1 or hw1.zip. KitError where they would be lost."""
    given = given.resolve()
    name = given.name if given.is_dir() else given.stem
    folder = to.resolve() if to else given.with_name(f"{name}-grades")
    if folder.is_relative_to((root / "dist").resolve()):
        raise KitError(
            f"{folder} would be lost: every build replaces dist/", remedy="name another folder with --to"
        )
    if given.is_dir() and folder.is_relative_to(given):
        raise KitError(f"{folder} is among the submissions", remedy="name another folder with --to")
    return folder


def claim(folder: Path) -> None:
    """Have a folder that is ours. KitError for one in which somebody else has files."""
    try:
        if not (folder / LIST).is_file():
            if folder.exists() and any(folder.iterdir()):
                raise KitError(f"{folder} has other files", remedy="name a new folder with --to")
            folder.mkdir(parents=True, exist_ok=True)
            replace(folder / LIST, b"{}\n")
    except OSError as error:
        problem = f"{folder} cannot be written: {error.strerror}"
        raise KitError(problem, remedy="name another folder with --to") from error


def publish(folder: Path, files: Mapping[str, bytes], merged: str) -> list[str]:
    """Write the files, remove those of an earlier run; return the names under which changed ones are kept.

    A file that is no longer as we wrote it is renamed; but for ``merged``, whose changes are in the new one.
    """
    ours = known(folder)
    sums = {path: [hashlib.sha256(content).hexdigest()] for path, content in files.items()}
    # before and after: whenever we are stopped, what we wrote is known to be ours
    told(folder, {path: ours.get(path, []) + sums.get(path, []) for path in {*ours, *sums}})
    kept = []
    for path in sorted({*ours, *files}):
        target = folder / path
        if (
            target.is_file()
            and path != merged
            and digest(target) not in ours.get(path, []) + sums.get(path, [])
        ):
            aside = free(target)
            target.rename(aside)
            kept.append(aside.relative_to(folder).as_posix())
        if path in files:
            target.parent.mkdir(parents=True, exist_ok=True)
            replace(target, files[path])
        elif path != merged:
            target.unlink(missing_ok=True)
    told(folder, sums)
    return kept


def known(folder: Path) -> dict[str, list[str]]:
    """What we have written here, by path; nothing where the list has been damaged."""
    try:
        found = json.loads((folder / LIST).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def told(folder: Path, sums: Mapping[str, list[str]]) -> None:
    replace(folder / LIST, json.dumps(sums, indent=1, sort_keys=True).encode() + b"\n")


def free(target: Path) -> Path:
    """A name beside the target that nothing has: grades.yours.csv, grades.yours-2.csv …"""
    number, aside = 1, target.with_name(f"{target.stem}.yours{target.suffix}")
    while aside.exists():
        number += 1
        aside = target.with_name(f"{target.stem}.yours-{number}{target.suffix}")
    return aside


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def replace(target: Path, content: bytes) -> None:
    """All of the new content, or the old one."""
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(target)
