"""The buttons on a finished check, and the words of what they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reviewer.core.render.harmless import code_span, harmless_line
from reviewer.core.render.words import many
from reviewer.core.types import CheckAction, CheckRun, Placed, Severity

# GitHub's limits: a label has 20 characters, a description 40, an identifier 20; a check has three buttons.
RERUN = CheckAction("Re-run", "Ask again about what is not covered", "re-run")
DISMISS_LOW = CheckAction("Dismiss all low", "The low findings are not said again", "dismiss-low")
EXPLAIN = CheckAction("Explain", "Say how this verdict came about", "explain")
COULD_NOT = "Could not review"  # the title where `gate.on_error` decided
FAIL_ON, ON_ERROR = "gate.fail_on", "gate.on_error"
_SHORT = 7  # digits of a SHA
_TOLD = ("**What blocks**", "**Overridden**", "Beside that, ", "Coverage: ")  # begin the summary's parts that tell why


def buttons(standing: Sequence[Placed]) -> tuple[CheckAction, ...]:
    """By what stands on the head that the check is about."""
    low = any(placed.finding.severity is Severity.LOW for placed in standing)
    return (RERUN, DISMISS_LOW, EXPLAIN) if low else (RERUN, EXPLAIN)


UNREVIEWED = (RERUN, EXPLAIN)  # of a check that ended without a review, where there could be one


def may_not(action: CheckAction, login: str, needs: str, role: str) -> str:
    """To who pressed it, and is not allowed to."""
    what = f'"{action.label}" needs {needs} permission on this repository'
    return f"{what}, and GitHub says that the permission of {code_span(login)} is {role}."


def dismissed_low(login: str, count: int) -> str:
    if not count:
        return "There is no low finding left to dismiss."
    them = "It is not said again and does" if count == 1 else "They are not said again and do"
    return f"{many(count, 'low finding')} dismissed by {code_span(login)}. {them} not block."


def explained(check: CheckRun, settings: Mapping[str, tuple[str, str]]) -> str:
    """How the verdict came about, from what the check itself says; `settings` are (value, source) by key, as of now."""
    parts = _parts(check.summary)
    verdict = f"**{check.conclusion or check.status}: {harmless_line(check.title)}**"
    said = f"The check of {code_span(check.head[:_SHORT])} says {verdict}. {_decided_by(check, parts, settings)}"
    return "\n\n".join([said, *(parts or [check.summary])])


def _reviewed(parts: Sequence[str]) -> bool:
    """Whether anything was; a check that ended early says why in its summary, and no more."""
    return any(part.startswith("Coverage: ") for part in parts)


def _parts(summary: str) -> list[str]:
    """The paragraphs of our own summary that tell why, each heading with its list."""
    paragraphs, found = summary.split("\n\n"), []
    for at, paragraph in enumerate(paragraphs):
        if paragraph.startswith(_TOLD):
            rows = paragraphs[at + 1 : at + 2] if paragraph.startswith("**") else []
            found.append("\n\n".join([paragraph, *(row for row in rows if not row.startswith(_TOLD))]))
    return found


def _decided_by(check: CheckRun, parts: Sequence[str], settings: Mapping[str, tuple[str, str]]) -> str:
    """Which value of the configuration made it so."""
    if any(part.startswith("**Overridden**") for part in parts) and check.conclusion == "success":
        return "A maintainer's override decided."
    if any(part.startswith("**What blocks**") for part in parts):
        return f"{_value(FAIL_ON, settings)} decided: a confirmed finding of that severity or a worse one blocks."
    if not _reviewed(parts):
        wanted = check.title.startswith(COULD_NOT)
        return f"Nothing was reviewed{f', and {_value(ON_ERROR, settings)} decided' if wanted else ''}."
    if check.conclusion == "success":
        return f"No confirmed finding is as bad as {_value(FAIL_ON, settings)} asks, and nothing was left out."
    return f"{_value(ON_ERROR, settings)} decided: the review could not be finished."


def _value(key: str, settings: Mapping[str, tuple[str, str]]) -> str:
    value, source = settings.get(key, ("", ""))
    if not value:
        return code_span(key)
    return f"{code_span(f'{key}: {value}')} (from {harmless_line(source)})"
