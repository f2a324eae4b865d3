from types import ModuleType

import numpy as np
from numpy.typing import ArrayLike

from tinyspatial.arguments import Array, Pair
from tinyspatial.base import Layer
from tinyspatial.shapes import IntOrPair, Shape

__all__ = ["AvgPool2d", "BatchNorm2d", "Conv2d", "Flatten", "GlobalAvgPool2d", "Linear", "MaxPool2d", "ReLU"]

class Conv2d(Layer):
    in_channels: int
    out_channels: int
    kernel_size: Pair
    stride: Pair
    padding: Pair
    weight: Array
    bias: Array | None
    ops: ModuleType
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: IntOrPair,
        stride: IntOrPair = 1,
        padding: IntOrPair = 0,
        *,
        bias: bool = True,
        ops: ModuleType = ...,
        rng: np.random.Generator | None = None,
    ) -> None: ...
    @property
    def macs_per_value(self) -> int: ...
    def forward(self, x: ArrayLike) -> Array: ...
    def backward(self, grad: ArrayLike) -> Array: ...
    def output_shape(self, input_shape: Shape) -> Shape: ...
    def describe(self) -> str: ...

class Pool2d(Layer):
    kernel_size: Pair
    stride: Pair
    padding: Pair
    ops: ModuleType
    def __init__(
        self,
        kernel_size: IntOrPair,
        stride: IntOrPair | None = None,
        padding: IntOrPair = 0,
        *,
        ops: ModuleType = ...,
    ) -> None: ...
    def output_shape(self, input_shape: Shape) -> Shape: ...
    def describe(self) -> str: ...

class MaxPool2d(Pool2d):
    def forward(self, x: ArrayLike) -> Array: ...
    def backward(self, grad: ArrayLike) -> Array: ...

class AvgPool2d(Pool2d):
    count_include_pad: bool
    def __init__(
        self,
        kernel_size: IntOrPair,
        stride: IntOrPair | None = None,
        padding: IntOrPair = 0,
        *,
        count_include_pad: bool = True,
        ops: ModuleType = ...,
    ) -> None: ...
    def forward(self, x: ArrayLike) -> Array: ...
    def backward(self, grad: ArrayLike) -> Array: ...

class GlobalAvgPool2d(Layer):
    ops: ModuleType
    def __init__(self, *, ops: ModuleType = ...) -> None: ...
    def forward(self, x: ArrayLike) -> Array: ...
    def backward(self, grad: ArrayLike) -> Array: ...
    def output_shape(self, input_shape: Shape) -> Shape: ...

class BatchNorm2d(Layer):
    num_features: int
    eps: float
    momentum: float
    weight: Array
    bias: Array
    running_mean: Array
    running_var: Array
    num_batches_tracked: int
    ops: ModuleType
    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, *, ops: ModuleType = ...
    ) -> None: ...
    def forward(self, x: ArrayLike) -> Array: ...
    def backward(self, grad: ArrayLike) -> Array: ...
    def output_shape(self, input_shape: Shape) -> Shape: ...
    def describe(self) -> str: ...

class ReLU(Layer):
    ops: ModuleType
    def __init__(self, *, ops: ModuleType = ...) -> None: ...
    def forward(self, x: ArrayLike) -> Array: ...
    def backward(self, grad: ArrayLike) -> Array: ...

class Flatten(Layer):
    def forward(self, x: ArrayLike) -> Array: ...
    def backward(self, grad: ArrayLike) -> Array: ...
    def output_shape(self, input_shape: Shape) -> Shape: ...

class Linear(Layer):
    in_features: int
    out_features: int
    weight: Array
    bias: Array | None
    ops: ModuleType
    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        ops: ModuleType = ...,
        rng: np.random.Generator | None = None,
    ) -> None: ...
    @property
    def macs_per_value(self) -> int: ...
    def forward(self, x: ArrayLike) -> Array: ...
    def backward(self, grad: ArrayLike) -> Array: ...
    def output_shape(self, input_shape: Shape) -> Shape: ...
    def describe(self) -> str: ...

def describe_window(layer: Conv2d | Pool2d) -> str: ...
