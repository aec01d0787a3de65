"""A pattern is said once with its places; each place that is shown is marked as said, and no other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot
from placed import any_placed, placed
from test_render_limits import COMMENT, FORGED, forgers, harmless_markdown, suggested

from reviewer.core.render.check import final_report
from reviewer.core.render.review import comment_body, comments_of, review_body
from reviewer.core.render.words import FINDING_MARK, HEADLINE, RUN_MARK
from reviewer.core.types import Coverage, Placed, Saying, Severity, Verdict

FIRST = placed(body="Short.", more={"fingerprint": "first"})


def others(count: int, **changes: Any) -> list[Placed]:
    return [placed(line=n, path=f"src/{n}.py", more={"fingerprint": f"f{n}"}, **changes) for n in range(1, count + 1)]


def shown(body: str) -> list[str]:
    """The marks of the places that the text shows."""
    return ["first", *(f"f{n}" for n in range(1, 2_001) if f"`src/{n}.py:{n}`" in body)]


def test_a_comment_with_its_places() -> None:
    """After all that is said of the first; the marks come last, the first one's before the others'."""
    nowhere = placed(line=None, path="b.py", more={"fingerprint": "f9"})
    assert comment_body(FIRST, [*others(2), nowhere]) == snapshot("""\
🟠 **high** · logic — **The sum is wrong**

Short.

<details><summary>Details</summary>

confidence 0.90 · id `first`

</details>

The same in 3 more places: `src/1.py:1`, `src/2.py:2`, `b.py`.

<!-- reviewer:finding=first -->
<!-- reviewer:finding=f1 -->
<!-- reviewer:finding=f2 -->
<!-- reviewer:finding=f9 -->\
""")


def test_many_places_are_folded_away() -> None:
    """A dozen would bury the finding; all are there."""
    body = comment_body(FIRST, others(11))
    assert "<details><summary>The same in 11 more places</summary>\n\n`src/1.py:1`, " in body
    assert FINDING_MARK.findall(body) == shown(body) == ["first", *(f"f{n}" for n in range(1, 12))]
    assert "The same in 1 more place: `src/1.py:1`." in comment_body(FIRST, others(1))


@pytest.mark.parametrize("piece", ["x", "& < @a ", "```\n"])
def test_what_finds_no_room_is_not_marked(piece: str) -> None:
    """Two thousand places beside the longest text: what is shown is marked, the rest is counted and said next time."""
    first = placed(body=(piece * 20_000)[:20_000], suggestion="y", more={"fingerprint": "first"})
    body = comment_body(first, others(2_000))
    assert len(body) <= COMMENT
    marks = FINDING_MARK.findall(body)
    assert marks == shown(body)
    assert 200 < len(marks) < 2_000
    assert f"The same in 2,000 more places, of which {2_001 - len(marks):,} did not fit here" in body
    assert HEADLINE.findall(body) == ["The sum is wrong"]
    assert suggested(body) in ([], ["y"])
    harmless_markdown(body)


def test_a_place_without_room_leaves_no_trace() -> None:
    """A path as long as a comment is neither shown nor marked, nor what comes after it."""
    huge = placed(path="x" * COMMENT, more={"fingerprint": "huge"})
    assert comment_body(FIRST, [huge, *others(3)]) == comment_body(FIRST)


@settings(max_examples=40, deadline=None)
@given(forgers() | any_placed(), st.lists(forgers() | any_placed(), max_size=4))
def test_any_comment_with_places_is_sound(first: Placed, along: list[Placed]) -> None:
    """Within the limit, harmless, our marks at its end and none of a stranger's."""
    names = [first.fingerprint, *(each.fingerprint for each in along)]
    comment = comment_body(first, along)
    listed = review_body([], [first], run="r", along={first.fingerprint: along})
    for body, runs in ((comment, []), (listed, ["r"])):
        assert len(body) <= COMMENT
        assert (FINDING_MARK.findall(body), RUN_MARK.findall(body)) == (names, runs)
        assert body.endswith("\n".join(f"<!-- reviewer:finding={name} -->" for name in names))
        harmless_markdown(body)


def test_comments_are_known_by_their_first() -> None:
    """Whatever else a comment speaks of."""
    alone = placed(line=9, more={"fingerprint": "alone"})
    comments = comments_of([FIRST, alone], {"first": others(2)})
    assert [each.fingerprint for each in comments] == ["first", "alone"]
    assert [FINDING_MARK.findall(each.body) for each in comments] == [["first", "f1", "f2"], ["alone"]]


def test_a_review_counts_and_lists_the_places() -> None:
    """All that is said is counted; a listed one has its places below its words, and their marks."""
    listed = placed(line=None, body="Short.", more={"fingerprint": "listed", "problem": "quotes no line"})
    along = {
        "listed": others(2),
        "first": [placed(more={"fingerprint": "x"}, severity=Severity.LOW)],
        "gone": others(9),
    }
    assert review_body([FIRST], [listed], run="run-1", along=along) == snapshot("""\
**5 new findings**: 4 high, 1 low.

1 finding without a comment of its own:

🟠 **high** · logic — **The sum is wrong**

`shop.py`: quotes no line

Short.

The same in 2 more places: `src/1.py:1`, `src/2.py:2`.

<!-- reviewer:run=run-1 -->
<!-- reviewer:finding=listed -->
<!-- reviewer:finding=f1 -->
<!-- reviewer:finding=f2 -->\
""")


@pytest.mark.parametrize("leaders", [1, 30, 300])
def test_many_listed_patterns_share_the_room(leaders: int) -> None:
    """However many there are: what is marked is shown, each pattern has some of its places, the rest is said later."""
    listed = [placed(line=n, path=f"{n}.go", more={"fingerprint": f"g{n}"}) for n in range(leaders)]
    along = dict.fromkeys((each.fingerprint for each in listed), others(150))
    body = review_body([], listed, run="r", along=along)
    assert len(body) <= COMMENT
    marks = FINDING_MARK.findall(body)
    told = [name for name in marks if name.startswith("g")]
    assert told == [each.fingerprint for each in listed[: len(told)]]
    assert [f"{name[1:]}.go:{name[1:]}" in body for name in told] == [True] * len(told)
    assert sum(body.count(f"`src/{n}.py:{n}`") for n in range(1, 151)) == len(marks) - len(told)
    assert len(marks) >= 2 * len(told) > 0


def test_the_check_tells_what_is_not_said() -> None:
    """How many are told as places of another, how many nobody believes, and how many people do not want."""
    doubtful = placed(title="Doubtful", severity=Severity.LOW, more={"fingerprint": "d"})
    dismissed = placed(title="Dismissed", more={"fingerprint": "e"})
    saying = Saying(
        inline=(FIRST,), along={"first": tuple(others(3))}, doubtful=(doubtful, doubtful), dismissed=(dismissed,)
    )
    verdict = Verdict("success", (FIRST, *others(3), doubtful, dismissed))
    report = final_report(verdict, Coverage(), saying=saying, notes=[FORGED], footer="Model")
    sentences = [line for line in report.summary.splitlines() if line.endswith(".") and "Coverage" not in line]
    assert sentences == snapshot(
        [
            "3 findings were said with another one of the same kind, as its places.",
            "2 findings of low confidence were left unsaid.",
            "1 finding was dismissed by people and does not count.",
        ]
    )
    assert "src/3.py:3" in report.summary
    assert "Doubtful" not in report.summary
    assert "Dismissed" not in report.summary
