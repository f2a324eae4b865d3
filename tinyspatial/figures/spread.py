"""Why weights start with He's spread: the size of the signal, layer by layer, in random networks."""

from functools import cache

import numpy as np
from matplotlib.figure import Figure

from tinyspatial.data import digits
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import KERNEL, MUTED, TEXT

LAYERS, CHANNELS, DRAWS = 12, 64, 100
HE = np.sqrt(2 / (CHANNELS * 3 * 3))  # the standard deviation of He's rule for these layers
CASES = {"2 × He": 2.0, "He: √(2 / fan-in)": 1.0, "√(1 / fan-in)": np.sqrt(0.5), "He / 2": 0.5}


def initialisation() -> Figure:
    """The same networks with four sizes of starting weights: median, and the band of 90 % around it."""
    figure, axes = draw.chart(7.7, 5.2)
    panel, told = axes[0, 0], []
    for name, factor in CASES.items():
        low, median, high = np.percentile(with_spread(factor), (5, 50, 95), axis=0)
        colour, width = (KERNEL, 4) if factor == 1 else (MUTED, 2)
        end = f"{median[-1]:,.0f}" if median[-1] > 10 else f"{median[-1]:.2g}"
        panel.fill_between(range(LAYERS + 1), low, high, color=colour, alpha=0.25, linewidth=0)
        panel.plot(median, color=colour, linewidth=width, marker="o", markersize=6)
        panel.text(LAYERS + 0.4, median[-1], f"{name}\n{end}", color=colour, fontsize=TEXT, va="center")
        told.append(f"{name} {end}" + (f" (from {low[-1]:.2g} to {high[-1]:.2g})" if factor == 1 else ""))
    panel.set(xlabel="layer", ylabel="size of the signal (rms)", yscale="log")
    panel.set(xlim=(0, 18.8), ylim=(2e-5, 2e4), xticks=range(0, LAYERS + 1, 3))
    panel.set_yticks([1e-3, 1, 1e3], ["0.001", "1", "1,000"])
    figure.set_label(
        f"Size of the signal through {LAYERS} convolutions with ReLU, 1 at the start: the median of {DRAWS} "
        f"random networks and the band of their middle 90 %. At the end, by spread of the weights: "
        f"{'; '.join(told)}."
    )
    return figure


def kept_by_he() -> int:
    """How many of the hundred networks hold the signal between a half and twice its size at every layer."""
    sizes = he_sizes()
    return int(np.sum((sizes > 0.5).all(axis=1) & (sizes < 2).all(axis=1)))


def with_spread(factor: float) -> np.ndarray:
    """The sizes ``(DRAWS, LAYERS + 1)`` with all weights of the networks ``factor`` times as large.

    No second run is needed: without biases each layer passes a positive factor on.
    """
    return he_sizes() * factor ** np.arange(LAYERS + 1)


@cache
def he_sizes() -> np.ndarray:
    """Root mean squares ``(DRAWS, LAYERS + 1)`` of the signal: 1 at first, then after each layer."""
    return np.array([signal_sizes(np.random.default_rng(seed)) for seed in range(DRAWS)])


def signal_sizes(rng: np.random.Generator) -> list[float]:
    """The sizes of the signal in one network, two digits at a time.

    A layer is a 3 × 3 convolution of 64 channels and ReLU, without bias. Each map is joined to itself at its
    borders, because zeros there would weaken the signal whatever the weights are.
    """
    signal = wrapped_conv(digits()[0][:2], rng.normal(0, 1, (CHANNELS, 1, 3, 3)))
    signal /= rms(signal)
    sizes = [rms(signal)]
    for _ in range(LAYERS):
        weight = rng.normal(0, HE, (CHANNELS, CHANNELS, 3, 3))
        signal = np.maximum(wrapped_conv(signal, weight), 0)
        sizes.append(rms(signal))
    return sizes


def wrapped_conv(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """`loops.conv2d` of maps ``(N, C, H, W)`` that are joined at their borders, as one product of matrices.

    The loops would need more than half an hour for this figure; a test compares the two.
    """
    around = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="wrap")
    windows = np.lib.stride_tricks.sliding_window_view(around, (3, 3), axis=(2, 3))
    return np.moveaxis(np.tensordot(windows, weight, ((1, 4, 5), (1, 2, 3))), -1, 1)


def rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2)))
