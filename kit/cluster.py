"""A dask cluster that shares the project's folder, and processes of ours in which its workers do their work.

What dask calls a worker may start no processes of the kind that `kit.apart` starts, and has modules from
wherever it was started; a process of ours begins in the project's folder, as a build on this machine does.
"""

import logging
import os
import pickle
import secrets
import sys
import threading
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from subprocess import PIPE, Popen
from threading import Lock
from typing import IO, Any, cast

from kit.errors import KitError
from kit.kept import builder

START = "dask://"
PATIENCE = 10  # seconds to find the scheduler, or another worker when none is left
LOCK = Lock()
ALL: defaultdict[Path, list["Popen[bytes]"]] = defaultdict(list)  # on a worker: processes by project
IDLE: defaultdict[Path, list["Popen[bytes]"]] = defaultdict(list)  # those of them that wait for work
Client = Any  # distributed.Client: that package is installed for clusters only


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the scheduler at dask://HOST:PORT; KitError where nobody answers."""
    if not address.startswith(START):
        raise KitError(f"there is no executor {address!r}", remedy=f"write {START}HOST:PORT")
    place = address.removeprefix(START)
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        problem = f"{error.name} is not installed"
        raise KitError(problem, remedy="python -m pip install 'tinyspatial[dask]'") from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it would tell, an error of ours tells
    try:
        client = Client(f"tcp://{place}", timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        problem = f"no dask scheduler answers at {place}"
        raise KitError(problem, remedy="start one with dask scheduler, and workers") from error
    with client:
        yield client


def place_of(client: Client) -> str:
    """HOST:PORT of the scheduler."""
    return str(client.scheduler.address).removeprefix("tcp://")


def said(client: Client, function: Callable[..., Any], *args: Any) -> dict[str, Any]:
    """What the function gives in every worker, of which there is at least one."""
    try:
        answers = dict(client.run(function, *args))
    except ModuleNotFoundError as error:
        problem = f"a worker at {place_of(client)} has no module {error.name}"
        raise KitError(problem, remedy="install this project where the workers run") from error
    if not answers:
        raise KitError(f"the scheduler at {place_of(client)} has no workers", remedy="start some")
    return answers


@contextmanager
def executor(client: Client) -> Iterator[Executor]:
    """All workers as one executor. What one that dies was doing, another does; KitError when none is left."""
    from distributed import KilledWorker

    pool = client.get_executor(pure=False)  # a unit reads files: the same call may give another value
    over = threading.Event()

    def look() -> None:
        missed = 0
        while missed < 2 and not over.wait(PATIENCE / 2):  # one may be about to come back
            missed = 0 if client.scheduler_info()["workers"] else missed + 1
        if not over.is_set():
            pool.shutdown(wait=False)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield pool
    except (CancelledError, KilledWorker) as error:
        died = isinstance(error, KilledWorker)
        problem = "several workers died, one after another, at the same work" if died else "it has stopped"
        remedy = "see what its scheduler and workers say, and run it again: what is done is kept"
        raise KitError(f"the cluster at {place_of(client)}: {problem}", remedy=remedy) from error
    finally:
        over.set()
        looking.join()
        pool.shutdown(wait=False)


@contextmanager
def workers(address: str, root: Path) -> Iterator[Executor | None]:
    """The workers of a cluster, for `unit`; none for an empty address.

    KitError unless all of them see ``root`` by this very path, and run the Python, kit and packages of here.
    """
    if not address:
        yield None
        return
    with connected(address) as client:
        word = root / ".cache" / f"cluster.{os.getpid()}.part"
        word.write_text(secrets.token_hex(), encoding="utf-8")
        try:
            for worker, (read, runs) in said(client, seen, root, word).items():
                if read != word.read_text(encoding="utf-8"):
                    problem = f"the worker {worker} does not see this folder as {root}"
                    raise KitError(problem, remedy="share the folder with all workers, by the same path")
                if runs != builder(root):
                    problem = f"the worker {worker} runs another Python, or other packages, or another kit"
                    raise KitError(problem, remedy=f"start it again, with {sys.executable} -m dask worker")
        finally:
            word.unlink()
        try:
            with executor(client) as pool:
                yield pool
        finally:
            if client.status == "running":  # not when its scheduler has gone
                client.run(end, root)


def seen(root: Path, word: Path) -> tuple[str, str]:
    """On a worker: what is written in a file, nothing where there is none, and what all is built with."""
    end(root)  # what a build that was killed has left
    return word.read_text(encoding="utf-8") if word.is_file() else "", builder(root)


def unit(root: Path, path: str, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """On a worker: what the function gives, or raises, in a process of ours. ``path`` is what it works on."""
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
    """On a worker: end all processes of ours, whatever they do."""
    with LOCK:
        IDLE.pop(root, None)
        for process in ALL.pop(root, []):
            with suppress(OSError):  # of one that has died
                cast(IO[bytes], process.stdin).close()
            process.wait()


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
