"""What the record calls a finding, and the mark that gives a dismissal its reason back from GitHub."""

from __future__ import annotations

import html
import re

from reviewer.core.render.packed import pack, unpack
from reviewer.core.types import Dismissal, Told

_WHY = re.compile(r"\s{0,2}<!-- reviewer:why=([a-z2-7]{1,4000}) -->")


def told_label(told: Told) -> str:
    """As `rulings.label` has it of a finding: `high · shop.py:2 · Wrong sum`, in one line of plain text."""
    place = f"{told.path}:{told.line}" if told.path and told.line else told.path
    return dismissal_label(told.severity.word if told.severity else "", place, told.title)


def label_of(dismissal: Dismissal) -> str:
    return dismissal_label(dismissal.severity, dismissal.path, dismissal.title)


def dismissal_label(severity: str, place: str, title: str) -> str:
    """`title` as it stands in our own comment, where it was made harmless."""
    parts = (severity, place, html.unescape(title))
    return " · ".join(filter(None, (" ".join(part.split()) for part in parts)))


def why_mark(reason: str) -> str:
    """Behind the mark of who dismissed it; nothing in it ends a comment or calls anybody. "" without a reason."""
    packed = pack(reason)
    return f"<!-- reviewer:why={packed} -->" if packed else ""


def why_in(text: str, end: int) -> str:
    """The reason in the mark that stands in `text` from `end` on, where another mark ended; "" where there is none."""
    found = _WHY.match(text, end)
    return unpack(found[1]) if found else ""
