from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from tinyspatial.arguments import Array
from tinyspatial.base import Layer

__all__ = ["Sequential", "SimpleCNN"]

class Sequential(Layer):
    layers: tuple[Layer, ...]
    def __init__(self, *layers: Layer) -> None: ...
    def forward(self, x: ArrayLike) -> Array: ...
    def backward(self, grad: ArrayLike) -> Array: ...
    def named_children(self) -> dict[str, Layer]: ...
    def __iter__(self) -> Iterator[Layer]: ...
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int) -> Layer: ...
    @overload
    def __getitem__(self, index: slice) -> Sequential: ...

class SimpleCNN(Layer):
    features: Sequential
    flatten: Layer
    classifier: Sequential
    def __init__(
        self,
        in_channels: int = 3,
        channels: Sequence[int] = (16, 32),
        hidden: int | None = None,
        num_classes: int = 10,
        image_size: int = 32,
        *,
        ops: ModuleType = ...,
        rng: np.random.Generator | None = None,
    ) -> None: ...
    def forward(self, x: ArrayLike) -> Array: ...
    def backward(self, grad: ArrayLike) -> Array: ...

def dense(sizes: Sequence[int | None], ops: ModuleType, rng: np.random.Generator) -> Sequential: ...
