"""An IPython extension for the build's kernels: a matplotlib figure becomes the same SVG each time.

The figure's label is its alternative text. Text is drawn as paths, because a picture cannot see the fonts
of the page that it stands in; the paths come from the page's own typeface when KIT_FONTS names its files.
With KIT_DRAWINGS, the name of an entry in the project's cache, a figure of last time is not drawn again. With
KIT_UNSEEN no figure becomes a picture, for nobody will look at it. A cell that writes without end takes
its kernel down, before anybody has to hold what it wrote.
"""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from kit import kept, reads
from kit.errors import KitError

MOST = 10_000_000  # bytes that a cell may write, pictures included: no page could carry more
FLOODED = "flooded"  # file beside the kernel's connection, by which it says why it has ended


def load_ipython_extension(shell: Any) -> None:
    """Called by IPython when a kernel starts; ``%files_read`` ends its work: it tells what of the project it
    has read since, and keeps the drawings.
    """
    root, entry = Path(os.environ["KIT_PROJECT"]), os.environ.get("KIT_DRAWINGS", "")
    read, began = reads.watch(root), kept.now()
    inputs = kept.digest(kept.versions(), kept.file_digest(Path(__file__).with_name("drawings.py")))
    known: dict[str, str] = next(iter(kept.known(root, entry, inputs)), {}) if entry else {}
    made: dict[str, str] = {}

    def draw(figure: Any) -> tuple[str, dict[str, str]]:
        """The figure as SVG text, and its alternative text as display metadata."""
        return drawings.drawn(figure, known, made), {"alt": figure.get_label()}

    def files_read(line: str) -> None:
        if entry and made.keys() != known.keys():
            with suppress(KitError):  # what cannot be kept is drawn again
                kept.keep(root, entry, inputs, kept.Made(made), began)
        print(json.dumps(read()))

    shell.register_magic_function(files_read)
    if "KIT_UNSEEN" not in os.environ:
        from kit import drawings  # now, so that it knows which fonts the system has, and which come later

        svg = shell.display_formatter.formatters["image/svg+xml"]
        svg.for_type_by_name("matplotlib.figure", "Figure", draw)
    shell.events.register("post_run_cell", show_open_figures)
    end_when_flooded(shell)
    if fonts := os.environ.get("KIT_FONTS"):
        use_fonts(Path(fonts))


def end_when_flooded(shell: Any) -> None:
    """End this process when a cell has written more than MOST bytes.

    All that a kernel sends goes through one function, whatever wrote it, and nothing has been sent yet: no
    thread, subprocess or ``except`` of the cell goes on, and the build has at most so much to hold.
    """
    from ipykernel.connect import get_connection_file

    session, sent = shell.kernel.session, [0]
    serialize = session.serialize

    def counted(*args: Any, **kwargs: Any) -> list[bytes]:
        parts: list[bytes] = serialize(*args, **kwargs)
        sent[0] += sum(map(len, parts))
        if sent[0] > MOST:
            Path(get_connection_file()).with_name(FLOODED).touch()
            os._exit(1)
        return parts

    session.serialize = counted
    shell.events.register("pre_run_cell", lambda info: sent.__setitem__(0, 0))


def show_open_figures(result: Any) -> None:
    """Show what a cell drew with pyplot and did not return, as Jupyter's own kernels do."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        from IPython.display import display

        for number in pyplot.get_fignums():
            if (figure := pyplot.figure(number)) is not result.result:
                display(figure)
        pyplot.close("all")


def use_fonts(folder: Path) -> None:
    """Have matplotlib write in the typeface whose TrueType files are in ``folder``."""
    import matplotlib
    from matplotlib import font_manager

    paths = sorted(folder.glob("*.ttf"))
    for path in paths:
        font_manager.fontManager.addfont(path)
    names = list(dict.fromkeys(font_manager.get_font(path).family_name for path in paths))
    matplotlib.rcParams["font.family"] = [*names, "DejaVu Sans"]
