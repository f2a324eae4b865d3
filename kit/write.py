"""The one stage that changes ``dist/``: the whole of it, in one move, or not at all."""

import hashlib
import json
import os
import shutil
from pathlib import Path

from kit.errors import KitError


def manifest(artifacts: dict[str, bytes]) -> bytes:
    """manifest.json: the sha256 of every other file, by path."""
    sums = {path: hashlib.sha256(data).hexdigest() for path, data in sorted(artifacts.items())}
    return (json.dumps({"files": sums}, indent=1) + "\n").encode()


def write(artifacts: dict[str, bytes], dist: Path) -> None:
    """Replace ``dist`` by exactly these files and their manifest.

    They are written beside it first, so that a full disk or an interruption leaves the old folder whole.
    """
    new, old = (dist.with_name(f".{dist.name}-{word}-{os.getpid()}") for word in ("new", "old"))
    try:
        for path, data in {**artifacts, "manifest.json": manifest(artifacts)}.items():
            target = new / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        if dist.exists():
            dist.rename(old)
        new.rename(dist)
    except OSError as error:
        problem = f"dist/ cannot be written: {error.strerror}"
        raise KitError(problem, remedy="make room, and see that the folder may be written") from error
    finally:
        if old.exists() and not dist.exists():
            old.rename(dist)
        for left in (new, old):
            remove(left)


def remove(folder: Path) -> None:
    """Delete a folder of ours, also one that somebody has made read-only."""
    for path in [folder, *folder.rglob("*")] if folder.exists() else []:
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)
