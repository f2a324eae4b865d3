"""The light and the dark theme: their colours, and figures that follow."""

import re
from functools import cache

from kit.render import THEME

THEMES = ("light", "dark")
FIGURES = ("input", "kernel", "output", "statistics", "ink", "muted", "halo")  # what figures are drawn in


@cache
def tokens(theme: str) -> dict[str, str]:
    """The colours of a theme by the names of the style sheet: ``{"ink": "#1b2430", …}``."""
    blocks = re.findall(r":root[^{]*\{([^}]*)\}", (THEME / "tokens.css").read_text(encoding="utf-8"))
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[THEMES.index(theme)]))


def replacements() -> dict[str, str]:
    """What a figure's colours become where slides are dark: ``{"#1b2430": "#e9edf3", …}``."""
    light, dark = map(tokens, THEMES)
    return {light[name]: dark[name] for name in FIGURES}
