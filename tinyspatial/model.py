"""Layers in a row are a model: what one gives, the next one takes.

A model is a layer too: it is called, counted and put into training or evaluation mode like one. Arrays of any
type come in, float64 comes out; an empty batch gives an empty result, and NaN stays in its own image unless a
BatchNorm2d in training mixes the batch.
"""

# Slides show these classes as they stand, in a layout made by hand. Types are in model.pyi.
# mypy: allow-untyped-defs, check-untyped-defs
# fmt: off

import numpy as np

from tinyspatial import loops
from tinyspatial.base import Layer
from tinyspatial.layers import Conv2d, Flatten, Linear, MaxPool2d, ReLU

__all__ = ["Sequential", "SimpleCNN"]


class Sequential(Layer):
    """Layers one after the other: `Sequential(Conv2d(1, 4, 3), ReLU())`. A slice of it is one again.

    Without layers it gives what it was given. Raises ValueError when one of its layers does.
    Convention: torch.nn.Sequential.
    """

    is_view = True      # empty, it gives what it was given

    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad

    def named_children(self):
        return {str(index): layer for index, layer in enumerate(self.layers)}

    def __iter__(self):
        return iter(self.layers)

    def __len__(self):
        return len(self.layers)

    def __getitem__(self, index):
        return Sequential(*self.layers[index]) if isinstance(index, slice) else self.layers[index]


class SimpleCNN(Layer):
    """Blocks of convolution, ReLU and 2×2 max pooling, then a classifier. It gives logits: no softmax.

    There is one block for each number in `channels`; with `hidden`, a layer of so many features stands before
    the last one. (N, in_channels, image_size, image_size) -> (N, num_classes).
    Raises ValueError when made with a number below 1 or an image too small for its pools, and when called
    with images of another form.
    """

    def __init__(self, in_channels=3, channels=(16, 32), hidden=None,
                 num_classes=10, image_size=32, *, ops=loops, rng=None):
        rng, blocks = rng or np.random.default_rng(0), []
        for width in channels:
            blocks += [Conv2d(in_channels, width, 3, padding=1, ops=ops, rng=rng),
                       ReLU(ops=ops),
                       MaxPool2d(2, ops=ops)]       # halves height and width
            in_channels, image_size = width, image_size // 2
        self.features = Sequential(*blocks)
        self.flatten = Flatten()
        sizes = [in_channels * image_size**2, hidden, num_classes]
        self.classifier = dense(sizes, ops, rng)

    def forward(self, x):
        x = self.features(x)            # (N, 3, 32, 32) -> (N, 32, 8, 8)
        x = self.flatten(x)             # (N, 32, 8, 8)  -> (N, 2048)
        return self.classifier(x)       # (N, 2048)      -> (N, 10): logits

    def backward(self, grad):
        grad = self.classifier.backward(grad)       # the same way back
        grad = self.flatten.backward(grad)
        return self.features.backward(grad)


def dense(sizes, ops, rng):
    """A linear layer from the features to the classes; with a hidden size, two of them and ReLU between."""
    features, hidden, classes = sizes
    if hidden is None:
        return Sequential(Linear(features, classes, ops=ops, rng=rng))
    first, last = Linear(features, hidden, ops=ops, rng=rng), Linear(hidden, classes, ops=ops, rng=rng)
    return Sequential(first, ReLU(ops=ops), last)
