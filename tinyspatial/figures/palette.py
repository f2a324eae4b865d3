"""One colour for each role, the same on every slide, and the sizes of text.

The four hues keep apart for readers who confuse red with green or blue with purple, and reach 4.5:1 on white,
so that text may wear them too. What is drawn in shades goes from white, or from night to white for pictures;
what has a sign is white at 0, rose below and green above.

A figure is drawn once, on no ground, and stands on light slides and on dark ones: there whoever shows it puts
another colour in the place of each of the first seven below, wherever exactly this one occurs. Shades stay as
they are, and so what lies on them wears a colour of the second group, which is never replaced.
"""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgb

# on the page
INPUT, KERNEL, OUTPUT, STATISTICS = "#1060CC", "#B34A05", "#00785A", "#6A1B6E"
INK, MUTED = "#1B2430", "#5B6675"
PAPER = "#FEFEFE"  # hides what is behind it, as the page would; white itself is a shade
PAGE = {  # by the names that style sheets use
    "input": INPUT,
    "kernel": KERNEL,
    "output": OUTPUT,
    "statistics": STATISTICS,
    "ink": INK,
    "muted": MUTED,
    "halo": PAPER,
}

# on cells and bars
ON_LIGHT, ON_DARK = "#1A2331", "#FDFDFD"
ON_CELL = {  # strokes between cells: to the eye the colours of the page
    INPUT: "#1060CD",
    KERNEL: "#B34A06",
    OUTPUT: "#00785B",
    STATISTICS: "#6A1B6F",
    INK: ON_LIGHT,
    MUTED: "#5B6676",
}

TEXT, CELL_TEXT, SMALL = 18, 16, 15  # points: words, numbers in cells, ticks; nothing is smaller


def shades(*colours: str) -> LinearSegmentedColormap:
    """The ramp through these colours, from the lowest value to the highest."""
    return LinearSegmentedColormap.from_list(colours[-1], list(colours))


PHOTO = shades("#061F3D", "#2F7FCB", "#FFFFFF")  # dark to bright
MAP = shades("#FFFFFF", "#2E9E7F", "#00402F")  # weak to strong response
SIGNED = shades("#8E0152", "#DE77AE", "#FFFFFF", "#2E9E7F", "#00402F")  # white at 0, above as MAP
PALE_SIGNED = shades("#F3B7D6", "#FFFFFF", "#8FD3BE")
PALE = {  # light enough for numbers printed on top; what can be negative is white at 0
    INPUT: shades("#FFFFFF", "#A9CDF0"),
    KERNEL: PALE_SIGNED,
    OUTPUT: PALE_SIGNED,
}


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2, 0 (black) to 1 (white)."""
    channel = np.array(to_rgb(colour))
    linear = np.where(channel <= 0.04045, channel / 12.92, ((channel + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours by WCAG 2.2, from 1 to 21: text needs 4.5, marks need 3."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def on(fill: str) -> str:
    """ON_LIGHT or ON_DARK, whichever can be read better on this fill."""
    return max((ON_LIGHT, ON_DARK), key=lambda colour: contrast(colour, fill))
