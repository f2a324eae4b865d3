"""The workers of a dask cluster as one executor, for a build and for grading.

A build needs more of them: that they share the project's folder, and run what runs here.
"""

import logging
import os
import secrets
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kit import units
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
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # an error of ours says it
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
    """The workers of a cluster, for `kit.units`; none for an empty address.

    KitError unless all of them see ``root`` by this very path, and run the Python, kit and packages of here.
    """
    if not address:
        yield None
        return
    with connected(address) as client:
        word = root / ".cache" / f"cluster.{os.getpid()}.part"
        word.write_text(secrets.token_hex(), encoding="utf-8")
        try:
            for worker, (read, runs) in said(client, units.seen, root, word).items():
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
                client.run(units.end, root, on_error="ignore")
