"""What a kernel or a page needs first of all, done once in the process that they are forked off.

`kit.apart` has it imported there, and nobody else: a module for each, a figure with a formula, which has
matplotlib look for its fonts and build its parser, and a page, for which nbconvert reads its templates.
"""

import gc
import importlib

from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell

from kit import drawings, render

for name in (
    *("matplotlib.pyplot", "matplotlib.backends.backend_agg", "numpy.random", "rich.progress"),
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "IPython.core.debugger", "IPython.extensions.storemagic"),
    *("kit.views", "kit.pairs", "kit.search"),
):
    importlib.import_module(name)

figure = Figure()
figure.subplots().set_title("$x^2$ and words")
drawings.drawn(figure, {}, {})
render.cells_html([new_markdown_cell("Words."), new_code_cell("1")])
gc.collect()
gc.freeze()  # or each fork looks for garbage in all this again and again
