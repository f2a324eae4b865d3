"""Work in a process of its own, which has imported nothing of the project yet and says what it does import.

On Linux such processes are forks of one server that has loaded what notebooks and pages need; elsewhere they
are fresh. What comes out is the same.
"""

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path
from typing import Any

from kit import reads
from kit.kept import Made

FORKS = sys.platform == "linux"  # elsewhere the system's own libraries may not outlive a fork
# The matrices of a lecture are so small that several threads would wait for each other.
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
SETTINGS = {"MPLBACKEND": "agg", "PYTHONHASHSEED": "0", **ONE_THREAD}


def processes() -> SpawnContext | ForkServerContext:
    """How processes are started here."""
    os.environ.update(SETTINGS)  # they are read when Python, NumPy and matplotlib are loaded: in the server
    if not FORKS:
        return multiprocessing.get_context("spawn")
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(["kit.warmed"])
    return server


def warm() -> None:
    """Start the process that others are forked off, where the platform can."""
    with suppress(EOFError, OSError):  # the program ended meanwhile
        processes().Process(target=int).start()


def apart(root: Path, function: Callable[..., Any], *args: Any) -> Made:
    """What the function gives, and the project's files that it has read; what it raises is raised here."""
    with ProcessPoolExecutor(1, mp_context=processes(), initializer=end_with_parent) as pool:
        return pool.submit(watched, root, function, *args).result()


def watched(root: Path, function: Callable[..., Any], *args: Any) -> Made:
    """Call the function; for use in a process that does nothing else."""
    read = reads.watch(root)
    value = function(*args)
    return Made(value, read())


def end_with_parent() -> None:
    """Have this process end when the one that asked for it is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent:
        threading.Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), daemon=True).start()
