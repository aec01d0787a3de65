"""A local review as GitHub's workflow commands, which become annotations on the run and on the changed lines."""

from __future__ import annotations

from reviewer.core.types import Fate, Placed, Severity
from reviewer.formats.result import LocalResult, coverage_line, in_order, left_out, new_lines, scrub

# https://docs.github.com/actions/reference/workflow-commands-for-github-actions: `%` first, or it is escaped twice.
_IN_MESSAGE = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_IN_PROPERTY = (*_IN_MESSAGE, (":", "%3A"), (",", "%2C"))
_COMMANDS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
}


def as_github(result: LocalResult) -> str:
    """One command a line. GitHub shows ten errors and ten warnings of a step, so what blocks comes first."""
    problems = [*result.problems, *(f"Not reviewed: {what}" for what in left_out(result.coverage, Fate.FAILED))]
    verdict = f"{result.title} ({coverage_line(result.coverage)})"
    return "\n".join(
        [
            *(_of_finding(placed) for placed in in_order(result)),
            *(_command("warning", {"title": "reviewer"}, problem) for problem in problems),
            _command("notice", {"title": "reviewer"}, verdict),
        ]
    )


def _of_finding(placed: Placed) -> str:
    finding, lines = placed.finding, new_lines(placed)
    path = placed.anchor.path if placed.anchor else finding.path
    place = {} if lines is None else {"line": str(lines[0]), "endLine": str(lines[1])}  # an old line would mislead
    title = f"{finding.severity.word}: {finding.title}"
    message = (finding.body or finding.title) + (f"\n\nSuggestion:\n{finding.suggestion}" if finding.suggestion else "")
    return _command(_COMMANDS[finding.severity], {"file": path, **place, "title": title}, message)


def _command(name: str, properties: dict[str, str], message: str) -> str:
    said = ",".join(f"{key}={_escaped(scrub(value), _IN_PROPERTY)}" for key, value in properties.items() if value)
    return f"::{name} {said}::{_escaped(scrub(message), _IN_MESSAGE)}"


def _escaped(text: str, table: tuple[tuple[str, str], ...]) -> str:
    for character, code in table:
        text = text.replace(character, code)
    return text
