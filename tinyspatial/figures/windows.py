"""What a convolution does to a picture: a small window, the same weights everywhere, a map of the answers."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyspatial.data import photo
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import INPUT, KERNEL, MAP, MUTED, OUTPUT, PHOTO, SIGNED
from tinyspatial.loops import conv2d, max_pool2d, relu

RISING = np.array([[-1.0, 0.0, 1.0]] * 3)  # large where the picture grows brighter to the right
FALLING = RISING.T  # large where it grows brighter downwards


def respond(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """The feature map ``(P, Q)`` of one kernel ``(K, K)`` over one grey picture ``(H, W)``."""
    return conv2d(picture[None, None], kernel[None, None])[0, 0]


def cover() -> Figure:
    """The loops at work: above the window the photograph has become a map of its vertical edges."""
    whole = photo(32, 35)
    picture, answers = whole[1:-1, 1:-1], np.abs(respond(whole, RISING))
    row, column = 15, 19  # where the loops over output rows and columns have come to
    figure, axes = draw.sheet(5.2, 4.75)
    grid = draw.pixels(axes, picture, 0.06, 0.08, 0.153)
    for part, y in ((answers[:row], 0), (answers[row : row + 1, :column], row)):
        draw.pixels(axes, part, grid.x, grid.y + y * grid.cell, grid.cell, MAP, 0, answers.max())
    draw.outline(axes, grid, row - 1, column - 1, (3, 3), KERNEL, 4, halo=True)
    done, (height, width) = row * picture.shape[1] + column, picture.shape
    figure.set_label(
        f"A photograph of a temple by a lake, {height} × {width} pixels. A convolution has "
        f"come to row {row}, column {column}: {done} of {picture.size} pixels are a map of vertical edges, "
        "the darker the stronger."
    )
    return figure


def pipeline() -> Figure:
    """Convolution, ReLU and pooling on one photograph, and what they do to its shape."""
    steps = {"photograph": photo(28, 36)[None, None]}
    steps["conv2d"] = conv2d(steps["photograph"], RISING[None, None])
    steps["relu"] = relu(steps["conv2d"])
    steps["max_pool2d"] = max_pool2d(steps["relu"], 2)
    figure, axes = draw.sheet(11.8, 3.8)
    x, high = 0.04, abs(steps["conv2d"]).max()
    for name, values in steps.items():
        if x > 1:
            draw.arrow(axes, (x - 0.32, 1.75), (x - 0.06, 1.75))
        look = (SIGNED, -high, high, OUTPUT) if x > 1 else (PHOTO, 0, 1, INPUT)
        grid = draw.pixels(axes, values[0, 0], x, 0.75, 0.085, *look)
        draw.name(axes, grid, name, look[-1])
        draw.write(axes, grid.middle, 3.35, str(values.shape))
        draw.write(axes, grid.middle, 3.65, _range(values), MUTED)
        x = grid.right + 0.38
    draw.key(axes, grid.middle - 0.7, 2.35, high)
    told = ", ".join(f"{name} {values.shape}" for name, values in steps.items())
    figure.set_label(
        f"A photograph passes through three steps: {told}. Its edges remain, at half the size; below 0 they "
        "are drawn in rose, above 0 in green."
    )
    return figure


def sliding_window() -> Figure:
    """One window of the photograph, its products with the kernel, their sum, and the map of all sums."""
    picture = photo(26, 34)
    answers = respond(picture, RISING)
    row, column = (int(i) for i in np.unravel_index(answers.argmax(), answers.shape))
    total = answers[row, column]
    figure, axes = draw.sheet(11.8, 5.2)
    left = draw.pixels(axes, picture, 0.04, 1.1, 0.1, colour=INPUT)
    high = np.abs(answers).max()
    right = draw.pixels(axes, answers, 8.4, 1.2, 0.1, SIGNED, -high, high, OUTPUT)
    draw.outline(axes, left, row, column, (3, 3), KERNEL, 3, halo=True)
    draw.outline(axes, right, row - 0.8, column - 0.8, (2.6, 2.6), KERNEL, 2, halo=True)
    _equation(axes, picture[row : row + 3, column : column + 3], total)
    for grid, name, colour in ((left, "photograph", INPUT), (right, "feature map", OUTPUT)):
        draw.head(axes, grid.middle, 0.85, name, colour)
        draw.write(axes, grid.middle, 4.05, f"{grid.rows} × {grid.columns}", colour)
    draw.key(axes, right.middle - 0.7, 4.4, high)
    figure.set_label(
        f"A 3 × 3 window on a photograph at row {row}, column {column}. Its nine pixels times the nine "
        f"weights of the kernel add up to {total:.2f}, the largest of the {answers.size} values of the "
        "feature map."
    )
    return figure


def _equation(axes: Axes, patch: np.ndarray, total: float) -> None:
    """Window × kernel, and below them the products and their sum."""
    window = draw.table(axes, patch, 3.8, 0.5, 0.66, INPUT, "{:.2f}")
    kernel = draw.table(axes, RISING, 6.12, 0.5, 0.66, KERNEL, "{:.0f}")
    products = draw.table(axes, patch * RISING, 3.8, 3.08, 0.66, OUTPUT, "{:.2f}")
    draw.name(axes, window, "window", INPUT)
    draw.name(axes, kernel, "kernel", KERNEL)
    draw.name(axes, products, "products", OUTPUT)
    draw.write(axes, 5.95, 1.5, "×", size=20)
    draw.arrow(axes, (products.right + 0.1, 4.07), (6.6, 4.07))
    draw.head(axes, kernel.middle, 3.6, "sum", OUTPUT)
    draw.write(axes, kernel.middle, 4.07, draw.say(total, "{:.2f}"), OUTPUT, 26, weight="bold")


def edges() -> Figure:
    """One photograph, two kernels, two feature maps: each kernel looks for its own pattern everywhere."""
    picture, cell = photo(30, 40), 0.093
    figure, axes = draw.sheet(11.8, 5.2)
    draw.pixels(axes, picture, 0.04, 0.55, cell, colour=INPUT)
    draw.head(axes, 1.9, 0.25, "photograph", INPUT)
    draw.write(axes, 0.04, 3.75, "green: brighter to the right, or down", across="left")
    draw.write(axes, 0.04, 4.1, "rose: darker; white: no change", across="left")
    draw.key(axes, 0.25, 4.5, 2)
    told = []
    for x, name, kernel in ((4.21, "vertical edges", RISING), (8.14, "horizontal edges", FALLING)):
        answers = respond(picture, kernel)
        grid = draw.pixels(axes, answers, x, 0.55 + cell, cell, SIGNED, -2, 2, colour=OUTPUT)
        small = draw.table(axes, kernel, x, 3.65, 0.48, KERNEL, "{:.0f}")
        draw.head(axes, grid.middle, 0.25, name, OUTPUT)
        draw.head(axes, small.right + 0.2, 4.15, "kernel", KERNEL, across="left")
        draw.write(axes, small.right + 0.2, 4.5, _range(answers), OUTPUT, across="left")
        told.append(f"{name}, {_range(answers)}")
    figure.set_label(
        f"A photograph and two feature maps of it, one for each kernel: {'; '.join(told)}. The left wall of "
        "the tower is negative, the right one positive."
    )
    return figure


def _range(values: np.ndarray) -> str:
    return f"{draw.say(values.min())} to {draw.say(values.max())}"


def shifted() -> Figure:
    """Move the picture and its feature map moves as far: equivariance, not invariance."""
    wide, step = photo(24, 50), 10
    scenes = wide[:, step:], wide[:, :-step]  # the second shows the scene as many pixels further to the right
    maps = [respond(scene, RISING) for scene in scenes]
    high = max(np.abs(answers).max() for answers in maps)
    error = np.abs(maps[0][:, :-step] - maps[1][:, step:]).max()
    figure, axes = draw.sheet(7.7, 5.2)
    for y, scene, answers in zip((0.45, 2.98), scenes, maps, strict=True):
        left = draw.pixels(axes, scene, 0.04, y, 0.088, colour=INPUT)
        right = draw.pixels(axes, answers, 4.04, y + 0.088, 0.088, SIGNED, -high, high, OUTPUT)
        draw.arrow(axes, (left.right + 0.06, y + 1.1), (right.x - 0.06, y + 1.1))
    draw.head(axes, left.middle, 0.22, "photograph", INPUT)
    draw.head(axes, right.middle, 0.22, "feature map", OUTPUT)
    draw.write(axes, left.middle, 2.78, f"moved {step} pixels", INPUT)
    draw.write(axes, right.middle, 2.78, f"moved {step}, difference {error:.0f}", OUTPUT)
    figure.set_label(
        f"A photograph and its feature map; below, the scene moved {step} pixels to the right. The map "
        f"has moved {step} pixels as well, and where both show the same scene the largest difference is "
        f"{error:.0f}."
    )
    return figure
