"""Pens for charts: a line of measurements, its name beside it in its colour, and axes in plain numbers."""

from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes

from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import INK, TEXT


def curve(panel: Axes, xs: Iterable[float], ys: Iterable[float], colour: str, style: str = "-") -> None:
    """Measurements as dots, joined so that the eye can follow them."""
    panel.plot(list(xs), list(ys), style, color=colour, linewidth=3, marker="o", markersize=8)


def label(panel: Axes, x: float, y: float, text: str, colour: str, across: str = "left") -> None:
    """The name of a line, in bold, at half its height ``y``; ``across`` says which part is at ``x``."""
    panel.text(x, y, text, color=colour, fontsize=TEXT, weight="bold", ha=across, va="center")


def level(panel: Axes, y: float) -> None:
    """What the measurements should come to: a dotted line from side to side."""
    panel.axhline(y, color=INK, linewidth=1.5, linestyle=":")


def logarithmic(panel: Axes, ticks: Sequence[float], name: str) -> None:
    """Equal steps across are equal factors; the ticks are written as they are."""
    panel.set(xscale="log", xlabel=name)
    panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    panel.set_xticks([], minor=True)


def percent(panel: Axes, ticks: Sequence[float], name: str = "held-out accuracy") -> None:
    """Shares upwards, 0 to 1, written in per cent."""
    panel.set_yticks(ticks, [f"{tick:.0%}".replace("%", "\N{NO-BREAK SPACE}%") for tick in ticks])
    panel.set_ylabel(name)


def two(value: float) -> str:
    """The number with two decimals: -1.216 -> "−1.22"."""
    return draw.say(value, "{:.2f}")
