"""Measure every row, print the table, write results.json."""

# ruff: noqa: E402  (the threads are set before NumPy or torch is imported)

import os

for library in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "BLIS"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import sys
from importlib.util import find_spec

from rich.console import Console

from benchmarks import builds, grading, live, report, rows

BUILDS = [grading.grading, live.live, builds.builds, builds.edits]


def main() -> int:
    """The exit code is 1 when a bar is missed."""
    console, found = Console(highlight=False), []
    wanted = [*rows.ROWS, *(rows.TORCH_ROWS if find_spec("torch") else []), *BUILDS]
    for measure in wanted:
        with console.status(f"measuring {measure.__name__}"):
            found += measure()
    if not find_spec("torch"):
        console.print("torch is not installed (pip install '.[oracle]'): the rows against it are left out")
    results = report.results(found)
    report.write(results)
    console.print(report.table(results))
    if missed := [row for row in results["rows"] if not report.passed(row)]:
        print(f"error: {len(missed)} of {len(found)} bars are missed", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
