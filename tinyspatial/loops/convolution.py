"""Convolution as nested loops, forward and backward. The package says what the letters mean."""

# Slides show these functions as they stand: lines of at most 84 characters, and a layout made by hand. Types
# are in convolution.pyi, shapes in the docstrings.
# mypy: allow-untyped-defs, check-untyped-defs
# ruff: noqa: E741  (I is the height of a kernel)
# fmt: off

import numpy as np

from tinyspatial.arguments import check_conv2d, check_grad, crop, pad

__all__ = ["conv2d", "conv2d_backward"]


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


def conv2d_backward(grad, x, weight, bias=None, stride=1, padding=0):
    """Give every pixel and every weight its share of the gradient of `conv2d`.

    Where the forward loops add pixel · weight to out[n,f,p,q], the derivative of that
    product for each factor is the other factor, so with g = grad[n,f,p,q]

        grad_x[n, c, p·s + i, q·t + j] += g · weight[f,c,i,j]
        grad_weight[f,c,i,j]           += g · x[n, c, p·s + i, q·t + j]
        grad_bias[f]                   += g

    Shapes: grad (N, F, P, Q) as the result of `conv2d`, the rest as there -> the gradients
    of x, weight and bias, each in the shape of its own; None for a bias of None.
    Raises ValueError in the same cases as `conv2d`, and when grad has another shape.
    Convention: the gradients of torch.nn.functional.conv2d.
    """
    given = bias is not None
    x, weight, bias, (s, t), (P, Q) = check_conv2d(x, weight, bias, stride, padding)
    N, (F, C, I, J) = len(x), weight.shape
    grad, x = check_grad(grad, (N, F, P, Q)), pad(x, padding)
    grad_x, grad_weight, grad_bias = map(np.zeros_like, (x, weight, bias))
    for n in range(N):                              # the very loops of conv2d
        for f in range(F):
            for p in range(P):
                for q in range(Q):
                    g = grad[n, f, p, q]
                    grad_bias[f] += g
                    for c in range(C):
                        for i in range(I):
                            for j in range(J):
                                row, column = p * s + i, q * t + j
                                grad_x[n, c, row, column] += g * weight[f, c, i, j]
                                grad_weight[f, c, i, j] += g * x[n, c, row, column]
    return crop(grad_x, padding), grad_weight, grad_bias if given else None
