"""What every layer and every model can do: be called, give its parameters, change its mode, print itself."""

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
        return {name: part for name, part in vars(self).items() if isinstance(part, Layer)}

    def children(self):
        """The layers that this one is made of; none for a simple layer."""
        return list(self.named_children().values())

    def parameters(self):
        """The arrays that training changes: a list of the arrays themselves, not of copies."""
        own = [array for array in (self.weight, self.bias) if array is not None]
        return own + [array for child in self.children() for array in child.parameters()]

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
