"""What GitHub would make of our texts, read by another parser with its extensions, not by our own rules."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from placed import placed

from reviewer.core.render.check import final_report
from reviewer.core.render.harmless import harmless, harmless_line
from reviewer.core.render.review import comment_body, review_body
from reviewer.core.render.words import FINDING_MARK, RUN_MARK
from reviewer.core.types import Coverage, Covered, Fate, HunkId, Placed, Saying, Severity, Verdict

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PIECES = [
    "@octocat", "\\@octocat", "&#64;octocat", "&commat;octocat", "@\u200boctocat", "@", "octocat", "a@b.example", "@dependabot merge",
    "https://e.example", "http\\://e.example", "https:/\\/e.example", "www.e.example", "www\\.e.example", "ftp://e.example",
    "//e.example", "mailto:a@b.example", "HTTPS://E.example", "](//e.example)", '[x](//e.example "t")', "[x]", "[x]: //e.example",
    "[x]:\n//e.example", "> [x]: //e.example", "[x\ny]: //e.example", "[^1]", "[^1]: note", "![x](y)", "![](y)", "!", "[", "](", "]",
    "(", ")", "![x][x]", "<//e.example>", "<b>", "</details>", "<details>", "<summary>", "<!--", "-->", "<![CDATA[", "]]>", "<?x?>",
    "&lt;b&gt;", "&#60;b>", "<details><summary>x</summary>", "<!-- reviewer:finding=ab12 -->", "<!-- reviewer:run=x -->",
    "#12", "\\#12", "&#35;12", "GH-7", "org/repo#3", "Closes #4", "/lgtm", "/review", "\\/merge", "!merge", "bors r+", "r+", "recheck",
    "**/lgtm**", "# /hold", "retest this please", "ok to test", "| a | b |", "|---|---|", "| `x | @octocat` |", ":-:", "---", "===",
    "`", "``", "```", "````", "~~~", "~~", "~", "```suggestion", "```mermaid", "\\", "\\`", "` `", "$x$", "$$", "\\href{y}{x}",
    "$`x`$", ":octocat:", ":tada:", "    ", "\t", "- ", "> ", "1. ", "* ", "+ ", "\n", "\n\n", "\r\n", "\r", "\x0b", "\u2028", "\x00",
    " ", "word", "_", "*", "**", "\u202e", "\U000e0041", "＠octocat", "- [ ] x",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def flat(tokens: list[Token]) -> list[Token]:
    return [leaf for token in tokens for leaf in ([token, *flat(token.children)] if token.children else [token])]


def acts(text: str) -> list[str]:
    """What GitHub would make live: links, pictures, tags, tables, and what its filters look for in the words."""
    found, words = [], [""]
    for token in flat(GITHUB.parse(text)):
        if token.type in {"link_open", "image", "html_inline", "html_block", "table_open"}:
            found.append(f"{token.type} {token.content or token.attrs}")
        if token.type in {"text", "text_special"}:
            words[-1] += token.content
        elif token.type in {"fence", "code_block"}:
            found += (
                [token.info]
                if re.match(r"(?i)(suggestion|mermaid|geojson|topojson|stl|math)(?!\w)", token.info)
                else []
            )
        else:
            words.append("")
    for each in words:
        found += re.findall(r"@[\w-]|#\d|\bGH-\d|(?i:(?:https?|ftp)://|mailto:|xmpp:|www\.)\S|\S@\w|:octocat:", each)
        found += re.findall(r"\\(?:href|url|html)", each)
    return found


def commands(text: str) -> list[str]:
    """What a bot takes for an order: it reads the raw text line by line, outside fences."""
    bare = re.sub(r"^(`{3,})[^`\n]*\n.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    orders = r"^[\s>*+\-#|_~]*(?:\d+[.)]\s*)?[\s>*+\-#|_~]*(?:[/!]\w|(?:bors|recheck|lgtm|r\+)(?!\w))"
    phrases = r"\b(?:ok\W+to\W+test|(?:re)?test\W+this\W+please)\b"
    spoken = re.sub(r"(`+).*?\1", "", bare)
    return [line for line in bare.splitlines() if re.match(orders, line)] + re.findall(phrases, spoken)


def ours(tag: str) -> bool:
    rest = re.sub(r"<details><summary>[^<>&]*</summary>|</details>|<!-- reviewer:\w+=[\w-]+ -->|\s", "", tag[11:])
    return tag.startswith("html_block ") and not rest


@settings(max_examples=120, deadline=None)
@given(texts)
@example("[click]` `(//e.example)")
@example("@` `octocat")
@example("\\https://e.example/@octocat")
@example("| a | b |\n|---|---|\n| `x | @octocat` |")
@example("~~![](x)~\n\n```\n~~~\n@octocat\n```")
@example("[a\nb]: //e.example\n\n[a\nb]")
@example("> [x]: //e.example\n\n[x]")
@example("```mermaid\nclick A\n```")
def test_nothing_acts(text: str) -> None:
    """In a text of several lines and in one of one line."""
    for made in (harmless(text), harmless_line(text)):
        assert (acts(made), commands(made)) == ([], [])


@st.composite
def hostile(draw: st.DrawFn) -> Placed:
    """A finding with hostile words in each field that a stranger fills."""
    said: dict[str, Any] = {name: draw(texts) for name in ("path", "title", "body", "category", "quote", "source")}
    more: dict[str, Any] = {"problem": draw(texts), "reason": draw(texts), "code": draw(texts), "fingerprint": "ab"}
    suggestion = draw(st.none() | texts)
    line = draw(st.sampled_from([None, 2]))
    more["confirmed"] = draw(st.sampled_from([None, True, False]))
    return placed(line=line, suggestion=suggestion, severity=Severity.LOW, more=more, **said)


def quiet(text: str, *, suggestion: bool = False) -> None:
    live = [each for each in acts(text) if not ours(each) and not (suggestion and each == "suggestion")]
    assert (live, commands(text)) == ([], [])
    assert folds_close(text)


def folds_close(text: str) -> bool:
    """Every fold of ours is closed, and none before it was opened: no word of a stranger opens or closes one."""
    depth = 0
    for token in GITHUB.parse(text):
        for tag in re.findall(r"</?details>", token.content) if token.type == "html_block" else []:
            depth += -1 if tag.startswith("</") else 1
            if depth < 0:
                return False
    return depth == 0


@settings(max_examples=50, deadline=None)
@given(hostile(), hostile())
def test_a_review_of_hostile_words_is_quiet(one: Placed, another: Placed) -> None:
    """Comments, the review's body and the check: nothing acts, no fold is left open, no mark is forged."""
    comment, body = comment_body(one), review_body([one], [another], run="r1")
    verdict = Verdict("failure", (one, another), (one,), one.reason)
    left_out = Coverage(
        tuple(Covered(HunkId(p.finding.path, n), Fate.FAILED, p.reason) for n, p in enumerate((one, another)))
    )
    report = final_report(verdict, left_out, saying=Saying(listed=(one,)), notes=[another.reason], footer="Model")
    quiet(comment, suggestion=True)
    for text in (body, report.summary, report.text):
        quiet(text)
    assert (FINDING_MARK.findall(comment), FINDING_MARK.findall(body), RUN_MARK.findall(body)) == (
        ["ab"],
        ["ab"],
        ["r1"],
    )
    assert comment.endswith("\n\n<!-- reviewer:finding=ab -->")


