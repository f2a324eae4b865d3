"""The one stage that changes ``dist/``: the whole of it, in one move, or not at all."""

import hashlib
import json
import os
import shutil
from pathlib import Path


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
    finally:
        if old.exists() and not dist.exists():
            old.rename(dist)
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)
