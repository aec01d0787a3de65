"""Cuts secrets out of texts and diffs, and knows the general shapes that a rule set of token forms leaves out."""

from reviewer.core.redaction.cut import redact_diff, redact_text, redact_texts, shared, texts_of
from reviewer.core.redaction.files import is_secret_file
from reviewer.core.redaction.kinds import POSSIBLE, RANDOM, is_certain, is_silent
from reviewer.core.redaction.shapes import shaped
from reviewer.core.redaction.values import is_placeholder

__all__ = [
    "POSSIBLE",
    "RANDOM",
    "is_certain",
    "is_placeholder",
    "is_secret_file",
    "is_silent",
    "redact_diff",
    "redact_text",
    "redact_texts",
    "shaped",
    "shared",
    "texts_of",
]
