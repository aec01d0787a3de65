"""Gives the text of a finding that its meaning is taken from, the same from the model as from a comment on GitHub."""

from __future__ import annotations

from reviewer.core.types import Dismissal, Finding, Told

_BREAK = "\u200b"  # put into what would be live on GitHub


def text_of(said: Finding | Told | Dismissal) -> str:
    """Exactly what `Meaning.vector` is given: title and body, without what rendering put between their letters."""
    return f"{said.title}\n{said.body}".replace(_BREAK, "")
