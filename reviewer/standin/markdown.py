"""Renders comments for the page: GitHub's Markdown without anything that loads, runs or hides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup

_HTML = re.compile(r"<!--.*?-->|</?(?:details|summary)(?: open)?>|<br ?/?>", re.DOTALL)
_FOLDS = re.compile(r"<(/?)(details|summary)(?: open)?>")
_DOTS = {"🔴": "critical", "🟠": "high", "🟡": "medium", "⚪": "low"}
_LEADING_SEVERITY = re.compile(r"(?:[🔴🟠🟡⚪]\s*)?<strong>\s*(critical|high|medium|low)\s*</strong>", re.IGNORECASE)


def render(text: str, *, suggested_for: Sequence[str] = ()) -> Markup:
    """Safe HTML of a comment; `suggested_for` are the code lines that its suggestion blocks would replace."""
    html = _MARKDOWN.render(text, {"suggested_for": tuple(suggested_for)})
    html = _LEADING_SEVERITY.sub(_pill, html, count=1)
    for dot, severity in _DOTS.items():
        html = html.replace(dot, f'<span class="dot {severity}" aria-hidden="true"></span>')
    return Markup(_balanced(html))  # noqa: S704 - only what the rules below let through


def severity_of(text: str) -> str:
    """The severity that the text leads with, "" when it names none."""
    found = re.match(r"\W*(critical|high|medium|low)\b", text, re.IGNORECASE)
    return found[1].lower() if found else ""


def title_of(text: str) -> str:
    """The last bold words of the first line as plain text, "" when there are none."""
    bold = re.findall(r"\*\*(.+?)\*\*", text.split("\n", 1)[0])
    return re.sub(r"[\\`]", "", bold[-1]) if bold else ""


def _pill(found: re.Match[str]) -> str:
    severity = found[1].lower()
    return f'<span class="severity {severity}">{severity}</span>'


def _html(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: Any) -> str:  # noqa: ANN401
    """Of raw HTML only folds and line breaks are let through; comments vanish, the rest is shown as text."""
    content, out, end = tokens[at].content, [], 0
    for found in _HTML.finditer(content):
        out.append(escape(content[end : found.start()]))
        out.append("" if found[0].startswith("<!--") else found[0])
        end = found.end()
    return "".join([*out, escape(content[end:])])


def _image(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, _env: Any) -> str:  # noqa: ANN401
    """The page loads nothing: an image is its description."""
    return f'<span class="image">{escape(tokens[at].content or "image")}</span>'


def _fence(_self: RendererHTML, tokens: Sequence[Token], at: int, _options: OptionsDict, env: Any) -> str:  # noqa: ANN401
    language, content = tokens[at].info.strip(), tokens[at].content
    if language == "suggestion":
        return _suggestion(env.get("suggested_for", ()), content)
    return f"<pre><code>{escape(content)}</code></pre>\n"


def _suggestion(old: Sequence[str], content: str) -> str:
    new = content.split("\n")[:-1]
    rows = [("removed", "−", line) for line in old] + [("added", "+", line) for line in new]
    body = "".join(
        f'<tr class="{kind}"><td class="sign">{sign}</td><td class="code">{escape(line)}</td></tr>'
        for kind, sign, line in rows
    )
    return (
        '<figure class="suggestion"><figcaption>Suggested change</figcaption>'
        f'<table class="diff"><tbody>{body}</tbody></table></figure>\n'
    )


def _balanced(html: str) -> str:
    """Closes folds that were left open and drops ends without a beginning, so that a comment stays in its card."""
    out: list[str] = []
    stack: list[str] = []
    end = 0
    for found in _FOLDS.finditer(html):
        out.append(html[end : found.start()])
        end = found.end()
        if not found[1]:
            stack.append(found[2])
            out.append(found[0])
        elif found[2] in stack:
            while stack:
                name = stack.pop()
                out.append(f"</{name}>")
                if name == found[2]:
                    break
    out.append(html[end:])
    return "".join([*out, *(f"</{name}>" for name in reversed(stack))])


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])
    for name, rule in (("html_block", _html), ("html_inline", _html), ("image", _image), ("fence", _fence)):
        parser.add_render_rule(name, rule)
    return parser


_MARKDOWN = _parser()
