"""The words of the check on a merge queue's group."""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.core.render.harmless import code_span, harmless_line, plain
from reviewer.core.render.words import TEXT_LIMIT, TITLE_LIMIT, many, within
from reviewer.core.types import CheckReport, Conclusion, GroupVerdict, Member

_SHORT = 7  # digits of a SHA
_MOST_NAMED = 10  # commits


def reading_report() -> CheckReport:
    return CheckReport("in_progress", "Reading", "Looking up what the checks of its pull requests say.")


def waiting_report(members: Sequence[Member]) -> CheckReport:
    """For a check whose pull requests are still being reviewed."""
    return CheckReport("in_progress", "Waiting", f"The review of {_names(members)} has not ended yet.")


def group_report(verdict: GroupVerdict) -> CheckReport:
    """The end: what decided, then what the check of each pull request says."""
    title = plain(_title(verdict))[:TITLE_LIMIT]
    rows = "\n".join(_row(member) for member in verdict.members)
    parts = [f"### {harmless_line(_title(verdict))}", rows, _strays(verdict), _advice(verdict)]
    summary = within("\n\n".join(part for part in parts if part), TEXT_LIMIT)
    return CheckReport("completed", title, summary, conclusion=verdict.conclusion)


def broken_report(conclusion: Conclusion, sentence: str) -> CheckReport:
    """The end where the pull requests could not be looked up."""
    return CheckReport(
        "completed", "Could not tell", within(harmless_line(sentence), TEXT_LIMIT), conclusion=conclusion
    )


def _title(verdict: GroupVerdict) -> str:
    if verdict.loose and not verdict.why:
        return f"Not all of the group is known: {_commits(verdict)} to no pull request that could be found"
    if not verdict.members:
        return "No pull request could be found in this group"
    if not verdict.why:
        return f"Nothing blocks: {_names(verdict.members)}"
    return _decided(verdict.why)


def _decided(why: Sequence[Member]) -> str:
    first = why[0]
    if first.check is None:
        never = [member for member in why if not member.running]
        return f"Never reviewed: {_names(never)}" if never else f"Not reviewed in time: {_names(why)}"
    if first.check.conclusion == "neutral":
        return f"Nothing blocks, but not all could tell: {_names(why)}"
    if len(why) == 1:
        return f"Pull request {first.number} fails: {first.check.title}"
    return f"{_capital(_names(why))} fail"


def _row(member: Member) -> str:
    where = f"pull request {member.number} at {code_span(member.head[:_SHORT])}"
    if member.check:
        return f"- {where}: {member.check.conclusion}: {harmless_line(member.check.title)}"
    said = "its review had not ended when the queue could wait no longer" if member.running else "never reviewed"
    return f"- {where}: {said}"


def _strays(verdict: GroupVerdict) -> str:
    if not verdict.loose:
        return ""
    rows = [f"- {code_span(each.sha[:_SHORT])} {harmless_line(each.title)}" for each in verdict.loose[:_MOST_NAMED]]
    more = len(verdict.loose) - len(rows)
    rows += [f"- and {more:,} more"] if more else []
    return "\n".join([f"{_commits(verdict)} to no pull request that could be found:", "", *rows])


def _commits(verdict: GroupVerdict) -> str:
    return f"{many(len(verdict.loose), 'commit')} {'belongs' if len(verdict.loose) == 1 else 'belong'}"


def _advice(verdict: GroupVerdict) -> str:
    if verdict.loose and not verdict.why:
        return "`gate.on_error` decides."
    if verdict.why and verdict.why[0].check is None:
        how = "Ask for the review with `/review` on the pull request, then queue it again."
        running = all(member.running for member in verdict.why)
        return f"`gate.on_error` decides. {'Queue it again once its review has ended.' if running else how}"
    return ""


def _names(members: Sequence[Member]) -> str:
    """`pull requests 7 and 8`."""
    numbers = [str(member.number) for member in members]
    if len(numbers) == 1:
        return f"pull request {numbers[0]}"
    return f"pull requests {', '.join(numbers[:-1])} and {numbers[-1]}"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
