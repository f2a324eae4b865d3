"""One colour for each role, the same on every slide, and the sizes of text.

The four hues keep apart for readers who confuse red with green or blue with purple, and reach 4.5:1 on white,
so that text may wear them too. What is drawn in shades goes from white, or from night to white for pictures;
what has a sign is white at 0, rose below and green above.
"""

from matplotlib.colors import LinearSegmentedColormap

INPUT, KERNEL, OUTPUT, STATISTICS = "#1068C4", "#C2540A", "#00785A", "#6A1B6E"
INK, MUTED = "#1B2430", "#5B6675"
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
