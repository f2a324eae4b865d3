"""``build.py watch``: a deck is in the browser a moment after it is saved, and then ``dist/`` is built.

A save starts a turn, which ends the turn before it. First come the slides of the decks that were saved, then
the whole build, as anybody would start it, but that it has been started before, and waited for a word with a
browser open. Whatever imports what a lecture uses is a new process, so that nothing shown is stale; what the
kit itself has loaded stays, and when it changes, all starts again.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from threading import Event, Lock, Thread

import psutil
import watchfiles

from kit import apart, assets, course, decks, reads, temporary, write
from kit.errors import KitError
from kit.serving import FIRST, Site, serve
from kit.sources import Source

Say = Callable[[str], None]
OTHERS = (*reads.MADE, "tests", "benchmarks")  # folders that no lecture is made from; nor are hidden ones
FILES = ("build.py", "pyproject.toml", "package-lock.json")
SAVED = 50  # ms without an event after which a save is complete


def watch(root: Path, port: int, say: Say) -> int | None:
    """Serve ``dist/`` and keep it fresh until Ctrl-C. A port: start again there, for the kit has changed."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folders = [f for f in root.iterdir() if f.is_dir() and f.name[0] != "." and f.name not in OTHERS]
    paths = [*folders, *(root / name for name in FILES if (root / name).exists())]
    site, turn, again = Site(root / "dist"), None, None
    pending: set[str] = set()  # decks that were saved and not shown yet
    end = temporary.begin(root)  # what an ended build leaves is in it, too
    os.environ["PYTHONPATH"] = os.pathsep.join([str(root), *pythonpath()])
    Thread(target=apart.warm, daemon=True).start()
    server = serve(site, port)
    say(f"http://127.0.0.1:{server.server_address[1]}/{FIRST}  (Ctrl-C ends it)")
    ahead = Ahead(root, Path(tempfile.gettempdir(), "errors"))
    try:
        turn = Turn(site, root, pending, ahead, say)
        for changes in watchfiles.watch(*paths, step=SAVED, debounce=4 * SAVED):
            turn.end()
            changed = {Path(path).relative_to(root).as_posix() for _, path in changes}
            if any(map(of_kit, changed)):
                say("the kit has changed: starting again")
                again = int(server.server_address[1])
                break
            pending |= to_show(changed, site.seen)
            turn = Turn(site, root, pending, ahead, say)
    except KeyboardInterrupt:
        say("stopped")
    finally:
        server.shutdown()
        server.server_close()
        if turn:
            turn.end()
        ahead.end()
        for each in psutil.Process().children():
            with suppress(psutil.NoSuchProcess):
                each.terminate()
    if again is not None:
        end()  # who starts again does not end, and nothing else would do it
    return again


def pythonpath() -> list[str]:
    return [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]


def of_kit(path: str) -> bool:
    """Whether the program itself was changed, or what it has loaded."""
    return path in FILES or (path.startswith("kit/") and path != "kit/theme/live.js")


def to_show(changed: set[str], seen: list[str]) -> set[str]:
    """The decks that are to be shown at once: those saved; if the library was, those that a browser has."""
    saved = {path for path in changed if path.startswith("decks/") and path.endswith(".md")}
    if any(path.endswith(".py") for path in changed):
        saved |= {f"decks/{Path(page).stem}.md" for page in seen if "/slides/" in page}
    return saved


class Overtaken(Exception):
    """There is a newer save."""


class Ahead:
    """The next whole build, in a process that has all loaded before there is anything to build."""

    def __init__(self, root: Path, said: Path) -> None:
        self.root, self.said = root, said
        self.process: psutil.Popen | None = None

    def begin(self) -> psutil.Popen:
        """Start it, if that has not been done."""
        if self.process is None or self.process.poll() is not None:
            command = [sys.executable, str(self.root / "build.py"), "--when-told"]
            with self.said.open("wb") as file:
                self.process = psutil.Popen(
                    command,
                    cwd=self.root,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=file,
                    start_new_session=True,
                )
        return self.process

    def go(self) -> psutil.Popen:
        """Tell it to build."""
        process, self.process = self.begin(), None
        assert process.stdin
        with suppress(BrokenPipeError):  # it has ended, and said why
            process.stdin.write(b"\n")
            process.stdin.flush()
        return process

    def end(self) -> None:
        """End it, if it still waits."""
        if self.process:
            kill(self.process)
            self.process.wait()


