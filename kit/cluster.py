"""A dask cluster that shares the project's folder, and a process of its own for each unit of work there.

What dask calls a worker may start no processes of the kind that `kit.apart` starts, and has modules from
wherever it was started; a unit's process begins in the project's folder, as a build on this machine does.
"""

import logging
import os
import pickle
import secrets
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

from kit.errors import KitError
from kit.kept import builder

START = "dask://"
PATIENCE = 10  # seconds to find the scheduler, or another worker when none is left
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
        with executor(client) as pool:
            yield pool


def seen(root: Path, word: Path) -> tuple[str, str]:
    """On a worker: what is written in a file, nothing where there is none, and what all is built with."""
    return word.read_text(encoding="utf-8") if word.is_file() else "", builder(root)


def unit(root: Path, path: str, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """On a worker: what the function gives, or raises, in a new process; it makes something of ``path``."""
    with Popen([sys.executable, "-m", __name__], cwd=root, stdin=PIPE, stdout=PIPE) as process:
        assert process.stdin
        assert process.stdout
        pickle.dump((function, args), process.stdin)
        process.stdin.flush()  # and it stays open: when this worker dies, the process ends too
        told = process.stdout.read()
        process.wait()
    if process.returncode:
        problem = f"what makes it on a worker ended its process ({process.returncode})"
        raise KitError(problem, path, remedy="see what the worker says, and whether it has enough memory")
    value, error = pickle.loads(told)
    if error:
        raise error
    return value


def main() -> None:
    """All that the process of a unit does; what is printed meanwhile goes to the worker's log."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    function, args = pickle.load(sys.stdin.buffer)
    threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
    with ThreadPoolExecutor(1) as pool, answer:
        made = pool.submit(function, *args)
        if error := made.exception():
            error.add_note("".join(traceback.format_exception(error)))  # a pickled error has none of its own
        pickle.dump((None if error else made.result(), error), answer)


if __name__ == "__main__":
    main()
