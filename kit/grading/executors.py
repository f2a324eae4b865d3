"""Where submissions are graded: on this machine, or on the workers of a dask cluster."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from kit import cluster
from kit.errors import KitError
from kit.grading import judge, marking


@contextmanager
def opened(address: str, trusted: bool) -> Iterator[Executor]:
    """An executor; KitError where submissions could do harm and are not trusted, or nobody answers.

    ``address`` is empty for this machine, else dask://HOST:PORT. A submission whose worker dies is graded by
    another one.
    """
    if not address:
        marking.protected({"this machine": judge.protection()}, trusted)
        pool = ThreadPoolExecutor(os.cpu_count())
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)
    else:
        with cluster.connected(address) as client:
            graded_by(client, trusted)
            with cluster.executor(client) as workers:
                yield workers


def graded_by(client: cluster.Client, trusted: bool) -> None:
    """Raise unless every worker has this very kit, and walls where submissions are not trusted."""
    machines, kits = cluster.said(client, judge.protection), cluster.said(client, marking.graders)
    if set(kits.values()) != {marking.graders()}:
        problem = f"a worker at {cluster.place_of(client)} has another version of the kit"
        raise KitError(problem, remedy="install this one where the workers run")
    marking.protected(machines, trusted)
