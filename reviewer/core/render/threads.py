"""The words in a finding's own thread: that it is fixed, holds no longer, or is open again."""

from __future__ import annotations

from reviewer.core.render.harmless import code_span, harmless_line
from reviewer.core.render.words import COMMENT_LIMIT, state_mark, within

_SHORT = 7  # digits of a SHA


def fixed_reply(head: str, why: str = "") -> str:
    """`why` is a sentence of the model's, "" where the code itself is gone or changed: only that is a repair."""
    on = code_span(head[:_SHORT])
    said = f"No longer holds on {on}: {harmless_line(why).rstrip('.')}." if why else f"Fixed in {on}."
    return within(said, COMMENT_LIMIT, state_mark("fixed", head))


def back_reply(head: str) -> str:
    text = f"Found again in {code_span(head[:_SHORT])}: this is open again."
    return within(text, COMMENT_LIMIT, state_mark("open", head))
