"""Texts that mean the same are alike, however they put it; no text breaks it, and what is kept reads the same later."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_harmless import texts

from reviewer.core.meaning import SAME_TEXT, VERSION, Shelf, likeness, vector
from reviewer.core.meaning.stems import stem
from reviewer.core.meaning.words import LONGEST, identifiers, read

NONE = "`user` may be None: `load` returns None for an unknown key, so `user.email` raises AttributeError"
REWORDED = "When no account has this key, load(key) gives null and reading user.email throws. Check user first"
OTHER = "The list is sorted on every call, which is slow for long lists: sort it once when it is made"

ANY = (
    texts
    | st.text(max_size=300)
    | st.lists(st.sampled_from([NONE, REWORDED, OTHER, "`a_b`", "ß", "空指针"])).map(" ".join)
)


def alike(a: str, b: str) -> float:
    return likeness(vector(a), vector(b))


@given(ANY, ANY)
def test_likeness_is_symmetric_and_within_bounds(a: str, b: str) -> None:
    """Whatever two texts say, neither comes first, and the number is a share."""
    assert alike(a, b) == alike(b, a)
    assert 0 <= alike(a, b) <= 1


@given(ANY)
def test_a_text_is_wholly_like_itself(text: str) -> None:
    """An empty one and one without words too: what was said in the very same words was said."""
    assert alike(text, text) == 1


@given(st.lists(ANY, max_size=8), ANY)
def test_the_shelf_finds_what_comparing_each_would_find(kept: list[str], text: str) -> None:
    """It is a quicker way to the same answer, the likest first."""
    vectors, asked = [vector(each) for each in kept], vector(text)
    found = Shelf(vectors).like(asked, least=SAME_TEXT)
    wordless = vector("")
    wanted = {
        place: likeness(asked, each)
        for place, each in enumerate(vectors)
        if likeness(asked, each) >= SAME_TEXT and each != wordless
    }
    assert dict(found) == pytest.approx(wanted)
    assert [like for _, like in found] == sorted((like for _, like in found), reverse=True)


def test_rewording_is_alike_and_another_matter_is_not() -> None:
    """The bar lies between the two."""
    assert alike(NONE, REWORDED) > SAME_TEXT > alike(NONE, OTHER)


def test_vectors_keep_their_bytes() -> None:
    """They lie in databases: whoever changes what makes them raises VERSION, and old ones are made anew."""
    assert vector("The `raw_id` is never checked").hex() == "011a25a210201ab3db55103c8eac13205da632ff1abf39675010"
    assert vector("")[0] == VERSION


@pytest.mark.parametrize("packed", [b"", b"\x00", b"\xff12345", b"\x01123"])
def test_foreign_bytes_are_refused(packed: bytes) -> None:
    """What another version made is not compared as if it were ours."""
    with pytest.raises(ValueError, match="make it anew"):
        likeness(packed, vector(NONE))
    with pytest.raises(ValueError, match="make it anew"):
        Shelf([packed])


def test_a_name_is_one_however_it_is_written() -> None:
    """Models write `rawTokenId`, the raw_token_id and RAW_TOKEN_ID of one variable."""
    written = [read(text).names.keys() for text in ("`rawTokenId`", "raw_token_id", "RAW_TOKEN_ID", "rawTokenId()")]
    assert all(names == {"rawtokenid"} for names in written)
    assert identifiers("if $rawTokenId == raw_key[0]:") == {"if", "rawtokenid", "rawkey", "0"}


def test_a_common_word_in_a_name_weighs_less_than_the_word() -> None:
    """That two findings stand in one function, whose name both give, does not make them one."""
    shared = "cart_total_price"
    assert alike(f"{shared} leaks a handle", f"{shared} ignores rounding") < alike(
        "cart total price leaks a handle", "cart total price ignores rounding"
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("queries", "query"),
        ("caching", "cache"),
        ("validated", "validation"),
        ("unescaped", "escape"),
        ("nil", "undefined"),
        ("expiry", "expired"),
        ("stopping", "stops"),
        ("unpinned", "pinned"),
    ],
)
def test_forms_and_synonyms_are_one_word(first: str, second: str) -> None:
    """Endings fall away, and the trade's synonyms have one name."""
    assert stem(first) == stem(second)


@pytest.mark.parametrize(
    ("first", "second"), [("class", "clause"), ("status", "state"), ("null", "empty"), ("user", "use")]
)
def test_other_words_stay_apart(first: str, second: str) -> None:
    """What reads alike need not mean the same."""
    assert stem(first) != stem(second)


def test_a_long_text_costs_no_more_than_a_finding() -> None:
    """Only its beginning is read, and its heaviest words are kept."""
    long = " ".join(f"word{number}" for number in range(100_000))
    assert len(vector(long)) <= 1 + 255 * 5
    assert vector(long) == vector(long[:LONGEST])
    assert alike("`" * 50_000, "'" * 50_000) in {0, 1}
