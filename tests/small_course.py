"""A course of one deck and a library of one line, with the program that builds it."""

import shutil
from pathlib import Path

from tests.conftest import ROOT

DECK = """---
title: A small lecture
author: A. Lecturer
uses: [tinyspatial]
---

## First

Words.

## Second

Something stays.

:::{fragment}
One sentence.
:::

:::{notes}
What is said.
:::

## Third

There are {{ n }} of them.
"""


def small_course(root: Path) -> Path:
    """The same folder with the course in it; packages and browser are this project's."""
    for name in ("package.json", "package-lock.json", "build.py", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    (root / "node_modules").symlink_to(ROOT / "node_modules")
    (root / ".cache").mkdir()
    (root / ".cache" / "chromium").symlink_to(ROOT / ".cache" / "chromium")
    for name, text in (("decks/01_small.md", DECK), ("tinyspatial/__init__.py", "n = 3\n")):
        (root / name).parent.mkdir()
        (root / name).write_text(text, encoding="utf-8")
    return root
