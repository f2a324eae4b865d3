"""Batch normalisation as nested loops, forward and backward. The package says what the letters mean."""

# Slides show these functions as they stand: lines of at most 84 characters, and a layout made by hand. Types
# are in normalisation.pyi, shapes in the docstrings.
# mypy: allow-untyped-defs, check-untyped-defs
# fmt: off

import numpy as np

from tinyspatial.arguments import check_batch_norm, check_batches, check_grad

__all__ = ["batch_norm", "batch_norm_backward", "running_statistics"]


def batch_norm(x, running_mean, running_var, weight=None, bias=None,
               training=False, momentum=0.1, eps=1e-5):
    """Bring every channel to mean 0 and variance 1, then scale it by γ and shift it by β.

        out[n,c,p,q] = (x[n,c,p,q] - mean[c]) / √(var[c] + eps) · weight[c] + bias[c]

    In training, mean and var are those of the batch: over the M = N·H·W values of the
    channel, var divided by M. The running statistics then move towards the batch, IN PLACE:

        running = (1 - momentum) · running + momentum · (statistic of the batch)

    where the variance is divided by M - 1. Otherwise mean and var are the running
    statistics, and nothing is changed. An empty batch moves nothing either.

    Shapes: x (N, C, H, W) -> (N, C, H, W); all other arrays (C,). weight is γ, 1 when None;
    bias is β, 0 when None. In training the running statistics may be None (none are kept);
    those given must be arrays of floats.
    Raises ValueError when x is not 4-D, when an array does not have C values, when a running
    statistic is None outside training, and when M is 1 in training: a value normalised
    against itself is always 0.
    Convention: torch.nn.functional.batch_norm.
    """
    x, running_mean, running_var, weight, bias = check_batch_norm(
        x, running_mean, running_var, weight, bias, training)
    (N, C, H, W), out = x.shape, np.zeros(x.shape)
    places, M = list(np.ndindex(N, H, W)), N * H * W
    for c in range(C):                              # every channel
        mean, var = running_mean[c], running_var[c]
        if training and M > 0:                      # those of the batch itself
            mean = sum(x[n, c, p, q] for n, p, q in places) / M
            var = sum((x[n, c, p, q] - mean) ** 2 for n, p, q in places) / M
            unbiased = var * M / (M - 1)
            running_mean[c] = (1 - momentum) * running_mean[c] + momentum * mean
            running_var[c] = (1 - momentum) * running_var[c] + momentum * unbiased
        for n, p, q in places:                      # every value of the channel
            normal = (x[n, c, p, q] - mean) / np.sqrt(var + eps)
            out[n, c, p, q] = normal * weight[c] + bias[c]
    return out


def batch_norm_backward(grad, x, running_mean, running_var, weight=None, bias=None,
                        training=False, momentum=0.1, eps=1e-5):
    """Carry the gradient back through the scale, the shift and the normalisation.

    With normal = (x - mean) / √(var + eps), over the M = N·H·W values of a channel

        grad_weight[c] = Σ grad · normal              grad_bias[c] = Σ grad
        grad_x = (grad - grad_bias[c] / M - normal · grad_weight[c] / M)
                 · weight[c] / √(var + eps)

    In training a pixel also moves the mean and the variance of its batch: these are the two
    terms that are subtracted. Otherwise mean and var are the running statistics, which no
    pixel moves, and the two terms are left out.

    Shapes: grad and x (N, C, H, W), the rest as for `batch_norm` -> the gradients of x,
    weight and bias, each in the shape of its own; None for a weight or bias of None. The
    running statistics stay as they are; momentum is not used.
    Raises ValueError in the same cases as `batch_norm`, and when grad has another shape.
    Convention: the gradients of torch.nn.functional.batch_norm.
    """
    given = weight is not None, bias is not None
    x, running_mean, running_var, weight, bias = check_batch_norm(
        x, running_mean, running_var, weight, bias, training)
    grad, (N, C, H, W) = check_grad(grad, x.shape), x.shape
    places, M = list(np.ndindex(N, H, W)), N * H * W
    grad_x, grad_weight, grad_bias = map(np.zeros_like, (x, weight, bias))
    for c in range(C):                              # every channel
        mean, var, share = running_mean[c], running_var[c], 0.0
        if training and M > 0:
            mean = sum(x[n, c, p, q] for n, p, q in places) / M
            var = sum((x[n, c, p, q] - mean) ** 2 for n, p, q in places) / M
            share = 1 / M                           # each pixel's, of mean and var
        root = np.sqrt(var + eps)
        for n, p, q in places:
            grad_weight[c] += grad[n, c, p, q] * (x[n, c, p, q] - mean) / root
            grad_bias[c] += grad[n, c, p, q]
        for n, p, q in places:
            normal = (x[n, c, p, q] - mean) / root
            moved = grad_bias[c] + normal * grad_weight[c]
            common = moved * share if share else 0.0        # NaN · 0 would be NaN
            grad_x[n, c, p, q] = (grad[n, c, p, q] - common) * weight[c] / root
    grad_weight = grad_weight if given[0] else None
    return grad_x, grad_weight, grad_bias if given[1] else None


def running_statistics(x, momentum=0.1):
    """What `batch_norm` in training remembers of one channel, from batch to batch.

        running_mean[b+1] = (1 - momentum) · running_mean[b] + momentum · mean of batch b
        running_var[b+1]  = (1 - momentum) · running_var[b]  + momentum · variance of batch b

    where the variance is divided by M - 1. Entry b is what is known after b batches; before
    the first they are 0 and 1.

    Shapes: x (B, M), the M values that the channel has in each of B batches
    -> running_mean (B + 1,), running_var (B + 1,).
    Raises ValueError when x is not 2-D and when M is 1.
    Convention: torch.nn.BatchNorm2d; momentum weighs the new value.
    """
    x, B, M = check_batches(x)
    running_mean, running_var, keep = np.zeros(B + 1), np.ones(B + 1), 1 - momentum
    for b in range(B):                              # every batch
        mean = var = 0.0
        for m in range(M):                          # every value of the channel
            mean += x[b, m] / M
        for m in range(M):
            var += (x[b, m] - mean) ** 2 / (M - 1)
        running_mean[b + 1] = keep * running_mean[b] + momentum * mean
        running_var[b + 1] = keep * running_var[b] + momentum * var
    return running_mean, running_var
