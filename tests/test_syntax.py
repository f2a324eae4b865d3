"""Programs are parsed in several threads of a build."""

import gc
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from kit.syntax import parsed


@pytest.fixture
def interrupted() -> Iterator[None]:
    """Another thread gets its turn whenever Python clears up, so also while it makes a tree."""

    def pause(*_: object) -> None:
        time.sleep(0)

    before = gc.get_threshold()
    gc.set_threshold(200)
    gc.callbacks.append(pause)
    yield
    gc.callbacks.remove(pause)
    gc.set_threshold(*before)


@pytest.mark.usefixtures("interrupted")
def test_threads_may_parse_at_the_same_time() -> None:
    code = "\n".join(f"x{n} = [({n}, {{'a': [[{n}, {n}], [-{n}]]}}), f(g(h({n})))]" for n in range(60))
    with ThreadPoolExecutor(4) as pool:
        sizes = set(pool.map(lambda _: len(parsed(code).body), range(20)))
    assert sizes == {60}
