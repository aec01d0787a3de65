"""What GitHub remembers of a finding, and what people dismissed, is known again by place and words; no more than that."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import chain
from typing import Any

import pytest
from placed import placed
from scenes import FOLDER

from reviewer.core.errors import UsageError
from reviewer.core.fingerprints import fingerprint
from reviewer.core.meaning import (
    ALIKE,
    LEXICAL,
    LEXICAL_MEANING,
    SAME_PLACE,
    Bars,
    Known,
    Meaning,
    Unwanted,
    calibrated,
    cases_of,
    dismissed,
    known,
    likeness,
    repeats,
    same_issue,
    score,
    text_of,
    texts_of,
    told,
    two_things,
    vector,
)
from reviewer.core.types import Dismissal, Placed, Told

SAID = placed(title="`subtotal` is None for an empty list", body="`sum` of no items gives None, and adding it crashes.")
AGAIN = placed(title="An empty list crashes", body="Without items `subtotal` is None, which the caller then adds up.")
OTHER = placed(title="`subtotal` is not rounded", body="Fractions of a cent stay in the sum. Round it.")
CASES = cases_of(chain.from_iterable(json.loads(file.read_text()) for file in sorted(FOLDER.glob("*.json"))))


def as_told(said: Placed, *, code: str | None = None) -> Told:
    finding = said.finding
    return Told(
        fingerprint(said),
        finding.path,
        line=2,
        code=finding.quote if code is None else code,
        category=finding.category,
        title=finding.title,
        body=finding.body,
    )


def from_github(said: Placed = SAID, *, path: str = "shop.py", gone: bool = False, code: str | None = None) -> Known:
    return told(as_told(said, code=code), path=path, gone=gone)


def as_dismissed(said: Placed) -> Known:
    name, finding = fingerprint(said), said.finding
    kept = Dismissal(
        7, name, finding.path, finding.quote, name.split("-")[1], finding.category, "high", finding.title, finding.body
    )
    return dismissed(kept)


@pytest.mark.parametrize("code", [None, ""])
def test_what_github_remembers_is_the_finding(code: str | None) -> None:
    """Name and words are enough: also where its lines are known by the digest in its name only."""
    assert same_issue(from_github(code=code), known(SAID))
    assert same_issue(from_github(code=code), known(AGAIN))
    assert not same_issue(from_github(code=code), known(OTHER))
    assert not same_issue(from_github(code=code), known(placed(title=SAID.finding.title, quote="total = add(rows)")))


def test_it_holds_the_parts_of_the_fingerprint() -> None:
    """So that what is read from a name can be compared with what is found on a diff."""
    here = known(replace(SAID, context="around"))
    assert fingerprint(replace(SAID, context="around")).startswith(f"{here.spot}-{here.context}-")


def test_a_mark_of_which_no_more_is_known_is_nothing_in_particular() -> None:
    """Whoever has lost the words of what was said says it again rather than lose another finding."""
    assert not same_issue(told(Told(fingerprint(SAID), "shop.py"), path="shop.py", gone=False), known(SAID))


@pytest.mark.parametrize("code", [None, ""])
def test_it_is_known_under_the_file_s_new_name(code: str | None) -> None:
    """The caller carries the path; the digest in the name is of the old one."""
    moved = known(placed(title=AGAIN.finding.title, body=AGAIN.finding.body, path="cart.py"))
    assert repeats([moved], [from_github(path="cart.py", code=code)]) == {0: 0}
    assert repeats([moved], [from_github(code=code)]) == {}


def test_a_block_in_another_file_is_known_when_it_left_the_first() -> None:
    """A copy is another finding."""
    moved = known(placed(title=SAID.finding.title, body=SAID.finding.body, path="cart.py"))
    assert repeats([moved], [from_github(gone=True)]) == {0: 0}
    assert repeats([moved], [from_github()]) == {}


def test_each_of_two_on_a_line_is_known() -> None:
    """By what they say, whatever their order; and what was said once stands for one."""
    assert repeats([known(OTHER), known(AGAIN)], [from_github(), from_github(OTHER)]) == {0: 1, 1: 0}
    assert repeats([known(AGAIN), known(SAID)], [from_github()]) == {1: 0}


def test_many_findings_are_compared_where_they_stand_together() -> None:
    """Comparing each with each would cost a second: only those are looked at that one line, file or name brings near."""
    lines = [placed(quote=f"value_{at} = read({at})", line=at + 1) for at in range(300)]
    calls = []

    def counted(a: bytes, b: bytes) -> float:
        calls.append(1)
        return likeness(a, b)

    meaning = replace(LEXICAL_MEANING, alike=counted)
    said = [replace(from_github(line), words=vector(f"another text {at}")) for at, line in enumerate(lines)]
    repeats([known(line) for line in lines], said, meaning=meaning)
    assert len(calls) <= len(lines)


def test_two_things_are_told_apart_only_when_they_clearly_are() -> None:
    """For what has one fingerprint: another kind of defect is another finding, a rewording is not."""
    assert two_things(known(SAID), from_github(OTHER))
    assert not two_things(known(SAID), from_github(AGAIN))
    assert not two_things(known(SAID), from_github())


def test_what_was_dismissed_stays_so() -> None:
    """In its place in any words; elsewhere only what reads nearly the same, is of its category, and of no other name."""
    kept = Unwanted([as_dismissed(OTHER), as_dismissed(SAID)])
    same = kept.like(known(AGAIN))
    assert same is not None
    assert (same.at, same.why) == (1, SAME_PLACE)
    elsewhere: dict[str, Any] = {"path": "b.py", "quote": "    subtotal = sum(rows) + start", "body": SAID.finding.body}
    alike = kept.like(known(placed(title=SAID.finding.title, **elsewhere)))
    assert alike is not None
    assert (alike.at, alike.why) == (1, ALIKE)
    for changes in (
        {"title": "The sum may be absent", "body": "With nothing in the list no amount is there."},
        {"title": SAID.finding.title, "category": "contract"},
        {"title": "`rebate` is None for an empty list", "quote": "rebate = least(items)"},
    ):
        assert kept.like(known(placed(**{**elsewhere, **changes}))) is None


def test_any_vectors_can_be_put_in() -> None:
    """A meaning has its own vectors, bars and way of comparing; it is given exactly the text that `text_of` tells."""
    seen: list[str] = []

    def vectorise(text: str) -> bytes:
        seen.append(text)
        return str(len(text)).encode()

    meaning = Meaning("by length", vectorise, lambda a, b: 1.0 if a == b else 0.0, replace(Bars(), agreed=2))
    here, there = known(SAID, meaning=meaning), told(as_told(AGAIN), path="shop.py", gone=False, meaning=meaning)
    assert seen == [text_of(SAID.finding), text_of(as_told(AGAIN))]
    assert not same_issue(here, there, meaning=meaning)
    assert same_issue(here, here, meaning=meaning)


def test_calibration_takes_no_two_issues_for_one() -> None:
    """Whatever compares the texts: first no finding is lost, then as many rewordings are known as can be."""
    vectors = {text: vector(text) for text in texts_of(CASES)}

    def alike(a: str, b: str) -> float:
        return likeness(vectors[a], vectors[b])

    bars = calibrated(CASES, alike)
    shifted = calibrated(CASES, lambda a, b: alike(a, b) / 2)
    assert score(CASES, alike, bars).wrong == score(CASES, alike, LEXICAL).wrong == 0
    assert score(CASES, alike, bars).known >= score(CASES, alike, LEXICAL).known
    assert score(CASES, lambda a, b: alike(a, b) / 2, shifted).wrong == 0
    assert score(CASES, lambda a, b: 0.5, calibrated(CASES, lambda a, b: 0.5)).wrong == 0


def test_a_bad_scene_is_named() -> None:
    """Whoever adds one learns which is wrong and where its form is told."""
    with pytest.raises(UsageError, match="half a scene"):
        cases_of([{"name": "half a scene", "code": [], "issues": {"a": {"quote": "x"}}}])
