"""What becomes of a finding across pushes: nothing is lost, nothing is said of what nobody looked at."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from placed import placed

from reviewer.core.fingerprints import with_fingerprints
from reviewer.core.life import Life, Place, dismissed_by, graver, how_dismissed, judge, learned, who_may_matter
from reviewer.core.types import Placed, Severity, State, Thread, Told

TRUSTED = frozenset({"ann", "bob"})
(FOUND,) = with_fingerprints([placed()])


def told(name: str = FOUND.fingerprint, **thread: object) -> Told:
    return Told(name, comment=7, title="A title", thread=Thread(**thread))  # type: ignore[arg-type]


def judged(said: Told, *, found: bool, place: Place = "there") -> Life:
    known = {FOUND.fingerprint: said.name} if found else {}
    return judge([FOUND] if found else [], [said], known, place=lambda _: place, trusted=TRUSTED)


def where(life: Life) -> str:
    """The one part of a life with something in it."""
    parts = ("standing", "dismissed", "back", "open", "fixed", "outdated")
    return " ".join(part for part in parts if getattr(life, part))


@pytest.mark.parametrize(
    ("said", "place", "then"),
    [
        pytest.param(told(), "there", "open", id="its lines are as they were: whoever did not find it is asked again"),
        pytest.param(told(), "changed", "fixed", id="its lines changed, and a look at what is there does not find it"),
        pytest.param(told(), "unseen", "outdated", id="nobody has looked at what is there"),
        pytest.param(told(state="fixed"), "changed", "", id="that it is fixed was said"),
        pytest.param(told(state="dismissed", by="eve"), "there", "", id="dismissed by a command"),
        pytest.param(told(resolved=True, resolved_by="ann"), "there", "", id="closed by who may"),
        pytest.param(told(resolved=True, resolved_by="eve"), "there", "open", id="closed by who may not"),
        pytest.param(told(resolved=True, resolved_by="eve"), "changed", "", id="closed over a repair"),
        pytest.param(told(refused_by=("bob",)), "there", "", id="refused"),
        pytest.param(told(refused_by=("eve",)), "changed", "fixed", id="refused by who may not"),
    ],
)
def test_what_is_not_found_any_more(said: Told, place: Place, then: str) -> None:
    """Only what is gone, and was looked for, is fixed."""
    assert where(judged(said, found=False, place=place)) == then


@pytest.mark.parametrize(
    ("said", "place", "then"),
    [
        pytest.param(told(), "there", "standing", id="it stands"),
        pytest.param(told(state="fixed"), "there", "standing back", id="its code came back"),
        pytest.param(told(state="open", by="abc"), "there", "standing", id="it came back before"),
        pytest.param(told(state="dismissed", by="eve"), "changed", "dismissed", id="dismissed by a command"),
        pytest.param(told(resolved=True, resolved_by="ann"), "there", "dismissed", id="resolved by who may"),
        pytest.param(told(resolved=True, resolved_by="eve"), "there", "standing", id="resolved by who may not"),
        pytest.param(told(resolved=True, ours=True, state="fixed"), "there", "standing back", id="resolved by us"),
        pytest.param(told(refused_by=("eve", "bob")), "there", "dismissed", id="refused by who may"),
        pytest.param(told(refused_by=("eve",)), "there", "standing", id="refused by who may not"),
    ],
)
def test_what_is_found_again(said: Told, place: Place, then: str) -> None:
    """What people dismissed does not count, unless they may not dismiss; what was fixed is open again."""
    assert where(judged(said, found=True, place=place)) == then


@pytest.mark.parametrize(
    ("was", "now", "another"),
    [
        (Severity.LOW, Severity.MEDIUM, False),
        (Severity.LOW, Severity.HIGH, True),
        (Severity.MEDIUM, Severity.HIGH, False),
        (Severity.MEDIUM, Severity.CRITICAL, True),
        (Severity.HIGH, Severity.CRITICAL, False),
        (None, Severity.HIGH, True),
    ],
)
def test_who_waves_a_remark_through(was: Severity | None, now: Severity, another: bool) -> None:
    """Has not waved a security hole through on the same line."""
    assert graver(placed(severity=now), was) is another


def test_what_was_dismissed_elsewhere() -> None:
    """It is asked of what was never said here."""
    life = judge([FOUND], [], {}, place=lambda _: "there", trusted=(), unwanted=lambda _: True)
    assert where(life) == "dismissed"
    life = judge([FOUND], [told()], {FOUND.fingerprint: FOUND.fingerprint}, place=lambda _: "there", trusted=(),
                 unwanted=lambda _: True)  # fmt: skip
    assert where(life) == "standing"


def test_whose_word_is_asked_for() -> None:
    """Only of those whose permission changes something, each once."""
    said = [
        told("a", resolved=True, resolved_by="ann", refused_by=("eve", "ann")),
        told("b", resolved=True, resolved_by="us[bot]", ours=True),
        told("c", state="dismissed", by="cora", refused_by=("dan",)),
    ]
    assert who_may_matter(said) == ("ann", "eve")


def test_what_is_learned() -> None:
    """What was dismissed by a button while it stood; a command has been written down when it was given."""
    said = replace(told(resolved=True, resolved_by="ann"), path="a.py", code="x = 1", category="logic")
    (kept,) = learned(judged(said, found=True), [said], TRUSTED, number=5, now=9.0)
    assert (kept.name, kept.number, kept.by, kept.at, kept.code) == (said.name, 5, "ann", 9.0, "x = 1")
    for other in (told(state="dismissed", by="ann"), told(), told(refused_by=("eve",))):
        assert learned(judged(other, found=True), [other], TRUSTED, number=5, now=9.0) == ()
    assert learned(judged(said, found=False), [said], TRUSTED, number=5, now=9.0) == ()
    assert (how_dismissed(said, TRUSTED), how_dismissed(told(refused_by=("ann",)), TRUSTED)) == (
        "resolved thread",
        "thumbs down",
    )


def test_what_our_answers_tell_is_learned() -> None:
    """A lost database had it: by whom, when and why; also of what is not found any more. Not where the time is not known."""
    said = told(state="dismissed", by="ann", reason="it is meant", at=5.0)
    (kept,) = learned(judged(said, found=False), [said], frozenset(), number=5, now=9.0)
    assert (kept.by, kept.at, kept.reason, kept.command) == ("ann", 5.0, "it is meant", False)
    assert how_dismissed(said, TRUSTED) == ""


THREADS = st.builds(
    Thread,
    resolved=st.booleans(),
    resolved_by=st.sampled_from(["", "ann", "eve"]),
    ours=st.booleans(),
    refused_by=st.sampled_from([(), ("ann",), ("eve",)]),
    state=st.sampled_from(["open", "fixed", "dismissed"]),
)


@given(st.data())
def test_nothing_is_lost(data: st.DataObject) -> None:
    """Each finding counts or was dismissed by somebody who may; each told finding has one state at most."""
    findings: list[Placed] = list(with_fingerprints([placed(line=line) for line in range(1, 6)]))
    names = [each.fingerprint for each in findings]
    said = [
        Told(name, comment=1, thread=data.draw(THREADS))
        for name in data.draw(st.lists(st.sampled_from(names), unique=True))
    ]
    found = [each for each in findings if data.draw(st.booleans())]
    known = {each.fingerprint: each.fingerprint for each in found if each.fingerprint in {one.name for one in said}}
    places: dict[str, Place] = {name: data.draw(st.sampled_from(["there", "changed", "unseen"])) for name in names}
    life = judge(found, said, known, place=lambda each: places[each.name], trusted=TRUSTED)
    assert sorted(p.fingerprint for p in (*life.standing, *life.dismissed)) == sorted(p.fingerprint for p in found)
    by_name = {each.name: each for each in said}
    assert all(dismissed_by(by_name[p.fingerprint], TRUSTED) for p in life.dismissed)
    left = [each.name for each in (*life.open, *life.fixed, *life.outdated)]
    assert len(set(left)) == len(left)
    states: set[State] = {each.thread.state for each in (*life.open, *life.fixed, *life.outdated)}
    assert states <= {"open"}
