"""Notebook to executed notebook, in a real Jupyter kernel.

Outputs are kept with the hashes of everything that they depend on: the cells, the files of the project that
the kernel says it has read, and the versions of Python and the packages.
"""

import asyncio
import atexit
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from kit import kernel, kernels
from kit.apart import SETTINGS
from kit.author import place
from kit.errors import KitError
from kit.kept import Made, digest, file_digest, kept, versions

TIMEOUT = 120  # seconds a cell may take


def run(notebook: NotebookNode, folder: Path, env: dict[str, str]) -> NotebookNode:
    """The notebook with its outputs; ``folder`` is where its cells find their files.

    A cell that raises, does not end within TIMEOUT seconds, writes too much or takes its kernel down is a
    KitError that names the cell's file and line.
    """
    return watched(notebook, folder, folder, env).value


def watched(notebook: NotebookNode, folder: Path, root: Path, env: dict[str, str]) -> Made:
    """The same, with the files of the project in ``root`` that its cells have read."""
    executed = nbformat.from_dict(json.loads(json.dumps(notebook)))
    executed.cells.append(nbformat.v4.new_code_cell("%files_read"))
    started: list[NotebookNode] = []
    with TemporaryDirectory() as connection:
        client = NotebookClient(
            executed,
            km=kernels.manager(Path(connection)),
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
            environment = {**os.environ, **env, **SETTINGS, "KIT_PROJECT": str(root)}
            asyncio.run(client.async_execute(env=environment))
        except CellTimeoutError as error:
            raise failed(started, f"cell did not end within {TIMEOUT} seconds") from error
        except DeadKernelError as error:
            if Path(connection, kernel.FLOODED).exists():
                problem = f"cell writes more than {kernel.MOST // 10**6} MB"
            else:
                problem = "cell took its kernel down"
            raise failed(started, problem) from error
        except RuntimeError as error:
            if started:
                raise
            atexit.unregister(client._cleanup_kernel)  # or it complains at the end that there is no kernel
            file, _ = place(executed.cells[0])
            remedy = "see that memory and disk are not full, and build again"
            raise KitError(f"no kernel could be started: {error}", file, remedy=remedy) from error
        except CellExecutionError as error:
            told = re.sub(r" \(\d+\.py, line (\d+)\)", r" in line \1 of the cell", error.evalue)
            raise failed(started, f"cell raised {error.ename}: {told}") from error
    last = executed.cells.pop()
    return Made(executed, json.loads(last.outputs[0].text))


def failed(started: list[NotebookNode], problem: str) -> KitError:
    """The error, with the place of the last cell that was started."""
    file, line = place(started[-1])
    return KitError(problem, file, line, "mend the cell; it must run from top to bottom")


def cached(
    name: str,
    notebook: NotebookNode,
    root: Path,
    env: dict[str, str],
    files: Mapping[str, bytes] | None = None,
) -> NotebookNode:
    """The notebook run in ``root``, or with last time's outputs if nothing they depend on has changed.

    That is its code, the project's files that it read, and what all run on; a changed sentence runs nothing.
    ``name`` is what to keep them under. With ``files``, it runs in a folder that holds just these.
    """
    env = {**env, "KIT_DRAWINGS": f"drawings/{name}"}

    def made() -> Made:
        executed = (
            watched(notebook, root, root, env) if files is None else run_beside(files, notebook, root, env)
        )
        outputs = [[c.execution_count, c.outputs] for c in executed.value.cells if c.cell_type == "code"]
        return executed._replace(value=outputs)

    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    beside = [part for path, content in sorted((files or {}).items()) for part in (path, content)]
    runner = [file_digest(Path(kernel.__file__).with_name(name)) for name in ("kernel.py", "drawings.py")]
    inputs = digest(json.dumps(code), versions(), *runner, file_digest(root / "package-lock.json"), *beside)
    fresh = iter(kept(root, f"run/{name}", inputs, made))
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            number, shown = next(fresh)
            cell = {**cell, "execution_count": number, "outputs": shown}
        cells.append(cell)
    return nbformat.from_dict({**notebook, "cells": cells})


def run_beside(files: Mapping[str, bytes], notebook: NotebookNode, root: Path, env: dict[str, str]) -> Made:
    """The notebook run in a new folder that holds ``files``."""
    with TemporaryDirectory() as folder:
        for path, content in files.items():
            Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, path).write_bytes(content)
        return watched(notebook, Path(folder), root, env)
