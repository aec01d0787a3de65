"""Tells comments that a tool may read from those that only people do."""

from __future__ import annotations

import re

# A tag and what tools look for anywhere, and what they look for at the beginning. In doubt a comment is kept: then it
# only tells more apart.
_TOOLS = re.compile(
    r"@|-\*-|\b(?:noqa|pragma|pylint|mypy|pyright|ruff|flake8|nosec|nolint\w*|eslint\w*|tslint|jshint|jslint|istanbul"
    r"|webpack\w*|prettier\w*|biome\w*|rubocop|steep|sorbet|simplecov|nocov|brakeman|clang\w*|iwyu|nosonar"
    r"|noinspection|checkstyle|yapf|fall\W{0,3}thr\w+|notreached|doctest|sourcemappingurl|sourceurl|__pure__|skipcq"
    r"|codeql|lgtm|cspell|coding[:=]|(?:disable|enable|ignore|skip)[-_:]\w+|\w+[-_](?:disable|enable|ignore|skip))\b"
    r"|\A\W*(?:types?|globals?|exported|region|endregion|flow|vim|emacs|mode|fmt|isort|output|build|export|line|language"
    r"|lint\w*|unused|typed|generated|unordered|c8|v8|go)\b",
    re.IGNORECASE,
)
_FIRST = re.compile(r"\W*[\w.\-]+\s?[:=(\[]|\W*[a-z]+:")
_MARKS = re.compile(r"(?://+[!/<]|/\*[*!]|#[!:+$~])")
_GO_DIRECTIVE = re.compile(r"//[^\s/]|//\s*\+|/\*\S")


def kept(comment: str, language: str) -> bool:
    """Whether a comment stays in the form."""
    if _TOOLS.search(comment) or _FIRST.match(comment) or comment[:2] == "#!":
        return True
    if language == "java" and "\\u" in comment:  # it may end the comment
        return True
    if language == "c++" and "??/" in comment:  # a backslash, and so the next line too, to old compilers
        return True
    if language == "go":
        return _GO_DIRECTIVE.match(comment) is not None
    if language in {"rust", "ruby", "c++", "typescript"} and _MARKS.match(comment):
        return language != "typescript" or comment.startswith("///")
    return language == "rust" and comment.startswith(("/*!", "//!"))


def in_comments(texts: list[str]) -> tuple[int, int] | None:
    """How many rows at the top are the end of a block comment, and how many at the bottom the beginning of one.

    None when such a comment is one that tools may read: rows like ` * @param {string} name`.
    """
    stripped = [text.strip() for text in texts]
    top = bottom = 0
    for at, text in enumerate(stripped):
        if not text.startswith("*"):
            break
        if text.endswith("*/") and "/*" not in text:
            top = at + 1
            break
    run = len(stripped)
    while run > top and stripped[run - 1].startswith("*") and "*/" not in stripped[run - 1]:
        run -= 1
    if run > top and stripped[run - 1].startswith("/*") and "*/" not in stripped[run - 1]:
        bottom = len(stripped) - run + 1
    rows = [*texts[:top], *(texts[-bottom:] if bottom else [])]
    return None if any("@" in row or "///" in row or _TOOLS.search(row) for row in rows) else (top, bottom)
