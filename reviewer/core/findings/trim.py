"""Cuts what a model said to what a comment has room for, once no secret is in it any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reviewer.core.findings.clean import clean_line, cut
from reviewer.core.types import Finding, Report

# Characters. GitHub takes 65,536 in a comment; these leave room for all the parts of one together.
TITLE_LIMIT, BODY_LIMIT, QUOTE_LIMIT = 300, 20_000, 4_000
PATH_LIMIT = 4_096  # PATH_MAX of Linux
CATEGORY_LIMIT = 40
HEAD_LIMIT = 80  # of a body that has to serve as title
REASON_LIMIT = 1_000


def trimmed(report: Report) -> Report:
    """The report as it may be kept and posted; what is short enough stays as it is, and so does a second time."""
    return replace(report, findings=tuple(map(_trimmed, report.findings)))


def trimmed_verdicts(verdicts: Mapping[str, tuple[bool, str]]) -> dict[str, tuple[bool, str]]:
    """The verdicts with reasons that may be posted."""
    return {name: (holds, cut(reason, REASON_LIMIT)) for name, (holds, reason) in verdicts.items()}


def _trimmed(finding: Finding) -> Finding:
    """A suggestion is never cut: half of one would be applied as it stands."""
    only_body = finding.title == clean_line(finding.body)
    return replace(
        finding,
        path=finding.path[:PATH_LIMIT],
        quote=finding.quote[:QUOTE_LIMIT],
        # In small letters only now: a rule for secrets may look for capitals.
        category=cut(finding.category.lower(), CATEGORY_LIMIT),
        title=cut(finding.title, HEAD_LIMIT if only_body else TITLE_LIMIT),
        body=cut(finding.body, BODY_LIMIT),
    )
