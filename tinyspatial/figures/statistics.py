"""What happens to the size of the numbers: batch norm sets it, and there is a trap."""

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyspatial.data import digits
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import INK, INPUT, MUTED, ON_LIGHT, OUTPUT, PHOTO, STATISTICS, TEXT
from tinyspatial.layers import BatchNorm2d, Conv2d
from tinyspatial.loops import batch_norm, conv2d


def normalised() -> Figure:
    """Four channels of real feature maps, before and after batch norm."""
    before = conv2d(digits()[0][:32], Conv2d(1, 4, 3).weight)
    after = batch_norm(before, None, None, training=True)
    figure, axes = draw.chart(7.7, 5.2, 4, 2)
    told = []
    for column, (title, maps, colour) in enumerate((("before", before, MUTED), ("after", after, STATISTICS))):
        axes[0, column].set_title(title, fontsize=TEXT, color=INK, weight="bold")
        for channel in range(4):
            _histogram(axes[channel, column], maps[:, channel].ravel(), colour, channel == 3)
        told.append(
            f"{title}, means {_list(maps.mean((0, 2, 3)))} and deviations {_list(maps.std((0, 2, 3)))}"
        )
    figure.set_label(
        f"Histograms of four channels of the feature maps of {len(before)} digits: {told[0]}; {told[1]}."
    )
    return figure


def _histogram(panel: Axes, values: np.ndarray, colour: str, last: bool) -> None:
    """One channel, as tall as its panel; the values across are the same in all, and the last says them."""
    counts, _, _ = panel.hist(values, np.linspace(-4, 4, 49).tolist(), color=colour)
    high = 1.1 * np.max(counts)
    panel.vlines(0, 0, high, color=INK, linewidth=1)
    for y, text in ((0.72, f"mean {draw.say(values.mean())}"), (0.36, f"std {draw.say(values.std())}")):
        panel.text(0.02, y, text, transform=panel.transAxes, fontsize=15, color=INK)
    panel.set(yticks=[], xlim=(-8, 4), ylim=(0, high), xticks=(-2, 0, 2) if last else ())
    panel.set_xlabel("value", x=8 / 12) if last else None
    panel.spines["left"].set_visible(False)


def _list(values: Iterable[float]) -> str:
    return ", ".join(draw.say(value) for value in values)


def trap() -> Figure:
    """A test image and two brighter copies: training mode takes all three for one."""
    images, _ = digits()
    layer = BatchNorm2d(1)
    for first in range(0, 640, 32):
        layer(images[first : first + 32])
    layer.eval()
    image = images[703:704]
    inputs = {"x": image, "x/4 + 0.75": image / 4 + 0.75, "5x + 100": 5 * image + 100}
    training = [batch_norm(x, None, None, training=True) for x in inputs.values()]
    evaluation = [layer(x) for x in inputs.values()]
    figure, axes = draw.sheet(7.7, 5.2)
    _column(axes, 0.04, "input", INPUT, list(inputs.values()))
    _column(axes, 2.6, "train()", STATISTICS, training)
    _column(axes, 5.16, "eval()", OUTPUT, evaluation)
    for row, name in enumerate(inputs):
        draw.head(axes, 1.4, 0.78 + 1.6 * row, name, INPUT, across="left")
    gap = max(np.abs(training[0] - other).max() for other in training)
    figure.set_label(
        "A digit, a pale copy and one a hundred brighter. Batch norm in training mode gives the same "
        f"output for all three, to within {gap:.1g}; in evaluation mode the means are "
        f"{_list(x.mean() for x in evaluation)}. What is brighter than the brightest pixel of the first row "
        "is marked as off the scale."
    )
    return figure


def _column(axes: Axes, x: float, name: str, colour: str, pictures: list[np.ndarray]) -> None:
    """Pictures below each other, all in the shades of the first, with their ranges in numbers beside them."""
    low, high = pictures[0].min(), pictures[0].max()
    draw.head(axes, x, 0.2, name, colour, across="left")
    for row, values in enumerate(pictures):
        grid = draw.pixels(axes, values[0, 0], x, 0.48 + 1.6 * row, 0.155, PHOTO, low, high, colour)
        form = "{:.0f}" if values.max() > 10 else "{:.3f}"
        for y, text in ((0.68, draw.say(values.min(), form)), (0.98, f"to {draw.say(values.max(), form)}")):
            draw.write(axes, grid.right + 0.1, grid.y + y, text, colour, across="left")
        if values.min() > high:
            draw.write(axes, grid.middle, grid.y + 0.45, "off the", ON_LIGHT)
            draw.write(axes, grid.middle, grid.y + 0.75, "scale", ON_LIGHT)
