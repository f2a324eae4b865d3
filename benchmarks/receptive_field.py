"""How long the receptive field of a stack of 200 layers takes."""

from statistics import median
from time import perf_counter

from tinyspatial.receptive_field import receptive_field

LAYERS = ([(3, 1, 1)] * 9 + [(2, 2, 0)]) * 20


def two_hundred_layers(runs: int = 50) -> float:
    """Seconds for one fold over 200 triples, the median of so many runs."""
    return median(seconds() for _ in range(runs))


def seconds() -> float:
    """One run."""
    start = perf_counter()
    receptive_field(LAYERS)
    return perf_counter() - start
