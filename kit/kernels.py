"""Jupyter kernels: of this very Python, open to nobody else, and forked where that can be.

A forked kernel is the usual one in a process that has loaded what notebooks need; it knows of no module that
another notebook has imported.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping
from multiprocessing.process import BaseProcess, current_process
from pathlib import Path
from queue import Empty
from subprocess import Popen
from typing import Any, cast

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from kit import apart


def manager(connection: Path) -> AsyncKernelManager:
    """A manager for a kernel whose connection is in a folder of its own.

    Without folders to search it falls back on the kernel of this Python: a user's own one called python3
    would otherwise be taken. Sockets in the file system, where there are any, are open to nobody else.
    """
    made = AsyncKernelManager(
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[]), connection_file=str(connection / "kernel.json")
    )
    made.client_factory = Client
    if os.name == "posix":
        made.transport = "ipc"
    if apart.FORKS and not current_process().daemon:  # a daemon, such as a dask worker, may have no children
        made.provisioner = Forked(parent=made, kernel_id="kernel", kernel_spec=made.kernel_spec)
    return made


class Client(AsyncKernelClient):
    """The usual one, but it begins as soon as a kernel answers, and not after a silence of 0.2 s.

    What the silence is for, that no message of the start is taken for one of a cell, nbclient sees by itself.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Return when both channels work. RuntimeError for a kernel that has died, or says nothing."""
        end = time.monotonic() + (timeout or float("inf"))
        while time.monotonic() < end:
            self.kernel_info()
            try:
                await self.shell_channel.get_msg(timeout=1)
                await self.iopub_channel.get_msg(timeout=0.2)
                return
            except Empty:
                if not await self.is_alive():
                    raise RuntimeError("Kernel died before replying to kernel_info") from None
        raise RuntimeError(f"Kernel did not respond in {timeout} seconds")


class Forked(LocalProvisioner):
    """Starts a kernel as a fork of `kit.apart`'s server; in all else it is the usual one."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        words = cmd[cmd.index("ipykernel_launcher") + 1 :]
        process = apart.processes().Process(target=life, args=(words, kwargs["env"], str(kwargs["cwd"])))
        process.start()
        self.process = cast("Popen[bytes]", Child(process))
        self.pid, self.pgid, self.cwd = process.pid, None, kwargs["cwd"]
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """End it, and wait for that here: the usual manager looks every 0.1 s."""
        await super().kill(restart)
        if self.process:
            await asyncio.to_thread(self.process.wait)


class Child:
    """A process with the names that `subprocess.Popen` has for the same things."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess):
        self.process, self.pid = process, process.pid
        self.terminate, self.kill = process.terminate, process.kill

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self) -> int | None:
        self.process.join()
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        if self.pid and self.process.is_alive():
            os.kill(self.pid, number)


def life(words: list[str], env: Mapping[str, str], folder: str) -> None:
    """All that a kernel's process does."""
    sys.modules["debugpy"] = cast(Any, None)  # as if not installed: to load it would take 0.1 s each time
    sys.modules.pop("rfc3987_syntax", None)  # see kit/__init__.py: a cell may want it
    from ipykernel.kernelapp import IPKernelApp

    apart.end_with_parent()
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the terminal has all that a cell's subprocess writes
    # As in a fresh kernel: what the user puts first, Python's own, the rest; not the program's folder first.
    users, own = os.environ.get("PYTHONPATH", "").split(os.pathsep), (sys.prefix, sys.base_prefix)
    places = dict.fromkeys(filter(None, sys.path))
    sys.path[:] = sorted(places, key=lambda path: (path not in users, not path.startswith(own)))
    sys.argv = ["ipykernel_launcher.py", *words]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    IPKernelApp.launch_instance(argv=[*words, f"--IPKernelApp.parent_handle={os.getppid()}"])
