"""What is said and what is not: nothing twice, nothing dropped in silence, the worst first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from placed import any_placed, placed

from reviewer.core.dedupe import merge, said_before, say
from reviewer.core.fingerprints import with_fingerprints
from reviewer.core.types import Finding, Placed, Saying, Severity


def told(saying: Saying) -> tuple[list[str], ...]:
    parts = (saying.inline, saying.listed, saying.repeated, saying.quiet)
    return tuple([each.finding.title for each in part] for part in parts)


def decided(
    findings: list[Placed],
    *,
    known: frozenset[str] = frozenset(),
    least: Severity = Severity.LOW,
    most: int = 20,
    **blocking: Placed,
) -> tuple[list[str], ...]:
    blocks = list(blocking.values())
    return told(say(findings, known, blocking=blocks, min_severity=least, max_comments=most))


def test_the_worst_come_first() -> None:
    """By severity, then by confidence; equals keep the diff's order."""
    findings = [
        placed(title="low", severity=Severity.LOW),
        placed(title="first", line=1),
        placed(title="second", line=2),
        placed(title="unsure", confidence=0.1),
        placed(title="worst", severity=Severity.CRITICAL, confidence=0.1),
    ]
    assert decided(findings) == (["worst", "first", "second", "unsure", "low"], [], [], [])


def test_what_has_no_line_or_no_room_is_listed() -> None:
    """In order of weight, whatever the reason."""
    findings = [placed(title="a"), placed(title="b", line=None), placed(title="c", severity=Severity.LOW)]
    assert decided(findings, most=1) == (["a"], ["b", "c"], [], [])
    assert decided(findings, most=0) == ([], ["a", "b", "c"], [], [])


def test_what_was_said_is_not_said_again() -> None:
    """By its name alone, wherever it stands now; it takes no room from what is new."""
    said = placed(title="said")
    findings = [said, placed(title="new", severity=Severity.LOW)]
    before = frozenset({said.fingerprint, "another"})
    assert decided(findings, known=before, most=1) == (["new"], [], ["said"], [])


LOGIC, CONTRACT, STYLE = (placed(category=category) for category in ("logic", "contract", "style"))
AGAIN = placed(title="Reworded")
ELSEWHERE = placed(more={"context": "other\ncode\n1"})
AMONG_OTHERS = placed(more={"context": "other\ncode\n1", "alone": False})


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        pytest.param([LOGIC], [AGAIN], [], id="reworded"),
        pytest.param([LOGIC], [CONTRACT], [], id="the same thing under another category"),
        pytest.param([LOGIC], [LOGIC, CONTRACT], ["contract"], id="a second one on the line"),
        pytest.param([CONTRACT], [LOGIC, CONTRACT], ["logic"], id="a second one, whichever comes first"),
        pytest.param([LOGIC], [LOGIC, AGAIN], ["logic"], id="a second one of the same category"),
        pytest.param([LOGIC], [CONTRACT, STYLE], ["style"], id="one went by another category, one is new"),
        pytest.param([LOGIC, CONTRACT], [STYLE, LOGIC], [], id="one of two under another category"),
        pytest.param([LOGIC, CONTRACT], [STYLE], [], id="one of two is gone"),
        pytest.param([LOGIC], [ELSEWHERE], [], id="other code came to stand around it"),
        pytest.param([LOGIC], [placed(category="style", more={"context": "other"})], [], id="both at once"),
        pytest.param([LOGIC], [AMONG_OTHERS], ["logic"], id="another line that reads alike"),
        pytest.param([LOGIC], [AMONG_OTHERS, LOGIC], ["logic"], id="another line that reads alike, beside it"),
        pytest.param([LOGIC], [placed(path="b.py")], ["logic"], id="another file"),
        pytest.param([], [LOGIC], ["logic"], id="nothing was said"),
    ],
)
def test_what_counts_as_said(first: list[Placed], then: list[Placed], said: list[str]) -> None:
    """Each remembered name stands for one finding: the same thing is not said twice, and nothing new goes unsaid."""
    names = frozenset(each.fingerprint for each in with_fingerprints(first))
    findings = with_fingerprints(then)
    known = said_before(findings, names)
    saying = say(findings, known, blocking=(), min_severity=Severity.LOW, max_comments=20)
    assert [each.finding.category for each in saying.fresh] == said
    assert len(saying.repeated) == len(then) - len(said)


def test_another_line_that_reads_alike_is_the_new_one() -> None:
    """Of two lines that read alike the one that was commented is known by the code around it."""
    findings = with_fingerprints([AMONG_OTHERS, LOGIC])
    known = said_before(findings, {each.fingerprint for each in with_fingerprints([LOGIC])})
    assert known == {findings[1].fingerprint: findings[1].fingerprint}


def test_what_is_too_small_is_quiet_unless_it_blocks() -> None:
    """Also when it was said before."""
    small, blocks = placed(title="small", severity=Severity.LOW), placed(title="blocks", severity=Severity.LOW)
    before = frozenset({small.fingerprint})
    assert decided([small, blocks], least=Severity.HIGH, blocks=blocks) == (["blocks"], [], [], ["small"])
    assert decided([small], known=before, least=Severity.HIGH) == ([], [], [], ["small"])


