"""The trap in acts: one trained network, six ways to ask it wrongly, each a run of `tinyspatial.trap`."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyspatial import trap
from tinyspatial.figures import drawing as draw
from tinyspatial.figures.curves import curve, label, logarithmic, percent
from tinyspatial.figures.palette import INK, INPUT, KERNEL, MUTED, OUTPUT, SMALL, STATISTICS, TEXT
from tinyspatial.trap import data, trained

PRESENT, COMPANY = 174, 9  # the held-out image that is asked about again and again, and how many in a batch


def verdicts() -> Figure:
    """One digit in the middle of two batches: the network reads it as two different digits."""
    runs, truth = trap.company(PRESENT, COMPANY), data().held_out_labels[PRESENT]
    right = next(run for run in runs if run[0] == truth)
    wrong = next(run for run in runs if run[0] != truth)
    figure, axes = draw.sheet(5.2, 4.75)
    for x, (answer, *neighbours) in ((0.1, right), (2.75, wrong)):
        for place, image in enumerate([*neighbours[:4], PRESENT, *neighbours[4:]]):
            row, column = divmod(place, 3)
            corner = x + 0.8 * column, 0.7 + 0.8 * row
            draw.pixels(axes, data().held_out_images[image, 0], *corner, 0.09, colour=MUTED)
        draw.outline(axes, draw.Grid(x + 0.8, 1.5, 0.09, 8, 8), colour=STATISTICS, thick=4, halo=True)
        draw.write(axes, x + 1.16, 0.3, "in this batch", MUTED)
        draw.write(axes, x + 1.16, 3.6, "it reads", MUTED)
        draw.write(axes, x + 1.16, 4.2, f"{answer}", STATISTICS, 40, weight="bold")
    figure.set_label(
        f"Two batches of {COMPANY} digits, the same digit in the middle of both. In training mode the "
        f"network reads it as {right[0]} in one and as {wrong[0]} in the other; it is a {truth}."
    )
    return figure


def one_image() -> Figure:
    """The ten scores of an image and of 5 times the image plus 100, in both modes."""
    image = data().held_out_images[:1]
    figure, axes = draw.sheet(7.7, 5.2)
    draw.head(axes, 3.25, 0.22, "train()", STATISTICS)
    draw.head(axes, 6.15, 0.22, "eval()", OUTPUT)
    told: dict[bool, list[np.ndarray]] = {True: [], False: []}
    for row, (name, x) in enumerate({"x": image, "5x + 100": 5 * image + 100}.items()):
        top = 0.6 + 2.35 * row
        grid = draw.pixels(axes, x[0, 0], 0.06, top + 0.3, 0.15, colour=INPUT)
        draw.head(axes, grid.middle, top + 1.8, name, INPUT)
        for training, left, colour in ((True, 1.95, STATISTICS), (False, 4.85, OUTPUT)):
            scores = trained().train(training)(x)[0]
            _scores(axes, left, top, scores, colour)
            told[training].append(scores)
    (first, second), (here, there) = told[True], told[False]
    figure.set_label(
        f"Ten scores of a digit and of the digit times 5 plus 100. In training mode both are read as "
        f"{first.argmax()}, and the scores differ by {np.abs(first - second).max():.1g} at most. In "
        f"evaluation mode they are read as {here.argmax()} and {there.argmax()}, with largest scores of "
        f"{here.max():.0f} and {there.max():,.0f}."
    )
    return figure


def _scores(axes: Axes, left: float, top: float, scores: np.ndarray, colour: str) -> None:
    """Ten bars on a line of 0, their digits below, the answer in words above."""
    best, unit = scores.argmax(), 1.15 / (scores.max() - scores.min())
    zero = top + 0.4 + unit * scores.max()
    for digit, score in enumerate(scores):
        x, own = left + 0.26 * digit, colour if digit == best else MUTED
        draw.bar(axes, x, zero - unit * max(score, 0), 0.2, unit * abs(score), own)
        draw.write(axes, x + 0.1, top + 1.8, str(digit), own, SMALL)
    draw.line(axes, [(left - 0.05, zero), (left + 2.6, zero)], INK, 1)
    draw.write(axes, left + 1.3, top + 0.12, f"reads {best}, score {scores.max():,.0f}", colour, SMALL)


def mistakes() -> tuple[int, dict[int, list[int]]]:
    """How many held-out digits are read wrongly in evaluation mode, and in training mode by size of batch."""
    labels = data().held_out_labels
    frozen = int(np.sum(trained()(data().held_out_images).argmax(axis=1) != labels))
    by_size = trap.by_batch_size().items()
    return frozen, {size: [round(len(labels) * (1 - share)) for share in seen] for size, seen in by_size}


def batch_sizes() -> Figure:
    """Wrong answers among the held-out digits in training mode, against the size of the test batches."""
    total, (frozen, wrong) = len(data().held_out_labels), mistakes()
    middle = {size: float(np.mean(counts)) for size, counts in wrong.items()}
    figure, axes = draw.chart(7.7, 5.2)
    panel = axes[0, 0]
    panel.axhline(frozen, color=OUTPUT, linewidth=3)
    for size, counts in wrong.items():
        panel.vlines(size, min(counts), max(counts), color=STATISTICS, linewidth=9, alpha=0.35)
    curve(panel, middle, middle.values(), STATISTICS)
    label(panel, 1.15, middle[1], f"train(): {middle[1]:.0f}, alone", STATISTICS)
    label(panel, 1, frozen - 4, f"eval(): {frozen}, in any batch", OUTPUT)
    logarithmic(panel, trap.SIZES, "images in a test batch")
    panel.set(ylim=(0, 1.1 * middle[1]), yticks=(0, 10, 20, 30), ylabel=f"wrong, of {total}")
    told = ", ".join(f"{middle[size]:.1f} in batches of {size}" for size in (1, 2, 4, 32, 128))
    figure.set_label(
        f"Wrong answers to {total} held-out digits in training mode, the mean of {trap.ORDERS} random "
        f"orders: {told}. In evaluation mode {frozen}."
    )
    return figure


def sorted_batches() -> Figure:
    """For each digit the share read rightly when its batch has only its own kind, and in evaluation mode."""
    images, labels = data()[2:]
    figure, axes = draw.sheet(7.7, 5.2)
    draw.head(axes, 0.06, 0.3, "eval()", OUTPUT, across="left")
    draw.head(axes, 1.2, 0.3, "train(), only its own kind in the batch", STATISTICS, across="left")
    for kind, (frozen, own) in enumerate(trap.by_class()):
        x = 0.1 + 0.76 * kind
        draw.bar(axes, x, 0.75 + 3.1 * (1 - own), 0.6, 3.1 * own, STATISTICS)
        level = 0.75 + 3.1 * (1 - frozen)
        draw.line(axes, [(x - 0.04, level), (x + 0.64, level)], OUTPUT, 5)
        draw.write(axes, x + 0.3, 4.08, draw.percent(own), STATISTICS, SMALL)
        draw.pixels(axes, images[np.flatnonzero(labels == kind)[0], 0], x + 0.02, 4.45, 0.07, colour=INPUT)
    draw.line(axes, [(0.06, 3.85), (7.64, 3.85)], INK, 1)
    told = ", ".join(f"{kind} {own:.0%}" for kind, (_, own) in enumerate(trap.by_class()))
    figure.set_label(
        f"Share of the held-out digits read rightly in training mode, each kind in a batch of its own: "
        f"{told}. In evaluation mode every kind has at least {min(trap.by_class())[0]:.0%}."
    )
    return figure


def readings() -> tuple[int, dict[int, int]]:
    """What the asked image is read as in evaluation mode, and in training mode: how often as which digit."""
    alone = trained()(data().held_out_images[PRESENT : PRESENT + 1])
    counts = np.bincount([run[0] for run in trap.company(PRESENT, COMPANY)])
    return int(alone.argmax()), {int(digit): int(counts[digit]) for digit in np.flatnonzero(counts)}


def other_company() -> Figure:
    """How often one image is read as which digit, in random batches in training mode and in evaluation."""
    (frozen, counts), truth = readings(), data().held_out_labels[PRESENT]
    draws = sum(counts.values())
    figure, axes = draw.sheet(7.7, 5.2)
    draw.pixels(axes, data().held_out_images[PRESENT, 0], 0.06, 1.15, 0.27, colour=INPUT)
    draw.head(axes, 1.14, 0.85, f"a {truth}", INPUT)
    for top, head, colour, found in (
        (0.3, f"train(): {draws} batches of {COMPANY}", STATISTICS, counts),
        (3.1, "eval(): the same batches", OUTPUT, {frozen: draws}),
    ):
        draw.head(axes, 2.75, top, head, colour, across="left")
        for row, (digit, count) in enumerate(found.items()):
            y, long = top + 0.65 + 0.75 * row, 3.1 * count / draws
            draw.write(axes, 2.75, y, f"reads {digit}", INK, across="left")
            draw.bar(axes, 3.75, y - 0.22, long, 0.44, colour)
            draw.write(axes, 3.85 + long, y, str(count), colour, across="left")
    told = ", ".join(f"{digit} in {count} batches" for digit, count in counts.items())
    figure.set_label(
        f"One held-out digit, a {truth}, in {draws} batches with {COMPANY - 1} random others. In training "
        f"mode the network reads {told}. In evaluation mode it reads {frozen} every time."
    )
    return figure


def eval_first() -> Figure:
    """Learning with batch statistics and, eval() called first, without, at two learning rates."""
    figure, axes = draw.chart(7.7, 5.2, 1, 2)
    told = []
    for panel, rate in zip(axes[0], (0.3, 1.0), strict=True):
        for training, mode, colour in ((True, "train()", STATISTICS), (False, "eval()", KERNEL)):
            seen = trap.by_epoch(rate, training=training)
            curve(panel, range(1, len(seen) + 1), seen, colour)
            told.append(f"rate {rate:g} in {mode} from {seen[0]:.1%} to {seen[-1]:.1%}")
        panel.set_title(f"learning rate {rate:g}", fontsize=TEXT, color=INK)
        percent(panel, (0, 0.5, 1), "held-out accuracy" if rate < 1 else "")
        panel.set(ylim=(0, 1.03), xlim=(0.8, 3.2), xticks=range(1, 4), xlabel="epoch")
    label(axes[0, 1], 1.3, 0.6, "learned in train()", STATISTICS)
    label(axes[0, 1], 1.3, 0.19, "learned in eval()", KERNEL)
    figure.set_label(f"Held-out digits right over {len(seen)} epochs of learning: {'; '.join(told)}.")
    return figure


def foreign_images() -> Figure:
    """Accuracy on the first set while a second set passes in training mode, and then the first set again."""
    figure, axes = draw.chart(7.7, 5.2)
    panel, told = axes[0, 0], []
    for form, name, colour, place in (
        ("inverted", "1 − x", INPUT, (16, 0.88)),
        ("pale", "x / 2", STATISTICS, (21, 0.66)),
    ):
        seen, half = trap.second_set(form), len(trap.second_set(form)) // 2
        panel.plot(range(len(seen)), seen, color=colour, linewidth=4)
        label(panel, *place, name, colour)
        told.append(f"{name} {seen[0]:.1%}, {seen[half]:.1%} after {half} batches, {seen[-1]:.1%} at the end")
    panel.axvline(half, color=MUTED, linewidth=1.5, linestyle=":")
    label(panel, half - 1, 0.08, "second set passes", INK, "right")
    label(panel, half + 1, 0.08, "first set again", INK)
    percent(panel, (0, 0.5, 1))
    panel.set(ylim=(0, 1.03), xlim=(0, 2 * half), xlabel=f"batches of {trap.BATCH}, no learning")
    figure.set_label(
        f"Held-out digits right while {half} batches of a second set, then {half} of the first set again "
        f"pass in training mode, no weight moving: {'; '.join(told)}."
    )
    return figure
