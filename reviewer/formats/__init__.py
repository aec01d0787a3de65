"""The ways to print a local review: text for people, json, SARIF 2.1.0 and GitHub's workflow commands for tools."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from reviewer.formats.annotations import as_github
from reviewer.formats.records import as_json
from reviewer.formats.result import LocalResult
from reviewer.formats.sarif import as_sarif
from reviewer.formats.text import as_text

__all__ = ["FORMATS", "LocalResult", "as_github", "as_json", "as_sarif", "as_text", "write"]

FORMATS: dict[str, Callable[[LocalResult], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}


def write(result: LocalResult, name: str, *, width: int = 80, color: bool = False) -> str:
    """The result in the format `name`, without a newline at the end; `width` and `color` are for a terminal."""
    shaped = FORMATS | {"text": partial(as_text, width=width, color=color)}
    return shaped[name](result)
