"""What the commands of build.py do in the project at ``root``: each gives its exit code.

They load what they need when they are called: most need little, and what all need takes a second.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kit.errors import KitError, refused

if TYPE_CHECKING:
    from argparse import Namespace

    from kit.browser import Chromium


def test(root: Path, *words: str) -> int:
    """The test suite, on this very Python."""
    return subprocess.run([sys.executable, "-m", "pytest", *words], cwd=root).returncode


def bench(root: Path, *names: str) -> int:
    """The benchmarks, in a process of their own: one thread is set before NumPy is imported."""
    return subprocess.run([sys.executable, "-m", "benchmarks", *names], cwd=root).returncode


def grade(root: Path, asked: "Namespace") -> int:
    """Grades, feedback and the overview of a class, into a folder of their own."""
    from rich.console import Console

    from kit.grading import command

    console = Console(highlight=False)
    try:
        target = command.run(command.Asked(**vars(asked)), root, console)
    except KeyboardInterrupt:
        raise KitError("stopped", remedy="run it again to go on: what has been graded is kept") from None
    console.print(f"Open {target / 'index.html'}", markup=False, soft_wrap=True)
    return 0


def new(root: Path, kind: str, name: str) -> int:
    """A source to begin with."""
    from kit import new as example

    paths = example.new(kind, name, root)
    print(*(f"  {path}" for path in paths), sep="\n")
    words = dict.fromkeys(Path(path).stem for path in paths)
    print(f"These work as they are; change them bit by bit. Build them: python3 build.py {' '.join(words)}")
    return 0


def clean(root: Path) -> int:
    """No caches."""
    from kit import clean as cache

    print(f"{cache.clean(root) / 1e6:.1f} MB freed; dist/ and the browser are as they were")
    return 0


def verify(root: Path) -> int:
    """Whether dist/ is what the sources make."""
    from rich.console import Console

    from kit import temporary, write
    from kit import verify as again

    temporary.begin(root)
    console = Console(highlight=False)
    with console.status("looking at dist/") as status:
        found = again.verify(root, status.update)
    for line in found:
        print(line, file=sys.stderr)
    if found:
        remedy = "if sources have changed since, build and verify again"
        raise KitError(f"{len(found)} differences", remedy=remedy)
    console.print(f"{len(write.sums_of(root / 'dist'))} files are what their sources make, byte by byte")
    return 0


def ready(root: Path) -> "Chromium":
    """An open browser, when a line has come in; until then all is loaded that needs no source.

    Where nobody is left who could send a line, the program ends.
    """
    import atexit
    import threading

    from kit import apart

    threading.Thread(target=apart.warm, daemon=True).start()
    import rich.status  # noqa: F401

    from kit import assets, browser, cluster, course, decks, views  # noqa: F401

    chromium = browser.Chromium(root)
    atexit.register(chromium.close)
    chromium.open(views.WINDOWS)
    assets.install(root)
    decks.empty(root)  # the templates of pages are compiled, and fonts read
    course.index_pages([], [], {}, root)
    if not sys.stdin.readline():
        sys.exit()
    return chromium


def build(root: Path, names: frozenset[str], executor: str, when_told: bool) -> int:
    """All stages, of the sources with these names or of all; then dist/ replaced in one move.

    If it waits until it is told, it tells in turn: its exit code, in the last line that it prints. Then dist/
    is whole, though there is still a browser to close.
    """
    os.chdir(root)  # what this starts imports from where it is started, first of all
    chromium = ready(root) if when_told else None
    code = built(root, names, executor, chromium)
    if when_told:
        print(code, flush=True)
    return code


def built(root: Path, names: frozenset[str], executor: str, chromium: "Chromium | None") -> int:
    """The same, in this browser if there is one."""
    import gc
    import threading
    import time

    from kit import kept, unchanged

    began, moment = time.monotonic(), kept.now()
    if count := unchanged.unchanged(root):
        print(f"Nothing has changed: {count} files. Open dist/instructor/index.html")
        return 0

    from rich.console import Console

    from kit import apart, temporary, write

    console = Console(highlight=False)
    told: list[BaseException] = []
    try:
        with write.alone(root, console.print), console.status("starting") as status:
            temporary.begin(root)
            threading.Thread(target=apart.warm, daemon=True).start()  # while the rest is imported
            from kit import cluster, course

            gc.freeze()  # what is loaded stays: nobody looks for garbage in it again and again
            sys.setswitchinterval(
                0.0005
            )  # who talks to the browser does not wait long for who reads its pages
            say = lambda text: status.update(f"[bold]{text}[/bold]")  # noqa: E731
            with cluster.workers(executor, root) as workers:
                artifacts = course.build(root, say, console.print, names, workers, chromium)
            status.update("writing dist/")
            if names:
                artifacts = write.update(artifacts, root / "dist", names)
            else:
                write.write(artifacts, root / "dist")
                unchanged.note(root, moment)
            sizes = artifacts.sizes()  # here, since the next build removes what this one has left
    except* KitError as group:
        told = leaves(group)
    except* OSError as group:
        told = [refused(error) for error in leaves(group) if isinstance(error, OSError)]
    except* KeyboardInterrupt:
        told = [KitError("stopped", remedy="run it again when you like")]
    for error in told:
        print(f"error: {error}", file=sys.stderr)
    if told:
        print("dist/ is as it was.", file=sys.stderr)
        return 1
    for path, size in course.told(sizes).items():
        console.print(f"  dist/{path}  [dim]{size}[/dim]", soft_wrap=True)
    took = time.monotonic() - began
    files = f"{len(sizes) + 1} files in {took:.1f} s."
    if names:
        console.print(f"{files} Pages and archives of the whole course are as they were: build without names")
    else:
        console.print(f"{files} Open dist/instructor/index.html")
    return 0


def watch(root: Path, port: int = 0) -> int:
    """Serve dist/, and show what is saved, until Ctrl-C."""
    from kit import live

    os.chdir(root)  # as for a build
    again = live.watch(root, port, lambda text: print(text, flush=True))
    if again is not None:
        os.execv(sys.executable, [sys.executable, str(root / "build.py"), "watch", str(again)])
    return 0


def leaves(error: BaseException) -> list[BaseException]:
    """The errors of a group, and of the groups in it."""
    parts = error.exceptions if isinstance(error, BaseExceptionGroup) else []
    return [leaf for part in parts for leaf in leaves(part)] or [error]
