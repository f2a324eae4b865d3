"""Layers in a row are a model: what one gives, the next one takes.

A model is itself a layer: it is called, counted, trained and put into evaluation mode like one.
"""

# Slides show these classes as they stand, so signatures carry no types and the layout is made by hand.
# mypy: allow-untyped-defs, check-untyped-defs
# fmt: off

import numpy as np

from tinyspatial import loops
from tinyspatial.layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU

__all__ = ["Sequential", "SimpleCNN"]


class Sequential(Layer):
    """Layers one after the other: `Sequential(Conv2d(1, 4, 3), ReLU())`. A slice is again a Sequential.

    Convention: torch.nn.Sequential.
    """

    is_model = True

    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def named_children(self):
        return {str(index): layer for index, layer in enumerate(self.layers)}

    def __iter__(self):
        return iter(self.layers)

    def __len__(self):
        return len(self.layers)

    def __getitem__(self, index):
        return Sequential(*self.layers[index]) if isinstance(index, slice) else self.layers[index]


class SimpleCNN(Layer):
    """Blocks of convolution, ReLU and 2×2 max pooling, then a classifier; gives logits (no softmax).

    One block for each entry of `channels`; `hidden` puts a layer of that many features before the last.
    Shapes: (N, in_channels, image_size, image_size) -> (N, num_classes).
    """

    is_model = True

    def __init__(self, in_channels=3, channels=(16, 32), hidden=None, num_classes=10,
                 image_size=32, *, ops=loops, rng=None):
        rng, blocks = rng or np.random.default_rng(0), []
        for width in channels:
            blocks += [Conv2d(in_channels, width, 3, padding=1, ops=ops, rng=rng),
                       ReLU(ops=ops),
                       MaxPool2d(2, ops=ops)]                   # halves height and width
            in_channels, image_size = width, image_size // 2
        self.features = Sequential(*blocks)
        self.flatten = Flatten()
        sizes = (in_channels * image_size**2, hidden, num_classes)
        self.classifier = Sequential(*dense(sizes, ops, rng))

    def forward(self, x):
        x = self.features(x)            # (N, 3, 32, 32) -> (N, 32, 8, 8)
        x = self.flatten(x)             # (N, 32, 8, 8)  -> (N, 2048)
        return self.classifier(x)       # (N, 2048)      -> (N, 10), the logits


def dense(sizes, ops, rng):
    """Linear layers from the features to the classes, with ReLU after a hidden one if there is one."""
    features, hidden, classes = sizes
    if hidden is None:
        return [Linear(features, classes, ops=ops, rng=rng)]
    first, last = Linear(features, hidden, ops=ops, rng=rng), Linear(hidden, classes, ops=ops, rng=rng)
    return [first, ReLU(ops=ops), last]
