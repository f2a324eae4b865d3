"""Building on a dask cluster: a real scheduler with a worker on this machine."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from kit import author, cluster, course, units
from kit.errors import KitError
from kit.write import sums_of
from tests import small_exercise
from tests.conftest import HEAD, ROOT
from tests.small_cluster import scheduler, worker
from tests.small_course import small_course

pytest.importorskip("distributed")
DECK = HEAD.replace("A. Lecturer", "A. Lecturer\nuses: [tinyspatial]") + "## One\n\nThere are {{ n }}.\n"
FROM_BROWSER = ("chromium", "fonts", "seen")  # of the same pages it is the same
PATIENCE = 20  # seconds
pytestmark = pytest.mark.xdist_group("a cluster")


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    """HOST:PORT of a scheduler with a worker, which is a daemon: Python lets it start no process."""
    with ExitStack() as stack:
        address = scheduler(stack)
        worker(address, stack, "--nanny")
        yield address


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".cache").mkdir()
    return tmp_path


@pytest.fixture
def workers(place: str, root: Path) -> Iterator[Executor]:
    with cluster.workers(f"dask://{place}", root) as pool:
        assert pool
        yield pool


@pytest.mark.browser
def test_what_a_cluster_builds_is_the_same_to_the_byte(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = small_course(tmp_path)
    small_exercise.write(root)
    (root / "decks" / "01_small.md").write_text(DECK, encoding="utf-8")
    command = [sys.executable, str(root / "build.py"), "--executor", f"dask://{place}"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert (done.stderr, done.returncode) == ("", 0)
    for folder in (root / ".cache").glob("*/"):
        if folder.name not in FROM_BROWSER:
            shutil.rmtree(folder)
    monkeypatch.syspath_prepend(root)  # the library is there
    here = course.build(root).sums()
    assert sums_of(root / "dist") == here
    assert {"public/slides/01_small.pdf", "public/exercises/01_halves.zip"} <= here.keys()


def test_a_mistake_in_a_source_is_told_with_its_file_and_line(workers: Executor, root: Path) -> None:
    (root / "decks").mkdir()
    (root / "decks" / "01_x.md").write_text(HEAD + "## One\n\n::: notes\n", encoding="utf-8")
    work = workers.submit(units.unit, root, "", author.checked, ("decks/01_x.md", root))
    with pytest.raises(KitError, match=r"^decks/01_x\.md, line 8: .+; .+"):
        work.result()


def test_a_process_that_dies_is_told_with_what_it_made_and_the_next_work_has_another(
    workers: Executor, root: Path
) -> None:
    with pytest.raises(KitError, match=r"^decks/01_x.md: the process that .* has ended \(3\); see what"):
        workers.submit(units.unit, root, "decks/01_x.md", os._exit, (3,)).result()
    works = [workers.submit(units.unit, root, "", abs, (n,)) for n in range(-4, 0)]
    assert [each.result() for each in works] == [4, 3, 2, 1]


def test_a_bug_keeps_its_traceback(workers: Executor, root: Path) -> None:
    error = workers.submit(units.unit, root, "", cluster.place_of, (None,)).exception()
    assert isinstance(error, RuntimeError)
    assert "in place_of\n" in str(error)
    assert "AttributeError: 'NoneType' object has no attribute 'scheduler'" in str(error)


def stays(folder: Path) -> int:
    """Work that says where it is being done, and is done when somebody says so, or forgets to."""
    (folder / f"{os.getppid()} {os.getpid()}").touch()
    end = time.monotonic() + PATIENCE
    while not (folder / "go").exists() and time.monotonic() < end:
        time.sleep(0.02)
    return os.getppid()


def seen(folder: Path, but: int = 0) -> tuple[int, psutil.Process]:
    """The worker that does such work, but for one of them, and its process."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for name in (path.name.split() for path in folder.glob("* *")):
            if int(name[0]) != but:
                return int(name[0]), psutil.Process(int(name[1]))
        time.sleep(0.02)
    raise TimeoutError


def test_when_a_worker_dies_the_one_in_its_place_does_its_work(workers: Executor, root: Path) -> None:
    work = workers.submit(units.unit, root, "", stays, (root,))
    first, process = seen(root)
    os.kill(first, signal.SIGKILL)
    process.wait(5)
    second, _ = seen(root, but=first)
    (root / "go").touch()
    assert work.result() == second


def interrupted(place: str, root: Path, processes: list[psutil.Process]) -> None:
    """Begin some work, and press Ctrl-C when it is being done."""
    with cluster.workers(f"dask://{place}", root) as pool:
        assert pool
        pool.submit(units.unit, root, "", stays, (root,))
        processes.append(seen(root)[1])
        raise KeyboardInterrupt


def test_after_ctrl_c_no_worker_goes_on(place: str, root: Path) -> None:
    processes: list[psutil.Process] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted(place, root, processes)
    processes[0].wait(5)


def test_workers_that_do_not_see_the_folder_are_told(
    place: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root.parent)  # where a worker is, this path leads elsewhere
    with (
        pytest.raises(KitError, match=rf"does not see this folder as {root.name}; share the folder"),
        cluster.workers(f"dask://{place}", Path(root.name)),
    ):
        pass
    assert list((root / ".cache").iterdir()) == []


def test_a_worker_with_another_kit_is_told(place: str, root: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "kit", tmp_path / "kit")
    (tmp_path / "kit" / "more.py").write_text("")
    with ExitStack() as stack:
        worker(place, stack, "--no-nanny", kit=tmp_path)
        with (
            pytest.raises(KitError, match="runs another Python, or other packages, or another kit; start it"),
            cluster.workers(f"dask://{place}", root),
        ):
            pass


def deserted(place: str, root: Path) -> None:
    """Begin some work, and kill the worker that does it, and what would begin another one."""
    with cluster.workers(f"dask://{place}", root) as pool:
        assert pool
        work = pool.submit(units.unit, root, "", stays, (root,))
        worker = psutil.Process(seen(root)[0])
        for process in (*worker.parents()[:1], worker):
            process.kill()
        work.result(PATIENCE)


def test_when_no_worker_is_left_it_is_told(
    place: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # the last test: it has none left
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(KitError, match=f"^the cluster at {place}: it has stopped; see what its scheduler"):
        deserted(place, root)
