"""Reads what a file defines, with a grammar for its language, and what a piece of code calls.

Everything here takes strangers' text, and nothing raises for any of it. How long `outline` takes is not bounded: see
there.
"""

from reviewer.core.symbols.calls import calls
from reviewer.core.symbols.outline import added_text, outline

__all__ = ["added_text", "calls", "outline"]
