"""The words of a check on a head that several pull requests have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reviewer.core.render.harmless import harmless_line, plain
from reviewer.core.render.words import TEXT_LIMIT, TITLE_LIMIT, within
from reviewer.core.types import CheckReport, Conclusion, Ended

_ELSEWHERE = " on the same head: "


def repeats(title: str) -> bool:
    """Whether a check's title tells of another pull request."""
    return title.startswith("Pull request ") and _ELSEWHERE in title


def beside_report(report: CheckReport, others: Sequence[Ended], conclusion: Conclusion) -> CheckReport:
    """The end of a check whose conclusion the other pull requests on its head have made another one."""
    rows = "\n".join(f"- pull request {each.number}: {each.conclusion}: {harmless_line(each.title)}" for each in others)
    why = "GitHub shows one check for all pull requests with this head, so it says what all of them say:"
    worst = next(each for each in others if each.conclusion == conclusion)
    title = f"Pull request {worst.number}{_ELSEWHERE}{plain(worst.title)}"[:TITLE_LIMIT]
    return replace(
        report,
        title=title if conclusion == "failure" else report.title,
        summary=within(f"{why}\n\n{rows}\n\n{report.summary}", TEXT_LIMIT),
        conclusion=conclusion,
    )
