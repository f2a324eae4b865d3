"""Nothing in a page may come from elsewhere: every reference is inside the page, or beside it in dist/."""

import posixpath
import re
from collections.abc import Container, Mapping
from html.parser import HTMLParser
from urllib.parse import unquote

from kit.errors import KitError

LOADS = {"src", "data", "poster", "background", "srcset", "xlink:href", "action", "formaction"}
CSS = re.compile(r"""@import\s+(?:url\()?["']?([^"';)]+)|url\(\s*["']?([^"')]+)""")


References = dict[str, tuple[list[tuple[str, int]], list[tuple[str, int]]]]  # loads and links, by page


class Reader(HTMLParser):
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


def check(artifacts: Mapping[str, bytes], sources: Mapping[str, str]) -> References:
    """All references. Raises a KitError for the first external one, or link to a file that is not there.

    The error names the line of the source that has the reference, if one of ``sources`` (by path) has it.
    """
    found = references(artifacts)
    refuse(found, artifacts, sources)
    return found


def references(artifacts: Mapping[str, bytes]) -> References:
    """What each page loads, and where its links lead, with lines."""
    found: References = {}
    for path, data in artifacts.items():
        if path.endswith(".html"):
            reader = Reader()
            reader.feed(data.decode())
            loads, links = dict.fromkeys(reader.loads), dict.fromkeys(reader.links)
            found[path] = [each for each in loads if not each[0].startswith("data:")], list(links)
    return found


def refuse(found: References, artifacts: Container[str], sources: Mapping[str, str]) -> None:
    """Raise for the first of these references that is none of the ``artifacts``."""
    for path, (loads, links) in sorted(found.items()):
        for reference, line in loads:
            if re.match(r"(?!data:)([a-z][a-z0-9+.-]*:|//)", reference, re.IGNORECASE):
                place = written(reference, sources) or (f"dist/{path}", line)
                raise KitError(
                    f"the page loads {reference[:80]}", *place, "put a copy into the project, or link to it"
                )
        for reference, line in loads + links:
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
