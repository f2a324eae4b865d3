"""A layer is parameters plus one call: it keeps the weights, and a function of `loops` does the work.

Names, arguments and defaults are those of torch.nn. `ops=` takes the module that computes, `loops` unless
told otherwise. Arrays go in and come out as in that module. Two things differ from torch: weights start
He-normal, drawn from `rng` (a numpy Generator; a fresh `default_rng(0)` when None, so that every run gives
the same numbers), and biases start at zero.
"""

# Slides show these classes as they stand, so signatures carry no types and the layout is made by hand.
# mypy: allow-untyped-defs, check-untyped-defs
# fmt: off

import math
from textwrap import indent

import numpy as np

from tinyspatial import loops
from tinyspatial.arguments import expect_4d, expect_channels, expect_features, floats, refuse_unsupported
from tinyspatial.shapes import integer, output_size, pair

__all__ = ["AvgPool2d", "BatchNorm2d", "Conv2d", "Flatten", "GlobalAvgPool2d", "Linear", "MaxPool2d", "ReLU"]


class Layer:
    """What all layers and models share; a subclass says how in `forward` and `output_shape`.

    A model is a layer that is made of layers: those assigned to its attributes, in the order of computing.
    """

    training = True      # train() and eval() set it; only BatchNorm2d asks
    is_model = False     # made of other layers
    is_view = False      # gives its input in another shape and makes no new array
    macs_per_value = 0   # multiply-accumulates for one value of the output
    weight = bias = None

    def __new__(cls, *_, **options):
        refuse_unsupported(cls.__name__, options)
        return super().__new__(cls)

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        raise NotImplementedError

    def output_shape(self, input_shape):
        """The shape for an input of `input_shape`: the same, unless a layer says otherwise."""
        return tuple(input_shape)

    def named_children(self):
        """The layers that this one is made of, by name."""
        return {name: part for name, part in vars(self).items() if isinstance(part, Layer)}

    def children(self):
        """The layers that this one is made of, in the order of computing."""
        return list(self.named_children().values())

    def parameters(self):
        """A list of the arrays that training changes: the arrays themselves, not copies."""
        own = [array for array in (self.weight, self.bias) if array is not None]
        return own + [array for child in self.children() for array in child.parameters()]

    def train(self, mode=True):
        """Put this layer and all that it is made of into training mode; give it back."""
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self):
        """Put this layer and all that it is made of into evaluation mode; give it back."""
        return self.train(False)

    def describe(self):
        """What stands between the brackets of `repr`."""
        lines = "".join(f"({name}): {child!r}\n" for name, child in self.named_children().items())
        return "\n" + indent(lines, "  ") if lines else ""

    def __repr__(self):
        return f"{type(self).__name__}({self.describe()})"


class Conv2d(Layer):
    """Convolution, (N, C, H, W) -> (N, F, P, Q): see `loops.conv2d`.

    weight (F, C, kernel height, kernel width); bias (F,), or None with bias=False.
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0,
                 *, bias=True, ops=loops, rng=None):
        self.in_channels = integer("in_channels", in_channels, 1)
        self.out_channels = integer("out_channels", out_channels, 1)
        self.kernel_size = pair("kernel_size", kernel_size, 1)
        self.stride, self.padding = pair("stride", stride, 1), pair("padding", padding, 0)
        shape = (out_channels, in_channels, *self.kernel_size)
        fan_in = in_channels * math.prod(self.kernel_size)      # inputs of one output
        rng = rng or np.random.default_rng(0)
        self.weight = rng.normal(0.0, np.sqrt(2 / fan_in), shape)
        self.bias = np.zeros(out_channels) if bias else None
        self.macs_per_value = fan_in
        self.ops = ops

    def forward(self, x):
        return self.ops.conv2d(x, self.weight, self.bias, self.stride, self.padding)

    def output_shape(self, input_shape):
        expect_4d(input_shape)
        expect_channels(input_shape, self.in_channels)
        return input_shape[0], self.out_channels, *window_places(self, input_shape)

    def describe(self):
        end = "" if self.bias is not None else ", bias=False"
        return f"{self.in_channels}, {self.out_channels}, {describe_window(self)}{end}"


class MaxPool2d(Layer):
    """The largest value of every window, (N, C, H, W) -> (N, C, P, Q): see `loops.max_pool2d`."""

    def __init__(self, kernel_size, stride=None, padding=0, *, ops=loops):
        self.kernel_size = pair("kernel_size", kernel_size, 1)
        self.stride = self.kernel_size if stride is None else pair("stride", stride, 1)
        self.padding = pair("padding", padding, 0)
        self.ops = ops

    def forward(self, x):
        return self.ops.max_pool2d(x, self.kernel_size, self.stride, self.padding)

    def output_shape(self, input_shape):
        expect_4d(input_shape)
        return *input_shape[:2], *window_places(self, input_shape)

    def describe(self):
        return describe_window(self)


class AvgPool2d(MaxPool2d):
    """The mean of every window, (N, C, H, W) -> (N, C, P, Q): see `loops.avg_pool2d`."""

    def __init__(self, kernel_size, stride=None, padding=0, *, count_include_pad=True, ops=loops):
        super().__init__(kernel_size, stride, padding, ops=ops)
        self.count_include_pad = count_include_pad

    def forward(self, x):
        window = self.kernel_size, self.stride, self.padding
        return self.ops.avg_pool2d(x, *window, self.count_include_pad)


class GlobalAvgPool2d(Layer):
    """The mean of every channel, (N, C, H, W) -> (N, C, 1, 1): torch's AdaptiveAvgPool2d(1)."""

    def __init__(self, *, ops=loops):
        self.ops = ops

    def forward(self, x):
        expect_4d(np.shape(x))
        return self.ops.avg_pool2d(x, np.shape(x)[2:])

    def output_shape(self, input_shape):
        expect_4d(input_shape)
        return *input_shape[:2], 1, 1


