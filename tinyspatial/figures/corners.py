"""Digits learned in one corner, shown in the others: what each head makes of them."""

from matplotlib.figure import Figure

from tinyspatial.corners import AWAY, FLAT, HOME, POOLED, SHEET, UNSTRIDED, found, placed, sheets
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.palette import INK, INPUT, KERNEL, MUTED, OUTPUT, TEXT

EXAMPLE = 32  # of the held-out digits, the one that is drawn


def four_corners() -> Figure:
    """The same digit in four corners, and how many held-out digits each network recognises there."""
    figure, axes = draw.sheet(11.8, 3.8)
    corners = ((HOME, HOME), (HOME, AWAY), (AWAY, HOME), (AWAY, AWAY))
    digit = sheets().held_out_images[EXAMPLE : EXAMPLE + 1]
    shares = {head: [found(head, *corner) for corner in corners] for head in (FLAT, POOLED)}
    for number, corner in enumerate(corners):
        x = 1.95 + 2.5 * number
        grid = draw.pixels(axes, 1 - placed(digit, *corner)[0, 0], x, 0.5, 0.103, low=0, high=1, colour=INPUT)
        if corner == (HOME, HOME):
            draw.head(axes, grid.middle, 0.24, "trained here", INPUT)
        for y, head, colour in ((2.98, FLAT, KERNEL), (3.48, POOLED, OUTPUT)):
            draw.write(axes, grid.middle, y, draw.percent(shares[head][number]), colour, 24, weight="bold")
    draw.head(axes, 0.06, 2.98, FLAT, KERNEL, across="left")
    draw.head(axes, 0.06, 3.48, POOLED, OUTPUT, across="left")
    count = len(sheets().held_out_labels)
    told = "; ".join(f"{head} {', '.join(map(draw.percent, shares[head]))}" for head in shares)
    figure.set_label(
        f"A digit in the four corners of {SHEET} × {SHEET} pixels. Share of {count} held-out digits "
        "recognised at the top left, where all training digits were, then top right, bottom left, bottom "
        f"right: {told}."
    )
    return figure


def moved_right() -> Figure:
    """Accuracy when the digits move to the right, pixel by pixel, away from where they were learned."""
    shifts = range(AWAY - HOME + 1)
    figure, axes = draw.chart(7.7, 5.2)
    panel = axes[0, 0]
    told = []
    for head, colour, text, style in (
        (UNSTRIDED, INPUT, "global max,\nno pooling: ", "s-"),
        (POOLED, OUTPUT, "global max,\npooled twice: ", "o-"),
        (FLAT, KERNEL, "Flatten: ", "^-"),
    ):
        shares = [found(head, HOME, HOME + shift) for shift in shifts]
        panel.plot(shifts, [100 * s for s in shares], style, color=colour, linewidth=3, markersize=9)
        told.append(f"{head} {', '.join(map(draw.percent, shares))}")
        y = {UNSTRIDED: 99, POOLED: 77, FLAT: 100 * shares[-1]}[head]
        panel.text(
            shifts[-1] + 0.3,
            y,
            text + draw.percent(shares[-1]),
            color=colour,
            fontsize=TEXT,
            weight="bold",
            va="center",
        )
    panel.axhline(10, color=MUTED, linewidth=1.5, linestyle=":")
    panel.text(0, 11.5, "guessing", color=MUTED, fontsize=TEXT, va="bottom")
    panel.set(xlim=(-0.2, 12), ylim=(0, 104), xticks=range(0, 9, 2), yticks=[0, 25, 50, 75, 100])
    panel.set_xlabel("moved to the right (pixels)", x=shifts[-1] / 2 / 12, color=INK)  # below the curves
    panel.set_ylabel("recognised (%)")
    figure.set_label(
        f"Held-out digits recognised after a move of 0 to {shifts[-1]} pixels: {'; '.join(told)}."
    )
    return figure
