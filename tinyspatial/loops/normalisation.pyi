from numpy.typing import ArrayLike

from tinyspatial.arguments import Array

__all__ = ["batch_norm", "batch_norm_backward", "running_statistics"]

def batch_norm(
    x: ArrayLike,
    running_mean: ArrayLike | None,
    running_var: ArrayLike | None,
    weight: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Array: ...
def batch_norm_backward(
    grad: ArrayLike,
    x: ArrayLike,
    running_mean: ArrayLike | None,
    running_var: ArrayLike | None,
    weight: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Array, Array | None, Array | None]: ...
def running_statistics(x: ArrayLike, momentum: float = 0.1) -> tuple[Array, Array]: ...
