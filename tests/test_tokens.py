"""Holds the token counts to tiktoken's own encoding, and to survive what a diff may hold."""

from __future__ import annotations

import threading

import pytest
import tiktoken
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tiktoken_ext import openai_public  # type: ignore[import-untyped]  # it ships no types

from reviewer import resources, tokens
from reviewer.tokens import O200k

TOKENS = O200k()


def test_definition_is_tiktokens_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name, pattern and special tokens are those of the tiktoken that is installed; only the ranks come from us."""
    monkeypatch.setattr(openai_public, "load_tiktoken_bpe", lambda *_, **__: {})
    theirs = openai_public.o200k_base()
    ours = {
        "name": TOKENS._built().name,
        "pat_str": tokens.PATTERN,
        "mergeable_ranks": {},
        "special_tokens": tokens.SPECIAL_TOKENS,
    }
    assert ours == theirs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("hello world", 2),
        ("    return None\n", 4),
        ("<|endoftext|>", 7),
        ("naïve 漢字 🙂", 7),
        ("12345678", 3),
    ],
)
def test_known_counts(text: str, expected: int) -> None:
    """Counts are those of o200k_base, and a special token in a text is text."""
    assert TOKENS.count(text) == expected


@given(st.text(max_size=300))
def test_short_texts_are_counted_by_the_encoding(text: str) -> None:
    """Nothing is cut and nothing is added where a text is short."""
    assert TOKENS.count(text) == len(TOKENS._built().encode_ordinary(text))


_ROW = st.text(alphabet="aB1 \t\r\n/+-(){};'.漢\u0301\u00a0\u2028", max_size=30)


@settings(max_examples=60)
@given(st.lists(_ROW, min_size=1, max_size=12))
@example(["a" * 10, "b" * 24 + "\n\n\nc"])  # the line feed that ends a piece is in the middle of a token
@example(["a" * 10, "b" * 23 + ")\n//c"])
def test_cutting_a_long_text_changes_no_count(rows: list[str]) -> None:
    """A text over the longest piece is cut only where a token ends, so its count is exact."""
    text = "\n".join(f"{number}+{row}" for number, row in enumerate(rows))
    whole = len(TOKENS._built().encode_ordinary(text))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "LONGEST_PIECE", 40)  # more than a row, so that there is always a safe place
        assert TOKENS.count(text) == whole


def test_a_long_diff_is_counted_exactly() -> None:
    """A million characters of ordinary rows cost what the encoding says of all of them at once."""
    text = "".join(f"{number}+    value_{number} = compute({number})  # ok\n" for number in range(25_000))
    assert len(text) > 1_000_000
    assert TOKENS.count(text) == len(TOKENS._built().encode_ordinary(text))


@pytest.mark.parametrize("text", [" ", "\t", "\n", " \n", "a", "=", "\x00", "漢", "function(){var a=1;}"])
def test_a_million_of_anything_is_counted(text: str) -> None:
    """No panic: tiktoken has one on a million spaces, and no repetition of anything may end the process."""
    assert TOKENS.count(text * (1_000_000 // len(text))) > 0


def test_lone_surrogates_are_counted() -> None:
    """A text that is no valid UTF-8 has a count, however long it is."""
    assert TOKENS.count("a\ud800b") == TOKENS.count("a\ufffdb")
    assert TOKENS.count("a\ud800b\n" * 50_000) > 0


def test_the_ranks_are_loaded_once_by_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Building is lazy, and threads that count at the same time share one encoding."""
    built: list[tiktoken.Encoding] = []
    read = resources.token_ranks

    def ranks() -> bytes:
        built.append(TOKENS._built())
        return read()

    monkeypatch.setattr(resources, "token_ranks", ranks)
    shared = O200k()
    assert built == []
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(shared.count("hello world"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [2] * 8
    assert len(built) == 1
