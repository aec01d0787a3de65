"""What a compiler would see of a chunk, as a digest, and where its tokens stand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """Equal digests: the same tokens before and after the change, in the same order and structure.

    `rows` has, for each token of the new side and then of the old side, the index into the chunk's lines of the row on
    which it begins. Chunks with equal digests have as many tokens: a token's place in `rows` names it in all of them.
    """

    digest: str
    rows: tuple[int, ...]
