"""One idea, one function, one returned Figure: what the lectures show, drawn from runs of the loops.

Every number in a figure is computed here and now. `figure.get_label()` is its alternative text, computed too.
"""

from tinyspatial.figures.connections import dense_and_local, shuffled
from tinyspatial.figures.costs import cnn_and_dense, im2col, work
from tinyspatial.figures.network import simple_cnn
from tinyspatial.figures.pooling import max_and_average, pooling_cost, start_value
from tinyspatial.figures.sizes import coverage, output_sizes, receptive_field
from tinyspatial.figures.spread import initialisation
from tinyspatial.figures.statistics import normalised, trap
from tinyspatial.figures.windows import cover, edges, pipeline, shifted, sliding_window

__all__ = [
    "cnn_and_dense",
    "cover",
    "coverage",
    "dense_and_local",
    "edges",
    "im2col",
    "initialisation",
    "max_and_average",
    "normalised",
    "output_sizes",
    "pipeline",
    "pooling_cost",
    "receptive_field",
    "shifted",
    "shuffled",
    "simple_cnn",
    "sliding_window",
    "start_value",
    "trap",
    "work",
]
