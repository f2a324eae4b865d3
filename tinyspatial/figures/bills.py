"""What each layer of a network costs, for exercises: three bills side by side."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import INK, KERNEL, MUTED, OUTPUT, SMALL
from tinyspatial.model import Sequential, SimpleCNN
from tinyspatial.shapes import activation_bytes, macs, parameters, steps

WIDE = 9.4  # inches
BILLS = (("parameters", KERNEL), ("multiplications", INK), ("numbers made", OUTPUT))


def three_bills(
    net: Sequential | None = None,
    shape: tuple[int, ...] = (1, 3, 32, 32),
    names: Sequence[str] = ("conv", "ReLU", "pool", "conv", "ReLU", "pool", "linear"),
) -> Figure:
    """Parameters, multiplications and numbers made of every layer that makes any, one column a bill.

    The bars of a column are drawn to its own scale. ``names`` are those of the layers, views left out.
    """
    rows = bills(net if net is not None else SimpleCNN(), shape)
    figure, axes = draw.sheet(WIDE, 0.75 + 0.5 * len(rows))
    told = []
    for column, (bill, colour) in enumerate(BILLS):
        x, numbers = 2.3 + 2.4 * column, [row[column] for row in rows]
        draw.head(axes, x, 0.25, bill, colour, across="left")
        for line, number in enumerate(numbers):
            y, long = 0.8 + 0.5 * line, 1.2 * number / max(numbers)
            if number:
                draw.bar(axes, x, y - 0.15, max(long, 0.02), 0.3, colour)
            draw.write(
                axes, x + long + 0.08, y, f"{number:,}", colour if number else MUTED, SMALL, across="left"
            )
        told.append(f"{bill} {', '.join(f'{number:,}' for number in numbers)}")
    for line, name in enumerate(names):
        draw.write(axes, 0.06, 0.8 + 0.5 * line, name, across="left", size=SMALL)
    figure.set_label(
        f"Three bills of a network for an input of {' × '.join(map(str, shape))}, layer by layer "
        f"({', '.join(names)}): {'; '.join(told)}."
    )
    return figure


def bills(net: Sequential | SimpleCNN, shape: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """Parameters, multiply-accumulates and numbers made of each layer that makes any."""
    rows = []
    for step in steps(net, shape):
        if not step.layer.is_view:
            made = activation_bytes(step.layer, shape) // 4
            rows.append((parameters(step.layer), macs(step.layer, shape), made))
        shape = step.output_shape
    return rows
