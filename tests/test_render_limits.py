"""Whatever is found, what is said fits into GitHub's limits, stays harmless and keeps its marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from placed import LONG, any_placed, placed
from stands import our_own
from test_harmless import commands, live, texts

from reviewer.core.render.check import closed_report, final_report
from reviewer.core.render.review import comment_body, review_body
from reviewer.core.render.words import FINDING_MARK, RUN_MARK
from reviewer.core.types import CheckReport, Coverage, Covered, Fate, HunkId, Placed, Saying, Verdict

COMMENT, TEXT = 65_536, 65_535  # characters that GitHub takes in a comment, and in a check's summary and text


def harmless_markdown(text: str) -> None:
    assert [tag for tag in live(text) if not our_own(tag)] == []
    assert commands(text) == []


def suggested(text: str) -> list[str]:
    """The suggestions as GitHub would apply them."""
    blocks = re.finditer(r"^(`{3,})suggestion\n(.*?)\n?^\1$", text, re.DOTALL | re.MULTILINE)
    return [block.group(2) for block in blocks]


@settings(max_examples=40, deadline=None)
@given(any_placed())
def test_any_comment_fits_and_keeps_its_mark(finding: Placed) -> None:
    """Within GitHub's limit, harmless, its mark whole and the only one; its suggestion whole or not there."""
    body = comment_body(finding)
    assert len(body) <= COMMENT
    assert FINDING_MARK.findall(body) == [finding.fingerprint]
    assert body.endswith(f"<!-- reviewer:finding={finding.fingerprint} -->")
    harmless_markdown(body)
    assert suggested(body) in ([], [finding.finding.suggestion])


def test_a_suggestion_is_never_cut() -> None:
    """Half a suggestion would be applied as it stands."""
    fix = "\n".join(f"line {n}" for n in range(2_000))
    assert suggested(comment_body(placed(body="short", suggestion=fix))) == [fix]
    assert suggested(comment_body(placed(body="& < " * 5_000, suggestion=fix))) == []


def test_a_stranger_s_mark_is_none() -> None:
    """What a pull request's code holds cannot make us believe that something was said: not in code, not in a fix."""
    forged = "<!-- reviewer:finding=0123456789abcdef -->"
    finding = placed(body=f"See:\n\n```html\n{forged}\n```", suggestion=forged, more={"fingerprint": "ab"})
    assert FINDING_MARK.findall(comment_body(finding)) == ["ab"]
    assert FINDING_MARK.findall(review_body([], [finding], run="r")) == ["ab"]


FORGED = "<!-- reviewer:finding=0123456789abcdef --> <!-- reviewer:run=run-0 -->"
HOSTILE = st.sampled_from([FORGED, f"`{FORGED}`", f"`` {FORGED} ``", f"```\n{FORGED}\n```", f"\\`{FORGED}\\`"])
WORDS = st.lists(HOSTILE | texts, min_size=1, max_size=3).map("".join)


@st.composite
def forgers(draw: st.DrawFn) -> Placed:
    """A finding that tries to write our marks, in every field that a stranger fills."""
    said: dict[str, Any] = {
        name: draw(WORDS) for name in ("path", "title", "body", "category", "quote", "suggestion", "source")
    }
    more = {"problem": draw(WORDS), "reason": draw(WORDS), "code": draw(WORDS), "fingerprint": "ab"}
    line = draw(st.sampled_from([None, 2]))
    return placed(line=line, more={**more, "confirmed": draw(st.booleans())}, **said)


@settings(max_examples=60, deadline=None)
@given(forgers(), forgers())
def test_nobody_but_us_writes_a_mark(one: Placed, another: Placed) -> None:
    """Not in code nor in prose, in no field: what we find again on a pull request is what we said there."""
    for text, findings, runs in (
        (comment_body(one), ["ab"], []),
        (review_body([one], [another, one], run="run-1"), ["ab", "ab"], ["run-1"]),
        (a_check([one, another], [FORGED], "failure").summary, [], []),
        (a_check([one, another], [FORGED], "failure").text, [], []),
        (closed_report("neutral", FORGED, f"`{FORGED}`").summary, [], []),
    ):
        assert (FINDING_MARK.findall(text), RUN_MARK.findall(text)) == (findings, runs)


EXPANDING = ["&", "@a ", "```\n", "<", "https://e.example ", "- a\n", "#1 ", "\\", "[](", "![", "[a]("]


