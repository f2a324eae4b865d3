"""The operations of a convolutional network as nested loops: slow, and nothing is hidden.

One name for each axis, everywhere:  n  image of the batch       p q  row and column of the output
                                     c  channel of the input     i j  row and column of the kernel
                                     f  filter, channel of the output
Names, argument order and conventions are those of torch.nn.functional. Arrays come in as anything that NumPy
can read; all arithmetic and all results are float64. An empty batch gives an empty result. No argument is ever
changed, except the running statistics of `batch_norm`.
"""

# Slides show these functions as they stand, so signatures carry no types and the layout is made by hand.
# mypy: allow-untyped-defs, check-untyped-defs
# fmt: off

import numpy as np

from tinyspatial.arguments import (
    check_batch_norm,
    check_conv2d,
    check_linear,
    check_pool2d,
    floats,
    pad,
)

__all__ = ["avg_pool2d", "batch_norm", "conv2d", "linear", "max_pool2d", "relu"]


def conv2d(x, weight, bias=None, stride=1, padding=0):
    """Slide every filter over every image and take the sum of products at each place.

    out[n,f,p,q] = bias[f] + Σ_c Σ_i Σ_j x[n, c, p·s + i, q·t + j] · weight[f,c,i,j]

    with x after padding with zeros, and strides s down and t across. The kernel is not flipped: what networks
    call convolution is cross-correlation.

    Shapes: x (N, C, H, W), weight (F, C, I, J), bias (F,) or None -> (N, F, P, Q), with P and Q as given by
    `tinyspatial.shapes.output_size`. stride and padding: one integer, or a pair (height, width).
    Raises ValueError when x or weight is not 4-D, when their channels differ, when the stride is below 1 or
    the padding negative, and when the kernel is larger than the padded input.
    Convention: torch.nn.functional.conv2d.
    """
    x, weight, bias, (s, t), (P, Q) = check_conv2d(x, weight, bias, stride, padding)
    N, (F, C, I, J) = len(x), weight.shape
    x, out = pad(x, padding), np.zeros((N, F, P, Q))
    for n in range(N):                              # every image of the batch
        for f in range(F):                          # every filter
            for p in range(P):                      # every output row
                for q in range(Q):                  # every output column
                    total = bias[f]                 # the accumulator
                    for c in range(C):              # every input channel
                        for i in range(I):          # every kernel row
                            for j in range(J):      # every kernel column
                                pixel = x[n, c, p * s + i, q * t + j]
                                total += pixel * weight[f, c, i, j]
                    out[n, f, p, q] = total
    return out


def max_pool2d(x, kernel_size, stride=None, padding=0):
    """Keep the largest value of every window, channel by channel.

    out[n,c,p,q] = max over i, j of x[n, c, p·s + i, q·t + j]

    with x after padding with -∞, which never wins against a pixel. A NaN in the window is the result.

    Shapes: (N, C, H, W) -> (N, C, P, Q), with P and Q as given by `tinyspatial.shapes.output_size`.
    kernel_size, stride and padding: one integer, or a pair (height, width); stride is kernel_size when None.
    Raises ValueError when x is not 4-D, when kernel or stride is below 1, when the padding is negative or more
    than half of the kernel, and when the kernel is larger than the padded input.
    Convention: torch.nn.functional.max_pool2d.
    """
    x, (I, J), (s, t), (P, Q) = check_pool2d(x, kernel_size, stride, padding)
    N, C = x.shape[:2]
    x, out = pad(x, padding, value=-np.inf), np.zeros((N, C, P, Q))
    for n in range(N):                              # every image of the batch
        for c in range(C):                          # every channel, on its own
            for p in range(P):                      # every output row
                for q in range(Q):                  # every output column
                    best = -np.inf                  # below every number
                    for i in range(I):              # every window row
                        for j in range(J):          # every window column
                            value = x[n, c, p * s + i, q * t + j]
                            if value > best or value != value:  # NaN wins
                                best = value
                    out[n, c, p, q] = best
    return out


