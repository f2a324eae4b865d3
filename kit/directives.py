"""Colon fences in Markdown: ``:::{name}`` … ``:::``. Finding them, and taking some out."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

OPEN = re.compile(r"^(:{3,})\{(\w+)\}\s*$")


class Block(NamedTuple):
    """One piece of a text: a directive of this name, or, with the name "", ordinary Markdown."""

    name: str
    text: str  # of a directive: what stands between its fences
    colons: str = ""


def blocks(text: str) -> list[Block]:
    """The text as a list of directives and the Markdown between them, outermost fences only."""
    found: list[Block] = []
    inside: re.Match[str] | None = None
    kept: list[str] = []
    code = ""
    for line in text.split("\n"):
        fence = re.match(r"(`{3,}|~{3,})", line)
        if fence and not code:
            code = fence[1]
        elif code and line.startswith(code):
            code = ""
        opening = None if code or inside else OPEN.match(line)
        if opening:
            found.append(Block("", "\n".join(kept)))
            inside, kept = opening, []
        elif inside and line.rstrip() == inside[1] and not code:
            found.append(Block(inside[2], "\n".join(kept), inside[1]))
            inside, kept = None, []
        else:
            kept.append(line)
    found.append(Block(inside[2] if inside else "", "\n".join(kept), inside[1] if inside else ""))
    return [block for block in found if block.name or block.text.strip()]


def replace(text: str, change: Callable[[Block], str | None]) -> str:
    """The text with each directive's inner text changed; None takes the directive away, at any depth."""
    kept = []
    for block in blocks(text):
        if not block.name:
            kept.append(block.text.strip("\n"))
            continue
        inner = change(block)
        if inner is not None:
            inner = replace(inner, change)
            kept.append(f"{block.colons}{{{block.name}}}\n{inner}\n{block.colons}")
    return "\n\n".join(kept)


def mistakes(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, problem and remedy of every directive that is not written as one."""
    opened: list[tuple[int, str, str]] = []
    code = ""
    for number, line in enumerate(text.split("\n"), 1):
        fence = re.match(r"(`{3,}|~{3,})", line)
        if code or fence:
            code = "" if code and line.startswith(code) else code or (fence[1] if fence else "")
        elif opening := OPEN.match(line):
            if opened and len(opening[1]) >= len(opened[-1][1]):
                outer = f"{opened[-1][1]}{{{opened[-1][2]}}}"
                yield number, f"{line.strip()} is inside {outer}", "give the outer one more colons"
            opened.append((number, opening[1], opening[2]))
        elif re.match(r":{3,}\s*$", line) and opened and line.strip() == opened[-1][1]:
            opened.pop()
        elif re.match(r"\s*:{3,}", line):
            yield (
                number,
                f"{line.strip()} opens and closes nothing",
                "write :::{name} … ::: without spaces before",
            )
    for number, colons, name in opened:
        yield number, f"{colons}{{{name}}} is not closed", f"write {colons} on a line of its own after it"
