"""The words on GitHub: how they read, and that they fit and stay harmless whatever is found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot
from placed import LONG, any_placed, placed
from stands import our_own
from test_harmless import commands, live, texts

from reviewer.core.render.check import closed_report, final_report, footer_line, progress_report, verdict_title
from reviewer.core.render.review import comment_body, review_body
from reviewer.core.types import (
    Annotation,
    CheckReport,
    Coverage,
    Covered,
    Fate,
    HunkId,
    Placed,
    Saying,
    Severity,
    Usage,
    Verdict,
)
from reviewer.github.repository import FINDING_MARK, RUN_MARK

COMMENT, TEXT = 65_536, 65_535  # characters that GitHub takes in a comment, and in a check's summary and text
COVERAGE = Coverage(
    (
        Covered(HunkId("a.py", 0), Fate.REVIEWED),
        Covered(HunkId("b.py", 0), Fate.CACHED),
        Covered(HunkId("b.py", 1), Fate.FAILED, "the model's answer was cut off"),
        Covered(HunkId("logo.png", -1), Fate.IGNORED, "binary"),
    )
)
HOLDS = {"confirmed": True, "reason": "mean([]) raises.", "fingerprint": "0123456789abcdef"}


def test_a_comment() -> None:
    """What and how bad, why in short, the fix; the rest is folded away, the mark is hidden."""
    body = "With an empty list it is `None`.\n\nThe caller, @ann, adds it up.\n\n```python\nmean([])\n```"
    assert comment_body(placed(body=body, suggestion="    subtotal = 0", more=HOLDS)) == snapshot("""\
🟠 **high** · logic — **The sum is wrong**

With an empty list it is `None`.

```suggestion
    subtotal = 0
```

<details><summary>Details</summary>

The caller, @\u200bann, adds it up.


```python
mean([])
```

confidence 0.90 · confirmed by a second look: mean([]) raises. · id `0123456789abcdef`

</details>

<!-- reviewer:finding=0123456789abcdef -->\
""")


def test_a_comment_that_was_refuted() -> None:
    """It says that it does not block, and why."""
    refuted = {"confirmed": False, "reason": "The list is never empty.", "fingerprint": "0123456789abcdef"}
    assert comment_body(placed(body="One paragraph.", source="secrets", more=refuted)) == snapshot("""\
🟠 **high** · logic — **The sum is wrong**

One paragraph.

<details><summary>Details</summary>

confidence 0.90 · found by secrets · not confirmed by a second look: it does not block: The list is never empty. · id `0123456789abcdef`

</details>

<!-- reviewer:finding=0123456789abcdef -->\
""")


def test_a_review() -> None:
    """The count; then in full what stands on no line."""
    nowhere = placed(line=None, severity=Severity.LOW, more={"fingerprint": "ab", "problem": "quotes no line"})
    full = placed(title="One too many", severity=Severity.LOW, more={"fingerprint": "cd"})
    assert review_body([placed(), placed()], [nowhere, full], run="run-1") == snapshot("""\
**4 new findings**: 2 high, 2 low.

2 findings without a comment of their own:

⚪ **low** · logic — **The sum is wrong**

`shop.py`: quotes no line

With an empty list it is None.

The caller adds it up.

⚪ **low** · logic — **One too many**

`shop.py:2`

With an empty list it is None.

The caller adds it up.

<!-- reviewer:run=run-1 -->
<!-- reviewer:finding=ab -->
<!-- reviewer:finding=cd -->\
""")
    assert review_body([placed()], [], run="run-1") == snapshot("""\
**1 new finding**: 1 high.

<!-- reviewer:run=run-1 -->\
""")


def test_a_check() -> None:
    """The verdict, coverage, what blocks and why, what does not, what was left unsaid, notes, and what it cost."""
    blocks = placed(severity=Severity.CRITICAL, more=HOLDS)
    beside = placed(title="Beside", severity=Severity.LOW, more={"confirmed": False, "fingerprint": "ef"})
    quiet = placed(title="Quiet", severity=Severity.LOW, more={"fingerprint": "12"})
    said = placed(title="Listed", severity=Severity.MEDIUM, line=9, start=7, more={"fingerprint": "34"})
    verdict = Verdict("failure", (blocks, beside, quiet, said), (blocks,), "1 of 4 hunks were not reviewed")
    saying = Saying(inline=(blocks,), listed=(said,), repeated=(beside,), quiet=(quiet,))
    report = final_report(verdict, COVERAGE, saying=saying, notes=["`.github/reviewer.yml`: line 2"], footer="Model")
    assert report.title == snapshot("1 finding blocks: 1 critical")
    assert report.summary == snapshot("""\
### 1 finding blocks: 1 critical

Coverage: 4 hunks: 1 reviewed, 1 from cache, 1 ignored, 1 not reviewed.

**What blocks**

- 🔴 critical · `shop.py:2` · The sum is wrong · `0123456789abcdef`
  mean([]) raises.

Beside that, 1 of 4 hunks were not reviewed.

**What does not block**

- 🟡 medium · `shop.py:9` · Listed · `34`
- ⚪ low · `shop.py:2` · Beside (not confirmed by a second look) · `ef`

1 finding was said on an earlier push and not said again.

1 finding below `min_severity` was left unsaid.

- `.github/reviewer.yml`: line 2

Model\
""")
    assert report.text == snapshot("""\
<details><summary>not reviewed: 1</summary>

- `b.py` (hunk 2): the model's answer was cut off

</details>

<details><summary>ignored: 1</summary>

- `logo.png`: binary

</details>\
""")
    assert report.annotations == snapshot(
        (
            Annotation(
                path="shop.py",
                start_line=7,
                end_line=9,
                level="warning",
                title="Listed",
                message="With an empty list it is None. The caller adds it up.",
            ),
        )
    )


def test_titles() -> None:
    """The verdict in words."""
    one = placed()
    verdicts = [
        Verdict("failure", (one, one), (one,)),
        Verdict("failure", (one, one), (one, one)),
        Verdict("neutral", (one,), (), "1 of 2 hunks were not reviewed."),
        Verdict("success", (one, placed(severity=Severity.LOW))),
        Verdict("success"),
    ]
    assert [verdict_title(verdict) for verdict in verdicts] == snapshot(
        [
            "1 finding blocks: 1 high",
            "2 findings block: 2 high",
            "Not fully reviewed: 1 of 2 hunks were not reviewed",
            "Nothing blocks: 1 high, 1 low",
            "No findings",
        ]
    )


def test_the_footer() -> None:
    """Model, prompt, tokens, money and time; a model without a price is said to have none."""
    usage = Usage(input=12_345, cached=2_000, output=67, calls=2)
    say = footer_line(model="gpt-x", prompt_version="review@1", usage=usage, cost=Decimal("0.01234"), seconds=1.25)
    assert say == snapshot(
        "Model `gpt-x` · prompt `review@1` · 2 model calls · 12,345 tokens in (2,000 from the provider's cache), 67 out · $0.0123 · 1.2 s"
    )
    say = footer_line(model="m`x", prompt_version="v", usage=Usage(calls=1), cost=None, seconds=0)
    assert say == snapshot(
        "Model `m'x` · prompt `v` · 1 model call · 0 tokens in, 0 out · cost unknown (no price for this model) · 0.0 s"
    )


def test_progress() -> None:
    """How far it is."""
    assert [progress_report(0, 0).summary, progress_report(1, 2).summary] == snapshot(
        ["Reading the pull request.", "1 of 2 model calls answered."]
    )


# --- whatever is found ------------------------------------------------------------------------------------------------


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
