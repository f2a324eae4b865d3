from numpy.typing import ArrayLike

from tinyspatial.arguments import Array

__all__ = ["cross_entropy", "cross_entropy_backward"]

def cross_entropy(x: ArrayLike, target: ArrayLike) -> float: ...
def cross_entropy_backward(grad: ArrayLike, x: ArrayLike, target: ArrayLike) -> Array: ...
