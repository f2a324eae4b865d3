"""Tries of programs, as far as no proof shows it."""

import tracemalloc

from kit import trial

MB = 1_000_000


def test_what_a_try_prints_is_not_kept() -> None:
    tracemalloc.start()
    told = trial.quietly(lambda: {"printed": [print("x" * MB) for _ in range(20)]})
    assert tracemalloc.get_traced_memory()[1] < 4 * MB
    tracemalloc.stop()
    assert len(told["printed"]) == 20
