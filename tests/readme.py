"""Reads README.md for the tests that compare it with the code: its tables, code blocks, commands and links."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")


def table(first: str, text: str = README) -> list[list[str]]:
    """The cells of each row of the table whose first heading is `first`, without the headings."""
    match = re.search(rf"^\| {re.escape(first)} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert match, f"README has no table that begins with {first!r}"
    return [_cells(row) for row in match[1].splitlines()]


def _cells(row: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row)[1:-1]]


def code(cell: str) -> list[str]:
    """What stands in backticks in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def blocks(language: str, text: str = README) -> list[str]:
    """The fenced code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def links(text: str) -> list[str]:
    """The targets of links and pictures that are not on another host."""
    return [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