@given(st.lists(any_placed(), max_size=10), st.data())
def test_every_finding_has_one_place(found: list[Placed], data: st.DataObject) -> None:
    """Each is said on its line, listed, repeated or quiet: exactly one of these."""
    findings = with_fingerprints(found)
    names = [each.fingerprint for each in findings]
    known = frozenset(data.draw(st.lists(st.sampled_from(names)))) if names else frozenset()
    blocking = [each for each in findings if each.confirmed]
    most = data.draw(st.integers(0, 5))
    least = data.draw(st.sampled_from(Severity))
    saying = say(findings, known, blocking=blocking, min_severity=least, max_comments=most)
    parts = [*saying.inline, *saying.listed, *saying.repeated, *saying.quiet]
    assert sorted(each.fingerprint for each in parts) == sorted(names)
    assert len(saying.inline) <= most
    assert all(each.anchor for each in saying.inline)
    assert not set(saying.quiet) & set(blocking)
    assert not {each.fingerprint for each in saying.fresh} & known


# --- one run, several answers -----------------------------------------------------------------------------------------


def test_two_answers_about_the_same_lines_are_one() -> None:
    """A hunk that is split with overlap is seen twice; the surer reading stands."""
    sure, unsure = placed(title="sure"), placed(title="unsure", confidence=0.2)
    assert merge([[unsure], [sure]]) == merge([[sure], [unsure]]) == (sure,)


def test_two_findings_of_one_answer_are_two() -> None:
    """Of one kind on one line: the model said two things."""
    pair = [placed(title="one"), placed(title="two")]
    assert merge([pair]) == tuple(pair)
    assert merge([[placed(title="other", confidence=1.0)], pair]) == tuple(pair)  # who said more saw more


def test_one_thing_on_lines_that_overlap_is_said_once() -> None:
    """Two answers quote one line and the lines around it: the more confident one stands, where they mean the same.

    Within one answer, and where nobody says that they do, both stand.
    """
    narrow = placed(title="The mean of nothing divides by zero", line=7, confidence=0.7)
    wide = placed(title="Dividing by zero for an empty list", line=8, start=6, confidence=0.9)
    always = lambda _one, _other: True  # noqa: E731 - the shortest word for it
    assert merge([[narrow], [wide]], same=always) == (wide,)
    assert len(merge([[narrow, wide]], same=always)) == 2
    assert len(merge([[narrow], [wide]], same=lambda _one, _other: False)) == len(merge([[narrow], [wide]])) == 2


def test_two_answers_call_one_thing_by_two_categories() -> None:
    """`logic` in one answer is `contract` in the other: one finding of that line. What another source found is its own."""
    logic, contract = placed(title="sure"), placed(title="unsure", category="contract", confidence=0.2)
    secret = placed(title="secret", category="secrets", source="secrets")
    assert merge([[contract], [logic], [secret]]) == (logic, secret)
    assert merge([[logic], [logic, contract]]) == (contract, logic)


@pytest.mark.parametrize("line", [2, 3], ids=["on one line", "on lines that overlap"])
def test_the_graver_of_two_that_are_one_thing_stands(line: int) -> None:
    """Whoever is surer, and however much the other one says there; it is as sure as the surest of both."""
    low = placed(title="low", line=2, severity=Severity.LOW, confidence=0.95)
    grave = placed(title="grave", line=line, start=line - 1, severity=Severity.CRITICAL, confidence=0.9)
    grave = grave if line == 3 else placed(title="grave", line=2, severity=Severity.CRITICAL, confidence=0.9)
    for answers in ([[low], [grave]], [[grave], [low]]):
        (found,) = merge(answers, same=lambda _one, _other: True)
        assert (found.finding.title, found.finding.severity, found.finding.confidence) == ("grave", 4, 0.95)
    two = [low, placed(title="another", line=2, severity=Severity.LOW)]
    said = [each.finding.title for each in merge([two, [grave]])]
    assert said == (["grave"] if line == 2 else ["low", "another", "grave"])


def test_other_places_are_kept() -> None:
    """Findings that read alike on different lines are both said; so are two without a line."""
    findings = [placed(line=1), placed(line=2), placed(line=3, path="z.py")]
    findings += [placed(line=None, path="zz.py"), placed(line=None, path="zz.py", category="security")]
    assert merge([[each] for each in reversed(findings)]) == tuple(findings)


@given(st.lists(st.lists(any_placed(), max_size=4), max_size=4))
def test_merging_again_changes_nothing(answers: list[list[Placed]]) -> None:
    """What stands came from an answer but for how sure it is, in the same order however often it is asked.

    The gravest is never lost.
    """
    merged = merge(answers)
    assert merge([merged]) == merged
    given_ = [each for answer in answers for each in answer]
    assert all(any(replace(one, finding=_as(one, each)) == each for one in given_) for each in merged)
    assert bool(merged) == any(answers)
    said, stands = ([each.finding.severity for each in some] for some in (given_, merged))
    assert max(said, default=None) == max(stands, default=None)


def _as(one: Placed, other: Placed) -> Finding:
    return replace(one.finding, confidence=other.finding.confidence)
