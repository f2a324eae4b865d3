"""``build.py watch``: a deck is in the browser a moment after it is saved, and then ``dist/`` is built.

A save starts a turn, which ends the turn before it. First come the slides of the decks that were saved, each
from a process forked off a warm one; then the whole build, as anybody would start it. Both have imported
nothing that a lecture uses when they begin, so nothing that they show is stale.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import connection
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock, Thread
from typing import Any

import psutil
import watchfiles

from kit import assets, author, decks, math, run, write
from kit.errors import KitError
from kit.serving import FIRST, Site, serve
from kit.sources import Source

Say = Callable[[str], None]
Shown = tuple[dict[str, bytes], list[str], dict[str, float]]
# What every turn needs and no author changes; what lectures use is imported anew for each.
WARM = ["kit.live", "numpy", "matplotlib.pyplot", "sklearn.datasets", "ipykernel.kernelapp"]
FORKS = "forkserver" in multiprocessing.get_all_start_methods()
CONTEXT: Any = multiprocessing.get_context("forkserver" if FORKS else "spawn")
FOLDERS = ("decks", "exercises", "solutions", "kit", "tinyspatial")
FILES = ("build.py", "pyproject.toml", "package-lock.json")
SAVED = 50  # ms without an event after which a save is complete


def watch(root: Path, port: int, say: Say) -> int | None:
    """Serve ``dist/`` and keep it fresh until Ctrl-C. A port: start again there, for the kit has changed."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    paths = [root / name for name in (*FOLDERS, *FILES) if (root / name).exists()]
    site, turn = Site(root / "dist"), None
    pending: set[str] = set()  # decks that were saved and not shown yet
    with TemporaryDirectory(prefix="watch-") as scratch:  # where a build that is ended leaves its files
        os.environ |= {"TMPDIR": scratch, "PYTHONPATH": os.pathsep.join([str(root), *pythonpath()])}
        Thread(target=warm, daemon=True).start()
        server = serve(site, port)
        say(f"http://127.0.0.1:{server.server_address[1]}/{FIRST}  (Ctrl-C ends it)")
        try:
            turn = Turn(site, root, pending, Path(scratch), say)
            for changes in watchfiles.watch(*paths, step=SAVED, debounce=4 * SAVED):
                turn.end()
                changed = {Path(path).relative_to(root).as_posix() for _, path in changes}
                if any(map(of_kit, changed)):
                    say("the kit has changed: starting again")
                    return int(server.server_address[1])
                pending |= to_show(changed, site.seen)
                turn = Turn(site, root, pending, Path(scratch), say)
        except KeyboardInterrupt:
            say("stopped")
        finally:
            server.shutdown()
            server.server_close()
            if turn:
                turn.end()
            for each in psutil.Process().children():  # the warm one
                kill(each)
    return None


def warm() -> None:
    """Start the process that those which show a deck are forked off, where the platform can."""
    if FORKS:
        multiprocessing.set_forkserver_preload(WARM)
        with suppress(EOFError, OSError):  # the program ended meanwhile
            CONTEXT.Process(target=int).start()


def pythonpath() -> list[str]:
    return [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]


def of_kit(path: str) -> bool:
    """Whether the program itself was changed, which is loaded."""
    return path in ("build.py", "pyproject.toml") or (path.startswith("kit/") and path.endswith(".py"))


def to_show(changed: set[str], seen: list[str]) -> set[str]:
    """The decks that are to be shown at once: those saved; if anything else was, those that a browser has."""
    saved = {path for path in changed if path.startswith("decks/") and path.endswith(".md")}
    if any(path.startswith(("tinyspatial/", "kit/")) for path in changed):
        saved |= {f"decks/{Path(page).stem}.md" for page in seen if "/slides/" in page}
    return saved