def avg_pool2d(x, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Take the mean of every window, channel by channel.

    out[n,c,p,q] = Σ_i Σ_j x[n, c, p·s + i, q·t + j] / number of values that count

    with x after padding with zeros. The zeros count as values of the window; with count_include_pad=False
    only pixels of the image do.

    Shapes: (N, C, H, W) -> (N, C, P, Q), with P and Q as given by `tinyspatial.shapes.output_size`.
    kernel_size, stride and padding: one integer, or a pair (height, width); stride is kernel_size when None.
    Raises ValueError in the same cases as `max_pool2d`.
    Convention: torch.nn.functional.avg_pool2d.
    """
    x, (I, J), (s, t), (P, Q) = check_pool2d(x, kernel_size, stride, padding)
    N, C = x.shape[:2]
    counts = pad(np.ones(x.shape), padding, value=float(count_include_pad))
    x, out = pad(x, padding), np.zeros((N, C, P, Q))
    for n in range(N):                              # every image of the batch
        for c in range(C):                          # every channel, on its own
            for p in range(P):                      # every output row
                for q in range(Q):                  # every output column
                    total = count = 0.0             # two accumulators
                    for i in range(I):              # every window row
                        for j in range(J):          # every window column
                            total += x[n, c, p * s + i, q * t + j]
                            count += counts[n, c, p * s + i, q * t + j]
                    out[n, c, p, q] = total / count
    return out


def batch_norm(x, running_mean, running_var, weight=None, bias=None,
               training=False, momentum=0.1, eps=1e-5):
    """Give every channel mean 0 and variance 1, then scale it by weight (γ) and shift it by bias (β).

    out[n,c,p,q] = (x[n,c,p,q] - mean[c]) / √(var[c] + eps) · weight[c] + bias[c]

    In training, mean and var are those of this batch, over its M = N·H·W values per channel; var is the mean
    squared deviation (divided by M). The batch also moves the running statistics, IN PLACE:

    running = (1 - momentum) · running + momentum · new

    where the new variance is the unbiased one (divided by M - 1). Otherwise mean and var are the running
    statistics, and nothing is changed.

    Shapes: x (N, C, H, W) -> (N, C, H, W); all other arrays (C,). weight None is 1, bias None is 0. In
    training the running statistics may be None, and are arrays of floats when given.
    Raises ValueError when x is not 4-D, when an array does not have one value per channel, when a running
    statistic is missing outside training, and in training when there is one value per channel (N·H·W = 1),
    which would always become β. Convention: torch.nn.functional.batch_norm.
    """
    x, running_mean, running_var, weight, bias = check_batch_norm(
        x, running_mean, running_var, weight, bias, training)
    (N, C, H, W), out = x.shape, np.zeros(x.shape)
    places = list(np.ndindex(N, H, W))              # every n, p, q of one channel
    for c in range(C):
        mean, var = running_mean[c], running_var[c]
        if training:
            mean = sum(x[n, c, p, q] for n, p, q in places) / len(places)
            var = sum((x[n, c, p, q] - mean) ** 2 for n, p, q in places) / len(places)
            unbiased = var * len(places) / (len(places) - 1)
            running_mean[c] = (1 - momentum) * running_mean[c] + momentum * mean
            running_var[c] = (1 - momentum) * running_var[c] + momentum * unbiased
        for n, p, q in places:
            normal = (x[n, c, p, q] - mean) / np.sqrt(var + eps)
            out[n, c, p, q] = normal * weight[c] + bias[c]
    return out


def linear(x, weight, bias=None):
    """Connect every input feature with every output feature.

    out[n,f] = bias[f] + Σ_c x[n,c] · weight[f,c]

    Shapes: x (N, C), weight (F, C), bias (F,) or None -> (N, F).
    Raises ValueError when x or weight is not 2-D and when their numbers of features differ.
    Convention: torch.nn.functional.linear, for 2-D input.
    """
    x, weight, bias = check_linear(x, weight, bias)
    N, (F, C) = len(x), weight.shape
    out = np.zeros((N, F))
    for n in range(N):                              # every image of the batch
        for f in range(F):                          # every output feature
            total = bias[f]                         # the accumulator
            for c in range(C):                      # every input feature
                total += x[n, c] * weight[f, c]
            out[n, f] = total
    return out


def relu(x):
    """Replace every negative value by zero, in an array of any shape; NaN stays NaN.

    Convention: torch.nn.functional.relu.
    """
    x = floats(x)
    out = np.zeros(x.shape)
    for place in np.ndindex(x.shape):               # every value, on its own
        out[place] = 0.0 if x[place] < 0 else x[place]
    return out
