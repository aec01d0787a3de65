"""Holds batches to their promises: every chunk once, within the budget, a file's chunks together."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.core.chunks import budget_for, pack
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


def test_a_budget_leaves_room_for_prompt_and_answer() -> None:
    """What we want at once, less where the window is small, and never past the step where input doubles in price."""
    assert budget_for(400_000, fixed=2_000, reserve=16_000, most=12_000) == 12_000
    assert budget_for(32_000, fixed=2_000, reserve=20_000, most=12_000) == 10_000
    assert budget_for(1_000_000, fixed=2_000, reserve=16_000, most=900_000) == 270_000
    assert budget_for(8_000, fixed=2_000, reserve=16_000, most=12_000) == 1_000


@given(st.integers(1, 2_000_000), st.integers(0, 20_000), st.integers(0, 100_000), st.integers(1_000, 400_000))
def test_a_call_stays_in_its_window(window: int, fixed: int, reserve: int, most: int) -> None:
    """Prompt, diff and answer fit together wherever a budget worth a call does."""
    budget = budget_for(window, fixed=fixed, reserve=reserve, most=most)
    assert 1_000 <= budget <= most
    assert budget == 1_000 or (budget + fixed + reserve <= window and budget + fixed <= 272_000)
