"""The words on GitHub: how they read."""

from __future__ import annotations

from decimal import Decimal

from inline_snapshot import snapshot
from placed import placed
from test_harmless import live

from reviewer.core.anchors.place import ITSELF
from reviewer.core.render.check import final_report, footer_line, progress_report, verdict_title
from reviewer.core.render.review import comment_body, review_body
from reviewer.core.types import (
    Annotation,
    Coverage,
    Covered,
    Fate,
    HunkId,
    Override,
    Saying,
    Severity,
    Usage,
    Verdict,
)

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
    assert comment_body(placed(body="One paragraph.", more=refuted)) == snapshot("""\
🟠 **high** · logic — **The sum is wrong**

One paragraph.

<details><summary>Details</summary>

confidence 0.90 · not confirmed by a second look: it does not block: The list is never empty. · id `0123456789abcdef`

</details>

<!-- reviewer:finding=0123456789abcdef -->\
""")


def test_a_comment_that_no_model_was_asked_about() -> None:
    """What a deterministic source found blocks by itself: nobody had a second look."""
    said = comment_body(placed(source="secrets", more={"confirmed": True, "fingerprint": "ab"}))
    assert "confidence 0.90 · found by secrets · id `ab`" in said


def test_a_title_carries_nobodys_own_words() -> None:
    """The reason of an override stands in the summary, made harmless; a fault may repeat a stranger's words."""
    hostile = "![x](http://evil.example/x.png) <img src=x> Closes #4 @octocat"
    override = Override(1, "a" * 40, "mia", reason=hostile)
    overridden = Verdict("success", (placed(),), overridden=(placed(),), override=override)
    for verdict, title in ((overridden, "Overridden by mia"), (Verdict("neutral", problem=hostile), "Not fully")):
        report = final_report(verdict, Coverage(), saying=Saying(), notes=[], footer="")
        assert report.title.startswith(title)
        assert live(report.title) == live(report.summary) == []
        assert "evil.example" not in report.title or verdict.problem


def test_what_is_about_no_line_says_so() -> None:
    """The words fit the pull request's own title as well as many places at once; no path, no empty code span."""
    title = "Secrets seem to be committed in 1,000 more places"
    nowhere = placed(line=None, path="", title=title, more={"problem": ITSELF, "fingerprint": "ab"})
    assert "the pull request: is about no single line of the diff\n" in review_body([], [nowhere], run="r")
    report = final_report(
        Verdict("success", (nowhere,)), Coverage(), saying=Saying(listed=(nowhere,)), notes=[], footer=""
    )
    assert f"- 🟠 high · the pull request · {title} · `ab`" in report.summary
    assert verdict_title(Verdict("success", (nowhere,) * 1_200)) == "Nothing blocks: 1,200 high"


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

Coverage: 2 of 3 hunks (66.6 %): 1 reviewed, 1 from cache, 1 ignored, 1 not reviewed.
Not reviewed: the model's answer was cut off (1).

**What blocks**

- 🔴 critical · `shop.py:2` · The sum is wrong · `0123456789abcdef`
  mean([]) raises.

Beside that, 1 of 4 hunks were not reviewed.

**What does not block**

- 🟡 medium · `shop.py:9` · Listed · `34`
- ⚪ low · `shop.py:2` · Beside (not confirmed by a second look: no reason given) · `ef`

1 finding was said on an earlier push and not said again.

1 finding below `min_severity` was left unsaid.

- `.github/reviewer.yml`: line 2

Model\
""")
    assert report.text == snapshot("""\
<details><summary>not reviewed: 1 hunk in 1 file</summary>

- `b.py` (hunk 2): the model's answer was cut off

</details>

<details><summary>ignored: 1 hunk in 1 file</summary>

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
