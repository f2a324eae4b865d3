"""A whole network in one table: of each layer what it gives, what it costs and how far it sees.

The numbers are those of `shapes` and `receptive_field`; nothing is computed by the layers themselves.
"""

from typing import NamedTuple

from tinyspatial import receptive_field, shapes
from tinyspatial.base import Layer
from tinyspatial.receptive_field import WHOLE, Field
from tinyspatial.shapes import Shape

__all__ = ["Row", "as_markdown", "as_text", "summary", "total"]


class Row(NamedTuple):
    """One layer of a network, for the whole batch."""

    name: str  # "features.0 Conv2d"
    output_shape: Shape
    parameters: int
    macs: int  # multiply-accumulates
    activation_bytes: int
    receptive_field: Field  # of the network as far as this layer


def summary(model: Layer, input_shape: Shape, bytes_per_value: int = 4) -> list[Row]:
    """One row for each layer of `model`, in the order in which they compute, for an input of `input_shape`.

    bytes_per_value: 4 for float32, as in `shapes.activation_bytes`.
    Raises ValueError for a shape that is not made of integers of at least 0 or that a layer would refuse, and
    for a layer that `receptive_field` does not know.
    """
    shape, rows = tuple(input_shape), []
    for step, seen in zip(shapes.steps(model, shape), receptive_field.table(model), strict=True):
        macs = shapes.macs(step.layer, shape)
        size = shapes.activation_bytes(step.layer, shape, bytes_per_value)
        name, shape = f"{step.name} {seen.name}".strip(), step.output_shape
        rows.append(Row(name, shape, shapes.parameters(step.layer), macs, size, seen.field))
    return rows


def total(rows: list[Row]) -> Row:
    """The rows of a summary as one: costs added up, shape and field those of the last layer.

    Raises ValueError when there are no rows; `summary` gives at least one.
    """
    if not rows:
        raise ValueError("Expected at least one row of a summary, got none")
    return rows[-1]._replace(
        name="total",
        parameters=sum(row.parameters for row in rows),
        macs=sum(row.macs for row in rows),
        activation_bytes=sum(row.activation_bytes for row in rows),
    )


def as_text(rows: list[Row]) -> str:
    """The table for a terminal, columns aligned, with the total in its last line."""
    lines = [HEAD, *map(printed, rows), printed(total(rows))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(aligned(line, widths)) for line in lines)


def as_markdown(rows: list[Row]) -> str:
    """The table in GitHub's Markdown, with the total in its last line."""
    lines = [HEAD, ("---", "---", *["--:"] * 4), *map(printed, rows), printed(total(rows))]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


HEAD = ("layer", "output shape", "parameters", "MACs", "bytes", "field")


def printed(row: Row) -> tuple[str, ...]:
    """The columns of a row as text."""
    costs = [f"{number:,}" for number in row[2:5]]
    return row.name, "×".join(map(str, row.output_shape)), *costs, extent(row.receptive_field)


def extent(field: Field) -> str:
    """The size of a field: "3", "3×5", or "all"."""
    sides = field.size if isinstance(field.size, tuple) else (field.size,)
    return "×".join("all" if size == WHOLE else str(size) for size in sides)


def aligned(line: tuple[str, ...], widths: list[int]) -> list[str]:
    """The columns of a line in these widths: text on the left, numbers on the right."""
    words = [text.ljust(width) for text, width in zip(line[:2], widths[:2], strict=True)]
    return words + [text.rjust(width) for text, width in zip(line[2:], widths[2:], strict=True)]
