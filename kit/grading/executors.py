"""Where submissions are graded: on this machine, or on the workers of a dask cluster."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from kit.errors import KitError
from kit.grading import judge, marking

START = "dask://"
PATIENCE = 10  # seconds to find the scheduler


@contextmanager
def opened(address: str, trusted: bool) -> Iterator[Executor]:
    """An executor; KitError where submissions could do harm and are not trusted, or nobody answers.

    ``address`` is empty for this machine, else dask://HOST:PORT.
    """
    if not address:
        marking.protected({"this machine": judge.protection()}, trusted)
        pool = ThreadPoolExecutor(os.cpu_count())
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)
    elif address.startswith(START):
        with dask(address.removeprefix(START), trusted) as executor:
            yield executor
    else:
        raise KitError(f"there is no executor {address!r}", remedy=f"write {START}HOST:PORT")


@contextmanager
def dask(place: str, trusted: bool) -> Iterator[Executor]:
    """The workers of a scheduler, each of which must have this very kit installed.

    A submission whose worker dies is graded by another.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        problem = f"{error.name} is not installed"
        raise KitError(problem, remedy="python -m pip install 'tinyspatial[dask]'") from error
    try:
        client = Client(f"tcp://{place}", timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        problem = f"no dask scheduler answers at {place}"
        raise KitError(problem, remedy="start one with dask scheduler, and workers") from error
    with client:
        try:
            machines, kits = client.run(judge.protection), client.run(marking.graders)
        except ModuleNotFoundError as error:
            problem = f"a worker at {place} has no module {error.name}"
            raise KitError(problem, remedy="install this project where the workers run") from error
        if not machines:
            raise KitError(f"the scheduler at {place} has no workers", remedy="start some")
        if set(kits.values()) != {marking.graders()}:
            problem = f"a worker at {place} has another version of the kit"
            raise KitError(problem, remedy="install this one where the workers run")
        marking.protected(machines, trusted)
        yield client.get_executor()
