#!/usr/bin/env python3
"""Build the lectures, or test the kit.

    python3 build.py         decks, PDFs, handouts and exercise packs, into dist/
    python3 build.py NAME... only these, such as 01_cnn_engine or exercises/02_conv2d.md
    python3 build.py --executor dask://HOST:PORT
                             all, or what is named, on a dask cluster that shares this folder
    python3 build.py watch   show in the browser what is saved; a number after it is the port
    python3 build.py new deck NAME
    python3 build.py new exercise NAME
                             begin one: a small example that works, with all there is to use
    python3 build.py verify  build again elsewhere with empty caches, and say what in dist/ differs
    python3 build.py clean   empty the caches; dist/ and the browser stay
    python3 build.py test    the test suite; words after it go to pytest
    python3 build.py bench   measure speed and memory; against PyTorch too, where it is installed. Names of
                             functions in benchmarks/, such as builds, measure only what these do
    python3 build.py grade SUBMISSIONS
                             grade a folder or zip of notebooks; --help says more

Needs Python 3.11 or later and nothing else. Where the packages are not installed, every command first makes
a virtual environment in .venv, installs the project into it and goes on there.
"""

import argparse
import importlib.metadata
import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def main(words: list[str]) -> int:
    """Run the command; the exit code is 0, or 1 after an error that was told in one line."""
    sys.path.insert(0, str(ROOT))
    from kit import commands
    from kit.errors import KitError, refused

    if words[:1] in (["-h"], ["--help"], ["help"]):
        print(__doc__)
        return 0
    command, rest = (words[0], words[1:]) if words and words[0] in UNDERSTOOD else ("build", words)
    try:
        asked = UNDERSTOOD[command](rest)
        extras = parts(command, asked)
        return elsewhere(words, extras) if missing(extras) else getattr(commands, command)(ROOT, *asked)
    except KitError as error:
        return fail(str(error))
    except OSError as error:
        return fail(str(refused(error)))
    except KeyboardInterrupt:
        return fail("stopped", "run it again when you like")
    except Misunderstood:
        print(__doc__)
        return 1


def parts(command: str, asked: list[Any]) -> tuple[str, ...]:
    """The optional parts of the project that a command needs."""
    if command == "test":
        return ("test",)
    executor = asked[0].executor if command == "grade" else asked[1] if command == "build" else ""
    return ("dask",) if executor else ()


class Misunderstood(Exception):
    """Words that no command knows."""


def nothing(words: list[str]) -> list[Any]:
    if words:
        raise Misunderstood
    return []


class Words(argparse.ArgumentParser):
    """A parser that leaves it to us to show the usage."""

    def error(self, message: str) -> NoReturn:
        raise Misunderstood


def which(words: list[str]) -> list[Any]:
    """The sources to build, none for all, and the executor; KitError for a source that is not there."""
    from kit.sources import named

    parser = Words(add_help=False, allow_abbrev=False)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--executor", default="")
    parser.add_argument("--when-told", action="store_true")  # for `watch`: see kit/commands.py
    asked = parser.parse_intermixed_args(words)
    names = named(asked.names, ROOT, UNDERSTOOD) if asked.names else frozenset()
    return [names, asked.executor, asked.when_told]


def kind_and_name(words: list[str]) -> list[Any]:
    if len(words) != 2 or words[0] not in ("deck", "exercise"):
        raise Misunderstood
    return words


def port(words: list[str]) -> list[Any]:
    if len(words) > 1 or not all(word.isdecimal() for word in words):
        raise Misunderstood
    return [int(word) for word in words]


def grading(words: list[str]) -> list[Any]:
    """What is to be graded, and how; ends the program with the usage where that is not understood."""
    parser = argparse.ArgumentParser(
        prog="build.py grade",
        description="Grade a folder or zip of notebooks, named as Moodle, Canvas, nbgrader or people do it. "
        "Run it again after an interruption, or when more has come in: what is done is kept.",
    )
    add = parser.add_argument
    add("submissions", type=Path, metavar="SUBMISSIONS", help="a folder, a zip, or one notebook")
    add("--to", type=Path, metavar="FOLDER", help="where the grades go (default: SUBMISSIONS-grades)")
    add(
        "--pattern", default="", metavar="REGEX", help="how paths name (?P<student>...) and (?P<exercise>...)"
    )
    add("--cascade", action="store_true", help="count each notebook as one program, not each answer alone")
    add("--trusted", action="store_true", help="grade where submissions could read files or use the network")
    add("--executor", default="", metavar="dask://HOST:PORT", help="spread the work over a dask cluster")
    return [parser.parse_args(words)]


def missing(extras: tuple[str, ...]) -> list[str]:
    """Names of required packages that this Python does not have, or only in a version that is too old."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + [r for e in extras for r in project["optional-dependencies"][e]]
    return [requirement for requirement in wanted if not satisfied(requirement)]


def satisfied(requirement: str) -> bool:
    """Whether ``name>=1.2`` or ``name>=1.2,<2.3`` is installed: forms that pyproject.toml uses here."""
    try:
        version = numbers(importlib.metadata.version(re.split("[<>]", requirement)[0]))
    except importlib.metadata.PackageNotFoundError:
        return False
    bounds = re.findall(r"(>=|<)([\d.]+)", requirement)
    return all((version >= numbers(bound)) == (sign == ">=") for sign, bound in bounds)


def numbers(version: str) -> list[int]:
    return [int(n) for n in re.findall(r"\d+", version.split("+")[0])[:3]]


def elsewhere(words: list[str], extras: tuple[str, ...]) -> int:
    """Do the same in .venv, which is made, and the project installed into it, when that has not been done."""
    inside, fresh = Path(sys.prefix).resolve() == VENV.resolve(), not VENV_PYTHON.exists()
    if fresh:
        print("Making .venv and installing the project into it (once; a few minutes)", flush=True)
        made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True)
        if made.returncode:
            return fail("python could not make .venv", "install the package python3-venv and try again")
    elif inside:
        print("Installing what pyproject.toml asks for into .venv", flush=True)
    if inside or fresh:
        what = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
        pip = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if subprocess.run([*pip, "--editable", what]).returncode:
            return fail("pip could not install the project", "read what it says above, then try again")
    if inside and (still := missing(extras)):
        return fail(f"{still[0]} is still missing from .venv", "remove the folder .venv and try again")
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is the other one's to answer
    return subprocess.run([str(VENV_PYTHON), __file__, *words]).returncode


def fail(problem: str, remedy: str = "") -> int:
    print(f"error: {problem}; {remedy}" if remedy else f"error: {problem}", file=sys.stderr)
    return 1


UNDERSTOOD: dict[str, Callable[[list[str]], list[Any]]] = {  # what the words behind each command mean
    "build": which,
    "watch": port,
    "new": kind_and_name,
    "verify": nothing,
    "clean": nothing,
    "test": list,
    "bench": list,
    "grade": grading,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
