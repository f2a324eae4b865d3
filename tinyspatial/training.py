"""Training: how wrong is the network on a few images, which way is downhill, one step there, and again.

A run is repeatable: the order of the images comes from a seeded generator, and nothing else is random.
"""

from collections.abc import Sequence
from types import ModuleType
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rich.progress import Progress

from tinyspatial import fast
from tinyspatial.arguments import Array, check_grad
from tinyspatial.base import Layer
from tinyspatial.shapes import integer

__all__ = ["SGD", "Epoch", "accuracy", "fit", "train_step"]


class Epoch(NamedTuple):
    """One pass over all images, each seen while the network was still learning."""

    loss: float  # mean cross-entropy, in nats
    accuracy: float  # share of the images that were recognised, 0 to 1


class SGD:
    """Stochastic gradient descent: a step against the gradient, with momentum and weight decay.

        gradient = gradient + weight_decay · parameter
        velocity = momentum · velocity + gradient
        parameter = parameter - lr · velocity

    Raises ValueError when lr, momentum or weight_decay is negative or NaN, and when a parameter is no array
    of floats, which could not be moved where it lies.
    Convention: torch.optim.SGD, with dampening 0 and without Nesterov's variant.
    """

    def __init__(
        self, parameters: list[Array], lr: float = 0.001, momentum: float = 0.0, weight_decay: float = 0.0
    ) -> None:
        for name, value in {"lr": lr, "momentum": momentum, "weight_decay": weight_decay}.items():
            if not value >= 0:
                raise ValueError(f"{name} must not be negative, got {value!r}")
        for parameter in parameters:
            if not isinstance(parameter, np.ndarray) or parameter.dtype.kind != "f":
                raise ValueError(
                    f"parameters are changed in place and must be arrays of floats, got {parameter!r}"
                )
        self.parameters, self.lr, self.momentum, self.weight_decay = parameters, lr, momentum, weight_decay
        self.velocities = [np.zeros_like(parameter) for parameter in parameters]

    def step(self, gradients: Sequence[Array | None]) -> None:
        """Move every parameter, IN PLACE; the gradients come in the same order and shapes.

        Raises ValueError, and moves nothing, when a gradient is None (nothing went backward yet), is missing
        or has another shape. NaN in a gradient makes its parameter NaN, from then on. Integers and float32
        are read as they are; a parameter keeps its own type.
        """
        given = [gradient for gradient in gradients if gradient is not None]
        if not len(given) == len(gradients) == len(self.parameters):
            raise ValueError(f"Expected {len(self.parameters)} gradients: call backward() before step()")
        for parameter, gradient in zip(self.parameters, given, strict=True):
            check_grad(gradient, parameter.shape, "the parameter's")
        for parameter, velocity, gradient in zip(self.parameters, self.velocities, given, strict=True):
            velocity *= self.momentum
            velocity += gradient + self.weight_decay * parameter
            parameter -= self.lr * velocity


def train_step(
    model: Layer, optimizer: SGD, images: ArrayLike, labels: ArrayLike, ops: ModuleType = fast
) -> tuple[float, int]:
    """Forward, loss, backward, one step of the optimizer; gives the loss and how many images were right.

    images (N, C, H, W) of any type, labels (N,). Both results are those from before the step. The loss is a
    mean in nats; `ops` computes it. An empty batch has the loss NaN, and no gradient. NaN in an image makes
    the loss NaN and, through the step, the weights; it is right about nothing.
    Raises ValueError, before anything is moved, for images that the model refuses and for labels that are not
    N integers from 0 to the number of classes - 1.
    Convention: zero_grad, backward and step of torch.
    """
    logits = model(images)
    model.backward(ops.cross_entropy_backward(1.0, logits, labels))
    optimizer.step(model.gradients())
    return ops.cross_entropy(logits, labels), recognised(logits, labels)


def fit(
    model: Layer,
    optimizer: SGD,
    images: ArrayLike,
    labels: ArrayLike,
    epochs: int,
    batch_size: int = 32,
    *,
    rng: np.random.Generator | None = None,
    progress: bool = True,
) -> list[Epoch]:
    """Train `model` in mini-batches; gives what was seen in each epoch.

    images (N, C, H, W) of any type, labels (N,) integers. Every epoch takes the images in a new order, drawn
    from `rng` (a numpy Generator; when None, a fresh `default_rng(0)`); the last batch is what remains. The
    model is left in training mode. `progress` shows a bar on the terminal.

    NaN in an image makes the loss NaN and, from the first step on, the weights: the history shows it.
    Raises ValueError when there are no images, or not one integer label for each, when epochs or batch_size
    is not an integer of at least 1, and as `train_step` does.
    """
    epochs, batch_size = integer("epochs", epochs, 1), integer("batch_size", batch_size, 1)
    images, labels = check_labels(images, labels)
    model.train()
    rng, history = rng or np.random.default_rng(0), []
    with Progress(disable=not progress) as bar:
        task = bar.add_task("training", total=epochs * len(labels))
        for number in range(1, epochs + 1):
            loss, right = 0.0, 0
            for batch in batches(len(labels), batch_size, rng):
                mean, hits = train_step(model, optimizer, images[batch], labels[batch])
                loss, right = loss + mean * len(batch), right + hits
                bar.advance(task, len(batch))
            history.append(Epoch(loss / len(labels), right / len(labels)))
            told = (
                f"epoch {number} of {epochs}: loss {history[-1].loss:.3f}, {history[-1].accuracy:.1%} right"
            )
            bar.update(task, description=told)
    return history


def accuracy(model: Layer, images: ArrayLike, labels: ArrayLike, batch_size: int = 256) -> float:
    """The share of the images to which `model`, in evaluation mode, gives their own label: from 0 to 1.

        number of n whose largest logit is that of labels[n] / N

    images (N, C, H, W) of any type, labels (N,) integers. An image with NaN among its logits is not
    recognised. The mode is as it was afterwards.
    Raises ValueError when there are no images, or not one integer label for each, when batch_size is not an
    integer of at least 1, and for images that the model refuses.
    """
    (images, labels), training = check_labels(images, labels), model.training
    batch_size = integer("batch_size", batch_size, 1)
    model.eval()
    try:
        parts = [slice(start, start + batch_size) for start in range(0, len(labels), batch_size)]
        right = sum(recognised(model(images[part]), labels[part]) for part in parts)
    finally:
        model.train(training)
    return right / len(labels)


def batches(count: int, size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """The numbers from 0 to count - 1, each once, in random order, in pieces of `size`."""
    order = rng.permutation(count)
    return [order[start : start + size] for start in range(0, count, size)]


def recognised(logits: Array, labels: ArrayLike) -> int:
    """How many rows have their largest value at their label; a row with NaN has no largest value."""
    return int(np.sum((logits.argmax(axis=1) == labels) & ~np.isnan(logits).any(axis=1)))


def check_labels(images: ArrayLike, labels: ArrayLike) -> tuple[NDArray, NDArray]:
    """Images in the type that they have, and labels, as arrays."""
    images, labels = np.asarray(images), np.asarray(labels)
    if not images.size or labels.shape != images.shape[:1]:
        raise ValueError(f"Expected images and one label for each, got {images.shape} and {labels.shape}")
    if labels.dtype.kind not in "iu":
        raise ValueError(f"Expected labels that are integers, got {labels.dtype}")
    return images, labels
