"""Nothing in a page may come from elsewhere: every reference is inside the page, or beside it in dist/."""

import posixpath
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from urllib.parse import unquote

from kit.errors import KitError

LOADS = {"src", "data", "poster", "background", "srcset", "xlink:href", "action", "formaction"}
CSS = re.compile(r"""@import\s+(?:url\()?["']?([^"';)]+)|url\(\s*["']?([^"')]+)""")


class References(HTMLParser):
    """Collects what a page loads by itself, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[tuple[str, int]] = []
        self.links: list[tuple[str, int]] = []
        self.style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        self.style = tag == "style"
        for name, value in attrs:
            value = value or ""
            if name in LOADS or (name == "href" and tag not in ("a", "area")):
                self.loads.append((value, line))
            elif name == "href":
                self.links.append((value, line))
            elif name == "style":
                self.loads += [(a or b, line) for a, b in CSS.findall(value)]

    def handle_endtag(self, tag: str) -> None:
        self.style = False

    def handle_data(self, data: str) -> None:
        if self.style:
            self.loads += [(a or b, self.getpos()[0]) for a, b in CSS.findall(data)]


def check(artifacts: dict[str, bytes], sources: Mapping[str, str]) -> None:
    """Raise a KitError for the first external reference, or link to a file that is not there.

    The error names the line of the source that has the reference, if one of ``sources`` (by path) has it.
    """
    for path, data in sorted(artifacts.items()):
        if not path.endswith(".html"):
            continue
        found = References()
        found.feed(data.decode())
        for reference, line in found.loads:
            if re.match(r"(?!data:)([a-z][a-z0-9+.-]*:|//)", reference, re.IGNORECASE):
                place = written(reference, sources) or (f"dist/{path}", line)
                raise KitError(
                    f"the page loads {reference[:80]}", *place, "put a copy into the project, or link to it"
                )
        for reference, line in found.loads + found.links:
            target = unquote(reference.split("#")[0].split("?")[0])
            if not target or re.match(r"[a-z][a-z0-9+.-]*:|//", target, re.IGNORECASE):
                continue
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            if beside not in artifacts and beside != "manifest.json":
                place = written(reference, sources) or (f"dist/{path}", line)
                raise KitError(f"{target} is not in dist", *place, "link to a file that the build makes")


def written(reference: str, sources: Mapping[str, str]) -> tuple[str, int] | None:
    """File and line of the source that has the reference."""
    for path, text in sources.items():
        for number, line in enumerate(text.split("\n"), 1):
            if reference in line:
                return path, number
    return None
