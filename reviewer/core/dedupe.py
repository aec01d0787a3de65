"""Decides what to say: which findings are the same within a run, which were said before, and where each is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reviewer.core.types import Placed, Remembered, Saying, Severity


def merge(answers: Iterable[Sequence[Placed]]) -> tuple[Placed, ...]:
    """The findings of all answers, in the order of the diff.

    Where two answers saw the same lines (a large hunk is split with overlap) and say the same kind of thing about the
    same line, the more confident one stands. Within one answer nothing is dropped: two findings of one kind on one
    line are two findings.
    """
    stands: dict[object, list[Placed]] = {}
    for answer in answers:
        here: dict[object, list[Placed]] = {}
        for placed in answer:
            here.setdefault(_place(placed), []).append(placed)
        for place, findings in here.items():
            if place not in stands or _weight(findings) > _weight(stands[place]):
                stands[place] = findings
    return tuple(sorted((placed for findings in stands.values() for placed in findings), key=_order))


def say(
    findings: Sequence[Placed],
    remembered: Remembered,
    *,
    blocking: Sequence[Placed],
    min_severity: Severity,
    max_comments: int,
) -> Saying:
    """Sort every finding by what is done with it. What blocks is always said; the worst come first."""
    ordered = sorted(findings, key=lambda placed: (-placed.finding.severity, -placed.finding.confidence))
    loud = [placed for placed in ordered if placed.finding.severity >= min_severity or placed in blocking]
    quiet = [placed for placed in ordered if placed not in loud]
    fresh = [placed for placed in loud if placed.fingerprint not in remembered.fingerprints]
    repeated = [placed for placed in loud if placed.fingerprint in remembered.fingerprints]
    inline = [placed for placed in fresh if placed.anchor][:max_comments]
    listed = [placed for placed in fresh if placed not in inline]
    return Saying(tuple(inline), tuple(listed), tuple(repeated), tuple(quiet))


def _place(placed: Placed) -> object:
    finding = placed.finding
    if placed.anchor is None:
        return (finding.path, finding.line, finding.quote, finding.category)
    return (placed.anchor.path, placed.anchor.side, placed.anchor.line, placed.anchor.start_line, finding.category)


def _weight(findings: Sequence[Placed]) -> tuple[int, float]:
    return len(findings), max(placed.finding.confidence for placed in findings)


def _order(placed: Placed) -> tuple[str, int, str]:
    line = placed.anchor.line if placed.anchor else placed.finding.line
    return placed.finding.path, line, placed.finding.category
