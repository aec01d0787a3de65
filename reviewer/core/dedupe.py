"""Decides what to say: which findings are the same within a run, which were said before, and where each is said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Literal

from reviewer.core.types import Placed, Saying, Severity


def merge(
    answers: Iterable[Sequence[Placed]], *, same: Callable[[Placed, Placed], bool] | None = None
) -> tuple[Placed, ...]:
    """The findings of all answers, in the order of the diff.

    Where two answers of one source saw the same lines (a large hunk is split with overlap) and talk about the same
    line, the graver one stands, or the one that says more, or the more confident one: the same thing is `logic` here
    and `contract` there. So does the one of two on different lines that `same` knows for one thing. What stands for
    another one is as sure as the surer of the two. Within one answer nothing is dropped: two findings on one line are
    two findings.
    """
    said: dict[object, list[tuple[int, list[Placed]]]] = defaultdict(list)
    for number, answer in enumerate(answers):
        here: dict[object, list[Placed]] = {}
        for placed in answer:
            here.setdefault(_place(placed), []).append(placed)
        for place, findings in here.items():
            said[place].append((number, findings))
    kept = [each for told in said.values() for each in _gravest(told)]
    return tuple(sorted(_told_once(kept, same) if same else (placed for _, placed in kept), key=_order))


def _gravest(told: Sequence[tuple[int, list[Placed]]]) -> list[tuple[int, Placed]]:
    """What stands of several answers about one place, with the number of its answer; of equals the first.

    One that stands alone stands for all that the others say; of several nobody knows which one does.
    """
    number, findings = max(told, key=lambda each: _weight(each[1]))
    if len(findings) > 1:
        return [(number, placed) for placed in findings]
    surest = max(placed.finding.confidence for _, others in told for placed in others)
    return [(number, _as_sure(findings[0], surest))]


def _told_once(findings: Sequence[tuple[int, Placed]], same: Callable[[Placed, Placed], bool]) -> list[Placed]:
    """Without what another answer says in other words; the graver one stays, or the more confident one."""
    kept: dict[tuple[str, str], list[tuple[int, Placed]]] = defaultdict(list)
    for number, placed in sorted(findings, key=_gravest_first):
        others = kept[placed.finding.source, placed.finding.path]
        first = next((at for at, (other, one) in enumerate(others) if other != number and same(placed, one)), None)
        if first is None:
            others.append((number, placed))
        else:
            others[first] = others[first][0], _as_sure(others[first][1], placed.finding.confidence)
    return [placed for others in kept.values() for _, placed in others]


def _as_sure(placed: Placed, confidence: float) -> Placed:
    """At least so confident."""
    if placed.finding.confidence >= confidence:
        return placed
    return replace(placed, finding=replace(placed.finding, confidence=confidence))


Loudness = Literal["line", "summary", "nothing"]


def _on_its_line(_placed: Placed) -> Loudness:
    return "line"


def _each_alone(findings: Sequence[Placed]) -> list[tuple[Placed, tuple[Placed, ...]]]:
    return [(placed, ()) for placed in findings]


def say(
    findings: Sequence[Placed],
    known: Collection[str],
    *,
    blocking: Sequence[Placed],
    min_severity: Severity,
    max_comments: int,
    where: Callable[[Placed], Loudness] = _on_its_line,
    gather: Callable[[Sequence[Placed]], Sequence[tuple[Placed, tuple[Placed, ...]]]] = _each_alone,
) -> Saying:
    """Sort every finding by what is done with it. What blocks is always said; the worst come first.

    `known` are the names of those that were said before. `where` says how loud a new finding is by its confidence,
    `gather` puts one pattern in many places into one: the finding that is said, and those that are said along with it.
    """
    ordered = sorted(findings, key=lambda placed: (-placed.finding.severity, -placed.finding.confidence))
    blocks = {placed.fingerprint for placed in blocking}
    loud = [placed for placed in ordered if placed.finding.severity >= min_severity or placed.fingerprint in blocks]
    heard = {placed.fingerprint for placed in loud}
    fresh = [placed for placed in loud if placed.fingerprint not in known]
    told = {placed.fingerprint: "line" if placed.fingerprint in blocks else where(placed) for placed in fresh}
    groups = gather([placed for placed in fresh if told[placed.fingerprint] == "line"])
    inline = [placed for placed, _ in groups if placed.anchor][:max_comments]
    shown = {placed.fingerprint for placed in inline}
    said = {placed.fingerprint for placed, _ in groups} - shown
    said |= {name for name, how in told.items() if how == "summary"}
    return Saying(
        inline=tuple(inline),
        listed=tuple(placed for placed in fresh if placed.fingerprint in said),
        repeated=tuple(placed for placed in loud if placed.fingerprint in known),
        quiet=tuple(placed for placed in ordered if placed.fingerprint not in heard),
        along={placed.fingerprint: others for placed, others in groups if others},
        doubtful=tuple(placed for placed in fresh if told[placed.fingerprint] == "nothing"),
    )


def said_before(
    findings: Sequence[Placed],
    names: Collection[str],
    *,
    another: Callable[[Placed, str], bool] = lambda _placed, _name: False,
) -> dict[str, str]:
    """By the names of those findings that were said: the remembered name of each, which stands for one finding.

    A name is `CODE-CONTEXT-CATEGORY` with perhaps a number. A finding that has its very name there is known by it. Of
    the others on its line as many are known as names are left: a model calls the same thing `logic` today and
    `contract` tomorrow. The only line in a file's diff that reads so keeps its names whatever comes to stand around it.
    `another` knows of a finding and a name that they are of two things for all that.
    """
    known = {p.fingerprint: p.fingerprint for p in findings if p.fingerprint in names and not another(p, p.fingerprint)}
    left = set(names) - set(known.values())
    for parts in (2, 1):
        pool = defaultdict(list)
        for name in sorted(left):
            pool[_stem(name, parts)].append(name)
        for placed in findings:
            if placed.fingerprint in known or (parts == 1 and not placed.alone):
                continue
            named = pool.get(_stem(placed.fingerprint, parts), [])
            for name in named:
                if not another(placed, name):
                    known[placed.fingerprint] = name
                    named.remove(name)
                    left.remove(name)
                    break
    return known


def _stem(name: str, parts: int) -> str:
    return "-".join(name.split("-")[:parts])


def _place(placed: Placed) -> object:
    finding = placed.finding
    if placed.anchor is None:
        return (finding.source, finding.path, finding.line, finding.quote, finding.category)
    anchor = placed.anchor
    return (finding.source, anchor.path, anchor.side, anchor.line, anchor.start_line)


def _weight(findings: Sequence[Placed]) -> tuple[Severity, int, float]:
    """What is graver is not dropped for what is said more often or more surely."""
    worst = max(placed.finding.severity for placed in findings)
    return worst, len(findings), max(placed.finding.confidence for placed in findings)


def _gravest_first(each: tuple[int, Placed]) -> tuple[int, float, tuple[str, int, str]]:
    _, placed = each
    return -placed.finding.severity, -placed.finding.confidence, _order(placed)


def _order(placed: Placed) -> tuple[str, int, str]:
    line = placed.anchor.line if placed.anchor else placed.finding.line
    return placed.finding.path, line, placed.finding.category
