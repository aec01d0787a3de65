"""Packs chunks into batches, one model call each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from reviewer.core.types import Batch, Chunk

PRICE_STEP = 272_000  # input tokens of a call; above it each of them costs double
LEAST = 1_000  # tokens of diff that are worth a call


def budget_for(window: int, *, fixed: int, reserve: int, most: int) -> int:
    """Tokens of diff that one call may hold.

    `window` is what the model takes, input and output together; `fixed` are the tokens of prompt, schema and all else
    that goes with every call; `reserve` is kept for the answer (and for thinking); `most` is what we want at once.
    Never under LEAST, so that a window that is too small shows as a refused call and not as a review of nothing.
    """
    return max(LEAST, min(most, window - fixed - reserve, PRICE_STEP - fixed))


def pack(chunks: Sequence[Chunk], *, budget: int) -> tuple[Batch, ...]:
    """First fit in the order given; the chunks of a file stay together where they fit into one batch.

    Every chunk is in exactly one batch. A batch is over the budget only when it is one chunk that is.
    """
    bins: list[list[Chunk]] = []
    free: list[int] = []
    for _, group in groupby(chunks, key=lambda chunk: chunk.path):
        for run in _runs(list(group), budget):
            tokens = sum(chunk.tokens for chunk in run)
            at = next((place for place, room in enumerate(free) if tokens <= room), len(bins))
            if at == len(bins):
                bins.append([])
                free.append(budget)
            bins[at].extend(run)
            free[at] -= tokens
    return tuple(Batch(tuple(chunks)) for chunks in bins)


def _runs(chunks: list[Chunk], budget: int) -> Iterator[list[Chunk]]:
    """The chunks of one file in as few runs as go into a batch each."""
    run: list[Chunk] = []
    room = budget
    for chunk in chunks:
        if run and chunk.tokens > room:
            yield run
            run, room = [], budget
        run.append(chunk)
        room -= chunk.tokens
    yield run
