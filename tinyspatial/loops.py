"""The operations of a convolutional network as nested loops: slow, and nothing is hidden.

Each axis has one name everywhere:  n   image of the batch      p q  row and column of the output
                                    c   channel of the input    i j  row and column of the kernel
                                    f   filter, which makes one channel of the output
A small letter counts, its capital says how many there are. Names, argument order and conventions are those
of torch.nn.functional. Arrays come in as anything that NumPy can read; all arithmetic and all results are
float64. An empty batch gives an empty result. No argument is changed, except the running statistics of
`batch_norm` in training.
"""

# Slides show these functions as they stand: signatures without types, lines of at most 84 characters, and a
# layout made by hand. Types and shapes are in the docstrings.
# mypy: allow-untyped-defs, check-untyped-defs
# ruff: noqa: E741  (I is the height of a kernel)
# fmt: off

import numpy as np

from tinyspatial.arguments import check_batch_norm, check_conv2d, check_linear, check_pool2d, floats, pad

__all__ = ["avg_pool2d", "batch_norm", "conv2d", "linear", "max_pool2d", "relu"]


def conv2d(x, weight, bias=None, stride=1, padding=0):
    """Slide every filter over every image; at each place, take the sum of products.

        out[n,f,p,q] = bias[f] + Σ_c Σ_i Σ_j x[n, c, p·s + i, q·t + j] · weight[f,c,i,j]

    with x after padding with zeros, s the stride down and t the stride across. The kernel
    is not flipped: what networks call convolution is cross-correlation.

    Shapes: x (N, C, H, W), weight (F, C, I, J), bias (F,) or None -> (N, F, P, Q), where
    `shapes.output_size` gives P and Q.
    stride, padding: one integer, or a pair (height, width).
    Raises ValueError when x or weight is not 4-D, when their channels differ, when bias
    does not have F values, when stride is below 1 or padding below 0, and when the kernel
    is larger than the padded input.
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
    """Keep the largest value of every window, in each channel on its own.

        out[n,c,p,q] = max over i and j of x[n, c, p·s + i, q·t + j]

    with x after padding with -∞, which never wins against a pixel. A window that holds
    NaN gives NaN.

    Shapes: (N, C, H, W) -> (N, C, P, Q), where `shapes.output_size` gives P and Q.
    kernel_size, stride, padding: one integer, or a pair (height, width); without a stride
    the windows lie side by side (stride = kernel_size).
    Raises ValueError when x is not 4-D, when kernel_size or stride is below 1, when padding
    is below 0 or above half of kernel_size, and when the window is larger than the padded
    input.
    Convention: torch.nn.functional.max_pool2d.
    """
    x, (I, J), (s, t), (P, Q) = check_pool2d(x, kernel_size, stride, padding)
    N, C = x.shape[:2]
    x, out = pad(x, padding, value=-np.inf), np.zeros((N, C, P, Q))
    for n in range(N):                              # every image of the batch
        for c in range(C):                          # every channel
            for p in range(P):                      # every output row
                for q in range(Q):                  # every output column
                    best = -np.inf                  # smaller than any pixel
                    for i in range(I):              # every window row
                        for j in range(J):          # every window column
                            value = x[n, c, p * s + i, q * t + j]
                            if value > best or value != value:      # or NaN
                                best = value
                    out[n, c, p, q] = best
    return out


def avg_pool2d(x, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Take the mean of every window, in each channel on its own.

        out[n,c,p,q] = Σ_i Σ_j x[n, c, p·s + i, q·t + j] / number of values that count

    with x after padding with zeros. The zeros count like pixels, unless
    count_include_pad is False.

    Shapes: (N, C, H, W) -> (N, C, P, Q), where `shapes.output_size` gives P and Q.
    kernel_size, stride, padding: as for `max_pool2d`.
    Raises ValueError in the same cases as `max_pool2d`.
    Convention: torch.nn.functional.avg_pool2d.
    """
    x, (I, J), (s, t), (P, Q) = check_pool2d(x, kernel_size, stride, padding)
    N, C = x.shape[:2]
    counts = pad(np.ones(x.shape), padding, value=float(count_include_pad))
    x, out = pad(x, padding), np.zeros((N, C, P, Q))
    for n in range(N):                              # every image of the batch
        for c in range(C):                          # every channel
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


def linear(x, weight, bias=None):
    """Connect every input feature with every output feature.

        out[n,f] = bias[f] + Σ_c x[n,c] · weight[f,c]

    Shapes: x (N, C), weight (F, C), bias (F,) or None -> (N, F).
    Raises ValueError when x or weight is not 2-D, when their features differ, and when bias
    does not have F values.
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
    """Put zero in place of every negative value, in an array of any shape; NaN stays NaN.

    Convention: torch.nn.functional.relu.
    """
    x = floats(x)
    out = np.zeros(x.shape)
    for place in np.ndindex(x.shape):               # every value, whatever the axes
        out[place] = 0.0 if x[place] < 0 else x[place]
    return out
