"""What is measured: one function for each piece of work, in the order of the table."""

import time
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import product
from statistics import median

import numpy as np

from benchmarks.report import Row
from tinyspatial import fast, lists, loops
from tinyspatial.data import Split, digits, split
from tinyspatial.model import SimpleCNN
from tinyspatial.receptive_field import receptive_field
from tinyspatial.training import SGD, accuracy, batches, train_step

RNG = np.random.default_rng(0)
MIB = 1024**2


def medians(repeats: int, **calls: Callable) -> dict[str, float]:
    """Seconds that one call takes: the median of several runs, in turn, so that all meet the same weather."""
    runs: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(repeats):
        for name, call in calls.items():
            runs[name].append(seconds_of(call))
    return {name: median(seconds) for name, seconds in runs.items()}


def seconds_of(call: Callable) -> float:
    """The mean of as many calls as fit into 50 ms, and at least one, after one that warms up."""
    call()
    count, began = 0, time.perf_counter()
    while not count or time.perf_counter() - began < 0.05:
        call()
        count += 1
    return (time.perf_counter() - began) / count


def small_convolution() -> list[Row]:
    """Fast against the loops."""
    x, weight = RNG.normal(size=(1, 3, 32, 32)), RNG.normal(size=(16, 3, 3, 3))
    took = medians(
        9,
        loops=lambda: loops.conv2d(x, weight, padding=1),
        fast=lambda: fast.conv2d(x, weight, padding=1),
    )
    work = "`fast.conv2d`, (1, 3, 32, 32) → 16, kernel 3, padding 1"
    return [Row(work, took["loops"] / took["fast"], "at least", 300, "times faster than the loops", took)]


EPOCHS = 10
RATES, ENDS = (0.05, 0.1, 0.2, 0.4), (0.0, 1.0)  # the first, and what part of it remains at the end


def steps(count: int, first: float, end: float) -> Iterator[tuple[np.ndarray, float]]:
    """The batches of a training run, each with its learning rate: straight from `first` to end · first."""
    rng = np.random.default_rng(0)
    for epoch in range(EPOCHS):
        rate = first * (1 - (1 - end) * epoch / EPOCHS)
        yield from ((batch, rate) for batch in batches(count, 8, rng))


def chosen(images: np.ndarray, labels: np.ndarray) -> tuple[float, float, float]:
    """The learning rates, first and end, that are best on images kept aside for the choice; and how good.

    Each fifth of the images to learn from is kept aside once, so that the choice does not hang on a handful;
    those held out play no part. `fast` takes the same steps as the lists, so that forty runs take a minute.
    """
    fifths, tried = np.array_split(np.arange(len(labels)), 5), []
    for first, end in product(RATES, ENDS):
        right = [right_on(fifth, images, labels, first, end) for fifth in fifths]
        tried.append((100 * float(np.mean(right)), first, end))
    best, first, end = max(tried, key=lambda run: run[0])
    return first, end, best


def right_on(aside: np.ndarray, images: np.ndarray, labels: np.ndarray, first: float, end: float) -> float:
    """The share of the images kept aside that are read by a network that learnt from the others."""
    model = SimpleCNN(1, (8, 16), image_size=8, ops=fast)
    others = np.setdiff1d(np.arange(len(labels)), aside)
    for batch, rate in steps(len(others), first, end):
        train_step(model, SGD(model.parameters(), rate), images[others[batch]], labels[others[batch]])
    return accuracy(model, images[aside], labels[aside])


def learning_with_lists() -> list[Row]:
    """Ten epochs with loops over lists and nothing else, then every image that no choice has used."""
    arrays = split(*digits())
    first, end, right_when_chosen = chosen(arrays.images, arrays.labels)
    data = as_lists(arrays)
    parameters = lists.from_model(SimpleCNN(1, (8, 16), image_size=8))
    began = time.perf_counter()
    for batch, rate in steps(len(data.labels), first, end):
        images, labels = ([part[n] for n in batch] for part in (data.images, data.labels))
        lists.train_step(parameters, images, labels, rate)
    seconds = time.perf_counter() - began
    seen = zip(data.held_out_images, data.held_out_labels, strict=True)
    right = 100 * np.mean([lists.predict(parameters, image) == label for image, label in seen])
    work = f"loops alone, plain lists, learn digits: {EPOCHS} epochs of {len(data.labels):,} images"
    details = {"first rate": first, "last rate": first * end, "% right when it was chosen": right_when_chosen}
    return [
        Row(work, seconds, "at most", 120, "s", {"seconds": seconds}),
        Row("… and then read digits never seen", float(right), "at least", 97, "% right", details),
    ]


