"""The words of the check on a merge queue's group."""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.core.render.harmless import code_span, harmless_line, plain
from reviewer.core.render.words import TEXT_LIMIT, TITLE_LIMIT, within
from reviewer.core.types import CheckReport, Conclusion, GroupVerdict, Member

_SHORT = 7  # digits of a SHA


def reading_report() -> CheckReport:
    return CheckReport("in_progress", "Reading", "Looking up what the checks of its pull requests say.")


def waiting_report(members: Sequence[Member]) -> CheckReport:
    """For a check whose pull requests are still being reviewed."""
    return CheckReport("in_progress", "Waiting", f"The review of {_names(members)} has not ended yet.")


def group_report(verdict: GroupVerdict) -> CheckReport:
    """The end: what decided, then what the check of each pull request says."""
    title = plain(_title(verdict))[:TITLE_LIMIT]
    rows = "\n".join(_row(member) for member in verdict.members)
    parts = [f"### {harmless_line(_title(verdict))}", rows, _advice(verdict)]
    summary = within("\n\n".join(part for part in parts if part), TEXT_LIMIT)
    return CheckReport("completed", title, summary, conclusion=verdict.conclusion)


def broken_report(conclusion: Conclusion, sentence: str) -> CheckReport:
    """The end where the pull requests could not be looked up."""
    return CheckReport(
        "completed", "Could not tell", within(harmless_line(sentence), TEXT_LIMIT), conclusion=conclusion
    )


def _title(verdict: GroupVerdict) -> str:
    if not verdict.members:
        return "No pull request could be found in this group"
    if not verdict.why:
        return f"Nothing blocks: {_names(verdict.members)}"
    first = verdict.why[0]
    if first.check is None:
        return f"Never reviewed: {_names(verdict.why)}"
    if first.check.conclusion == "neutral":
        return f"Nothing blocks, but not all could tell: {_names(verdict.why)}"
    if len(verdict.why) == 1:
        return f"Pull request {first.number} fails: {first.check.title}"
    return f"{_capital(_names(verdict.why))} fail"


def _row(member: Member) -> str:
    where = f"pull request {member.number} at {code_span(member.head[:_SHORT])}"
    if member.check:
        return f"- {where}: {member.check.conclusion}: {harmless_line(member.check.title)}"
    said = "its review had not ended when the queue could wait no longer" if member.running else "never reviewed"
    return f"- {where}: {said}"


def _advice(verdict: GroupVerdict) -> str:
    if verdict.why and verdict.why[0].check is None:
        return "`gate.on_error` decides. Ask for the review with `/review` on the pull request, then queue it again."
    return ""


def _names(members: Sequence[Member]) -> str:
    """`pull requests 7 and 8`."""
    numbers = [str(member.number) for member in members]
    if len(numbers) == 1:
        return f"pull request {numbers[0]}"
    return f"pull requests {', '.join(numbers[:-1])} and {numbers[-1]}"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
