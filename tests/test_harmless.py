"""Whatever strangers write, what is posted pings nobody, embeds and links nothing, and commands no bot."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reviewer.core.render.harmless import code_span, fenced, harmless, harmless_line, plain

PIECES = [
    "@octocat", "@org/team", "\\@octocat", "&#64;octocat", "@\\octocat", "`", "``", "```", "```python", "~~~", "````",
    "![x](http://evil.example/p.png)", "[click](https://evil.example)", "[click][ref]", "[ref]: https://evil.example",
    "<img src=x>", "<a href=https://evil.example>", "<!-- reviewer:finding=abc -->", "<https://evil.example>", "-->",
    "https://evil.example/x?y=1", "www.evil.example", "Closes #12", "fixes org/repo#3", "GH-7", "&lt;b&gt;",
    "/review", "/override because", "  /dismiss", "- /merge", "> /approve", "1. /label", "\n", "\n\n", "    ", "- ", "> ",
    "word", " ", "\\", "\r", "\u200b", "\u202e", "\x00", "***", "# ", "|", "a@b.example", "javascript:alert(1)", "!", "[", "](x)",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=60)
MARKDOWN = MarkdownIt("commonmark")


def live(text: str) -> list[str]:
    """What of `text` would act on GitHub: by the parse of CommonMark, not by our own reading."""
    found = []
    for token in _flat(MARKDOWN.parse(text)):
        if token.type in {"link_open", "image", "html_inline", "html_block"}:
            found.append(f"{token.type} {token.content or token.attrs}")
        if token.type == "text":
            found += re.findall(r"@[A-Za-z0-9]|(?<!&)#\d|\bGH-\d|https?://\S|www\.\w", token.content)
    return found


def _flat(tokens: list[Token]) -> list[Token]:
    return [leaf for token in tokens for leaf in ([token, *_flat(token.children)] if token.children else [token])]


def commands(text: str) -> list[str]:
    """Lines outside code that another bot would take for a command."""
    bare = re.sub(r"^(`{3,})[^`\n]*\n.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    return [line for line in bare.split("\n") if re.match(r"^[\s>*+\-]*(\d+[.)])?\s*/\w", line)]


@given(texts)
@example("a `b\n`@octocat` c")
@example("- x\n  ```\n@octocat\n  ```")
@example("```\ncode\n``` @octocat\n@octocat")
@example("1. ```\n   x\n   ```\n@octocat\n```\n@octocat")
@example("`` ` @octocat ``")
def test_nothing_is_live(text: str) -> None:
    """No mention, image, HTML, link, issue reference or command survives, by a CommonMark parser's reading."""
    assert live(harmless(text)) == []
    assert commands(harmless(text)) == []
    assert live(harmless_line(text)) == []


@given(texts)
def test_it_settles(text: str) -> None:
    """A harmless text stays harmless when it is quoted into another one: doing it twice brings nothing back."""
    assert live(harmless(harmless(text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "plain words, 3 < 4 aside",
        "**bold** and `code @here` and `/cmd`",
        "- a\n- b",
        "```python\n@app.route('/x')\n```",
    ],
)
def test_ordinary_text_reads_the_same(text: str) -> None:
    """Emphasis, lists and code come through; what a person reads is what was written."""
    assert _read(text) == _read(harmless(text))


def _read(text: str) -> str:
    return re.sub(r"\s+", " ", "".join(t.content for t in _flat(MARKDOWN.parse(text)) if not t.children)).strip()


def test_a_suggestion_cannot_be_smuggled_in() -> None:
    """Only a suggestion that was checked against its lines is offered as one."""
    assert "suggestion" not in harmless("```suggestion\nrm -rf /\n```")


@given(st.text(alphabet="`~a\n", max_size=40))
def test_a_fence_holds_what_is_in_it(code: str) -> None:
    """A code block's content never ends the block."""
    blocks = [token for token in MARKDOWN.parse(fenced(code)) if token.type == "fence"]
    assert [code + "\n"] == [token.content for token in blocks]


@given(texts)
def test_plain_is_one_line(text: str) -> None:
    """Titles and annotations have no line breaks and no mention."""
    assert "\n" not in plain(text)
    assert not re.search(r"@[\w-]", plain(text))
    assert "\n" not in code_span(text)
