"""What happens to the size of the numbers: weights keep it, batch norm sets it, and there is a trap."""

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyspatial.data import digits
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import INK, INPUT, KERNEL, MUTED, OUTPUT, PHOTO, STATISTICS, TEXT
from tinyspatial.layers import BatchNorm2d, Conv2d
from tinyspatial.loops import batch_norm, conv2d, relu

LAYERS, CHANNELS = 12, 10
HE = np.sqrt(2 / (CHANNELS * 3 * 3))  # the standard deviation of He's rule for these layers


def initialisation() -> Figure:
    """The same twelve layers with four sizes of starting weights: one keeps the signal."""
    less = HE / np.sqrt(2)
    cases = {"2 × He": 2 * HE, "He: √(2 / fan-in)": HE, "√(1 / fan-in)": less, "He / 2": HE / 2}
    figure, axes = draw.chart(7.7, 5.2)
    panel, told = axes[0, 0], []
    for name, std in cases.items():
        sizes, colour, width = signal_sizes(std), *((KERNEL, 4) if std == HE else (MUTED, 2))
        end = f"{sizes[-1]:,.0f}" if sizes[-1] > 10 else f"{sizes[-1]:.2g}"
        panel.plot(sizes, color=colour, linewidth=width, marker="o", markersize=6)
        panel.text(LAYERS + 0.4, sizes[-1], f"{name}\n{end}", color=colour, fontsize=TEXT, va="center")
        told.append(f"{name}: {end}")
    panel.set(xlabel="layer", ylabel="size of the signal (rms)", yscale="log")
    panel.set(xlim=(0, 18.5), ylim=(1e-4, 1e5), xticks=range(0, LAYERS + 1, 3))
    panel.set_yticks([1e-3, 1, 1e3], ["0.001", "1", "1,000"])
    figure.set_label(
        f"Size of the signal through {LAYERS} convolutions with ReLU, 1 at the start. At the end, by the "
        f"standard deviation of the weights: {'; '.join(told)}."
    )
    return figure


def signal_sizes(std: float) -> list[float]:
    """Root mean square of the signal: 1 at first, then after each layer, with weights of this ``std``.

    A layer is a 3 × 3 convolution of 10 channels and ReLU, without bias. Two digits go in. Each map is joined
    to itself at its borders, because zeros there would weaken the signal whatever the weights are.
    """
    rng = np.random.default_rng(0)
    signal = conv2d(digits()[0][:2], rng.normal(0, 1, (CHANNELS, 1, 3, 3)), padding=1)
    signal /= rms(signal)
    sizes = [rms(signal)]
    for _ in range(LAYERS):
        around = np.pad(signal, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="wrap")
        signal = relu(conv2d(around, rng.normal(0, std, (CHANNELS, CHANNELS, 3, 3))))
        sizes.append(rms(signal))
    return sizes


def rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2)))


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
    """One channel; all panels have the same scales, and the last one says them."""
    panel.hist(values, np.linspace(-4, 4, 49).tolist(), color=colour)
    panel.axvline(0, color=INK, linewidth=1)
    for y, text in ((0.72, f"mean {draw.say(values.mean())}"), (0.36, f"std {draw.say(values.std())}")):
        panel.text(0.02, y, text, transform=panel.transAxes, fontsize=15, color=INK)
    panel.set(yticks=[], xlim=(-4, 4), ylim=(0, 200), xticks=(-2, 0, 2) if last else ())
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
    inputs = {"test image": image, "image / 4 + 0.75": image / 4 + 0.75, "5 · image + 100": 5 * image + 100}
    training = [batch_norm(x, None, None, training=True) for x in inputs.values()]
    evaluation = [layer(x) for x in inputs.values()]
    figure, axes = draw.sheet(11.8, 5.2)
    for row, name in enumerate(inputs):
        draw.head(axes, 0.04, 1.2 + 1.6 * row, name, INPUT, across="left")
    _column(axes, 2.5, "input", INPUT, list(inputs.values()))
    _column(axes, 5.7, "training mode", STATISTICS, training)
    _column(axes, 8.9, "evaluation mode", OUTPUT, evaluation)
    gap = max(np.abs(training[0] - other).max() for other in training)
    figure.set_label(
        "A digit, a pale copy and one a hundred brighter. Batch norm in training mode gives the same "
        f"output for all three, to within {gap:.1g}; in evaluation mode the means are "
        f"{_list(x.mean() for x in evaluation)}."
    )
    return figure


def _column(axes: Axes, x: float, name: str, colour: str, pictures: list[np.ndarray]) -> None:
    """Pictures below each other, all in the shades of the first, with their ranges in numbers beside them."""
    low, high = pictures[0].min(), pictures[0].max()
    draw.head(axes, x, 0.22, name, colour, across="left")
    for row, values in enumerate(pictures):
        grid = draw.pixels(axes, values[0, 0], x, 0.5 + 1.6 * row, 0.175, PHOTO, low, high, colour)
        form = "{:.0f}" if values.max() > 10 else "{:.2f}"
        for y, text in ((0.55, draw.say(values.min(), form)), (0.85, f"to {draw.say(values.max(), form)}")):
            draw.write(axes, grid.right + 0.15, grid.y + y, text, colour, across="left")