def as_lists(data: Split) -> Split:
    return Split(*(part.tolist() for part in data))


def peak(call: Callable) -> int:
    """Bytes of arrays alive at the worst moment of a call, its result included, its arguments not.

    NumPy reports its arrays to tracemalloc; what BLAS keeps for itself, some MiB, is not seen.
    """
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def memory() -> list[Row]:
    """The im2col matrix is never whole, however large the images are."""
    x, weight = RNG.normal(size=(16, 64, 56, 56)), RNG.normal(size=(128, 64, 3, 3))
    used, columns, out = peak(lambda: fast.conv2d(x, weight, padding=1)), x.size * 9 * 8, x.size * 2 * 8
    large, filters = np.ones((32, 64, 224, 224), np.float32), RNG.normal(size=(16, 64, 3, 3))
    most = peak(lambda: fast.conv2d(large, filters, padding=1)) / MIB
    return [
        Row(
            "peak memory of `fast.conv2d`, (16, 64, 56, 56) → 128, kernel 3, padding 1",
            *(used / (columns + out), "at most", 1.3, "× im2col matrix plus output"),
            {"peak MiB": used / MIB, "im2col MiB": columns / MIB, "output MiB": out / MIB},
        ),
        Row(
            "peak memory of `fast.conv2d`, (32, 64, 224, 224) → 16, beside the input",
            *(most, "at most", 512, "MiB"),
            {"output MiB": 32 * 16 * 224 * 224 * 8 / MIB},
        ),
    ]


def large_convolution() -> list[Row]:
    """Fast, which computes in float64, against torch in its usual float32; and in float64, for fairness."""
    import torch

    torch.set_num_threads(1)
    x, weight = RNG.normal(size=(16, 64, 56, 56)), RNG.normal(size=(128, 64, 3, 3))
    double = torch.from_numpy(x), torch.from_numpy(weight)
    single = double[0].float(), double[1].float()
    took = medians(
        7,
        fast=lambda: fast.conv2d(x, weight, padding=1),
        torch_float32=lambda: torch.nn.functional.conv2d(single[0], single[1], padding=1),
        torch_float64=lambda: torch.nn.functional.conv2d(double[0], double[1], padding=1),
    )
    work = "`fast.conv2d`, (16, 64, 56, 56) → 128, kernel 3, padding 1"
    ratio, fair = took["fast"] / took["torch_float32"], took["fast"] / took["torch_float64"]
    return [
        Row(work, ratio, "at most", 4, "times the time of torch in float32", took),
        Row("… the same", fair, "at most", 4, "times the time of torch in float64", took),
    ]


def epoch_of_digits() -> list[Row]:
    """The same network and batches, forward, backward and steps: ours in float64, torch in float32."""
    import torch

    torch.set_num_threads(1)
    images, labels = digits()
    order = batches(len(images), 32, np.random.default_rng(0))
    ours = SimpleCNN(1, (8, 16), image_size=8, ops=fast)
    theirs = torch_network()
    optimizer, their_optimizer = SGD(ours.parameters(), 0.1), torch.optim.SGD(theirs.parameters(), 0.1)
    tensors, targets = torch.tensor(images, dtype=torch.float32), torch.tensor(labels)

    def epoch() -> None:
        for batch in order:
            train_step(ours, optimizer, images[batch], labels[batch])

    def torch_epoch() -> None:
        for batch in order:
            their_optimizer.zero_grad()
            torch.nn.functional.cross_entropy(theirs(tensors[batch]), targets[batch]).backward()
            their_optimizer.step()

    took = medians(9, fast=epoch, torch=torch_epoch)
    work = f"`fast`, one epoch of {len(images):,} digits, forward, backward and steps"
    return [Row(work, took["fast"] / took["torch"], "at most", 1.5, "times the time of torch", took)]


def torch_network():  # type: ignore[no-untyped-def]
    """`SimpleCNN(1, (8, 16), image_size=8)` in torch."""
    from torch import nn

    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(64, 10)),
    )


def deep_stack() -> list[Row]:
    """The receptive field of 200 layers, pools among them."""
    layers = ([(3, 1, 1)] * 9 + [(2, 2, 0)]) * 20
    took = medians(9, fold=lambda: receptive_field(layers))
    return [Row("`receptive_field` of 200 layers", 1000 * took["fold"], "at most", 1, "ms", took)]


ROWS = [small_convolution, learning_with_lists, memory, deep_stack]
TORCH_ROWS = [large_convolution, epoch_of_digits]
