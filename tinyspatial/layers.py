"""A layer is parameters plus one call: it keeps the weights, and a function of `loops` does the work.

`layer(x)` computes; `layer.backward(grad)` goes back through the latest call, from the gradient of its output
to that of its input, and keeps those of the weights as weight_grad and bias_grad.

Names, arguments and defaults are those of torch.nn; `ops=` takes the module that computes. Two things differ
from torch: weights start He-normal, drawn from `rng` (a numpy Generator; when None, a fresh `default_rng(0)`,
so that the same program always gives the same numbers), and biases start at zero. He-normal: He et al.,
Delving Deep into Rectifiers, 2015; torch.nn.init.kaiming_normal_.

Arrays of any type come in, float64 comes out; an empty batch gives an empty result, and NaN spreads as the
arithmetic has it: all as in `loops`.
"""

# Slides show these classes as they stand, in a layout made by hand. Types are in layers.pyi.
# mypy: allow-untyped-defs, check-untyped-defs
# fmt: off

import math

import numpy as np

from tinyspatial import loops
from tinyspatial.arguments import (
    check_grad,
    expect_4d,
    expect_channels,
    expect_features,
    floats,
    places,
    pool_window,
)
from tinyspatial.base import Layer
from tinyspatial.shapes import integer, pair

__all__ = ["AvgPool2d", "BatchNorm2d", "Conv2d", "Flatten", "GlobalAvgPool2d", "Linear", "MaxPool2d", "ReLU"]


