"""One idea, one function, one returned Figure: what the lectures show, drawn from runs of the loops.

Every number in a figure is computed here and now. `figure.get_label()` is its alternative text, computed too.
"""

from tinyspatial.figures.acts import (
    batch_sizes,
    eval_first,
    foreign_images,
    one_image,
    other_company,
    sorted_batches,
    verdicts,
)
from tinyspatial.figures.backward import spread_back
from tinyspatial.figures.bills import three_bills
from tinyspatial.figures.borders import dark_rim, two_opinions
from tinyspatial.figures.columns import as_columns
from tinyspatial.figures.connections import dense_and_local, shuffled
from tinyspatial.figures.corners import four_corners, moved_right
from tinyspatial.figures.costs import cnn_and_dense, im2col, work
from tinyspatial.figures.depth import three_and_one, until_covered, where_not
from tinyspatial.figures.effective import fading, middle_counts, root_of_depth
from tinyspatial.figures.fields import growth, one_output, stepping
from tinyspatial.figures.lines import padded_line, ruler, tree
from tinyspatial.figures.memory import following, two_modes
from tinyspatial.figures.network import simple_cnn
from tinyspatial.figures.norm import axes_of_a_mean, learning_rates, scale_and_shift, shaken
from tinyspatial.figures.pooling import max_and_average, pooling_cost, start_value
from tinyspatial.figures.reading import digit_read
from tinyspatial.figures.real_networks import known_networks, with_holes
from tinyspatial.figures.regions import corner, places
from tinyspatial.figures.running import conventions, running_mean, two_variances
from tinyspatial.figures.sizes import coverage, output_sizes, receptive_field
from tinyspatial.figures.spread import initialisation
from tinyspatial.figures.stacks import coarser, filters
from tinyspatial.figures.statistics import normalised, trap
from tinyspatial.figures.tables import by_channel, one_filter, one_window, open_border, side_by_side
from tinyspatial.figures.windows import cover, edges, pipeline, shifted, sliding_window

__all__ = [
    "as_columns",
    "axes_of_a_mean",
    "batch_sizes",
    "by_channel",
    "cnn_and_dense",
    "coarser",
    "conventions",
    "corner",
    "cover",
    "coverage",
    "dark_rim",
    "dense_and_local",
    "digit_read",
    "edges",
    "eval_first",
    "fading",
    "filters",
    "following",
    "foreign_images",
    "four_corners",
    "growth",
    "im2col",
    "initialisation",
    "known_networks",
    "learning_rates",
    "max_and_average",
    "middle_counts",
    "moved_right",
    "normalised",
    "one_filter",
    "one_image",
    "one_output",
    "one_window",
    "open_border",
    "other_company",
    "output_sizes",
    "padded_line",
    "pipeline",
    "places",
    "pooling_cost",
    "receptive_field",
    "root_of_depth",
    "ruler",
    "running_mean",
    "scale_and_shift",
    "shaken",
    "shifted",
    "shuffled",
    "side_by_side",
    "simple_cnn",
    "sliding_window",
    "sorted_batches",
    "spread_back",
    "start_value",
    "stepping",
    "three_and_one",
    "three_bills",
    "trap",
    "tree",
    "two_modes",
    "two_opinions",
    "two_variances",
    "until_covered",
    "verdicts",
    "where_not",
    "with_holes",
    "work",
]
