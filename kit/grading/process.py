"""The grader's end of a worker: tasks out, results in, and an end to what does not end."""

import contextlib
import io
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from kit import check
from kit.grading.sandbox import LINUX, Limits

PATHS = [str(Path(__file__).parents[2]), str(Path(np.__file__).parents[1])]  # of kit and of NumPy
START = "import sys; sys.path[:0] = sys.argv[1:]; from kit.grading.worker import main; main()"
KEPT = ("SYSTEMROOT", "LD_LIBRARY_PATH")  # variables without which Python may not start
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
TICK = 0.1  # seconds between two looks at the clock
START_TIME = 60  # seconds for Python and NumPy to start; on a busy machine, much more than usual
WHOLE = {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
TYPES = {"bool", "float16", "float32", "float64", *WHOLE}  # of arrays


class Gone(Exception):
    """The worker has come to its end without a result; the text says how."""


class Process:
    """A worker that has begun a notebook; ``walls`` says what keeps it in."""

    def __init__(self, folder: str, files: dict[str, str], limits: Limits) -> None:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        self.limits, self.late = limits, False
        self.walls: list[str] = []
        self.popen = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", START, *PATHS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd=folder,
            env={**ONE_THREAD, **kept, "HOME": folder, "TMPDIR": folder},
            start_new_session=True,
        )
        assert isinstance(self.popen.stdin, io.FileIO)
        assert isinstance(self.popen.stdout, io.FileIO)
        self.tasks, self.replies = self.popen.stdin, io.BufferedReader(self.popen.stdout)
        self.end, self.closed = math.inf, threading.Event()  # when the worker is late; that it is not needed
        threading.Thread(target=self.watch, daemon=True).start()
        self.tasks.write(line({"folder": folder, "files": files, "limits": limits, "paths": len(PATHS)}))
        try:
            self.walls = self.ask({"begin": True}, START_TIME)["walls"]
        except Gone as gone:
            raise RuntimeError(f"the process that runs notebooks {gone}") from gone

    def again(self) -> None:
        """Begin afresh in a fork of the same worker. Raises Gone when that cannot be."""
        with contextlib.suppress(Gone):
            self.ask({"end": True})
        if self.ask({"begin": True}) != {"walls": self.walls}:
            raise Gone("meddles with the grader")

    def ask(self, task: dict[str, Any], seconds: float = 0) -> dict[str, Any]:
        """The result of a task. Raises Gone when there is none in time, or none that can be read."""
        self.end = time.monotonic() + (seconds or self.limits.wall)
        try:
            self.tasks.write(line(task))
            said = self.replies.readline(self.limits.reply)
        except BrokenPipeError:
            said = b""
        finally:
            self.end = math.inf
        return self.understood(said)

    def watch(self) -> None:
        """In a thread of its own: end the worker when it is late."""
        while not self.closed.wait(TICK):
            if time.monotonic() > self.end:
                self.late = True
                self.kill()

    def understood(self, said: bytes) -> dict[str, Any]:
        """A line of the worker's, in which there can be anything."""
        if len(said) == self.limits.reply:
            raise Gone(f"gives more than {self.limits.reply:,} bytes")
        reply, trouble = check.attempt(json.loads, said or b'{"ended": 0}', object_hook=received)
        if trouble or not isinstance(reply, dict):
            raise Gone("meddles with the grader")
        if "ended" in reply:
            late = self.late or (LINUX and reply["ended"] == -signal.SIGXCPU)
            raise Gone(f"does not end within {self.limits.cpu} seconds" if late else "ends its process")
        return reply

    def kill(self) -> None:
        """End it with all that it has started; behind walls nothing escapes this."""
        if "namespaces" in self.walls or sys.platform == "win32":
            self.popen.terminate()  # the process outside the walls ends what is inside, and then itself
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.popen.pid, signal.SIGKILL)

    def close(self) -> None:
        """End it, and return when nothing of it is left."""
        self.closed.set()
        self.kill()
        self.popen.wait()
        self.tasks.close()
        self.replies.close()


def line(task: dict[str, Any]) -> bytes:
    return json.dumps(task).encode() + b"\n"


def received(item: dict[str, Any]) -> Any:
    """A JSON object of the worker's as what it stands for. ValueError for an array of no known type."""
    if "strange" in item:
        text = str(item["strange"])
        return type(str(item["kind"]), (), {"__repr__": lambda self: text})()
    if "nd" in item and item["dtype"] not in TYPES:
        raise ValueError(f"no array is of type {item['dtype']!r}")
    return check.decode(item)
