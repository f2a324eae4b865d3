"""Files and folders that nobody finds half-written, and that nobody makes twice at once."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kit.errors import refused


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Where to write what shall be at ``target`` when it is whole; KitError if the machine refuses.

    It is a file or a folder beside it, which `kit.write.alone` removes if this process is killed.
    """
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(target)
    except OSError as error:
        raise refused(error, target) from error
    finally:
        if part.exists():
            remove(part)


@contextmanager
def in_turn(root: Path, name: str) -> Iterator[None]:
    """While this lasts, no other thread or process that builds ``root`` does what has this name."""
    from filelock import FileLock  # what finds that nothing has changed needs none

    lock = root / ".cache" / "locks" / f"{name}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock, poll_interval=0.005):
        yield


def remove(folder: Path) -> None:
    """Delete a folder of ours, also one that somebody has made read-only; or a file."""
    if folder.is_file():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(FileNotFoundError):  # a process that ends may be removing its own
        for path in [folder, *folder.rglob("*")] if folder.exists() else []:
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)
