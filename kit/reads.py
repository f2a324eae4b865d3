"""Which files a process has read: modules that it imported, and what it opened."""

import os
import sys
from collections.abc import Callable, Mapping
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

PACKAGES = (sys.prefix, sys.base_prefix, os.path.realpath(sys.base_prefix))  # known by their versions
MADE = ("dist", "node_modules")  # folders of a project that are no sources; nor are hidden ones


def watch(root: Path) -> Callable[[], list[str]]:
    """From now on, note what is read; the function that is returned says which files it was.

    They are the project's files, relative to ``root``, and modules from elsewhere that belong to no installed
    package, such as a library that pip was told to leave where it is.
    """
    before, opened, here = set(sys.modules), set(), Path.cwd()

    def note(event: str, args: Any) -> None:
        if event == "open" and isinstance(args[0], str) and not args[2] & (os.O_WRONLY | os.O_RDWR):
            opened.add(here / args[0])

    def read() -> list[str]:
        modules = {getattr(sys.modules[name], "__file__", None) for name in set(sys.modules) - before}
        files = {Path(file) for file in modules if file} | {f for f in opened if f.is_relative_to(root)}
        return sorted({name for file in files if (name := source(file, root, here))})

    sys.addaudithook(note)
    compile_anew()
    return read


def compile_anew() -> None:
    """From now on, import modules of no installed package from their sources.

    Python takes a module that it has compiled before for right when the source still has its size and, to
    the second, its time: so do two saves at once, and one after the clock was set back.
    """
    usual = SourceFileLoader.path_stats

    def path_stats(self: SourceFileLoader, path: str) -> Mapping[str, Any]:
        if path.startswith(PACKAGES):
            return usual(self, path)
        raise OSError("it has no time that could be compared")

    SourceFileLoader.path_stats = path_stats  # type: ignore[method-assign]


def source(file: Path, root: Path, here: Path) -> str:
    """The name of a file on which a result may depend; of others, nothing."""
    if file.suffix == ".pyc" or not file.is_file():
        return ""
    if file.is_relative_to(root):
        inside = file.relative_to(root)
        return "" if inside.parts[0] in MADE or inside.parts[0].startswith(".") else inside.as_posix()
    return "" if str(file).startswith((*PACKAGES, str(here))) else str(file)
