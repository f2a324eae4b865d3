#!/usr/bin/env python3
"""Build the lectures, or test the kit.

    python3 build.py         decks, PDFs, handouts and exercise packs, into dist/
    python3 build.py watch   show in the browser what is saved; a number after it is the port
    python3 build.py test    the test suite; words after it go to pytest
    python3 build.py bench   measure speed and memory; against PyTorch too, where it is installed
    python3 build.py grade SUBMISSIONS
                             grade a folder or zip of notebooks; --help says more

Needs Python 3.11 or later and nothing else. Where the packages are not installed, all five make a
virtual environment in .venv, install the project into it and go on there.
"""

import argparse
import importlib.metadata
import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def main(words: list[str]) -> int:
    """Run the command; the exit code is 0, or 1 after an error that was told in one line."""
    command, rest = (words[0], words[1:]) if words else ("build", [])
    known = ("build", "watch", "test", "bench", "grade")
    if command not in known or (command in ("build", "bench") and rest):
        print(__doc__)
        return 0 if command in ("-h", "--help", "help") else 1
    asked = grading(rest) if command == "grade" else None
    extras = ("test",) if command == "test" else ("dask",) if asked and asked.executor else ()
    if missing(extras):
        return elsewhere(words, extras)
    sys.path.insert(0, str(ROOT))
    commands = {"test": test, "bench": bench, "build": build, "watch": watch}
    return grade(asked) if asked else commands[command](*rest)


def grading(words: list[str]) -> argparse.Namespace:
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
    return parser.parse_args(words)


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


def test(*words: str) -> int:
    """The test suite, on this very Python."""
    return subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT).returncode


def bench() -> int:
    """The benchmarks, in a process of their own: one thread is set before NumPy is imported."""
    return subprocess.run([sys.executable, "-m", "benchmarks"], cwd=ROOT).returncode


def grade(asked: argparse.Namespace) -> int:
    """Grades, feedback and the overview of a class, into a folder of their own."""
    from rich.console import Console

    from kit.errors import KitError
    from kit.grading import command

    console = Console(highlight=False)
    try:
        target = command.run(command.Asked(**vars(asked)), ROOT, console)
    except KitError as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return fail("stopped", "run it again to go on: what has been graded is kept")
    console.print(f"Open {target / 'index.html'}", markup=False, soft_wrap=True)
    return 0


def build() -> int:
    """All stages, then dist/ replaced in one move."""
    import time

    from rich.console import Console

    from kit.apart import ONE_THREAD

    os.environ.update(ONE_THREAD)  # before NumPy is imported: fields are computed here, as cells are there

    from kit import course, write
    from kit.errors import KitError

    console, began = Console(highlight=False), time.monotonic()
    told: list[BaseException] = []
    try:
        with console.status("starting") as status:
            artifacts = course.build(ROOT, lambda text: status.update(f"[bold]{text}[/bold]"), console.print)
            status.update("writing dist/")
            write.write(artifacts, ROOT / "dist")
    except* KitError as group:
        told = leaves(group)
    except* KeyboardInterrupt:
        told = [KitError("stopped", remedy="run it again when you like")]
    for error in told:
        print(f"error: {error}", file=sys.stderr)
    if told:
        print("dist/ is as it was.", file=sys.stderr)
        return 1
    for path, size in course.told(artifacts).items():
        console.print(f"  dist/{path}  [dim]{size}[/dim]", soft_wrap=True)
    took = time.monotonic() - began
    console.print(f"{len(artifacts) + 1} files in {took:.1f} s. Open dist/instructor/index.html")
    return 0


def watch(port: str = "0", *more: str) -> int:
    """Serve dist/, and show what is saved, until Ctrl-C."""
    if more or not port.isdecimal():
        return fail(f"{' '.join([port, *more])} is no port", "say python3 build.py watch, or … watch 8000")

    from kit.apart import ONE_THREAD

    os.environ.update(ONE_THREAD)  # before NumPy is imported

    from kit import live

    again = live.watch(ROOT, int(port), lambda text: print(text, flush=True))
    if again is not None:
        os.execv(sys.executable, [sys.executable, __file__, "watch", str(again)])
    return 0


def leaves(error: BaseException) -> list[BaseException]:
    """The errors of a group, and of the groups in it."""
    parts = error.exceptions if isinstance(error, BaseExceptionGroup) else []
    return [leaf for part in parts for leaf in leaves(part)] or [error]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
