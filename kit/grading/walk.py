"""Every file of a folder or a zip of submissions, zips in it included.

All of it comes from strangers. Nothing is unpacked onto the disk, links are not followed, zips are read
within limits, and a file that cannot be read is told with the reason: it never stops the others.
"""

import io
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kit.errors import KitError
from kit.grading.names import NOTEBOOK

NOTEBOOK_BYTES = 32 * 2**20
ZIP_BYTES = 256 * 2**20  # that may be unpacked of a student's zip and of all zips in it
ZIP_FILES = 2000
DEPTH = 3  # the platform's zip, a student's in it, and the pack in that
HIDDEN = re.compile(r"\.|__MACOSX$|__pycache__$|node_modules$")  # folders and files that no student made
BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, ValueError, EOFError)


class Found(NamedTuple):
    """A file; where it cannot be read, ``problem`` says why."""

    path: tuple[str, ...]
    content: bytes
    problem: str = ""


class Room:
    """How much of a student's zip may still be unpacked."""

    def __init__(self, size: int) -> None:
        self.size = size

    def take(self, size: int) -> bool:
        self.size -= size
        return self.size >= 0


def files(given: Path) -> Iterator[Found]:
    """Every file of a folder or a zip, in the order of names; a notebook by itself is one."""
    name = readable(given.resolve().name)
    if given.is_dir():
        yield from in_folder(given, (name,))
    elif given.is_file() and zipfile.is_zipfile(given):
        yield from in_zip(given, (name,), DEPTH, None)
    elif given.is_file() and NOTEBOOK.search(name):
        yield from in_file(given, (name,))
    else:
        kind = "is neither a folder nor a zip" if given.exists() else "is not there"
        raise KitError(f"{given} {kind}", remedy="name the folder or zip of submissions")


def in_folder(folder: Path, path: tuple[str, ...]) -> Iterator[Found]:
    """The files of a folder and its folders; links and devices are told, not followed."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield Found((*path, ""), b"", f"cannot be read: {error.strerror}")
        return
    for entry in entries:
        below = (*path, readable(entry.name))
        if HIDDEN.match(entry.name):
            continue
        if entry.is_symlink():
            yield Found(below, b"", "a link, which is not followed")
        elif entry.is_dir():
            yield from in_folder(Path(entry.path), below)
        elif not stat.S_ISREG(entry.stat().st_mode):
            yield Found(below, b"", "not a file")
        elif is_zip(entry.name):
            yield from in_zip(Path(entry.path), below, DEPTH, Room(ZIP_BYTES))
        else:
            yield from in_file(Path(entry.path), below)


def in_file(file: Path, path: tuple[str, ...]) -> Iterator[Found]:
    """A file on the disk; only notebooks are read."""
    if not NOTEBOOK.search(path[-1]):
        yield Found(path, b"")
    elif file.stat().st_size > NOTEBOOK_BYTES:
        yield Found(path, b"", too_large(NOTEBOOK_BYTES))
    else:
        try:
            yield Found(path, file.read_bytes())
        except OSError as error:
            yield Found(path, b"", f"cannot be read: {error.strerror}")


def in_zip(file: Path | io.BytesIO, path: tuple[str, ...], depth: int, room: Room | None) -> Iterator[Found]:
    """The files of a zip and of the zips in it. Without ``room``: of a whole class, and not limited."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = sorted(archive.infolist(), key=lambda entry: entry.filename)
            if room and len(entries) > ZIP_FILES:
                yield Found(path, b"", f"holds more than {ZIP_FILES} files")
                return
            for entry in entries:
                yield from in_entry(archive, entry, path, depth, room)
    except BROKEN as error:
        yield Found(path, b"", f"not a zip that can be read: {error}")


def in_entry(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: tuple[str, ...], depth: int, room: Room | None
) -> Iterator[Found]:
    """A file of a zip; only notebooks and zips are read, and never more than the zip says that they have."""
    parts = tuple(map(readable, entry.filename.replace("\\", "/").split("/")))
    below, limit = (*path, *parts), ZIP_BYTES if is_zip(parts[-1]) else NOTEBOOK_BYTES
    wanted = is_zip(parts[-1]) or NOTEBOOK.search(parts[-1])
    if entry.is_dir() or any(HIDDEN.match(part) for part in parts if part != ".."):
        return
    if ".." in parts or not parts[0] or ":" in parts[0]:
        yield Found((*path, parts[-1]), b"", "its path leads out of the zip")
    elif stat.S_ISLNK(entry.external_attr >> 16):
        yield Found(below, b"", "a link, which is not followed")
    elif not wanted:
        yield Found(below, b"")
    elif entry.file_size > limit:
        yield Found(below, b"", too_large(limit))
    elif room and not room.take(entry.file_size):
        yield Found(below, b"", f"its zip unpacks to more than {ZIP_BYTES // 2**20} MiB")
    elif is_zip(parts[-1]) and depth == 1:
        yield Found(below, b"", "a zip in too many others")
    else:
        try:
            content = archive.read(entry)
        except BROKEN as error:
            yield Found(below, b"", f"cannot be unpacked: {error}")
            return
        if is_zip(parts[-1]):
            yield from in_zip(io.BytesIO(content), below, depth - 1, room or Room(ZIP_BYTES))
        else:
            yield Found(below, content)


def is_zip(name: str) -> bool:
    return name.lower().endswith(".zip")


def too_large(limit: int) -> str:
    return f"larger than {limit // 2**20} MiB"


def readable(name: str) -> str:
    """A file's name as text, also where its bytes are none."""
    return os.fsencode(name).decode(errors="replace")
