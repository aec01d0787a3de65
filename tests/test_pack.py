"""Holds batches to their promises: every chunk once, within the budget, a file's chunks together."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.core.chunks import pack
from reviewer.core.types import Chunk


def chunk_of(path: str, tokens: int, at: int) -> Chunk:
    return Chunk(path, f"{path} {at}", "", tokens, (), ())


_packable = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 120)), max_size=30).map(
    lambda pairs: [chunk_of(path, tokens, at) for at, (path, tokens) in enumerate(pairs)]
)


@settings(max_examples=200)
@given(_packable)
def test_every_chunk_is_in_one_batch_within_the_budget(chunks: list[Chunk]) -> None:
    """Only a chunk that is itself too large makes a batch too large, and it is alone in it."""
    batches = pack(chunks, budget=100)
    assert sorted(chunk.key for batch in batches for chunk in batch.chunks) == sorted(chunk.key for chunk in chunks)
    for batch in batches:
        assert batch.tokens <= 100 or len(batch.chunks) == 1
    assert pack(chunks, budget=100) == batches


def test_a_file_stays_together_and_gaps_are_filled() -> None:
    """A file goes whole into the first batch with room; one too large for any is spread over as few as it needs."""
    chunks = [
        chunk_of(path, tokens, at) for at, (path, tokens) in enumerate([("a", 60), ("b", 30), ("b", 30), ("c", 40)])
    ]
    chunks += [chunk_of("d", 70, 4), chunk_of("d", 70, 5)]
    paths = [[chunk.path for chunk in batch.chunks] for batch in pack(chunks, budget=100)]
    assert paths == [["a", "c"], ["b", "b"], ["d"], ["d"]]
