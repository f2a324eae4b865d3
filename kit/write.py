"""The one stage that changes ``dist/``: the whole of it, in one move, or not at all."""

import json
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from kit.errors import ROOM, KitError
from kit.files import File, Files, sum_of
from kit.whole import remove

MANIFEST = "manifest.json"


def manifest(sums: dict[str, str]) -> bytes:
    """manifest.json: the sha256 of every other file, by path."""
    return (json.dumps({"files": dict(sorted(sums.items()))}, indent=1) + "\n").encode()


def sums_of(dist: Path) -> dict[str, str]:
    """What the manifest in ``dist`` says; nothing where there is none that can be read."""
    try:
        return dict(json.loads((dist / MANIFEST).read_text(encoding="utf-8"))["files"])
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def write(artifacts: Files, dist: Path) -> None:
    """Replace ``dist`` by exactly these files and their manifest."""
    with replaced(dist) as new:
        for path, file in artifacts.at.items():
            (new / path).parent.mkdir(parents=True, exist_ok=True)
            # of another course it must be a copy: who edits one of them shall not have edited both
            (link if file.place.is_relative_to(dist.parent) else shutil.copyfile)(file.place, new / path)
        new.mkdir(exist_ok=True)
        (new / MANIFEST).write_bytes(manifest(artifacts.sums()))


def update(artifacts: Files, dist: Path, names: Collection[str]) -> Files:
    """Replace in ``dist`` what belongs to the sources with these ``names``; all other files stay as they are.

    What belongs to them and is not made any more goes. Pages and archives of the whole course are left alone:
    they would have these sources alone in them. The artifacts that were written.
    """
    made = artifacts.among(path for path in artifacts if belongs(path, names))
    kept = {path: dist / path for path in files_in(dist) if path != MANIFEST and not belongs(path, names)}
    before = sums_of(dist)  # so that a file that somebody has changed does not become one of ours
    others = {path: File(place, before.get(path) or sum_of(place)) for path, place in kept.items()}
    write(Files(others | made.at), dist)
    return Files({path: File(dist / path, sum_) for path, sum_ in made.sums().items()})


def belongs(path: str, names: Collection[str]) -> bool:
    """Whether a file comes from one of these sources: "public/handouts/01_x-3up.pdf" does from "01_x"."""
    return any(re.search(rf"(^|/){re.escape(name)}([./-]|$)", path) for name in names)


def files_in(folder: Path) -> list[str]:
    """The paths of all files below a folder, in order."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def link(old: Path, new: Path) -> None:
    """The same file at another place; a copy of it where a file cannot be at two."""
    try:
        new.hardlink_to(old)
    except OSError:
        shutil.copy2(old, new)


@contextmanager
def alone(root: Path, tell: Callable[[str], None]) -> Iterator[None]:
    """While this lasts no other build of ``root`` runs: one that has begun before is waited for.

    What a build that was killed has left behind is put in order first.
    """
    (root / ".cache").mkdir(exist_ok=True)
    lock = FileLock(root / ".cache" / "build.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        tell("Another build is running here; this one waits for it")
        lock.acquire()
    try:
        recover(root / "dist")
        for part in (root / ".cache").rglob("*.part"):  # named by the process that was writing it
            if not psutil.pid_exists(int(part.suffixes[-2].removeprefix("."))):
                remove(part)
        yield
    finally:
        lock.release()


def recover(dist: Path, killed: str = "*") -> None:
    """After a build that was killed, with this process id: the last good ``dist``, and nothing beside it."""
    for left in sorted(dist.parent.glob(f".{dist.name}-*-{killed}"), reverse=True):  # old before new ones
        if "-old-" in left.name and not dist.exists():
            left.rename(dist)
        remove(left)


@contextmanager
def replaced(dist: Path) -> Iterator[Path]:
    """A new folder to fill, which then takes the place of ``dist``.

    It is filled beside it, so that a full disk or an interruption leaves the old folder whole.
    """
    new, old = (dist.with_name(f".{dist.name}-{word}-{os.getpid()}") for word in ("new", "old"))
    try:
        yield new
        if dist.exists():
            dist.rename(old)
        new.rename(dist)
    except OSError as error:
        raise KitError(f"dist/ cannot be written: {error.strerror}", remedy=ROOM) from error
    finally:
        if old.exists() and not dist.exists():
            old.rename(dist)
        for left in (new, old):
            remove(left)
