"""The trap of batch normalisation as runs: a small network that reads digits, asked in each of the two modes.

Every run is seeded, and its result is kept for the process. Accuracies are shares, 0 to 1, of the 359 digits
that are held out. `depends_on_neighbours`, `changes_when_read` and `drift` are checks for any model:
images may be of any type and are computed in float64, NaN stays NaN, and an empty batch is no batch to check
where images are compared. Raises ValueError where the model does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from tinyspatial import fast
from tinyspatial.arguments import Array, expect_4d, expect_channels, floats
from tinyspatial.base import Layer
from tinyspatial.checkpoint import state
from tinyspatial.data import Split, digits, split
from tinyspatial.layers import BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, ReLU
from tinyspatial.model import Sequential
from tinyspatial.shapes import leaves
from tinyspatial.training import SGD, accuracy, batches, train_step

__all__ = [
    *("BATCH", "EPOCHS", "ORDERS", "RATE", "RATES", "SIZES", "Shake", "answers", "by_batch_size", "by_class"),
    *(
        "by_epoch",
        "by_rate",
        "changes_when_read",
        "company",
        "data",
        "depends_on_neighbours",
        "drift",
        "faults",
    ),
    *("kept", "moved", "network", "second_set", "trained", "without_state"),
]

RATE, EPOCHS, BATCH = 0.1, 8, 32  # how the network of the acts learns
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
SIZES, ORDERS = (1, 2, 4, 8, 16, 32, 128), 5  # of test batches, and how often the images are shuffled
PASSES = 30  # batches of a second set


@cache
def data() -> Split:
    """The digits: 1,438 to learn from and 359 held out."""
    return split(*digits())


class Shake(Layer):
    """In training, stretch and move each channel anew for every batch: (N, C, H, W) -> (N, C, H, W).

        out = x · stretch[c] + shift[c],   stretch from 1 to 1.25, shift from -0.5 to 0.5, uniform

    In evaluation it gives what it was given. After the idea, simpler: S. Santurkar and others, How Does Batch
    Normalization Help Optimization?, 2018, arxiv.org/abs/1805.11604; there each value has its own noise too.
    Raises ValueError for an input of another rank or other channels.
    """

    def __init__(self, channels: int) -> None:
        self.rng, self.stretch = np.random.default_rng(channels), np.ones((channels, 1, 1))

    def forward(self, x: ArrayLike) -> Array:
        x = floats(x)
        expect_4d(x.shape)
        expect_channels(x.shape, len(self.stretch))
        if not self.training:
            return x
        self.stretch = self.rng.uniform(1, 1.25, self.stretch.shape)
        return x * self.stretch + self.rng.uniform(-0.5, 0.5, self.stretch.shape)

    def backward(self, grad: ArrayLike) -> Array:
        return floats(grad) * self.stretch


def network(norm: bool = True, shaken: bool = False) -> Sequential:
    """Two blocks of convolution, batch norm and ReLU, a pooling, ten scores: (N, 1, 8, 8) -> (N, 10).

    Nothing is padded, so a brighter image is brighter everywhere. `shaken` puts a `Shake` behind each norm.
    """
    rng = np.random.default_rng(0)
    layers: list[Layer] = []
    for channels, width in ((1, 8), (8, 16)):
        layers.append(Conv2d(channels, width, 3, ops=fast, rng=rng))
        layers += [BatchNorm2d(width, ops=fast)] if norm else []
        layers += [Shake(width)] if shaken else []
        layers.append(ReLU(ops=fast))
    return Sequential(*layers, MaxPool2d(2, ops=fast), Flatten(), Linear(64, 10, ops=fast, rng=rng))


def epochs(model: Layer, rate: float, number: int, training: bool = True) -> Iterator[float]:
    """Train `model`, with training=False in evaluation mode, and give its accuracy after each epoch."""
    images, labels, unseen, answers = data()
    optimizer, rng = SGD(model.parameters(), lr=rate), np.random.default_rng(0)
    with np.errstate(all="ignore"):  # at the largest rates the weights overflow: that is a result too
        for _ in range(number):
            model.train(training)
            for batch in batches(len(labels), BATCH, rng):
                train_step(model, optimizer, images[batch], labels[batch])
            yield accuracy(model, unseen, answers)


@cache
def by_epoch(rate: float, norm: bool = True, shaken: bool = False, training: bool = True) -> list[float]:
    """Accuracy, in evaluation mode, after each of three epochs; with training=False it learns in it too."""
    return list(epochs(network(norm, shaken), rate, 3, training))


def by_rate(norm: bool) -> dict[float, float]:
    """Accuracy after three epochs for each learning rate: the same first weights, the same batches."""
    return {rate: by_epoch(rate, norm)[-1] for rate in RATES}


@cache
def learnt(training: bool) -> dict[str, Array]:
    """All that the network of the acts holds after training, by name; not to be changed."""
    model = network()
    for _ in epochs(model, RATE, EPOCHS, training):
        pass
    return state(model)


def trained(training: bool = True) -> Sequential:
    """The network of the acts, a new copy in evaluation mode; with training=False it also learned in it."""
    model = network()
    for name, array in state(model).items():
        array[...] = learnt(training)[name]
    model.eval()
    return model


def without_state() -> Sequential:
    """The network of the acts as read from a file of its parameters: the statistics of a new network."""
    model = trained()
    for layer in model:
        if isinstance(layer, BatchNorm2d):
            layer.running_mean[:], layer.running_var[:] = 0, 1
    return model


def answers(order: np.ndarray, size: int) -> np.ndarray:
    """What the network in training mode reads in the held-out images `order`, in batches of `size`: (N,)."""
    model, images = trained().train(), data().held_out_images[order]
    return np.concatenate([model(images[i : i + size]).argmax(axis=1) for i in range(0, len(images), size)])


@cache
def by_batch_size() -> dict[int, list[float]]:
    """Accuracy in training mode for each of the `SIZES`, in `ORDERS` random orders of the images."""
    labels = data().held_out_labels
    orders = [np.random.default_rng(seed).permutation(len(labels)) for seed in range(ORDERS)]
    return {size: [float(np.mean(answers(o, size) == labels[o])) for o in orders] for size in SIZES}


@cache
def by_class() -> list[tuple[float, float]]:
    """For the digits 0 to 9: accuracy in evaluation mode, and in training mode among its own kind only."""
    images, labels = data()[2:]
    kinds = [np.flatnonzero(labels == kind) for kind in range(10)]
    return [
        (accuracy(trained(), images[k], labels[k]), float(np.mean(answers(k, len(k)) == labels[k])))
        for k in kinds
    ]


@cache
def company(image: int, size: int) -> list[tuple[int, ...]]:
    """What held-out `image` is read as in 200 random batches in training mode, and who was with it.

    One tuple a batch: the answer, then the numbers of the size - 1 other images.
    """
    rng, others = np.random.default_rng(0), np.delete(np.arange(len(data().held_out_labels)), image)
    groups = [rng.choice(others, size - 1, replace=False) for _ in range(200)]
    return [(int(answers(np.array([image, *g]), size)[0]), *map(int, g)) for g in groups]


def passing(model: Sequential, form: str) -> Iterator[Sequential]:
    """Show the model `PASSES` batches in training mode, without learning; give it back after each.

    form: the images to learn from, as they are ("same"), "pale", x / 2, or "inverted", 1 - x.
    """
    images, rng = data().images, np.random.default_rng(0)
    shown = {"same": images, "pale": images / 2, "inverted": 1 - images}[form]
    for _ in range(PASSES):
        model.train()(shown[rng.choice(len(shown), BATCH, replace=False)])
        model.eval()
        yield model


def moved(form: str) -> Sequential:
    """The network of the acts after `PASSES` batches of another form have passed in training mode."""
    *_, model = passing(trained(), form)
    return model


@cache
def second_set(form: str) -> list[float]:
    """Accuracy before, and after each batch: `PASSES` of another form, then `PASSES` of the first images."""
    model, held_out = trained(), data()[2:]
    seen = [accuracy(model, *held_out)]
    return seen + [accuracy(m, *held_out) for each in (form, "same") for m in passing(model, each)]


@contextmanager
def kept(model: Layer) -> Iterator[dict[str, Array]]:
    """Whatever is done to the model's arrays in this block is undone at its end; gives copies of them."""
    before = {name: array.copy() for name, array in state(model).items()}
    try:
        yield before
    finally:
        for name, array in state(model).items():
            array[...] = before[name]


