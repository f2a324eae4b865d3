"""What is slow to make is kept in .cache, with the hashes of all that it was made from.

There is one entry for each thing, such as ``run/01_cnn_engine``: it is right as long as nothing that it was
made from has changed, and then the new one takes its place, so that the folder does not grow.
"""

import hashlib
import json
import os
import pickle
import site
import sys
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from kit.whole import in_turn, whole

T = TypeVar("T")


class Moment(NamedTuple):
    """A moment by the clock and by what has passed since the machine was started, both in nanoseconds."""

    clock: int
    passed: int


class Made(NamedTuple):
    """A value, and the files that were read to make it."""

    value: Any
    files: Iterable[str] = ()  # absolute, or relative to the project


def kept(root: Path, name: str, inputs: str, make: Callable[[], Made]) -> Any:
    """The value of the entry if it was made from the same ``inputs`` and files; else what ``make`` gives.

    What another process is making at this moment, as `kit.live` and its build may, is waited for.
    """
    for value in known(root, name, inputs):
        return value
    with in_turn(root, name):
        for value in known(root, name, inputs):
            return value
        began = now()
        made = make()
        keep(root, name, inputs, made, began)
    return made.value


def known(root: Path, name: str, inputs: str, seen: dict[str, str] | None = None) -> list[Any]:
    """The value of the entry, or nothing. An entry that is half-written or damaged counts as absent.

    Who asks for many at once gives the same ``seen`` for all, the hashes of files that were read.
    """
    head, _, payload = content(root / ".cache" / name).partition(b"\n")
    whole = right(head, payload, inputs, root, {} if seen is None else seen)
    return [pickle.loads(payload)] if whole else []


def keep(root: Path, name: str, inputs: str, made: Made, began: Moment) -> None:
    """Write an entry; the making of its value began at this moment."""
    entry, payload = root / ".cache" / name, pickle.dumps(made.value)
    # a file that was changed meanwhile has no right hash: it may have been read before or after
    files = {f: "?" if newer(root / f, began) else file_digest(root / f) for f in sorted(made.files)}
    head = json.dumps({"inputs": inputs, "files": files, "payload": digest(payload)}).encode()
    with whole(entry) as part:
        part.write_bytes(head + b"\n" + payload)


def files_of(root: Path, name: str) -> dict[str, str]:
    """The files that an entry was made from, and their hashes; none where there is no entry."""
    head = content(root / ".cache" / name).partition(b"\n")[0]
    return dict(json.loads(head)["files"]) if head else {}


def same(root: Path, name: str, inputs: str, make: Callable[[], T]) -> T:
    """The same for what depends on nothing but its ``inputs``, the kit, and what comes from npm."""
    made: T = kept(root, name, digest(inputs, builder(root)), lambda: Made(make()))
    return made


def builder(root: Path) -> str:
    """Hash of all that is not the project's own: the kit, the packages, and what comes from npm."""
    return digest(kit(), file_digest(root / "package-lock.json"))


def right(head: bytes, payload: bytes, inputs: str, root: Path, seen: dict[str, str]) -> bool:
    """Does an entry's head say that it was made from this, and is the entry whole?"""
    try:
        said = json.loads(head)
    except ValueError:
        return False

    def now_is(file: str) -> str:
        if file not in seen:
            seen[file] = file_digest(root / file)
        return seen[file]

    return (
        isinstance(said, dict)
        and said.get("inputs") == inputs
        and said.get("payload") == digest(payload)
        and all(now_is(file) == known for file, known in said["files"].items())
    )


def now() -> Moment:
    return Moment(time.time_ns(), time.monotonic_ns())


def newer(file: Path, began: Moment) -> bool:
    """Was the file changed after this moment?

    The time that a file shows can be any; when the system has written it, no program can say otherwise. If
    the clock was set back meanwhile, all that was changed since the clock has shown this before is newer.
    """
    if not file.exists():
        return False
    stat, here = file.stat(), now()
    changed = stat.st_ctime_ns if os.name == "posix" else stat.st_mtime_ns
    back = (here.passed - began.passed) - (here.clock - began.clock)
    return changed > began.clock - max(0, back)


def content(entry: Path) -> bytes:
    return entry.read_bytes() if entry.is_file() else b""


def digest(*parts: str | bytes) -> str:
    """One hash of all parts."""
    made = hashlib.sha256()
    for part in parts:
        coded = part.encode() if isinstance(part, str) else part
        made.update(len(coded).to_bytes(8, "big") + coded)
    return made.hexdigest()


def file_digest(file: Path) -> str:
    """Hash of a file; of one that is not there, nothing."""
    return digest(content(file)) if file.is_file() else ""


@cache
def kit() -> str:
    """Hash of the kit, of its page templates, and of what it runs on."""
    folder = Path(__file__).parent
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and file.suffix != ".pyc"]
    files = [file for file in files if file.parent.name != "new"]  # examples, which no stage reads
    return digest(
        versions(), *(f"{file.relative_to(folder).as_posix()} {file_digest(file)}" for file in files)
    )


@cache
def versions() -> str:
    """Python's version, and name and version of every package that is installed."""
    folders = [*site.getsitepackages(), site.getusersitepackages()]  # sys.path may get others while it runs
    packages = {file.name for folder in folders for file in Path(folder).glob("*.dist-info")}
    return json.dumps([sys.version, sorted(packages)])
