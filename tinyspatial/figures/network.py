"""A whole network as a picture: maps shrink while channels grow."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyspatial.data import photo
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import INPUT, MAP, OUTPUT, PAPER, PHOTO
from tinyspatial.model import SimpleCNN


def simple_cnn() -> Figure:
    """The photograph on its way through an untrained SimpleCNN: a sheet for every channel."""
    network = SimpleCNN()
    maps_of = stages(network, np.repeat(photo(32, 32)[None, None], 3, axis=1))
    vectors = [network.flatten(maps_of[-1])]
    vectors.append(network.classifier(vectors[0]))
    figure, axes = draw.sheet(11.8, 3.8)
    x = 0.04
    for index, maps in enumerate(maps_of):
        name = ("max pool", "conv, ReLU")[index % 2] if index else "photograph"
        x = _sheets(axes, maps[0], x, name, *((MAP, OUTPUT) if index else (PHOTO, INPUT)))
    for name, vector, height in (("flatten", vectors[0], 2.6), ("linear", vectors[1], 0.6)):
        draw.bar(axes, x + 0.3, 1.7 - height / 2, 0.16, height, OUTPUT)
        draw.head(axes, x + 0.38, 3.3, name, OUTPUT)
        draw.write(axes, x + 0.38, 3.6, f"{vector.shape[1]:,}")
        x += 0.95
    told = ", ".join(" × ".join(map(str, maps.shape[1:])) for maps in maps_of)
    figure.set_label(
        f"A photograph passes through SimpleCNN. Channels × height × width are {told}; then there are "
        f"{vectors[0].shape[1]:,} values in one row, and {vectors[1].shape[1]} outputs. "
        "In front of each stage lies the map with the most contrast."
    )
    return figure


def stages(network: SimpleCNN, image: np.ndarray) -> list[np.ndarray]:
    """The image, then the maps after every convolution with its ReLU and after every pooling."""
    found = [image]
    for first in range(0, len(network.features), 3):
        found.append(network.features[first : first + 2](found[-1]))
        found.append(network.features[first + 2](found[-1]))
    return found


def _sheets(axes: Axes, maps: np.ndarray, x: float, name: str, colours: draw.Colours, colour: str) -> float:
    """All maps ``(C, H, W)`` of one stage, the liveliest in front; returns where the next stage begins."""
    channels, side, _ = maps.shape
    cell, step = 0.055, 0.026
    y = 1.95 - side * cell / 2
    for sheet in range(channels - 1, 0, -1):
        draw.bar(axes, x + sheet * step, y - sheet * step, side * cell, side * cell, PAPER, colour)
    front = maps[maps.std(axis=(1, 2)).argmax()]
    grid = draw.pixels(axes, front, x, y, cell, colours, colour=colour)
    middle = grid.middle + channels * step / 2
    draw.head(axes, middle, 3.3, name, colour)
    draw.write(axes, middle, 3.6, f"{channels} × {side} × {side}")
    return grid.right + channels * step + 0.28
