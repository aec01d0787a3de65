"""The table of verdicts, findings × configuration × coverage × overrides × faults, and what holds of any of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from placed import placed

from reviewer.core.gate import NONE, Overrides, decide
from reviewer.core.heads import combined, misled, verdicts
from reviewer.core.life import judge
from reviewer.core.render.beside import beside_report
from reviewer.core.render.check import closed_report, verdict_title
from reviewer.core.render.rulings import left_title, override_title
from reviewer.core.types import (
    CheckReport,
    Conclusion,
    Coverage,
    Covered,
    Ended,
    Fate,
    HunkId,
    Override,
    Placed,
    Severity,
    Thread,
    Told,
    Verdict,
)
from reviewer.core.waiting import still_blocking, unseen

FILE = Path(__file__).parent.parent / "fixtures" / "verdicts.json"
TABLE: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
HEADS = {"here": "a" * 40, "before": "b" * 40}
FATES = {"reviewed": Fate.REVIEWED, "cached": Fate.CACHED, "ignored": Fate.IGNORED, "failed": Fate.FAILED}
CONFIRMED = {"confirmed": True, "refuted": False, "unasked": None, "dismissed": True}
BARS = [None, *sorted(Severity, reverse=True)]  # the laxest first
Choice = Literal["neutral", "failure"]


def covered(words: str) -> Coverage:
    """`2 reviewed, 1 failed`."""
    fates = [FATES[fate] for count, fate in re.findall(r"(\d+) (\w+)", words) for _ in range(int(count))]
    return Coverage(tuple(Covered(HunkId("a.py", at), fate, "") for at, fate in enumerate(fates)))


def given_(row: dict[str, Any]) -> Override:
    usual = {"by": "max", "reason": "it is meant", "base": "main", "number": 1}
    about = {key: value for key, value in row.items() if key != "of"}
    findings = dict.fromkeys(row["of"], "")
    return Override(**{**usual, **about, "head": HEADS[row["head"]], "findings": findings})


def verdict_of(row: dict[str, Any]) -> Verdict:
    """`b=a high confirmed`: a finding with the fingerprint b, which was said as a."""
    findings, told, known = [], [], {}
    for words in row.get("findings", ()):
        name, severity, state = words.split()
        name, _, first = name.partition("=")
        findings.append(
            placed(
                title=name,
                severity=Severity.parse(severity),
                more={"fingerprint": name, "confirmed": CONFIRMED[state]},
            )
        )
        if first or state == "dismissed":
            known[name] = first or name
            told.append(Told(known[name], thread=Thread(state="dismissed" if state == "dismissed" else "open")))
    life = judge(findings, told, known, place=lambda _: "there", trusted=())
    bar = row.get("fail_on", "high")
    return decide(
        life.standing,
        covered(row["coverage"]),
        fail_on=None if bar == "never" else Severity.parse(bar),
        on_error=row.get("on_error", "neutral"),
        problems=row.get("problems", ()),
        overrides=Overrides([given_(each) for each in row.get("overrides", ())], HEADS["here"], "main", life.known),
    )


def own_end(row: dict[str, Any]) -> tuple[CheckReport, list[str]]:
    """How the check ends by itself, and what blocks: reviewed, not looked at (`unseen`), or ended early (`ends`)."""
    if "ends" in row:
        return closed_report(row["ends"], row["word"], ""), []
    if "unseen" not in row:
        verdict = verdict_of(row)
        names = [each.fingerprint for each in verdict.blocking]
        return closed_report(verdict.conclusion, verdict_title(verdict), ""), names
    given, word = [given_(each) for each in row.get("overrides", ())], row.get("word", "Paused")
    left = still_blocking(dict.fromkeys(row["last"], "a label"), given, row.get("dismissed", ()))
    override = Overrides(given, HEADS["here"], "main").of_head
    conclusion = unseen(left, override, row.get("on_error", "neutral"))
    title = left_title(word, left) if left else override_title(override) if override else word
    return closed_report(conclusion, title, ""), list(left)


def beside(row: dict[str, Any]) -> tuple[Ended, ...]:
    """What the other pull requests on the head say."""
    usual = {"run": "r", "judged": row.get("judged", True), "check": 1}
    told = [{**usual, "shown": each["conclusion"], **each} for each in row.get("beside", ())]
    return verdicts([Ended(**each) for each in told], besides=1)


def said_by(report: CheckReport, others: tuple[Ended, ...]) -> CheckReport:
    assert report.conclusion
    conclusion = combined(report.conclusion, others)
    return report if conclusion == report.conclusion else beside_report(report, others, conclusion)


@pytest.mark.parametrize("row", TABLE, ids=[row["name"] for row in TABLE])
def test_the_verdict_is_that_of_the_table(row: dict[str, Any]) -> None:
    """Conclusion, title and what blocks, the worst first; asked twice, the same."""
    report, blocks = own_end(row)
    told = said_by(report, beside(row))
    assert (told.conclusion, told.title) == (row["conclusion"], row["title"])
    assert blocks == row["blocks"]
    assert own_end(row) == (report, blocks)


def test_the_table_is_large_enough() -> None:
    """At least sixty situations, no two alike, with every conclusion in it."""
    assert len(TABLE) >= 60
    assert len({row["name"] for row in TABLE}) == len(TABLE)
    plain = [{key: value for key, value in row.items() if key != "name"} for row in TABLE]
    assert all(plain.count(row) == 1 for row in plain)
    assert {row["conclusion"] for row in TABLE} == {"success", "failure", "neutral", "cancelled"}


# --- what holds of any verdict ---------------------------------------------------------------------------------------

NAMES = st.sampled_from(["f1", "f2", "f3", "f4"])
ONE = st.builds(
    lambda name, severity, confirmed: placed(severity=severity, more={"fingerprint": name, "confirmed": confirmed}),
    NAMES,
    st.sampled_from(Severity),
    st.sampled_from([None, True, False]),
)
FOUND = st.lists(ONE, max_size=4)
COVERED = st.sampled_from(["", "2 reviewed", "1 cached, 1 ignored", "1 reviewed, 1 failed", "2 failed"]).map(covered)
GIVEN = st.lists(
    st.builds(
        Override,
        number=st.just(1),
        head=st.sampled_from(list(HEADS.values())),
        by=st.just("max"),
        at=st.integers(1, 3).map(float),
        base=st.sampled_from(["", "main", "release"]),
        findings=st.dictionaries(NAMES, st.just(""), max_size=2),
    ),
    max_size=2,
).map(lambda given: Overrides(given, HEADS["here"], "main"))
SITUATION = st.fixed_dictionaries(
    {
        "fail_on": st.sampled_from(BARS),
        "on_error": st.sampled_from(["neutral", "failure"]),
        "problems": st.sampled_from([(), ("a step failed",)]),
    }
)
RANK = {"success": 0, "neutral": 1, "failure": 2}


@given(FOUND, FOUND, COVERED, GIVEN, SITUATION)
def test_more_findings_never_turn_red_to_green(
    some: list[Placed], more: list[Placed], seen: Coverage, overrides: Overrides, about: dict[str, Any]
) -> None:
    """What blocks still blocks, whatever else is found."""
    before = decide(some, seen, **about, overrides=overrides)
    after = decide([*some, *more], seen, **about, overrides=overrides)
    assert RANK[after.conclusion] >= RANK[before.conclusion]
    assert len(after.blocking) >= len(before.blocking)


@given(FOUND, COVERED, GIVEN, SITUATION, st.sampled_from(BARS))
def test_a_stricter_bar_never_turns_red_to_green(
    found: list[Placed], seen: Coverage, overrides: Overrides, about: dict[str, Any], other: Severity | None
) -> None:
    """`fail_on: low` blocks whatever `fail_on: high` blocks; `on_error: failure` is the stricter one."""
    laxer, stricter = sorted([about["fail_on"], other], key=BARS.index)
    one = decide(found, seen, **{**about, "fail_on": laxer}, overrides=overrides)
    two = decide(found, seen, **{**about, "fail_on": stricter}, overrides=overrides)
    three = decide(found, seen, **{**about, "fail_on": stricter, "on_error": "failure"}, overrides=overrides)
    assert RANK[one.conclusion] <= RANK[two.conclusion] <= RANK[three.conclusion]


@given(FOUND, COVERED, GIVEN, SITUATION)
def test_an_override_never_makes_anything_stricter(
    found: list[Placed], seen: Coverage, overrides: Overrides, about: dict[str, Any]
) -> None:
    """It takes from what blocks, and nothing is lost: what it passes is told."""
    without = decide(found, seen, **about, overrides=NONE)
    verdict = decide(found, seen, **about, overrides=overrides)
    assert RANK[verdict.conclusion] <= RANK[without.conclusion]
    assert sorted(map(repr, (*verdict.blocking, *verdict.overridden))) == sorted(map(repr, without.blocking))
    assert (verdict.conclusion == without.conclusion) or verdict.override is not None


@given(FOUND, COVERED, GIVEN, SITUATION)
def test_what_was_not_seen_is_never_success(
    found: list[Placed], seen: Coverage, overrides: Overrides, about: dict[str, Any]
) -> None:
    """Unless this very head was overridden. And who was let pass is told, not passed over."""
    verdict = decide(found, seen, **about, overrides=overrides)
    if not seen.complete or about["problems"]:
        assert verdict.problem
        assert (verdict.conclusion != "success") or verdict.override == overrides.of_head
    if verdict.conclusion == "success" and verdict.override:
        assert verdict_title(verdict).startswith("Overridden by max")


@given(FOUND, COVERED, GIVEN, SITUATION, st.randoms(use_true_random=False))
def test_the_order_does_not_decide(
    found: list[Placed], seen: Coverage, overrides: Overrides, about: dict[str, Any], random: Any
) -> None:
    """The same input gives the same verdict, in whatever order it comes."""
    mixed = found[:]
    random.shuffle(mixed)
    one, two = (decide(each, seen, **about, overrides=overrides) for each in (found, mixed))
    assert (one.conclusion, len(one.blocking), one.problem) == (two.conclusion, len(two.blocking), two.problem)
    assert verdict_title(one) == verdict_title(two)


# --- one head of several pull requests -------------------------------------------------------------------------------

SAID: st.SearchStrategy[Conclusion] = st.sampled_from(["success", "neutral", "failure", "cancelled"])
ENDS = st.lists(
    st.builds(
        Ended,
        number=st.integers(1, 3),
        run=st.just("r"),
        conclusion=SAID,
        shown=SAID,
        title=st.just("t"),
        judged=st.booleans(),
        here=st.booleans(),
        check=st.integers(1, 9),
    ),
    max_size=6,
    unique_by=lambda each: each.check,
)


@given(ENDS, SAID)
def test_no_pull_request_lifts_the_failure_of_another(ends: list[Ended], own: Conclusion) -> None:
    """Whatever it says itself; and the others make nothing of a verdict pass."""
    others = verdicts(ends, besides=1)
    said = combined(own, others)
    assert (said == "failure") == (own == "failure" or any(each.conclusion == "failure" for each in others))
    assert own not in RANK or said != "cancelled"
    assert own not in RANK or RANK[said] >= RANK[own]


@given(ENDS)
def test_who_is_judged_again_tells_the_truth(ends: list[Ended]) -> None:
    """After that nobody is: it ends. And before, the newest check passes if and only if all verdicts do."""
    again = misled(ends)
    truth = combined("cancelled", verdicts(ends))
    now = {each.number: each for each in verdicts(ends)}
    assert set(again) <= set(now)
    anew = [replace(now[number], shown=truth, check=20 + at) for at, number in enumerate(again)]
    assert misled([*ends, *anew]) == ()
    if now and not again:
        last = max(ends, key=lambda each: each.check)
        assert (last.shown in {"success", "neutral"}) == (truth in {"success", "neutral"})