class Turn:
    """What one save calls for, in a thread of its own, until it is done or ended."""

    def __init__(self, site: Site, root: Path, pending: set[str], scratch: Path, say: Say) -> None:
        self.site, self.root, self.pending, self.scratch, self.say = site, root, pending, scratch, say
        self.lock, self.over = Lock(), False
        self.process: psutil.Process | None = None
        self.thread = Thread(target=self.work)
        self.thread.start()

    def end(self) -> None:
        """End whatever is going on, with all its processes."""
        with self.lock:
            self.over = True
            if self.process:
                kill(self.process)
        self.thread.join()

    def started(self, start: Callable[[], Any]) -> Any:
        """What ``start`` gives, a process, or None if the turn is over."""
        with self.lock:
            if self.over:
                return None
            process = start()
            with suppress(psutil.NoSuchProcess):
                self.process = psutil.Process(process.pid)
            return process

    def work(self) -> None:
        """The decks that were saved, then everything."""
        for path in sorted(self.pending):
            began = time.monotonic()
            pages, errors, laps = self.shown(path)
            if self.over:
                return
            self.pending.discard(path)
            self.site.lay(pages)
            whole = [line for line in self.site.wrong.get("", []) if not line.startswith(path)]
            self.told({"": whole, path: errors})
            if pages:
                took = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in laps.items())
                self.say(f"{path}: shown after {time.monotonic() - began:.2f} s ({took})")
        if any(lines for path, lines in self.site.wrong.items() if path):
            return  # the whole build would end with the same
        began = time.monotonic()
        errors = self.built()
        if self.over:
            return
        if not errors:
            self.site.over.clear()
            self.say(f"dist/ is up to date after {time.monotonic() - began:.1f} s")
        self.told({"": errors})

    def told(self, wrong: dict[str, list[str]]) -> None:
        """Have everybody know what is wrong now: the browsers, and the terminal what is new."""
        before = self.site.state()["errors"]
        self.site.wrong |= wrong
        self.site.tell()
        for line in self.site.state()["errors"]:
            if line not in before:
                self.say(f"error: {line}")

    def shown(self, path: str) -> Shown:
        """The pages of a deck on the screen, what is wrong with it, and how long each stage took."""
        receiver, sender = CONTEXT.Pipe(duplex=False)
        process = CONTEXT.Process(target=answered, args=(sender, self.root, path))

        def start() -> Any:
            process.start()
            return process

        if not self.started(start):
            return {}, [], {}
        sender.close()
        connection.wait([receiver, process.sentinel])
        try:
            shown: Shown = receiver.recv() if receiver.poll() else ({}, [f"{path}: its process died"], {})
            return shown
        except EOFError:  # ended, or a bug of ours whose traceback is on the terminal
            return {}, [f"{path}: could not be shown; the terminal says why"], {}
        finally:
            process.join()

    def built(self) -> list[str]:
        """Build everything; what is wrong, a line each."""
        said = self.scratch / "errors"
        with said.open("wb") as file:
            command = [sys.executable, str(self.root / "build.py")]
            process = self.started(
                lambda: subprocess.Popen(
                    command, cwd=self.root, stdout=subprocess.DEVNULL, stderr=file, start_new_session=True
                )
            )
            code = process.wait() if process else 0
        if self.over and process:
            tidy(self.root / "dist", process.pid)
        if not code or self.over:
            return []
        text = said.read_text(encoding="utf-8", errors="replace")
        lines = [line.removeprefix("error: ") for line in text.split("\n") if line.startswith("error: ")]
        if not lines:
            self.say(text)
        return lines or ["the build failed; the terminal says why"]


def answered(sender: Any, root: Path, path: str) -> None:
    """Send what ``Turn.shown`` gives."""
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C is for who started this
    laps, last = {}, time.monotonic()

    def lap(stage: str) -> None:
        nonlocal last
        laps[stage], last = time.monotonic() - last, time.monotonic()

    try:
        sender.send((quick(root, path, lap), [], laps))
    except KitError as error:
        sender.send(({}, [str(error)], laps))
    except SyntaxError as error:  # in a module that the deck uses, saved while it was being written
        place = Path(error.filename or path)
        name = place.relative_to(root).as_posix() if place.is_relative_to(root) else str(place)
        sender.send(({}, [str(KitError(error.msg, name, error.lineno, "mend that line"))], laps))


def quick(root: Path, path: str, lap: Say = lambda _: None) -> dict[str, bytes]:
    """The pages of a deck on the screen, as the whole build makes them; none of a deck that is gone.

    ``lap`` is told of each stage that is done.
    """
    if not (root / path).exists():
        return {}
    fonts = assets.figure_fonts(root, root / ".cache" / "fonts")
    notebook = author.author(Source("decks", Path(path).stem, path), root)
    lap("fields")
    executed = run.cached(notebook, root, {"KIT_FONTS": str(fonts)})
    lap("cells")
    made = decks.deck(executed, root)
    lap("pages")
    pages = math.typeset({(path, kind): made.pages[kind] for kind in ("public", "instructor")}, root)
    lap("formulas")
    return decks.on_screen(made._replace(pages={kind: text for (_, kind), text in pages.items()}))


def kill(process: psutil.Process) -> None:
    """End a process and all that it started."""
    with suppress(psutil.NoSuchProcess):
        process.suspend()  # so that it starts nothing more
        for each in [*process.children(recursive=True), process]:
            with suppress(psutil.NoSuchProcess):
                each.kill()


def tidy(dist: Path, pid: int) -> None:
    """Remove what a build that was ended had half-written; ``dist`` is there in any case."""
    new, old = (dist.with_name(f".{dist.name}-{word}-{pid}") for word in ("new", "old"))
    if old.exists() and not dist.exists():
        old.rename(dist)
    for left in (new, old):
        write.remove(left)
