"""A real dask scheduler and its workers, as processes of this machine."""

import os
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from tests.conftest import ROOT


def started(*words: str, says: str, stack: ExitStack, kit: Path = ROOT) -> tuple[subprocess.Popen[str], str]:
    """A dask process with the kit of a folder, ended with ``stack``, and what it says when it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", *words, "--no-dashboard"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(kit)},
        cwd=kit,
    )
    stack.callback(process.communicate)
    stack.callback(process.terminate)
    assert process.stderr
    found = (re.search(says, line) for line in process.stderr)
    return process, next(match for match in found if match)[1]


def scheduler(stack: ExitStack) -> str:
    """HOST:PORT of a scheduler."""
    words = ("scheduler", "--host", "127.0.0.1", "--port", "0")
    return started(*words, says=r"Scheduler at: +tcp://(\S+)", stack=stack)[1]


def worker(place: str, stack: ExitStack, *words: str, kit: Path = ROOT) -> "subprocess.Popen[str]":
    """A worker of that scheduler, with one thread."""
    words = ("worker", f"tcp://{place}", "--nthreads", "1", *words)
    return started(*words, says="(Registered to)", stack=stack, kit=kit)[0]