@settings(max_examples=60, deadline=None)
@given(texts)
def test_a_suggestion_ends_where_it_ends(code: str) -> None:
    """Whatever fences it holds, GitHub reads the code that was suggested, whole, and what follows as our words."""
    body = comment_body(placed(suggestion=code, more={"fingerprint": "ab"}))
    blocks = [token.content for token in GITHUB.parse(body) if token.type == "fence" and token.info == "suggestion"]
    assert blocks in ([], [as_read(code)])
    quiet(body, suggestion=True)


def as_read(code: str) -> str:
    """As CommonMark reads lines: line ends folded, NUL replaced, one end of line at the end."""
    return f"{code}\n".replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd")


@pytest.mark.parametrize(
    "piece", [">", "-", "* ", "|", "\\", "[", "`", "~", "@", "!", "ok to ", "[x](", "1. ", "&", "- 1. ", "$"]
)
def test_long_lines_end(piece: str) -> None:
    """No pattern tries all the ways to read 20,000 characters."""
    harmless((piece * 20_000)[:20_000] + "x")


def test_what_people_read_stays() -> None:
    """Ordinary prose comes through letter by letter, but for what nobody sees."""
    prose = "Use `a|b`, not C:\\temp (see 2 - 3): 50 % of x[i] costs $5; set `x` to [1, 2]: done!"
    shown = "".join(token.content for token in flat(GITHUB.parse(harmless(prose))) if not token.children)
    assert html.unescape(shown).replace("\u200b", "") == prose.replace("`", "")
