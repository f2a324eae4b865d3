from numpy.typing import ArrayLike

from tinyspatial.arguments import Array
from tinyspatial.shapes import IntOrPair

__all__ = ["conv2d", "conv2d_backward"]

def conv2d(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
) -> Array: ...
def conv2d_backward(
    grad: ArrayLike,
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
) -> tuple[Array, Array, Array | None]: ...
