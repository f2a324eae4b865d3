"""Are the files of dist/ what their sources make? Built again elsewhere with empty caches, and compared.

A file that differs after a change of its source is only old. One that differs without such a change depends
on the time, on chance, or on the folder; where its notebook is there too, the cells to blame are named.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kit import write
from kit.errors import KitError
from kit.files import sum_of

NOT_COPIED = ("dist", "node_modules", "tests", "__pycache__")  # and what begins with a dot, but for npm's
SHARED = ("node_modules", ".cache/chromium")  # from the lock file: linked, and not made again


def verify(root: Path, say: Callable[[str], None] = lambda _: None) -> list[str]:
    """What is wrong with the dist/ of ``root``, a line a file or cell; nothing when all is as it should be.

    KitError where there is no dist/ to compare with, or the sources do not build any more.
    """
    dist = root / "dist"
    sums = write.sums_of(dist)
    if not sums:
        raise KitError("dist/ has no manifest.json to compare with", remedy="run python3 build.py first")
    found = edited(sums, dist)
    say("building it again in another folder")
    with TemporaryDirectory() as folder:
        copy = Path(folder, "course")
        copied(root, copy)
        rebuilt(copy)
        again = write.sums_of(copy / "dist")
        found += compared(sums, again)
        for path in (p for p in sums if p.endswith(".ipynb") and sums[p] != again.get(p, sums[p])):
            found += cells(read(dist / path), read(copy / "dist" / path))
    return found


def edited(sums: dict[str, str], dist: Path) -> list[str]:
    """The files that are not as the build has left them."""
    here = {path: sum_of(dist / path) for path in write.files_in(dist)}
    del here[write.MANIFEST]
    return [
        *(f"dist/{path} is missing" for path in sums if path not in here),
        *(f"dist/{path} is not in manifest.json" for path in here if path not in sums),
        *(
            f"dist/{path} was changed after it was built"
            for path in sums
            if sums[path] != here.get(path, sums[path])
        ),
    ]


def compared(sums: dict[str, str], again: dict[str, str]) -> list[str]:
    """How the files of two builds differ."""
    return [
        *(f"dist/{path} is not made any more" for path in sums if path not in again),
        *(f"dist/{path} is made now, and was not" for path in again if path not in sums),
        *(
            f"dist/{path} is made differently now"
            for path in sums
            if sums[path] != again.get(path, sums[path])
        ),
    ]


def cells(before: Any, after: Any) -> list[str]:
    """The places of cells that say the same in both notebooks and have other outputs."""
    pairs = zip(before.get("cells", []), after.get("cells", []), strict=False)
    return [
        "{}, line {}: the cell has other outputs each time".format(*one["metadata"]["source"].rsplit(":", 1))
        for one, other in pairs
        if one["source"] == other["source"]
        and one.get("outputs") != other.get("outputs")
        and "source" in one["metadata"]
    ]


def read(path: Path) -> Any:
    """A notebook; nothing if somebody has made it none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def copied(root: Path, copy: Path) -> None:
    """The sources and the programs of ``root``, without anything that was made of them."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        return {n for n in names if n in NOT_COPIED or (n.startswith(".") and n != ".npmrc")}

    shutil.copytree(root, copy, ignore=left_out)
    for name in SHARED:
        if (root / name).exists():
            (copy / name).parent.mkdir(exist_ok=True)
            (copy / name).symlink_to((root / name).resolve(), target_is_directory=True)


def rebuilt(copy: Path) -> None:
    """Build it, in a process of its own, which imports what is there and nothing of ours."""
    path = os.pathsep.join(filter(None, [str(copy), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "build.py"],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode:
        told = [line for line in done.stderr.strip().split("\n") if line.startswith("error: ")]
        last = (told or done.stderr.strip().split("\n"))[-1].removeprefix("error: ")
        raise KitError(f"the sources do not build in another folder: {last}")