class Turn:
    """What one save calls for, in a thread of its own, until it is done or ended."""

    def __init__(self, site: Site, root: Path, pending: set[str], ahead: Ahead, say: Say) -> None:
        self.site, self.root, self.pending, self.ahead, self.say = site, root, pending, ahead, say
        self.lock, self.over = Lock(), Event()
        self.whole: psutil.Popen | None = None  # builds everything
        self.began = 0.0  # when that did
        self.thread = Thread(target=self.work, daemon=True)
        self.thread.start()

    def end(self) -> None:
        """End whatever is going on, with all its processes."""
        with self.lock:
            self.over.set()
        while self.thread.is_alive():
            if self.whole:
                kill(self.whole)
            for each in forks():
                kill(each)
            self.thread.join(0.02)

    def work(self) -> None:
        """The decks that were saved, then everything; that begins as soon as the cells of all have run."""
        try:
            if self.show():
                self.build()
        finally:
            self.stop()

    def show(self) -> bool:
        """Show the decks that were saved; whether it is worth to build."""
        paths = sorted(self.pending)
        for path in paths:
            began = time.monotonic()
            pages, errors, stages = self.shown(path, path == paths[-1])
            if self.over.is_set():
                return False
            self.pending.discard(path)
            self.site.lay(pages)
            whole = [line for line in self.site.wrong.get("", []) if not line.startswith(path)]
            self.told({"": whole, path: errors})
            if pages:
                self.say(f"{path}: shown after {time.monotonic() - began:.2f} s ({stages})")
        return not any(lines for path, lines in self.site.wrong.items() if path)  # it would end with the same

    def told(self, wrong: dict[str, list[str]]) -> None:
        """Have everybody know what is wrong now: the browsers, and the terminal what is new."""
        before = self.site.state()["errors"]
        self.site.wrong |= wrong
        self.site.tell()
        for line in self.site.state()["errors"]:
            if line not in before:
                self.say(f"error: {line}")

    def shown(self, path: str, last: bool) -> tuple[dict[str, bytes], list[str], str]:
        """The pages of a deck on the screen, what is wrong with it, and how long each stage took.

        The build of everything begins when the cells of the ``last`` one have run.
        """
        laps: list[tuple[str, float]] = []

        def lap(stage: str) -> None:
            if self.over.is_set():
                raise Overtaken
            laps.append((stage.rpartition(": ")[2], time.monotonic()))
            if last and laps[-1][0] == "making its pages":
                self.begin()

        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(quick, self.root, path, lap)
            error = future.exception()
        if error is None:
            pairs = pairwise([*laps, ("", time.monotonic())])
            stages = ", ".join(f"{stage} {end - start:.2f}" for (stage, start), (_, end) in pairs)
            return future.result(), [], stages
        if isinstance(error, SyntaxError):  # in a module that the deck uses, saved while it is being written
            error = KitError(error.msg, named(error.filename, self.root), error.lineno, "mend that line")
        if isinstance(error, KitError) or self.over.is_set():
            return {}, [str(error)], ""
        self.say("".join(traceback.format_exception(error)))
        return {}, [f"{path}: {type(error).__name__}: {error}; the terminal says where"], ""

    def begin(self) -> None:
        """Have everything built, if that has not begun."""
        with self.lock:
            if self.whole is None and not self.over.is_set():
                self.began, self.whole = time.monotonic(), self.ahead.go()

    def build(self) -> None:
        """Wait for everything to be built, and have everybody know what is wrong."""
        self.begin()
        if self.whole is None:
            return
        code = code_of(self.whole)
        text = self.ahead.said.read_text(encoding="utf-8", errors="replace")
        if self.over.is_set():
            return
        lines = [line.removeprefix("error: ") for line in text.split("\n") if line.startswith("error: ")]
        if not code:
            self.site.over.clear()
            self.say(f"dist/ is up to date after {time.monotonic() - self.began:.1f} s")
        elif not lines:
            self.say(text)
            lines = ["the build failed; the terminal says why"]
        self.told({"": lines})
        self.whole.wait()

    def stop(self) -> None:
        """End the build, if it still goes on, and put in order what it leaves."""
        if self.whole:
            kill(self.whole)
            self.whole.wait()
            write.recover(self.root / "dist", str(self.whole.pid))
            if not self.over.is_set():
                self.ahead.begin()  # the next one, while nothing else is to be done


def code_of(build: psutil.Popen) -> int:
    """The exit code of a build: it prints it when ``dist/`` is whole, before it has closed its browser."""
    assert build.stdout
    for line in build.stdout:
        if line.strip().isdigit():
            return int(line)
    return int(build.wait())


def quick(root: Path, path: str, say: Say) -> dict[str, bytes]:
    """The pages of a deck on the screen, as the whole build makes them; none of a deck that is gone."""
    if not (root / path).exists():
        return {}
    fonts = assets.figure_fonts(root, root / ".cache" / "fonts")
    return decks.on_screen(course.lecture(Source("decks", Path(path).stem, path), root, fonts, say))


def named(file: str | None, root: Path) -> str:
    """A file's name relative to the project."""
    place = Path(file or "")
    return place.relative_to(root).as_posix() if place.is_relative_to(root) else str(place)


def forks() -> list[psutil.Process]:
    """The processes that are forked off the one that `warm` has started."""
    found = []
    for each in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            found += each.children()
    return found


def kill(process: psutil.Process) -> None:
    """End a process and all that it started; what it starts meanwhile ends by itself, as it has no parent."""
    with suppress(psutil.NoSuchProcess):
        for each in [process, *process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                each.kill()
