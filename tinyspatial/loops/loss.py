"""What training makes small, as nested loops: the cross-entropy of logits, and its gradient."""

# Slides show these functions as they stand: lines of at most 84 characters, and a layout made by hand. Types
# are in loss.pyi, shapes in the docstrings.
# mypy: allow-untyped-defs, check-untyped-defs
# fmt: off

import numpy as np

from tinyspatial.arguments import check_cross_entropy, check_grad

__all__ = ["cross_entropy", "cross_entropy_backward"]


def cross_entropy(x, target):
    """Measure how little of its probability a network gives to the right class.

        loss = mean over n of -log(exp(x[n, target[n]]) / Σ_f exp(x[n,f]))

    The largest logit of an image is subtracted first: that changes nothing in exact
    arithmetic, and exp cannot overflow.

    Shapes: x (N, F), the logits of F classes; target (N,), the right class of each image, an
    integer from 0 to F - 1 -> one float, in nats. Of an empty batch the mean is NaN.
    Raises ValueError when x is not 2-D, and when target is not N integers in that range.
    Convention: torch.nn.functional.cross_entropy, for class indices.
    """
    x, target = check_cross_entropy(x, target)
    N, F = x.shape
    total = 0.0
    for n in range(N):                              # every image of the batch
        largest, scale = max(x[n]), 0.0
        for f in range(F):                          # every class
            scale += np.exp(x[n, f] - largest)
        total += largest + np.log(scale) - x[n, target[n]]
    return float(total / N) if N else np.nan


def cross_entropy_backward(grad, x, target):
    """Say how each logit should have been: what the softmax gave, minus what was right.

        grad_x[n,f] = grad · (softmax(x)[n,f] - (1 if f is target[n] else 0)) / N

    Shapes: grad a single number, 1 when the loss itself is what training makes small; x (N, F)
    and target (N,) as for `cross_entropy` -> the gradient of x, (N, F).
    Raises ValueError in the same cases as `cross_entropy`, and when grad is no single number.
    Convention: the gradient of torch.nn.functional.cross_entropy.
    """
    grad, (x, target) = check_grad(grad, ()), check_cross_entropy(x, target)
    (N, F), grad_x = x.shape, np.zeros(x.shape)
    for n in range(N):                              # every image of the batch
        largest, scale = max(x[n]), 0.0
        for f in range(F):
            scale += np.exp(x[n, f] - largest)
        for f in range(F):
            softmax = np.exp(x[n, f] - largest) / scale
            grad_x[n, f] = grad * (softmax - (f == target[n])) / N
    return grad_x
