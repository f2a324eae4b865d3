"""Markdown to HTML: MyST's own parser, with our directives and listings; formulas are left for KaTeX."""

import html
import json
import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from kit import watching
from kit.errors import KitError


def to_html(text: str) -> str:
    """One text as HTML. Formulas become ``<span class="tex">`` for kit.math to typeset."""
    return PARSER.render(text)


def inline_html(text: str) -> str:
    """A title or caption: inline Markdown only."""
    return PARSER.renderInline(text)


def listing_html(code: str, info: str) -> str:
    """Code with colours, a span a line; each line knows the steps that light it."""
    language, _, rest = info.partition(" ")
    about = json.loads(rest) if rest else {}
    lexer = get_lexer_by_name(language or "text", stripnl=False)
    lines = highlight(code.rstrip("\n"), lexer, HtmlFormatter(nowrap=True)).rstrip("\n").split("\n")
    steps = about.get("steps", [])
    captioned = any(text for _, _, text in steps)
    marked = []
    for number, line in enumerate(lines, 1):
        lit = [f"in{k}" for k, (first, last, _) in enumerate(steps, 1) if first <= number <= last]
        begins = [str(k) for k, (first, _, _) in enumerate(steps, 1) if first == number]
        badge = f'<span class="badge" aria-hidden="true">{" ".join(begins)}</span>'
        badge = badge if captioned and begins else ""
        marked.append(f'<span class="{" ".join(["line", *lit])}">{badge}{line or " "}\n</span>')
    label = html.escape(f"Code of {about['symbol'].rpartition('.')[2]}" if "symbol" in about else "Code")
    pre = f'<pre tabindex="0" role="region" aria-label="{label}"><code>{"".join(marked)}</code></pre>'
    return f'<div class="listing">{pre}</div>' + "".join(step_marker(k) for k in range(1, len(steps) + 1))


def step_marker(number: int) -> str:
    """The empty fragment that reveal makes current when a step is reached; the style sheet does the rest."""
    return f'<span class="fragment step at{number}" data-fragment-index="{number - 1}"></span>'


def captions_html(info: str) -> str:
    """What each step says, as a numbered list beside the code; empty if no step says anything."""
    rest = info.partition(" ")[2]
    steps = json.loads(rest).get("steps", []) if rest else []
    if not any(text for _, _, text in steps):
        return ""
    items = (
        f'<li class="in{k}" data-step="{k}"><span>{inline_html(text)}</span></li>'
        for k, (_, _, text) in enumerate(steps, 1)
    )
    return f'<ol class="captions">{"".join(items)}</ol>'


def tex(content: str, display: bool) -> str:
    return f'<span class="tex" data-display="{str(display).lower()}">{html.escape(content.strip())}</span>'


def directive(renderer: RendererHTML, tokens: Sequence[Token], index: int, *_: Any) -> str:
    """``:::{columns}``, ``:::{column}``, ``:::{fragment}``, ``:::{answer}``, ``:::{card}``."""
    name = tokens[index].info.strip().strip("{}")
    inner = to_html(tokens[index].content)
    if name == "answer":
        if not tokens[index].content.strip():
            return '<div class="answer" role="note" aria-label="Room for your answer"></div>\n'
        return f'<div class="answer fragment">{inner}</div>\n'
    if name not in ("columns", "column", "fragment", "card"):
        known = "notes, columns, column, fragment, answer, card"
        raise KitError(f"there is no directive {name!r}", remedy=f"known are {known}")
    return f'<div class="{name}">{inner}</div>\n'


def words(renderer: RendererHTML, tokens: Sequence[Token], index: int, *_: Any) -> str:
    """Plain text, in which sizes such as 3 × 3 stay on one line."""
    return html.escape(
        re.sub(r"(?<=\w) × (?=\w)", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}", tokens[index].content)
    )


def fence(renderer: RendererHTML, tokens: Sequence[Token], index: int, *_: Any) -> str:
    if tokens[index].info.strip() == "{watch}":
        return watching.watch_html(tokens[index].content)
    return listing_html(tokens[index].content, tokens[index].info)


def inline_math(renderer: RendererHTML, tokens: Sequence[Token], index: int, *_: Any) -> str:
    return tex(tokens[index].content, display=False)


def block_math(renderer: RendererHTML, tokens: Sequence[Token], index: int, *_: Any) -> str:
    return f'<div class="formula">{tex(tokens[index].content, display=True)}</div>\n'


def parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": True, "typographer": True})
    made.enable(["table", "strikethrough", "smartquotes"])
    made.use(attrs_plugin).use(colon_fence_plugin).use(dollarmath_plugin, double_inline=True)
    for kind, rule in {
        "colon_fence": directive,
        "fence": fence,
        "text": words,
        "math_inline": inline_math,
        "math_inline_double": inline_math,
        "math_block": block_math,
    }.items():
        made.add_render_rule(kind, rule)
    return made


PARSER = parser()
