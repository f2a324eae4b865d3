"""Networks that everyone knows: how much one of their last outputs sees, and what a stride can leave out."""

import numpy as np
from matplotlib.figure import Figure

from tinyspatial import fast
from tinyspatial.data import photo
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import FIELD, INPUT, KERNEL, TEXT
from tinyspatial.layers import Conv2d
from tinyspatial.model import Sequential
from tinyspatial.networks import NETWORKS, bottleneck, bottleneck_v1_5
from tinyspatial.receptive_field import effective_field, receptive_field

IMAGE = 224  # pixels on a side, what all of them were trained on


def known_networks() -> Figure:
    """The theoretical field of the last feature map of each network, against the image."""
    fields = {name: receptive_field(network.layers) for name, network in NETWORKS.items()}
    order = sorted(fields, key=lambda name: fields[name].size)
    figure, axes = draw.chart(7.7, 5.2)
    panel = axes[0, 0]
    for y, name in enumerate(order):
        size = fields[name].size
        panel.plot([0, size], [y, y], color=INPUT, linewidth=15, solid_capstyle="butt")
        behind = IMAGE if IMAGE - 60 < size < IMAGE else size  # the line of the image is not crossed
        panel.text(behind + 14, y, f"{size}", color=INPUT, fontsize=TEXT, va="center", weight="bold")
    panel.axvline(IMAGE, color=KERNEL, linewidth=2, linestyle="--")
    panel.text(
        IMAGE + 10, -0.95, f"the image: {IMAGE}", color=KERNEL, fontsize=TEXT, va="center", weight="bold"
    )
    panel.set(xlim=(0, 1010), ylim=(len(order) - 0.5, -1.4), xticks=[0, 224, 448, 672, 896])
    panel.set_yticks(range(len(order)), order)
    panel.tick_params(axis="y", labelsize=TEXT, length=0)
    panel.set_xlabel("side of the field (pixels)")
    told = ", ".join(f"{name} {fields[name].size}" for name in order)
    figure.set_label(
        f"Side of the receptive field of one output of the last feature map, in pixels: {told}. "
        f"The image has {IMAGE}; outputs lie {fields['VGG-16'].stride} pixels apart in all of them."
    )
    return figure


def with_holes() -> Figure:
    """The unit that halves the map in ResNet-50, with the stride in its 1 × 1 or 3 × 3 layer."""
    figure, axes = draw.sheet(7.7, 5.2)
    told = []
    for x, name, where, unit in (
        (0.06, "ResNet-50", "stride in the 1 × 1", bottleneck(2)),
        (4.1, "ResNet-50 v1.5", "stride in the 3 × 3", bottleneck_v1_5(2)),
    ):
        read = places_read(unit)
        size = receptive_field(unit).size
        grid = draw.pixels(axes, np.where(read, 0.55, 0), x, 0.92, 0.388, FIELD, 0, 1, INPUT)
        draw.lattice(axes, grid, INPUT, 0.5)
        edge = np.argwhere(read).min()
        draw.outline(axes, grid, edge, edge, (size, size), KERNEL, 4, halo=True)
        draw.head(axes, x, 0.22, name, across="left")
        draw.write(axes, x, 0.6, where, across="left")
        draw.write(axes, x, 4.8, f"field {size} × {size}, {read.sum()} places read", KERNEL, across="left")
        told.append(f"{where} a field of {size} × {size}, of which {read.sum()} places are read")
    figure.set_label(
        f"One output of the unit of ResNet-50 that halves its map, and the places that its gradient reaches: "
        f"with the {told[0]}; with the {told[1]}."
    )
    return figure


def places_read(unit: list[tuple[int, int, int]]) -> np.ndarray:
    """Which of 9 × 9 places below such a unit one output reads, by a gradient through layers of ones."""
    layers = [Conv2d(1, 1, *window, ops=fast) for window in unit]
    for layer in layers:
        layer.weight[:] = 1.0
    model = Sequential(*layers)
    y = model(photo(9, 9)[None, None])
    middle = y.shape[2] // 2
    return effective_field(model.backward, y.shape, (0, 0, middle, middle)) > 0
