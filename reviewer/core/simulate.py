"""Plays a configuration through on what was found before: what would have been said, what would have blocked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reviewer.core.types import Placed, Saying, Verdict

WIDTH = 80  # columns
Said = Literal["line", "summary", "not said", "ignored"]
Say = Callable[[Sequence[Placed], Sequence[Placed]], Saying]  # of what stands and what blocks
_SPACE = {ord(char): " " for char in "\n\r\t\v\f\x85\u2028\u2029"}


@dataclass(frozen=True, slots=True)
class Past:
    """The last review of a pull request. `findings` are those that stood on its head; None: it was never reviewed."""

    number: int
    head: str
    conclusion: str
    title: str
    problem: str = ""  # why the gate could not be decided whole
    findings: tuple[Placed, ...] | None = None

    @property
    def failed(self) -> bool:
        return self.conclusion == "failure"


@dataclass(frozen=True, slots=True)
class Played:
    """One finding under the configuration. `blocks`: None where a second look, which nobody took, would decide.

    `passed`: it would block, and a maintainer has let it pass.
    """

    placed: Placed
    said: Said
    blocks: bool | None
    passed: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would have come of a pull request; `conclusion` is empty where nothing is kept of it."""

    past: Past
    conclusion: str = ""
    findings: tuple[Played, ...] = ()

    @property
    def open(self) -> bool:
        """Whether a second look could turn it red."""
        return self.conclusion not in {"", "failure"} and any(each.blocks is None for each in self.findings)

    def count(self, *said: Said) -> int:
        return sum(each.said in said for each in self.findings)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a configuration and the pull request's overrides make of findings.

    `severe`: bad enough for the gate, were it confirmed. `judge`: the gate's verdict on what stands, and on the problem
    that kept the review from its end, if any. `passed`: whether an override names the finding.
    """

    severe: Callable[[Placed], bool]
    ignored: Callable[[str], bool]
    passed: Callable[[Placed], bool]
    judge: Callable[[Sequence[Placed], str], Verdict]
    say: Say


def play(past: Past, rules: Rules) -> Outcome:
    if past.findings is None:
        return Outcome(past)
    verdict = rules.judge([placed for placed in past.findings if not rules.ignored(placed.finding.path)], past.problem)
    saying = rules.say(verdict.standing, verdict.blocking)
    lines = {*saying.inline, *(placed for others in saying.along.values() for placed in others)}
    played = []
    for placed in past.findings:
        if rules.ignored(placed.finding.path):
            played.append(Played(placed, "ignored", blocks=False))
            continue
        said: Said = "line" if placed in lines else "summary" if placed in saying.listed else "not said"
        severe = rules.severe(placed) and placed.confirmed is not False
        passed = severe and rules.passed(placed)
        blocks = placed.confirmed if severe and not passed else False
        played.append(Played(placed, said, blocks, passed))
    return Outcome(past, verdict.conclusion, tuple(sorted(played, key=_order)))


def as_text(outcomes: Sequence[Outcome]) -> str:
    """For people, in 80 columns: each pull request with its findings, then the sum."""
    shown = [_cut(line) for outcome in outcomes for line in (*_lines(outcome), "")]
    return "\n".join([*shown, _sum(outcomes)])


def as_records(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """For programs: JSON-able."""
    return [
        {
            "number": outcome.past.number,
            "head": outcome.past.head,
            "stored": outcome.past.findings is not None,
            "was": outcome.past.conclusion,
            "would_be": outcome.conclusion or None,
            "second_look": outcome.open,
            "problem": outcome.past.problem,
            "findings": [_record(each) for each in outcome.findings],
        }
        for outcome in outcomes
    ]


def _lines(outcome: Outcome) -> Iterator[str]:
    past = outcome.past
    head = f"#{past.number}  {past.head[:7]}"
    if past.findings is None:
        yield f"{head}  nothing is stored: {past.title or past.conclusion}"
        return
    same = outcome.conclusion == past.conclusion
    more = ", failure if a second look agrees" if outcome.open else ""
    yield f"{head}  {past.conclusion}{', as before' if same else f' would be {outcome.conclusion}'}{more}"
    if past.problem:
        yield f"  {past.problem}"
    for each in outcome.findings:
        finding = each.placed.finding
        how = (
            "blocks"
            if each.blocks
            else "may block"
            if each.blocks is None
            else "let pass"
            if each.passed
            else each.said
        )
        yield f"  {how:<9}  {finding.severity.word:<8}  {finding.path}:{finding.line}  {finding.title}"


def _sum(outcomes: Sequence[Outcome]) -> str:
    known = [outcome for outcome in outcomes if outcome.conclusion]
    fail, did = sum(each.conclusion == "failure" for each in known), sum(each.past.failed for each in known)
    lines, summaries, unsaid = (
        sum(each.count(*said) for each in known) for said in (("line",), ("summary",), ("not said", "ignored"))
    )
    parts = [f"{fail} of {len(known)} would fail; {did} did."]
    if unsure := sum(each.open for each in known):
        parts.append(f"{unsure} more would fail if a second look agrees.")
    parts.append(f"Findings: {lines:,} on lines, {summaries:,} in summaries, {unsaid:,} not said.")
    if len(known) < len(outcomes):
        parts.append(f"Nothing is stored of {len(outcomes) - len(known)}.")
    return "\n".join(parts)


def _record(each: Played) -> dict[str, Any]:
    finding = each.placed.finding
    return {
        "path": finding.path,
        "line": finding.line,
        "severity": finding.severity.word,
        "category": finding.category,
        "confidence": finding.confidence,
        "title": finding.title,
        "fingerprint": each.placed.fingerprint,
        "confirmed": each.placed.confirmed,
        "said": each.said,
        "blocks": each.blocks,
        "overridden": each.passed,
    }


def _order(each: Played) -> tuple[int, int, str, int]:
    finding = each.placed.finding
    return ("line", "summary", "not said", "ignored").index(each.said), -finding.severity, finding.path, finding.line


def _cut(line: str) -> str:
    """Strangers' words get no line of their own, and no way to steer a terminal."""
    plain = "".join(char if char.isprintable() else "?" for char in line.translate(_SPACE))
    return plain if len(plain) <= WIDTH else f"{plain[: WIDTH - 1]}…"
