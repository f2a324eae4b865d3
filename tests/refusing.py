"""Builds on a disk that refuses to write: run with a course that is built, in a mount namespace of its own.

    unshare -rm python -m tests.refusing COURSE PLACE

In the namespace the course is on a small disk, which is mounted at PLACE; outside it stays as it was. What
came of each build goes to the output, as JSON.
"""

import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import psutil

from kit.unchanged import NOTE
from kit.write import files_in

MB = 1 << 20


def main(course: Path, place: Path) -> None:
    mount("-t", "tmpfs", "-o", f"size={40 * MB}", "none", str(place))
    shutil.copytree(course, place / "c", symlinks=True)
    mount("--bind", str(place / "c"), str(course))
    root, temporary = course, place / "t"
    temporary.mkdir()
    (root / NOTE).unlink(missing_ok=True)  # or nothing would have changed
    told: dict[str, Any] = {"sums": sums(root)}

    def build(name: str) -> None:
        env = {**os.environ, "TMPDIR": str(temporary)}
        command = [sys.executable, str(root / "build.py")]
        done = subprocess.run(command, cwd=root, env=env, capture_output=True, encoding="utf-8")
        told[name] = {
            **{"code": done.returncode, "said": done.stderr, "sums": sums(root)},
            "left": [f.name for f in (*root.glob(".dist*"), *root.rglob("*.part"), *temporary.iterdir())],
            "processes": len(psutil.Process().children(recursive=True)),
        }

    mount("--bind", str(root / "dist"), str(root / "dist"))
    mount("-o", "remount,bind,ro", str(root / "dist"))
    build("read-only dist/")
    mount("-o", "remount,ro", str(place))
    build("read-only project")
    mount("-o", "remount,rw", str(place))
    subprocess.run(["umount", str(root / "dist")], check=True)
    shutil.rmtree(root / ".cache" / "parts")  # what has not changed takes no room
    with full(place, leaving=MB):  # dist/ has more
        build("full for dist/")
    with full(place, leaving=0):
        build("full")
    shutil.rmtree(root / ".cache" / "seen")
    with full(place, leaving=100_000):  # a page and the browser have more
        build("full for what is temporary")
    build("next")
    json.dump(told, sys.stdout)


def mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def sums(root: Path) -> dict[str, str]:
    return {path: sha256((root / "dist" / path).read_bytes()).hexdigest() for path in files_in(root / "dist")}


class full:
    """A disk with so many bytes left and no more."""

    def __init__(self, place: Path, leaving: int) -> None:
        self.filler, self.leaving = place / "filler", leaving

    def __enter__(self) -> None:
        size = shutil.disk_usage(self.filler.parent).free - self.leaving
        self.filler.write_bytes(bytes(size))

    def __exit__(self, *_: object) -> None:
        self.filler.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