class Conv2d(Layer):
    """Convolution, (N, C, H, W) -> (N, F, P, Q): see `loops.conv2d`.

    weight (F, C, kernel height, kernel width); bias (F,), or None with bias=False.
    Raises ValueError when made with channels or a kernel_size or stride below 1 or a padding below 0; when
    called as `loops.conv2d` does.
    Convention: torch.nn.Conv2d.
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0,
                 *, bias=True, ops=loops, rng=None):
        self.in_channels = integer("in_channels", in_channels, 1)
        self.out_channels = integer("out_channels", out_channels, 1)
        self.kernel_size = pair("kernel_size", kernel_size, 1)
        self.stride = pair("stride", stride, 1)
        self.padding = pair("padding", padding, 0)
        shape = (out_channels, in_channels, *self.kernel_size)
        fan_in = math.prod(shape[1:])                   # inputs of one output value
        rng = rng or np.random.default_rng(0)
        self.weight = rng.normal(0.0, np.sqrt(2 / fan_in), shape)       # He-normal
        self.bias = np.zeros(out_channels) if bias else None
        self.ops = ops

    @property
    def macs_per_value(self):
        return math.prod((self.in_channels, *self.kernel_size))

    def forward(self, x):
        return self.ops.conv2d(x, self.weight, self.bias, self.stride, self.padding)

    def backward(self, grad):
        grad_x, self.weight_grad, self.bias_grad = self.ops.conv2d_backward(
            grad, self.latest_input(), self.weight, self.bias, self.stride, self.padding)
        return grad_x

    def output_shape(self, input_shape):
        expect_channels(input_shape, self.in_channels)
        window = self.kernel_size, self.stride, self.padding
        return input_shape[0], self.out_channels, *places(input_shape, *window)

    def describe(self):
        end = "" if self.bias is not None else ", bias=False"
        return f"{self.in_channels}, {self.out_channels}, {describe_window(self)}{end}"


class Pool2d(Layer):
    """What the two pooling layers share: a window, and nothing to train."""

    def __init__(self, kernel_size, stride=None, padding=0, *, ops=loops):
        self.kernel_size, self.stride, self.padding = pool_window(kernel_size, stride, padding)
        self.ops = ops

    def output_shape(self, input_shape):
        expect_4d(input_shape)
        return *input_shape[:2], *places(input_shape, self.kernel_size, self.stride, self.padding)

    def describe(self):
        return describe_window(self)


class MaxPool2d(Pool2d):
    """The largest value of every window, (N, C, H, W) -> (N, C, P, Q): see `loops.max_pool2d`.

    Raises ValueError as `loops.max_pool2d` does; for the window already when made.
    Convention: torch.nn.MaxPool2d.
    """

    def forward(self, x):
        return self.ops.max_pool2d(x, self.kernel_size, self.stride, self.padding)

    def backward(self, grad):
        window = self.kernel_size, self.stride, self.padding
        return self.ops.max_pool2d_backward(grad, self.latest_input(), *window)


class AvgPool2d(Pool2d):
    """The mean of every window, (N, C, H, W) -> (N, C, P, Q): see `loops.avg_pool2d`.

    Raises ValueError as `loops.avg_pool2d` does; for the window already when made.
    Convention: torch.nn.AvgPool2d.
    """

    def __init__(self, kernel_size, stride=None, padding=0, *, count_include_pad=True, ops=loops):
        super().__init__(kernel_size, stride, padding, ops=ops)
        self.count_include_pad = count_include_pad

    def forward(self, x):
        window = self.kernel_size, self.stride, self.padding
        return self.ops.avg_pool2d(x, *window, self.count_include_pad)

    def backward(self, grad):
        window = self.kernel_size, self.stride, self.padding
        return self.ops.avg_pool2d_backward(grad, self.latest_input(), *window, self.count_include_pad)


class GlobalAvgPool2d(Layer):
    """The mean of every channel, (N, C, H, W) -> (N, C, 1, 1): `loops.avg_pool2d` with a window of H×W.

    Raises ValueError when the input is not 4-D, and when H or W is 0.
    Convention: torch.nn.AdaptiveAvgPool2d(1).
    """

    def __init__(self, *, ops=loops):
        self.ops = ops

    def forward(self, x):
        expect_4d(np.shape(x))
        return self.ops.avg_pool2d(x, kernel_size=np.shape(x)[2:])

    def backward(self, grad):
        x = self.latest_input()
        return self.ops.avg_pool2d_backward(grad, x, kernel_size=np.shape(x)[2:])

    def output_shape(self, input_shape):
        expect_4d(input_shape)
        return *input_shape[:2], 1, 1


class BatchNorm2d(Layer):
    """Normalisation of every channel, (N, C, H, W) -> (N, C, H, W): see `loops.batch_norm`.

    weight (γ) and bias (β) are trained. running_mean and running_var are not: every batch moves them in
    training mode, and evaluation mode uses them. All four are (C,). NaN in a batch stays in them.
    Raises ValueError when made with num_features below 1, and when called as `loops.batch_norm` does.
    Convention: torch.nn.BatchNorm2d.
    """

    def __init__(self, num_features, eps=1e-5, momentum=0.1, *, ops=loops):
        self.num_features = integer("num_features", num_features, 1)
        self.eps, self.momentum, self.ops = eps, momentum, ops
        self.weight = np.ones(num_features)             # γ, trained
        self.bias = np.zeros(num_features)              # β, trained
        self.running_mean = np.zeros(num_features)      # moved by each batch
        self.running_var = np.ones(num_features)
        self.num_batches_tracked = 0

    def forward(self, x):
        expect_channels(np.shape(x), self.num_features)
        out = self.ops.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias,
            self.training, self.momentum, self.eps)
        self.num_batches_tracked += self.training
        return out

    def backward(self, grad):
        grad_x, self.weight_grad, self.bias_grad = self.ops.batch_norm_backward(
            grad, self.latest_input(), self.running_mean, self.running_var, self.weight, self.bias,
            self.training, self.momentum, self.eps)
        return grad_x

    def output_shape(self, input_shape):
        expect_channels(input_shape, self.num_features)
        return tuple(input_shape)

    def describe(self):
        return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}"


class ReLU(Layer):
    """Zero in place of every negative value, any shape: see `loops.relu`. Convention: torch.nn.ReLU."""

    def __init__(self, *, ops=loops):
        self.ops = ops

    def forward(self, x):
        return self.ops.relu(x)

    def backward(self, grad):
        return self.ops.relu_backward(grad, self.latest_input())


class Flatten(Layer):
    """All values of an image in one row, the last axis running fastest, (N, C, H, W) -> (N, C·H·W).

    Any number of axes behind the batch will do. Raises ValueError for an input with fewer than two axes.
    Convention: torch.nn.Flatten.
    """

    is_view = True

    def forward(self, x):
        return floats(x).reshape(self.output_shape(np.shape(x)))

    def backward(self, grad):
        shape = np.shape(self.latest_input())
        return check_grad(grad, self.output_shape(shape)).reshape(shape)

    def output_shape(self, input_shape):
        if len(input_shape) < 2:
            raise ValueError(f"Expected input (batch, ...) of at least 2 axes, got {tuple(input_shape)}")
        return input_shape[0], math.prod(input_shape[1:])


class Linear(Layer):
    """Every input feature connected with every output feature, (N, C) -> (N, F): see `loops.linear`.

    weight (F, C); bias (F,), or None with bias=False.
    Raises ValueError when made with a number of features below 1, and when called as `loops.linear` does.
    Convention: torch.nn.Linear, for 2-D input.
    """

    def __init__(self, in_features, out_features, bias=True, *, ops=loops, rng=None):
        self.in_features = integer("in_features", in_features, 1)
        self.out_features = integer("out_features", out_features, 1)
        rng = rng or np.random.default_rng(0)
        self.weight = rng.normal(0.0, np.sqrt(2 / in_features), (out_features, in_features))
        self.bias = np.zeros(out_features) if bias else None
        self.ops = ops

    @property
    def macs_per_value(self):
        return self.in_features

    def forward(self, x):
        return self.ops.linear(x, self.weight, self.bias)

    def backward(self, grad):
        grad_x, self.weight_grad, self.bias_grad = self.ops.linear_backward(
            grad, self.latest_input(), self.weight, self.bias)
        return grad_x

    def output_shape(self, input_shape):
        expect_features(input_shape, self.in_features)
        return input_shape[0], self.out_features

    def describe(self):
        sizes = f"in_features={self.in_features}, out_features={self.out_features}"
        return f"{sizes}, bias={self.bias is not None}"


def describe_window(layer):
    """Kernel, stride and padding as torch prints them, which leaves out a padding of zero."""
    end = f", padding={layer.padding}" if any(layer.padding) else ""
    return f"kernel_size={layer.kernel_size}, stride={layer.stride}{end}"
