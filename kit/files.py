"""The files of a build: on disk, and read when they are asked for, so that a large course takes no memory."""

import hashlib
import os
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, NamedTuple

from kit.errors import ROOM, KitError
from kit.whole import remove


class File(NamedTuple):
    """Where a file is, and its sha256."""

    place: Path
    sum: str


class Files(Mapping[str, bytes]):
    """What is, or shall be, at each path of dist/."""

    def __init__(self, at: Mapping[str, File]) -> None:
        self.at = dict(at)

    def __getitem__(self, path: str) -> bytes:
        return self.at[path].place.read_bytes()

    def __contains__(self, path: object) -> bool:
        return path in self.at

    def __iter__(self) -> Iterator[str]:
        return iter(self.at)

    def __len__(self) -> int:
        return len(self.at)

    def among(self, paths: Iterable[str]) -> "Files":
        return Files({path: self.at[path] for path in paths})

    def sums(self) -> dict[str, str]:
        """By path."""
        return {path: file.sum for path, file in self.at.items()}

    def sizes(self) -> dict[str, int]:
        """In bytes, by path."""
        return {path: file.place.stat().st_size for path, file in self.at.items()}


class Built(Files):
    """Those of one build: new ones are in a folder beside dist/, which goes when nobody has this any more."""

    def __init__(self, root: Path, files: Mapping[str, bytes] | None = None) -> None:
        super().__init__({})
        with refused():
            self.folder = Path(mkdtemp(prefix=".dist-made-", suffix=f"-{os.getpid()}", dir=root))
        weakref.finalize(self, remove, self.folder)
        self.add(files or {})

    def add(self, files: Mapping[str, bytes]) -> None:
        for path, data in files.items():
            with self.writing(path) as file:
                file.write(data)

    @contextmanager
    def writing(self, path: str) -> Iterator[IO[bytes]]:
        """A file to fill, which is one of these when it is closed."""
        place = self.folder / path
        with refused():
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("wb") as file:
                yield file
            self.at[path] = File(place, sum_of(place))


@contextmanager
def refused() -> Iterator[None]:
    """KitError for what the machine refuses while files for dist/ are written."""
    try:
        yield
    except OSError as error:
        raise KitError(f"dist/ cannot be written: {error.strerror}", remedy=ROOM) from error


def sum_of(file: Path) -> str:
    """The sha256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
