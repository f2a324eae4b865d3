"""What every layer and every model can do: compute forward and back, give its parameters, change its mode."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from textwrap import indent
from types import ModuleType
from typing import Any, Self

from numpy.typing import ArrayLike

from tinyspatial.arguments import Array, refuse_unsupported
from tinyspatial.shapes import Shape

__all__ = ["Layer"]


class Layer:
    """What layers and models share.

    A model is a layer made of layers: those among its attributes, in the order in which they compute. Copies
    (`copy.deepcopy`) and pickles hold all that it holds; of the module in `ops` they hold the name.
    """

    training: bool = True  # as in torch, until eval(); only BatchNorm2d asks
    is_view: bool = False  # makes no array of its own
    macs_per_value: Any = 0  # multiply-accumulates for one value of the output
    weight: Any = None
    bias: Any = None
    received: Any = None  # the input of the latest call
    weight_grad: Any = None  # what the latest backward() found
    bias_grad: Any = None

    def __new__(cls, *_: Any, **options: Any) -> Self:
        refuse_unsupported(cls.__name__, options)
        return super().__new__(cls)

    def __call__(self, x: ArrayLike) -> Array:
        """What `forward` gives; the input is kept for `backward`."""
        self.received = x
        return self.forward(x)

    def forward(self, x: ArrayLike) -> Array:
        raise NotImplementedError

    def backward(self, grad: ArrayLike) -> Array:
        """The gradient of the input of the latest call, from that of its output.

        The gradients of the parameters are kept, in place of those from before: see `gradients`.
        Raises ValueError when the layer has not been called, and when grad has not the shape of the output.
        """
        raise NotImplementedError

    def latest_input(self) -> Any:
        if self.received is None:
            raise ValueError(f"{type(self).__name__} must be called before there is a way back through it")
        return self.received

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shape for an input of `input_shape`: the same, unless a layer says otherwise."""
        return tuple(input_shape)

    def named_children(self) -> dict[str, Layer]:
        return {name: part for name, part in vars(self).items() if isinstance(part, Layer)}

    def children(self) -> list[Layer]:
        """The layers that this one is made of; none for a simple layer."""
        return list(self.named_children().values())

    def parameters(self) -> list[Array]:
        """The arrays that training changes: a list of the arrays themselves, not of copies."""
        own = [array for array in (self.weight, self.bias) if array is not None]
        return own + [array for child in self.children() for array in child.parameters()]

    def gradients(self) -> list[Array | None]:
        """The gradients of `parameters()`, in the same order, as the latest `backward` found them."""
        own = [(self.weight, self.weight_grad), (self.bias, self.bias_grad)]
        found = [grad for array, grad in own if array is not None]
        return found + [grad for child in self.children() for grad in child.gradients()]

    def train(self, mode: bool = True) -> Self:
        """Set the mode of this layer and of all that it is made of; give the layer back."""
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self) -> Self:
        return self.train(False)

    def __getstate__(self) -> dict[str, Any]:
        """All attributes, for a copy or another process: a module cannot be sent, its name can."""
        ops = vars(self).get("ops")
        return vars(self) | ({"ops": ops.__name__} if isinstance(ops, ModuleType) else {})

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        vars(self).update(state)
        if isinstance(state.get("ops"), str):
            vars(self)["ops"] = import_module(state["ops"])

    def describe(self) -> str:
        """What `repr` puts between the brackets."""
        lines = [f"({name}): {child!r}\n" for name, child in self.named_children().items()]
        return "\n" + indent("".join(lines), "  ") if lines else ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.describe()})"
