"""What every layer and every model can do: compute forward and back, give its parameters, change its mode."""

# mypy: allow-untyped-defs, check-untyped-defs

from textwrap import indent
from typing import Any

from tinyspatial.arguments import refuse_unsupported


class Layer:
    """What layers and models share.

    A model is a layer made of layers: those among its attributes, in the order in which they compute.
    """

    training = True  # as in torch, until eval(); only BatchNorm2d asks
    is_view = False  # makes no array of its own
    macs_per_value: Any = 0  # multiply-accumulates for one value of the output
    weight: Any = None
    bias: Any = None
    received: Any = None  # the input of the latest call
    weight_grad: Any = None  # what the latest backward() found
    bias_grad: Any = None

    def __new__(cls, *_, **options):
        refuse_unsupported(cls.__name__, options)
        return super().__new__(cls)

    def __call__(self, x):
        """What `forward` gives; the input is kept for `backward`."""
        self.received = x
        return self.forward(x)

    def forward(self, x):
        raise NotImplementedError

    def backward(self, grad):
        """The gradient of the input of the latest call, from that of its output.

        The gradients of the parameters are kept, in place of those from before: see `gradients`.
        Raises ValueError when the layer has not been called, and when grad has not the shape of the output.
        """
        raise NotImplementedError

    def latest_input(self):
        if self.received is None:
            raise ValueError(f"{type(self).__name__} must be called before there is a way back through it")
        return self.received

    def output_shape(self, input_shape):
        """The shape for an input of `input_shape`: the same, unless a layer says otherwise."""
        return tuple(input_shape)

    def named_children(self):
        return {name: part for name, part in vars(self).items() if isinstance(part, Layer)}

    def children(self):
        """The layers that this one is made of; none for a simple layer."""
        return list(self.named_children().values())

    def parameters(self):
        """The arrays that training changes: a list of the arrays themselves, not of copies."""
        own = [array for array in (self.weight, self.bias) if array is not None]
        return own + [array for child in self.children() for array in child.parameters()]

    def gradients(self):
        """The gradients of `parameters()`, in the same order, as the latest `backward` found them."""
        own = [(self.weight, self.weight_grad), (self.bias, self.bias_grad)]
        found = [grad for array, grad in own if array is not None]
        return found + [grad for child in self.children() for grad in child.gradients()]

    def train(self, mode=True):
        """Set the mode of this layer and of all that it is made of; give the layer back."""
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self):
        return self.train(False)

    def describe(self):
        """What `repr` puts between the brackets."""
        lines = [f"({name}): {child!r}\n" for name, child in self.named_children().items()]
        return "\n" + indent("".join(lines), "  ") if lines else ""

    def __repr__(self):
        return f"{type(self).__name__}({self.describe()})"