class BatchNorm2d(Layer):
    """Normalisation of every channel, (N, C, H, W) -> (N, C, H, W): see `loops.batch_norm`.

    weight (γ) and bias (β) are trained; running_mean and running_var are moved by every batch in training
    mode and used in evaluation mode. They start at 1, 0, 0 and 1. All are (C,).
    """

    def __init__(self, num_features, eps=1e-5, momentum=0.1, *, ops=loops):
        self.num_features = integer("num_features", num_features, 1)
        self.eps, self.momentum, self.ops = eps, momentum, ops
        self.weight, self.bias = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.num_batches_tracked = 0

    def forward(self, x):
        out = self.ops.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias,
            self.training, self.momentum, self.eps)
        self.num_batches_tracked += self.training
        return out

    def output_shape(self, input_shape):
        expect_4d(input_shape)
        expect_channels(input_shape, self.num_features)
        return tuple(input_shape)

    def describe(self):
        return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}"


class ReLU(Layer):
    """Zero for every negative value, any shape: see `loops.relu`."""

    def __init__(self, *, ops=loops):
        self.ops = ops

    def forward(self, x):
        return self.ops.relu(x)


class Flatten(Layer):
    """All values of an image in one row, last axis first, (N, C, H, W) -> (N, C·H·W)."""

    is_view = True

    def forward(self, x):
        return floats(x).reshape(self.output_shape(np.shape(x)))

    def output_shape(self, input_shape):
        if not input_shape:
            raise ValueError("Expected input with a batch axis, got ()")
        return input_shape[0], math.prod(input_shape[1:])


class Linear(Layer):
    """Every input feature connected with every output feature, (N, C) -> (N, F): see `loops.linear`.

    weight (F, C); bias (F,), or None with bias=False.
    """

    def __init__(self, in_features, out_features, bias=True, *, ops=loops, rng=None):
        self.in_features = integer("in_features", in_features, 1)
        self.out_features = integer("out_features", out_features, 1)
        rng = rng or np.random.default_rng(0)
        self.weight = rng.normal(0.0, np.sqrt(2 / in_features), (out_features, in_features))
        self.bias = np.zeros(out_features) if bias else None
        self.macs_per_value = in_features
        self.ops = ops

    def forward(self, x):
        return self.ops.linear(x, self.weight, self.bias)

    def output_shape(self, input_shape):
        expect_features(input_shape, self.in_features)
        return input_shape[0], self.out_features

    def describe(self):
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


def window_places(layer, input_shape):
    """How many places the window of a layer has on an input of this shape (down, across)."""
    return map(output_size, input_shape[2:], layer.kernel_size, layer.stride, layer.padding)


def describe_window(layer):
    """Kernel, stride and padding as torch prints them: no padding is not worth a word."""
    end = f", padding={layer.padding}" if any(layer.padding) else ""
    return f"kernel_size={layer.kernel_size}, stride={layer.stride}{end}"
