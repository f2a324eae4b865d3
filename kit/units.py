"""Units of work on a worker of a cluster, in processes of ours.

What dask calls a worker may start no processes of the kind that `kit.apart` starts, and has modules from
wherever it was started; a process of ours begins in the project's folder, as a build on this machine does. It
does one unit after another, and ends with the build.
"""

import os
import pickle
import sys
import traceback
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from subprocess import PIPE, Popen
from threading import Lock
from typing import IO, Any

from kit.errors import KitError
from kit.kept import builder

LOCK = Lock()
ALL: defaultdict[Path, list["Popen[bytes]"]] = defaultdict(list)  # processes of a worker, by project
IDLE: defaultdict[Path, list["Popen[bytes]"]] = defaultdict(list)  # those of them that wait for work


def seen(root: Path, word: Path) -> tuple[str, str]:
    """What is written in a file, nothing where there is none, and what all is built with."""
    end(root)  # what a build that was killed has left
    return word.read_text(encoding="utf-8") if word.is_file() else "", builder(root)


def unit(root: Path, path: str, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """What the function gives, or raises, in a process of ours. ``path`` is what it works on."""
    with LOCK:
        process = IDLE[root].pop() if IDLE[root] else begun(root)
    assert process.stdin
    assert process.stdout
    try:
        pickle.dump((function, args), process.stdin)
        process.stdin.flush()
        value, error = pickle.load(process.stdout)
    except (OSError, EOFError, pickle.UnpicklingError) as broken:
        problem = f"the process that made it on a worker has ended ({process.wait()})"
        remedy = "see what the worker says, and whether it has enough memory"
        raise KitError(problem, path, remedy=remedy) from broken
    with LOCK:
        IDLE[root].append(process)
    if error:
        raise error
    return pickle.loads(value)


def begun(root: Path) -> "Popen[bytes]":
    """A new process for units; it ends when its input is closed, so also when the worker dies."""
    process = Popen([sys.executable, "-m", __name__], cwd=root, stdin=PIPE, stdout=PIPE)
    ALL[root].append(process)
    return process


def end(root: Path) -> None:
    """End all processes of ours, whatever they do."""
    with LOCK:
        IDLE.pop(root, None)
        for process in ALL.pop(root, []):
            assert process.stdin
            assert process.stdout
            with suppress(OSError):  # of one that has died
                process.stdin.close()
            process.wait()
            process.stdout.close()


def main() -> None:
    """All that such a process does: one unit after another. What they print goes to the worker's log."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with ThreadPoolExecutor(1) as pool:
        doing = pool.submit(bytes)
        with suppress(EOFError):
            while True:
                doing = pool.submit(pickled, *pickle.load(sys.stdin.buffer))
                doing.add_done_callback(partial(answer, answers))
        if not doing.done():
            os._exit(1)


def pickled(function: Callable[..., Any], args: tuple[Any, ...]) -> bytes:
    return pickle.dumps(function(*args))


def answer(answers: IO[bytes], made: "Future[bytes]") -> None:
    """Tell what a unit has made, or its error; of one that is a bug of ours, the traceback as text."""
    error = made.exception()
    if error and not isinstance(error, KitError):
        error = RuntimeError("".join(traceback.format_exception(error)))
    pickle.dump((None if error else made.result(), error), answers)
    answers.flush()


if __name__ == "__main__":
    main()
