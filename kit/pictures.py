"""A figure among the words of an exercise: one ``<img>`` that carries its picture in itself.

It is a PNG, since Colab, nbconvert and Markdown parsers refuse an SVG as data. It is an HTML element, since
Markdown's own image has no width, and this one has two pixels for each of the page's; JupyterLab, VS Code and
Colab keep it. It has a light ground, because a notebook may be dark, and few colours, to be small.
"""

import base64
import html
import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from kit.errors import KitError
from kit.kernel import use_fonts

SCALE = 0.8  # a figure is made for slides; in a notebook, among words of 14 px, it is this much smaller
WIDEST = 780  # CSS pixels that a notebook has for it
LEAST = 12  # points of its text as it is seen
DENSITY = 2  # pixels of the picture for each CSS pixel
MARGIN = 10  # CSS pixels of ground around the drawing
COLOURS = 128
GROUND = "#ffffff"


def picture(figure: Any) -> str:
    """The figure as an image for Markdown, with its label as alternative text.

    It stands in a line by itself. A KitError says if it is no figure, if it has no label, or if its text
    would be smaller than LEAST.
    """
    from matplotlib.figure import Figure

    if not isinstance(figure, Figure):
        remedy = "give it a call of a function that returns a figure"
        raise KitError(f"picture() got {type(figure).__name__} and no figure", remedy=remedy)
    alt = " ".join(str(figure.get_label()).split())
    if not alt:
        remedy = 'end its function with figure.set_label("…")'
        raise KitError("the figure has no alternative text", remedy=remedy)
    width, height = figure.get_size_inches()
    scale = min(SCALE, (WIDEST - 2 * MARGIN) / (96 * width))
    texts = texts_of(figure)
    smallest = scale * min((text.get_fontsize() for text in texts), default=LEAST / scale)
    if smallest < LEAST - 0.01:
        remedy = f"draw it at most {(WIDEST - 2 * MARGIN) / (96 * SCALE):.1f} inches wide, its text larger"
        raise KitError(f"the figure's text would be {smallest:.1f} pt in a notebook", remedy=remedy)
    dots = 96 * scale * DENSITY  # an inch
    size = int(width * dots), int(height * dots)
    with io.BytesIO() as pixels:
        figure.savefig(pixels, format="raw", dpi=dots, facecolor=GROUND)
        data = pixels.getvalue()
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(figure)
    coded = png(data, size, " ".join(text.get_text() for text in texts))
    shown = round(size[0] / DENSITY) + 2 * MARGIN
    return f'<img width="{shown}" alt="{attribute(alt)}" src="data:image/png;base64,{coded}">'


def texts_of(figure: Any) -> list[Any]:
    """Every text that is to be seen on the figure, in the order in which they were written."""
    from matplotlib.text import Text

    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


def attribute(text: str) -> str:
    """The text between quotes in HTML, without the signs that begin a formula or code in a notebook."""
    return re.sub(r"[$\\`]", lambda sign: f"&#{ord(sign[0])};", html.escape(text))


@lru_cache(maxsize=8)  # a solution has the pictures of its exercise, and pixels are large
def png(data: bytes, size: tuple[int, int], words: str) -> str:
    """These pixels, four bytes each, with a margin and COLOURS colours, in base64.

    The words of the picture are in it as plain text too, so that whoever searches a file finds them.
    """
    from PIL import Image, ImageOps, PngImagePlugin

    drawn = Image.frombytes("RGBA", size, data).convert("RGB")
    framed = ImageOps.expand(drawn, MARGIN * DENSITY, GROUND)
    reduced = framed.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    shades = reduced.getpalette() or []
    reduced.putpalette([255 if shade > 250 else shade for shade in shades])  # the ground is white again
    said = PngImagePlugin.PngInfo()
    said.add_text("Description", plain(words))
    with io.BytesIO() as target:
        reduced.save(target, "PNG", optimize=True, pnginfo=said)
        return base64.b64encode(target.getvalue()).decode()


def plain(words: str) -> str:
    """The words in ASCII: −3 as -3, other signs as blanks."""
    return "".join(c if c.isascii() else " " for c in words.replace("\N{MINUS SIGN}", "-"))


@contextmanager
def typeface(fonts: Path) -> Iterator[None]:
    """Meanwhile figures are written in the typeface of the slides, whose files are in ``fonts``."""
    import matplotlib

    with matplotlib.rc_context():
        use_fonts(fonts)
        yield
