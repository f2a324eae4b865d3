"""A matplotlib figure as SVG, drawn anew only if it is not what was drawn last time.

To draw a figure takes far longer than to say what is in it. What is drawn is a copy, because drawing moves
the parts of a figure: what later cells find would depend on whether it was drawn or known. A figure that
cannot be copied, or that leaves a part of its drawing to code of the project, is drawn each time.
"""

import io
import pickle
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FunctionType
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.transforms import TransformNode

from kit.kept import digest, file_digest
from kit.reads import PACKAGES

STYLE: Any = {"svg.hashsalt": "kit", "svg.fonttype": "path"}
# What pickle raises, and what the things in a figure raise when it asks them.
REFUSED = (pickle.PicklingError, AttributeError, TypeError, ValueError, RuntimeError)
INSTALLED = frozenset(font.fname for font in fontManager.ttflist)  # the system's, and matplotlib's own


def drawn(figure: Figure, known: Mapping[str, str], made: dict[str, str]) -> str:
    """The figure as SVG text: from what is ``known`` by its key, or new; ``made`` gets it too."""
    with matplotlib.rc_context(STYLE):
        try:
            name = key(figure)
            copy = b"" if name in known else dumped(figure, Copy)
        except REFUSED:
            return svg(figure)
        made[name] = known[name] if name in known else svg(pickle.loads(copy))
        return made[name]


def svg(figure: Figure) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    drawing = text.getvalue()
    return drawing[drawing.index("<svg") :]


def key(figure: Figure) -> str:
    """Hash of all that a drawing comes from. PicklingError if code of the project is among it."""
    fonts = sorted({font.fname for font in fontManager.ttflist} - INSTALLED)
    settings = sorted((name, repr(value)) for name, value in matplotlib.rcParams.items())
    return digest(dumped(figure, State), repr(settings), *(file_digest(Path(font)) for font in fonts))


def dumped(figure: Figure, pickler: type[pickle.Pickler]) -> bytes:
    made = io.BytesIO()
    pickler(made, protocol=5).dump(figure)
    return made.getvalue()


class Copy(pickle.Pickler):
    """A figure to draw, which pyplot will not know of."""

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, Figure):
            return but(thing, _restore_to_pylab=False)
        return NotImplemented


class State(Copy):
    """What is in a figure: the same bytes for the same figure, which nobody will make a figure of again."""

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, TransformNode):  # it knows whom to tell of changes, by their addresses
            return but(thing, _parents=())
        if isinstance(thing, type | FunctionType) and not installed(thing.__module__):
            raise pickle.PicklingError(f"{thing.__qualname__} may change, and its name would not")
        return super().reducer_override(thing)


def but(thing: Any, **state: Any) -> tuple[Any, ...]:
    """How to pickle a thing, as pickle itself would do it, with a part of its state changed."""
    made, arguments, own = thing.__reduce_ex__(2)[:3]
    return made, arguments, {**own, **state}


def installed(module: str) -> bool:
    """Whether a module is Python's own, or of a package that is known by its version."""
    file = getattr(sys.modules.get(module), "__file__", None)
    return module in sys.builtin_module_names if file is None else file.startswith(PACKAGES)
