"""The benchmarks' report, and what the stored results say."""

import json
import time
from typing import Any

import numpy as np
import pytest

from benchmarks import rows
from benchmarks.report import RESULTS, Row, markdown, number, passed, results
from benchmarks.rows import EPOCHS, chosen, medians, peak, right_on, steps

MACHINE = {"processor": "A chip", "python": "3.11.7", "numpy": "2.4.0", "threads used": 1}
ROWS = [
    Row("`conv2d`", 1513.4, "at least", 300, "times faster", {"fast": 0.1}),
    Row("memory", 286.13, "at most", 512.0, "MiB", {}),
]


def test_the_table_for_readme() -> None:
    found = {"machine": MACHINE, "rows": [row._asdict() for row in ROWS]}
    assert markdown(found).splitlines() == [
        "| work | measured | bar |",
        "| --- | --- | --- |",
        "| `conv2d` | 1,510 times faster | at least 300 |",
        "| memory | 286 MiB | at most 512 |",
        "",
        "Medians of repeated runs on A chip, matrix products in 1 thread, python 3.11.7, numpy 2.4.0.",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1513.4, "1,510"), (97.2145, "97.2"), (0.2902, "0.29"), (4, "4"), (1.5, "1.5")],
    ids=str,
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "bound", "enough"),
    [(2, "at least", True), (1.9, "at least", False), (2, "at most", True), (2.1, "at most", False)],
)
def test_a_bar_is_met_or_missed(value: float, bound: str, enough: bool) -> None:
    assert passed(Row("", value, bound, 2, "", {})._asdict()) is enough


def test_medians_are_seconds() -> None:
    took = medians(3, short=lambda: time.sleep(0.001), long=lambda: time.sleep(0.06))
    assert 0.001 <= took["short"] < 0.05 < took["long"] < 0.5


def test_the_peak_counts_what_a_call_makes_and_drops() -> None:
    assert 8_000_000 <= peak(lambda: bytearray(8_000_000)) < 8_100_000


@pytest.mark.parametrize(("end", "rates"), [(1.0, [0.5, 0.5, 0.5]), (0.0, [0.5, 0.45, 0.05])], ids=str)
def test_learning_rates_stay_or_fall_in_a_straight_line(end: float, rates: list[float]) -> None:
    epochs: list[list] = [[] for _ in range(EPOCHS)]
    for k, step in enumerate(steps(20, 0.5, end)):
        epochs[k // 3].append(step)
    assert all(sorted(n for batch, _ in epoch for n in batch) == list(range(20)) for epoch in epochs)
    assert [epochs[k][0][1] for k in (0, 1, -1)] == pytest.approx(rates)


def test_what_is_kept_aside_is_not_learnt() -> None:
    """All images are alike, so that a network gives them the label that most of those it learnt from have."""
    images, labels = np.ones((20, 1, 8, 8)), np.array([0] * 4 + [1] * 16)
    assert right_on(np.arange(4, 20), images, labels, 0.1, 1.0) == 0.0
    assert right_on(np.arange(4), images, labels, 0.1, 1.0) == 0.0
    assert right_on(np.arange(16, 20), images, labels, 0.1, 1.0) == 1.0


def test_the_best_learning_rates_are_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a rate of 1e-9 nothing is learnt, and the weights at the start take these images for ones."""
    monkeypatch.setattr(rows, "RATES", (1e-9, 0.1))
    assert chosen(np.ones((10, 1, 8, 8)), np.full(10, 3)) == (0.1, 0.0, 100)


def test_results_can_be_stored_and_name_the_machine() -> None:
    found: dict[str, Any] = json.loads(json.dumps(results(ROWS)))
    assert found["machine"]["threads used"] == 1
    assert [Row(**row) for row in found["rows"]] == ROWS


NOT_YET: list[tuple[str, float]] = []  # bars that the stored run misses; README shows them as they are


def test_the_stored_results_meet_every_bar_but_those_that_are_still_open() -> None:
    stored = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert len(stored["rows"]) >= 20
    assert [(row["by"], row["bar"]) for row in stored["rows"] if not passed(row)] == NOT_YET