def depends_on_neighbours(model: Layer, images: Array) -> bool:
    """Whether an image gets another output in a batch (N, C, H, W) than alone; the model stays as it is.

    NaN in both is the same output. Raises ValueError for no images, and what the model raises for others.
    """
    with kept(model):
        together = model(images)
        alone = np.concatenate([model(image[None]) for image in images])
    return not np.allclose(together, alone, equal_nan=True)


def changes_when_read(model: Layer, images: Array) -> list[str]:
    """Names of the arrays that move when the model only looks at images; the model stays as it is."""
    with kept(model) as before:
        model(images)
        return [name for name, array in state(model).items() if (array != before[name]).any()]


def drift(model: Layer, images: Array) -> float:
    """How far images (N, C, H, W) are from what the running statistics expect, 0 without any batch norm.

        |mean of the images - running mean| / √(running variance + eps), the largest of all channels

    In running standard deviations; the model stays as it is. Raises ValueError for no images.
    """
    if not len(images):
        raise ValueError("Expected at least one image, got none")
    with kept(model):
        model(images)
    norms = [layer for layer in leaves(model).values() if isinstance(layer, BatchNorm2d)]
    gaps = [(n.received.mean((0, 2, 3)) - n.running_mean) / np.sqrt(n.running_var + n.eps) for n in norms]
    return float(np.max([np.abs(gap).max() for gap in gaps], initial=0.0))


@cache
def faults() -> dict[str, tuple[float, bool, int, float]]:
    """For each fault: accuracy in evaluation mode, then what the three checks say of the held-out digits.

    The checks: does an image depend on its neighbours, how many arrays change when read, and the drift.
    """
    models = {
        "none": trained(),
        "`eval()` forgotten": trained().train(),
        "`eval()` before training": trained(training=False),
        "saved without its state": without_state(),
        "a second set, x / 2": moved("pale"),
    }
    images, labels = data()[2:]
    return {
        name: (
            accuracy(model, images, labels),
            depends_on_neighbours(model, images),
            len(changes_when_read(model, images)),
            drift(model, images),
        )
        for name, model in models.items()
    }
