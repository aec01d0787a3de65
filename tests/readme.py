"""Reads README.md and the pages under .github/ for the tests that compare them with the code: tables, blocks, links."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / ".github").glob("*.md"))}
CONTRIBUTING = PAGES["CONTRIBUTING"]


def table(first: str, text: str = "") -> list[list[str]]:
    """The cells of each row of the table whose first heading is `first`, without the headings; in `text`, or wherever
    there is one.
    """
    text = text or next((page for page in [README, *PAGES.values()] if f"\n| {first} | " in page), "")
    match = re.search(rf"^\| {re.escape(first)} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert match, f"no page has a table that begins with {first!r}"
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
