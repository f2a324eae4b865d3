"""Notebook to executed notebook, in a real Jupyter kernel.

Outputs are kept under the hash of everything that they depend on: the cells, the project's own modules,
and the versions of Python and the packages. An entry that cannot be read counts as absent.
"""

import asyncio
import hashlib
import importlib.metadata
import json
import os
import re
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from kit.author import place
from kit.errors import KitError
from kit.kept import kept

TIMEOUT = 120  # seconds a cell may take
# The matrices of a lecture are so small that several threads would wait for each other.
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
SETTINGS = {"MPLBACKEND": "agg", "PYTHONHASHSEED": "0", **ONE_THREAD}
OTHERS = ("tests", "node_modules", "dist")  # folders whose Python files no cell imports


def run(notebook: NotebookNode, folder: Path, env: dict[str, str]) -> NotebookNode:
    """The notebook with its outputs; ``folder`` is where its cells find their files.

    A cell that raises, does not end within TIMEOUT seconds or takes its kernel down is a KitError that names
    the cell's file and line.
    """
    executed = nbformat.from_dict(json.loads(json.dumps(notebook)))
    started: list[NotebookNode] = []
    with TemporaryDirectory() as connection:
        client = NotebookClient(
            executed,
            km=kernel_manager(Path(connection)),
            timeout=TIMEOUT,
            record_timing=False,
            coalesce_streams=True,  # or it depends on the clock how many outputs a printing cell has
            resources={"metadata": {"path": str(folder)}},
            on_cell_execute=lambda cell, cell_index: started.append(cell),
            extra_arguments=["--IPKernelApp.extensions=['kit.kernel']"],
            shutdown_kernel="immediate",
        )
        client.owns_km = True  # so that the client shuts the kernel down, also after an error
        try:
            asyncio.run(client.async_execute(env={**os.environ, **env, **SETTINGS}))
        except CellTimeoutError as error:
            raise failed(started, f"cell did not end within {TIMEOUT} seconds") from error
        except DeadKernelError as error:
            raise failed(started, "cell took its kernel down") from error
        except CellExecutionError as error:
            told = re.sub(r" \(\d+\.py, line (\d+)\)", r" in line \1 of the cell", error.evalue)
            raise failed(started, f"cell raised {error.ename}: {told}") from error
    return executed


def kernel_manager(connection: Path) -> AsyncKernelManager:
    """A manager for the kernel of this very Python; its connection is in a folder of its own.

    Without folders to search it falls back on that kernel: a user's own one called python3 would otherwise be
    taken. Sockets in the file system, where there are any, are open to nobody else on the machine.
    """
    manager = AsyncKernelManager(
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[]), connection_file=str(connection / "kernel.json")
    )
    if os.name == "posix":
        manager.transport = "ipc"
    return manager


def failed(started: list[NotebookNode], problem: str) -> KitError:
    """The error, with the place of the last cell that was started."""
    file, line = place(started[-1])
    return KitError(problem, file, line, "mend the cell; it must run from top to bottom")


def cached(
    notebook: NotebookNode, root: Path, env: dict[str, str], files: Mapping[str, bytes] | None = None
) -> NotebookNode:
    """The notebook run in ``root``, or with last time's outputs if nothing they depend on has changed.

    With ``files``, it runs in a folder that holds just these.
    """

    def made() -> list[list[Any]]:
        executed = run(notebook, root, env) if files is None else run_beside(files, notebook, env)
        return [[c.execution_count, c.outputs] for c in executed.cells if c.cell_type == "code"]

    outputs = kept(root / ".cache" / "run" / f"{key(notebook, root, files or {})}.json", made)
    fresh = iter(outputs)
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            number, shown = next(fresh)
            cell = {**cell, "execution_count": number, "outputs": shown}
        cells.append(cell)
    return nbformat.from_dict({**notebook, "cells": cells})


def run_beside(files: Mapping[str, bytes], notebook: NotebookNode, env: dict[str, str]) -> NotebookNode:
    """The notebook run in a new folder that holds ``files``."""
    with TemporaryDirectory() as folder:
        for path, content in files.items():
            Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, path).write_bytes(content)
        return run(notebook, Path(folder), env)


def key(notebook: NotebookNode, root: Path, files: Mapping[str, bytes]) -> str:
    """Hash of the code cells, of the files beside them, of the project's modules, and of what all run on."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    digest = hashlib.sha256(json.dumps([code, versions()]).encode())
    for name, content in sorted(files.items()):
        digest.update(name.encode() + content)
    folders = (f for f in sorted(root.iterdir()) if f.name not in OTHERS and not f.name.startswith("."))
    for path in (path for folder in folders for path in sorted(folder.glob("**/*.py"))):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


@cache
def versions() -> list[str]:
    """Python's version, and name and version of every package that is installed."""
    return [sys.version, *sorted(f"{d.name} {d.version}" for d in importlib.metadata.distributions())]
