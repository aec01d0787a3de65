"""The words of the check run, from queued to its conclusion."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from reviewer.core.render.buttons import UNREVIEWED, buttons
from reviewer.core.render.harmless import code_span, harmless, harmless_line, plain
from reviewer.core.render.ledger import coverage_line, coverage_text
from reviewer.core.render.rulings import overridden_part, override_title
from reviewer.core.render.words import (
    ANNOTATION_LIMIT,
    DOT,
    LEVEL,
    TEXT_LIMIT,
    TITLE_LIMIT,
    many,
    place_of,
    tally,
    were,
    within,
)
from reviewer.core.types import (
    Annotation,
    CheckReport,
    Conclusion,
    Coverage,
    Placed,
    Saying,
    Side,
    Usage,
    Verdict,
)


def queued_report() -> CheckReport:
    return CheckReport("queued", "Queued", "Waiting for a worker to take this head.")


def progress_report(done: int, total: int) -> CheckReport:
    text = f"{done} of {many(total, 'model call')} answered." if total else "Reading the pull request."
    return CheckReport("in_progress", "Reviewing", text)


def closed_report(conclusion: Conclusion, title: str, sentence: str, *, again: bool = False) -> CheckReport:
    """A check that ends without a review: superseded, closed, draft, or failed. `again`: it may be asked for anew."""
    summary = within(harmless(sentence), TEXT_LIMIT)
    actions = UNREVIEWED if again else ()
    return CheckReport("completed", plain(title)[:TITLE_LIMIT], summary, conclusion=conclusion, actions=actions)


def verdict_title(verdict: Verdict) -> str:
    """The verdict in words."""
    if verdict.blocking:
        verb = "blocks" if len(verdict.blocking) == 1 else "block"
        return f"{many(len(verdict.blocking), 'finding')} {verb}: {tally(verdict.blocking)}"
    if verdict.override and verdict.conclusion == "success":
        return override_title(verdict.override)
    if verdict.problem:
        return f"Not fully reviewed: {verdict.problem.rstrip('.')}"
    return f"Nothing blocks: {tally(verdict.standing)}" if verdict.standing else "No findings"


def final_report(
    verdict: Verdict,
    coverage: Coverage,
    *,
    saying: Saying,
    notes: Sequence[str],
    footer: str,
    unlined: Sequence[Placed] = (),
    name: Callable[[Placed], str] = lambda placed: placed.fingerprint,
) -> CheckReport:
    """The check run at its end: counts, what blocks and why, coverage, cost, model and prompt version.

    `name` is the one under which a finding was said: by it people find its comment.
    Only findings on a line that got no comment of their own are annotated: GitHub shows both on the same line. So are
    the `unlined`, which were said before without one: GitHub shows the annotations of the newest check.
    """
    title = harmless_line(verdict_title(verdict))  # a fault that it tells of may repeat a stranger's words
    parts = [f"### {title}", coverage_line(coverage)]
    parts += _standing(verdict, saying, name)
    parts += _said_elsewhere(saying)
    if saying.gone and coverage.complete:
        parts.append("**No longer found on this head**\n\n" + "\n".join(f"- {_was(title)}" for title in saying.gone))
    parts += _unsaid(saying)
    parts.append("\n".join(f"- {harmless_line(note)}" for note in notes))
    parts.append(footer)
    return CheckReport(
        "completed",
        title[:TITLE_LIMIT],
        within("\n\n".join(part for part in parts if part), TEXT_LIMIT),
        text=within(coverage_text(coverage), TEXT_LIMIT),
        conclusion=verdict.conclusion,
        annotations=tuple(note for placed in (*saying.listed, *unlined) if (note := _annotation(placed))),
        actions=buttons(verdict.standing),
    )


def _standing(verdict: Verdict, saying: Saying, name: Callable[[Placed], str]) -> list[str]:
    """What blocks, what would, and what does not."""
    parts = []
    if verdict.blocking:
        parts.append("**What blocks**\n\n" + "\n".join(_row(placed, name(placed)) for placed in verdict.blocking))
    if verdict.override:
        parts.append(overridden_part(verdict.override, [_row(placed, name(placed)) for placed in verdict.overridden]))
    if verdict.problem and (verdict.blocking or verdict.override):
        parts.append(f"Beside that, {harmless_line(verdict.problem).rstrip('.')}.")
    silent = {*verdict.blocking, *verdict.overridden, *saying.quiet, *saying.doubtful, *saying.dismissed}
    others = sorted((p for p in verdict.standing if p not in silent), key=lambda p: -p.finding.severity)
    if others:
        parts.append("**What does not block**\n\n" + "\n".join(_row(placed, name(placed)) for placed in others))
    return parts


def _said_elsewhere(saying: Saying) -> list[str]:
    """Why some findings have no comment of their own on this push."""
    told = []
    if count := len(saying.repeated):
        told.append(f"{many(count, 'finding')} {were(count)} said on an earlier push and not said again.")
    if count := sum(len(saying.along.get(placed.fingerprint, ())) for placed in saying.fresh):
        told.append(f"{many(count, 'finding')} {were(count)} said with another one of the same kind, as its places.")
    return told


def _unsaid(saying: Saying) -> list[str]:
    """What nobody is told, in numbers."""
    told = []
    if count := len(saying.quiet):
        told.append(f"{many(count, 'finding')} below `min_severity` {were(count)} left unsaid.")
    if count := len(saying.doubtful):
        told.append(f"{many(count, 'finding')} of low confidence {were(count)} left unsaid.")
    if count := len(saying.dismissed):
        do = "does" if count == 1 else "do"
        told.append(f"{many(count, 'finding')} {were(count)} dismissed by people and {do} not count.")
    return told


def footer_line(
    *,
    model: str,
    prompt_version: str,
    usage: Usage,
    cost: Decimal | None,
    seconds: float,
    others: Iterable[str] = (),
    lost: int = 0,
) -> str:
    """`model` is the one that was to be asked, `others` those that answered beside it. So many tries were `lost`: they
    are in `usage` and `cost` with the most that they may have been.
    """
    names = " and ".join(code_span(name) for name in dict.fromkeys((model, *others)))
    money = "cost unknown (no price for this model)" if cost is None else f"${cost:.4f}"
    cached = f" ({usage.cached:,} from the provider's cache)" if usage.cached else ""
    tokens = f"{usage.input:,} tokens in{cached}, {usage.output:,} out"
    calls = many(usage.calls, "model call") + (_lost_tries(lost) if lost else "")
    facts = [
        f"Model {names}",
        f"prompt {code_span(prompt_version)}",
        calls,
        tokens,
        money,
        f"{seconds:.1f} s",
    ]
    return " · ".join(facts)


def _lost_tries(count: int) -> str:
    tries = "try" if count == 1 else "tries"
    return f" and {count:,} {tries} whose answer was lost, counted as the most that may be billed"


def _row(placed: Placed, name: str) -> str:
    doubt = f" (not confirmed by a second look: {_why(placed)})" if placed.confirmed is False else ""
    title = harmless_line(placed.finding.title)
    severity = placed.finding.severity
    row = f"- {DOT[severity]} {severity.word} · {place_of(placed)} · {title}{doubt} · {code_span(name)}"
    return f"{row}\n  {harmless_line(placed.reason)}" if placed.confirmed and placed.reason else row


def _why(placed: Placed) -> str:
    return harmless_line(placed.reason).rstrip(".") or "no reason given"


def _was(title: str) -> str:
    """A title as it stands in our own comment, where it was made harmless before."""
    return harmless_line(html.unescape(title))


def _annotation(placed: Placed) -> Annotation | None:
    """GitHub shows annotations on the new file only."""
    anchor, finding = placed.anchor, placed.finding
    if anchor is None or anchor.side is Side.LEFT:
        return None
    title = plain(finding.title)[:TITLE_LIMIT] or "finding"
    message = plain(finding.body).encode()[:ANNOTATION_LIMIT].decode(errors="ignore") or title
    first = anchor.start_line or anchor.line
    return Annotation(anchor.path, first, anchor.line, LEVEL[finding.severity], title, message)
