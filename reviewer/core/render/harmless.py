"""Makes the words of strangers (the model above all) harmless: nothing in them pings, links, embeds or commands.

The reading of code is stricter than GitHub's: whatever this module leaves alone as code is code to GitHub too, because
fences are written anew at the margin and stray backticks are taken out.
"""

from __future__ import annotations

import re
import unicodedata

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([^`\n]*)$")
_SPAN = re.compile(r"(?<!`)(`{1,2})(?!`)(.+?)(?<!`)\1(?!`)")
# Bounded, so that 20,000 brackets cost no minutes; what is longer is neutralised by its brackets in `_words`.
_IMAGE = re.compile(r"!\[([^\]\n]{0,500})\](\([^)\n]{0,500}\)|\[[^\]\n]{0,500}\])?")
_LINK = re.compile(r"\[([^\[\]\n]{0,500})\]\(\s{0,9}<?([^()\s>]{0,500})(?:[\s>][^)\n]{0,500})?\)")
_ESCAPED_TICK = re.compile(r"(?<!\\)\\+(?=`)")
_URL = re.compile(
    r"(?:(?:https?|ftp|ssh|git|file|data)\\?:\\?/\\?/|(?:mailto|xmpp|javascript|vbscript)\\?:|www\\?\.)[^\s`<>\"'\u200b]*",
    re.IGNORECASE,
)
_MENTION = re.compile(r"@(?=[\w-])")
_ISSUE = re.compile(r"(?<![&\w])#(?=\d)|(?<=[\w-])#(?=\d)")
_GH_ISSUE = re.compile(r"(?<![A-Za-z0-9])GH-(?=\d)", re.IGNORECASE)  # also in _emphasis_
# `/lgtm`, `!merge`: as a line's first word, whatever Markdown stands before it.
_COMMAND = re.compile(r"^([\s>*+\-#|_~\\]*+(?:\d{1,9}[.)][\s>*+\-#|_~\\]*+)?)([/!])(?=\w)")
_BOT = re.compile(
    r"^([\W_]*+(?:\d{1,9}[.)][\W_]*+)?)(bors|homu|jenkins|recheck|retest|reverify|lgtm|r(?=[+?=]))(?!\w)", re.IGNORECASE
)
_PHRASE = re.compile(
    r"\b(ok|add|test|retest)(?=\W{1,9}(?:to\W{1,9}(?:test|whitelist|allowlist)|this\W{1,9}please)\b)", re.IGNORECASE
)
# The row under a table's head. In a table `|` ends a cell, and with it a code span: no table, no such surprise.
_DELIMITER = frozenset(" \t>*+|:.)-0123456789")
_LIVE_CODE = frozenset({"suggestion", "mermaid", "geojson", "topojson", "stl", "math"})  # GitHub does more than show it
_IMAGE_EMOJI = re.compile(  # those that are pictures; `:tada:` and the like are letters
    r":(?=(?:octocat|shipit|trollface|bowtie|neckbeard|feelsgood|finnadie|goberserk|godmode|hurtrealbad|rage[1-4]|suspect|"
    r"basecamp|basecampy|atom|electron|accessibility|copilot|dependabot|fishsticks):)"
)
_MATH = re.compile(r"\\(?=(?:href|url|html\w*|class|cssId|style|require|include\w*|unicode|def|let|newcommand)\b)")
_BREAK = "\u200b"  # zero width space: reads the same, parses as nothing


def harmless(text: str) -> str:
    """Markdown that reads like `text`, without live mention, image, HTML, link, issue reference or command line."""
    out: list[str] = []
    fence: list[str] | None = None
    opener = info = ""
    for line in _lines(text):
        match = _FENCE.match(line)
        if fence is None:
            if match:
                opener, info, fence = match.group(1), match.group(2), []
            else:
                out.append(_prose(line))
        elif match and match.group(1).startswith(opener) and not match.group(2).strip():
            out.extend(_fenced(fence, info))
            fence = None
        else:
            fence.append(line)
    if fence is not None:
        out.extend(_fenced(fence, info))
    return "\n".join(out).strip("\n")


def harmless_line(text: str) -> str:
    """The same in one line, for titles and table cells."""
    return _prose(" ".join(_clean(text).split()))


def plain(text: str) -> str:
    """For places that are not Markdown (titles of checks, annotations): one line, no mention, no control characters."""
    return _MENTION.sub("@" + _BREAK, " ".join(_clean(text).split()))


def fenced(text: str, info: str = "") -> str:
    """`text` as a code block, behind a fence longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{info}\n{text}\n{fence}"


def code_span(text: str) -> str:
    """`text` as inline code, in one line."""
    folded = " ".join(_clean(text).split()).replace("`", "'")
    return f"`{folded}`" if folded else ""


def _lines(text: str) -> list[str]:
    return _clean(text).split("\n")


def _clean(text: str) -> str:
    """Line ends folded to LF; without control characters, bidirectional overrides and lone surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs", "Cf", "Zl", "Zp"})


def _fenced(lines: list[str], info: str) -> list[str]:
    word = re.sub(r"[^\w+#.-]", "", info.split(maxsplit=1)[0]) if info.split() else ""
    if (
        re.split(r"[^a-z]", word.lower())[0] in _LIVE_CODE
    ):  # a suggestion too: only one that we checked against its lines may be offered
        word = ""
    return ["", *fenced("\n".join(lines), word).split("\n"), ""]


def _prose(line: str) -> str:
    """One line outside fences: code spans stay as they are, everything else is neutralised."""
    line = _ESCAPED_TICK.sub("", line)
    parts, end = [], 0
    for span in _SPAN.finditer(line):
        parts += [_neutral(line[end : span.start()]), code_span(span.group(2)) or " "]
        end = span.end()
    text = _joined([*parts, _neutral(line[end:])])
    if "-" in text and _DELIMITER.issuperset(text):
        text = text.replace("|", "\\|").replace(":", "\\:")
    return _BOT.sub(lambda word: f"{word[1]}{word[2][:1]}{_BREAK}{word[2][1:]}", _COMMAND.sub(r"\1\\\2", text))


def _neutral(text: str) -> str:
    text = text.replace("`", "'")
    text = _IMAGE.sub(lambda match: match.group(1), text)
    text = _LINK.sub(lambda match: f"{match.group(1)} ({match.group(2)})", text)
    parts, end = [], 0
    for url in _URL.finditer(text):
        address = url.group().rstrip(".,;:!?)]}")
        parts += [_words(text[end : url.start()]), code_span(address)]
        end = url.start() + len(address)
    return _joined([*parts, _words(text[end:])])


def _joined(parts: list[str]) -> str:
    """The parts in a row; a backslash at the end of one would take its meaning from the code span that follows."""
    return "".join(f"{part}{_BREAK}" if part.endswith("\\") else part for part in parts[:-1]) + parts[-1]


def _words(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    text = text.replace("![", "!\\[").replace("](", "]\\(").replace("][", "]\\[").replace("]:", "]\\:")
    text = text.replace("~~~", "~ ~ ~")
    text = _MATH.sub(lambda slash: slash.group() + _BREAK, _IMAGE_EMOJI.sub(":" + _BREAK, text))
    text = _PHRASE.sub(lambda word: word.group()[:1] + _BREAK + word.group()[1:], text)
    text = _MENTION.sub("@" + _BREAK, text)
    return _GH_ISSUE.sub(f"GH{_BREAK}-", _ISSUE.sub("#" + _BREAK, text))
