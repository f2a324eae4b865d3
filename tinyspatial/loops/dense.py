"""What ends a network, as nested loops, forward and backward: linear layers, and ReLU between them."""

# Slides show these functions as they stand: lines of at most 84 characters, and a layout made by hand. Types
# are in dense.pyi, shapes in the docstrings.
# mypy: allow-untyped-defs, check-untyped-defs
# fmt: off

import numpy as np

from tinyspatial.arguments import check_grad, check_linear, floats

__all__ = ["linear", "linear_backward", "relu", "relu_backward"]


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


def linear_backward(grad, x, weight, bias=None):
    """Give every input and every weight its share of the gradient of `linear`.

        grad_x[n,c]      = Σ_f grad[n,f] · weight[f,c]
        grad_weight[f,c] = Σ_n grad[n,f] · x[n,c]
        grad_bias[f]     = Σ_n grad[n,f]

    Shapes: grad (N, F), x (N, C), weight (F, C), bias (F,) or None -> the gradients of x,
    weight and bias, each in the shape of its own; None for a bias of None.
    Raises ValueError in the same cases as `linear`, and when grad has another shape.
    Convention: the gradients of torch.nn.functional.linear.
    """
    given = bias is not None
    x, weight, bias = check_linear(x, weight, bias)
    N, (F, C) = len(x), weight.shape
    grad = check_grad(grad, (N, F))
    grad_x, grad_weight, grad_bias = map(np.zeros_like, (x, weight, bias))
    for n in range(N):                              # the very loops of linear
        for f in range(F):
            g = grad[n, f]
            grad_bias[f] += g
            for c in range(C):
                grad_x[n, c] += g * weight[f, c]
                grad_weight[f, c] += g * x[n, c]
    return grad_x, grad_weight, grad_bias if given else None


def relu(x):
    """Put zero in place of every negative value, in an array of any shape; NaN stays NaN.

    Convention: torch.nn.functional.relu.
    """
    x = floats(x)
    out = np.zeros(x.shape)
    for place in np.ndindex(x.shape):               # every value, whatever the axes
        out[place] = 0.0 if x[place] < 0 else x[place]
    return out


def relu_backward(grad, x):
    """Let the gradient through where the input was positive, and nowhere else.

    The derivative of `relu` is 1 above zero and 0 below. At zero itself there is none; it is
    taken as 0. NaN lets the gradient through.

    Shapes: grad and x alike -> the gradient of x.
    Raises ValueError when grad has another shape than x.
    Convention: the gradient of torch.nn.functional.relu.
    """
    x = floats(x)
    grad, grad_x = check_grad(grad, x.shape), np.zeros(x.shape)
    for place in np.ndindex(x.shape):               # every value, whatever the axes
        grad_x[place] = 0.0 if x[place] <= 0 else grad[place]
    return grad_x
