"""A question is known again in other words, and never taken for another one; the code that it is about comes along."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.core.chunks import split
from reviewer.core.diff import parse_diff
from reviewer.core.findings import Reply, kept_reply, parse_reply, trimmed_reply
from reviewer.core.meaning import asked_again
from reviewer.core.nearest import around, line_of, nearest
from reviewer.core.types import Chunk

CODE = ("def total(items):", "    subtotal = sum(items)", "    return subtotal - discount(items)")


@pytest.mark.parametrize(
    ("asked", "before"),
    [
        ("Why is this a problem?", "why is that a problem"),
        ("Why does `total` crash with an empty list?", "Please explain why total crashes with an empty list."),
        ("Can this ever be called with an empty list?", "Could that be called with empty lists?"),
        ("What happens when items is empty?", "what would happen if items is empty"),
        ("Is the discount applied twice?", "is discount being applied twice?"),
        ("Doesn't it need a lock?", "Does it not need a lock"),
        ("Why?", "why"),
    ],
)
def test_the_same_question_in_other_words_is_known(asked: str, before: str) -> None:
    """Either way round, among others."""
    assert asked_again(asked, ["Is it fast?", before], code=CODE) == 1
    assert asked_again(before, [asked], code=CODE) == 0


@pytest.mark.parametrize(
    ("asked", "before"),
    [
        ("Why is total wrong?", "Why is mean wrong?"),
        ("Why is `total` wrong?", "Why is `subtotal` wrong?"),
        ("Does load_a call load_b?", "Does load_b call load_a?"),
        ("What if the cache of the worker pool is full?", "What if the cache of the worker pool is empty?"),
        ("Is x < 3 right?", "Is x <= 3 right?"),
        ("Is it run in line 3?", "Is it run in line 4?"),
        ("Why is it locked?", "Why is it unlocked?"),
        ("Is it safe?", "Is it not safe?"),
        ("Is it safe?", "Isn't it safe?"),
        ("How does total fail?", "Why does total fail?"),
        ("When does it fail?", "Why does it fail?"),
        ("Is the client slower than the server?", "Is the server slower than the client?"),
        ("Is it done before the loop?", "Is it done after the loop?"),
        ("Is it safe?", "Is it safe on Windows?"),
        ("?", "!"),
        ("Is it?", "Was this the one?"),
    ],
)
def test_one_word_makes_another_question(asked: str, before: str) -> None:
    """In doubt it is asked: a wrong answer costs more."""
    assert asked_again(asked, [before], code=CODE) is None
    assert asked_again(before, [asked], code=CODE) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_the_comparison(asked: str, before: str) -> None:
    """And it says the same either way round."""
    assert asked_again(asked, [before], code=CODE) == asked_again(before, [asked], code=CODE)


# --- what comes along ------------------------------------------------------------------------------------------------


def chunks(count: int) -> tuple[Chunk, ...]:
    """A file each; every one speaks of `common`, each of a name of its own."""
    files = [
        f"diff --git a/src/part{n}.py b/src/part{n}.py\nnew file mode 100644\n--- /dev/null\n+++ b/src/part{n}.py\n"
        f"@@ -0,0 +1,2 @@\n+common = 1\n+special_{'abcdefghij'[n] * 3} = 2\n"
        for n in range(count)
    ]
    return split(parse_diff("".join(files)), count=lambda text: len(text) // 4, budget=500)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("what of src/part3.py?", [3]),
        ("part3.py and part1.py", [1, 3]),
        ("Is special_bbb common here?", [1]),
        ("Is SpecialBbb right?", [1]),
        ("Hm?", [0, 1, 2, 3]),
        ("Is it common?", [0, 1, 2, 3]),
    ],
)
def test_what_a_question_names_comes_along(said: str, expected: list[int]) -> None:
    """Files and names; where it names nothing, or what is everywhere, the first chunks that there is room for."""
    made = chunks(4)
    assert [made.index(each) for each in nearest(made, said, room=1_000)] == expected


def test_the_room_is_kept_and_the_nearest_have_it() -> None:
    """In the order of the diff; the chunk of the place before all others."""
    made = chunks(6)
    room = 2 * made[0].tokens
    assert nearest(made, "special_eee and special_ccc", room=room) == (made[2], made[4])
    assert nearest(made[:1] * 2, "special_eee", room=room, line=1) == (made[0], made[0])
    assert nearest(made, "common", room=1) == ()


def test_the_lines_around_a_place_are_numbered_and_few() -> None:
    """The place itself in any case where there is room for it; nothing for a place outside of the file."""
    text = "\n".join(f"line {number}" for number in range(1, 101))
    assert around(text, 50, most=30) == "49 line 49\n50 line 50"
    assert around(text, 1, most=25) == "1 line 1\n2 line 2"
    assert around(text, 50, most=10_000).count("\n") == 60
    assert [around(text, at, most=1_000) for at in (0, 101, -1)] == ["", "", ""]
    assert around(text, 50, most=3) == ""


def test_a_place_is_found_by_its_code_where_that_is_there_once() -> None:
    """Else it is not known."""
    text = "a\n  b = 1\nc\nc"
    assert [line_of(text, code) for code in ("\n b = 1\nc", "c", "d", "", "\n")] == [2, 0, 0, 0, 0]


# --- what the model says ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('{"answer": " So.\\u0000 "}', Reply("So.")),
        ('{"answer": null, "convinced": true, "reason": "a\\n b"}', Reply("", convinced=True, reason="a b")),
        ('Here:\n```json\n{"answer": "So."}\n```', Reply("So.")),
        (json.dumps('{"answer": "So."}'), Reply("So.")),
        ('{"answer": "So.", "convinced": "true", "reason": 7}', Reply("So.")),
        ('{"answer": ["So."]}', None),
        ('{"answers": "So."}', None),
        ('{"answer": "So', None),
        ("", None),
    ],
)
def test_what_is_read_of_an_answer(arguments: str, expected: Reply | None) -> None:
    """Only a plain true convinces; what is no answer is none."""
    assert parse_reply(arguments) == expected


def test_an_answer_is_cut_and_kept() -> None:
    """What is kept reads back as it was."""
    reply = trimmed_reply(Reply("a" * 9_000, convinced=True, reason="b" * 900))
    assert (len(reply.answer), len(reply.reason)) == (4_000, 400)
    assert parse_reply(kept_reply(reply)) == reply


@given(st.text(max_size=200))
def test_no_answer_breaks_the_reader(text: str) -> None:
    """Whatever a model says."""
    parse_reply(text)
    parse_reply('{"answer": ' + text)
