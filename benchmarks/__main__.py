"""Measure every row, print the table, write results.json; with names, only what these functions measure."""

# ruff: noqa: E402  (the threads are set before NumPy or torch is imported)

import os

for library in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "BLIS"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import sys
from importlib.util import find_spec

from rich.console import Console

from benchmarks import builds, grading, live, report, rows

BUILDS = [grading.grading, live.live, builds.builds, builds.edits, builds.scale]


def main(names: list[str]) -> int:
    """The exit code is 1 when a bar is missed, or a name is none of ours."""
    console, found = Console(highlight=False), list[report.Row]()
    before = [report.Row(**row) for row in report.read()["rows"]]
    all_ = [*rows.ROWS, *(rows.TORCH_ROWS if find_spec("torch") else []), *BUILDS]
    if unknown := set(names) - {measure.__name__ for measure in all_}:
        known = ", ".join(measure.__name__ for measure in all_)
        print(f"error: nothing measures {' or '.join(sorted(unknown))}; known are {known}", file=sys.stderr)
        return 1
    for measure in all_:
        if names and measure.__name__ not in names:
            found += [row for row in before if row.by == measure.__name__]
            continue
        with console.status(f"measuring {measure.__name__}"):
            found += [row._replace(by=measure.__name__) for row in measure()]
    if not find_spec("torch"):
        console.print("torch is not installed (pip install '.[oracle]'): the rows against it are left out")
    results = report.results(found)
    report.write(results)
    console.print(report.table(results))
    if missed := [row for row in results["rows"] if not report.passed(row)]:
        print(f"error: {len(missed)} of {len(found)} bars are missed", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