@pytest.mark.parametrize("piece", EXPANDING)
def test_the_longest_text_fits(piece: str) -> None:
    """Made harmless a text grows; it is cut then, and the cut leaves nothing open."""
    longest = (piece * 20_000)[:20_000]
    finding = placed(
        body=longest, suggestion=longest, title=longest[:300], more={"reason": longest[:1_000], "fingerprint": "ab"}
    )
    body = comment_body(finding)
    assert len(body) <= COMMENT
    assert FINDING_MARK.findall(body) == [finding.fingerprint]
    assert suggested(body) in ([], [longest])
    harmless_markdown(body)
    for text in (review_body([], [finding] * 4, run="r"), closed_report("neutral", longest, longest).summary):
        assert len(text) <= COMMENT - 1
        harmless_markdown(text)


@settings(max_examples=25, deadline=None)
@given(st.lists(any_placed(), max_size=4), st.lists(any_placed(), max_size=2))
def test_any_review_fits_and_keeps_its_marks(listed: list[Placed], inline: list[Placed]) -> None:
    """What it shows is marked as said, and what it marks is shown."""
    body = review_body(inline, listed, run="run-1")
    assert len(body) <= COMMENT
    assert RUN_MARK.findall(body) == ["run-1"]
    assert FINDING_MARK.findall(body) == [each.fingerprint for each in listed]
    harmless_markdown(body)


@pytest.mark.parametrize("length", [10, 400, 20_000])
def test_two_thousand_findings_fit(length: int) -> None:
    """The first in full, the next in short; what is not shown is not marked, so that the next run says it."""
    listed = [
        placed(title=f"Number {n}", body="x" * length, line=n, more={"fingerprint": f"{n:016x}"})
        for n in range(1, 2_001)
    ]
    body = review_body([], listed, run="run-1")
    assert COMMENT - 25_000 < len(body) <= COMMENT
    marks = FINDING_MARK.findall(body)
    assert marks == [each.fingerprint for each in listed[: len(marks)]]
    assert re.findall(r"\*\*(Number \d+)\*\*", body) == [each.finding.title for each in listed[: len(marks)]]
    assert f"{2_000 - len(marks):,} more findings did not fit here" in body
    assert "x" * length in body


@settings(max_examples=25, deadline=None)
@given(st.lists(any_placed(), max_size=4), st.lists(LONG, max_size=3), st.sampled_from(["success", "failure"]))
def test_any_check_fits(findings: list[Placed], notes: list[str], conclusion: Literal["success", "failure"]) -> None:
    """Title, summary, text and annotations within GitHub's limits, and harmless."""
    fits(a_check(findings, notes, conclusion))


def a_check(findings: Sequence[Placed], notes: Sequence[str], conclusion: Literal["success", "failure"]) -> CheckReport:
    blocking = tuple(each for each in findings if each.confirmed)
    verdict = Verdict(conclusion, tuple(findings), blocking, notes[0] if notes else "")
    left_out = Coverage(tuple(Covered(HunkId(each.finding.path, 0), Fate.FAILED, each.reason) for each in findings))
    return final_report(verdict, left_out, saying=Saying(listed=tuple(findings)), notes=notes, footer="Model")


@pytest.mark.parametrize("piece", EXPANDING)
def test_the_longest_check_fits(piece: str) -> None:
    """Hundreds of findings with the longest words, and as many hunks left out."""
    words = (piece * 1_000)[:1_000]
    finding = placed(title=words[:300], body=words, more={"reason": words, "confirmed": True, "fingerprint": "ab"})
    report = a_check([finding] * 90, [words], "failure")
    fits(report)
    assert not piece.strip() or "… cut" in report.summary


def test_a_cut_leaves_no_span_open() -> None:
    """A span that lost its end would make its words live."""
    fits(closed_report("neutral", "x", f"`{'@octocat ' * 20_000}`"))
    fits(closed_report("neutral", "x", f"{'word ' * 13_000}`{'@octocat ' * 20_000}`"))


@given(texts, LONG)
def test_any_early_end_fits(title: str, sentence: str) -> None:
    """An outside service's words end a check as harmlessly."""
    fits(closed_report("neutral", title, sentence))


def fits(report: CheckReport) -> None:
    assert len(report.title) <= 255
    assert "\n" not in report.title
    assert all(len(note.message.encode()) <= COMMENT for note in report.annotations)
    for text in (report.summary, report.text):
        assert len(text) <= TEXT
        harmless_markdown(text)
