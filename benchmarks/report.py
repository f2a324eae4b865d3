"""What was measured, on which machine, as JSON, as a table for the terminal and as one for README."""

import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from rich.table import Table

RESULTS = Path(__file__).parent / "results.json"


class Row(NamedTuple):
    """One figure, and the bar for it."""

    work: str  # what was done, in Markdown
    value: float
    bound: str  # "at least" or "at most"
    bar: float
    unit: str  # "times faster than the loops", "s"
    details: dict[str, float]  # medians in seconds and other figures, by name
    by: str = ""  # the function that has measured it


def results(rows: list[Row]) -> dict[str, Any]:
    """All that results.json holds."""
    packages = {name: installed(name) for name in ("numpy", "torch")}
    machine = {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: text for name, text in packages.items() if text},
        "threads used": 1,
    }
    return {"machine": machine, "rows": [row._asdict() for row in rows]}


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def processor() -> str:
    """The processor's name, from Linux's own list where there is one."""
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def read() -> dict[str, Any]:
    """What results.json holds; no rows where there is none."""
    return dict(json.loads(RESULTS.read_text(encoding="utf-8"))) if RESULTS.exists() else {"rows": []}


def write(found: dict[str, Any]) -> None:
    RESULTS.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def passed(row: dict[str, Any]) -> bool:
    """Whether a row of results.json is on the right side of its bar."""
    return row["value"] >= row["bar"] if row["bound"] == "at least" else row["value"] <= row["bar"]


def cells(row: dict[str, Any]) -> tuple[str, str, str]:
    """Work, what was measured, and the bar."""
    return row["work"], f"{number(row['value'])} {row['unit']}", f"{row['bound']} {number(row['bar'])}"


def number(value: float) -> str:
    """Three digits, thousands with a comma: 1,530 and 30.6 and 0.94."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 or rounded == int(rounded) else f"{rounded:.3g}"


def table(found: dict[str, Any]) -> Table:
    """The rows for a terminal; a missed bar is marked."""
    made = Table("work", "measured", "bar", "")
    for row in found["rows"]:
        made.add_row(
            *(cell.replace("`", "") for cell in cells(row)), "" if passed(row) else "[red]missed[/red]"
        )
    return made


def markdown(found: dict[str, Any]) -> str:
    """The rows for README, and the machine below them."""
    lines = ["| work | measured | bar |", "| --- | --- | --- |"]
    lines += [f"| {' | '.join(cells(row))} |" for row in found["rows"]]
    machine = found["machine"]
    packages = ", ".join(
        f"{name} {machine[name]}" for name in ("python", "numpy", "torch") if name in machine
    )
    told = f"{machine['processor']}, matrix products in {machine['threads used']} thread, {packages}"
    return "\n".join([*lines, "", f"Medians of repeated runs on {told}.", ""])
