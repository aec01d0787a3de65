"""The words of a review: its inline comments and its body."""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.core.render.harmless import code_span, fenced, harmless, harmless_line
from reviewer.core.render.words import (
    COMMENT_LIMIT,
    finding_mark,
    folded,
    headline,
    many,
    place_of,
    run_mark,
    tally,
    within,
)
from reviewer.core.types import Comment, Placed


def comment_body(placed: Placed) -> str:
    """An inline comment: what and how bad, why in short, the fix where there is one, the rest folded away."""
    short, rest = _first_paragraph(placed.finding.body)
    parts = [headline(placed)]
    if short:
        parts.append(harmless(short))
    if placed.finding.suggestion is not None:
        parts.append(fenced(placed.finding.suggestion, "suggestion"))
    parts.append(folded("Details", [harmless(rest), _facts(placed)]))
    return within("\n\n".join(parts), COMMENT_LIMIT, finding_mark(placed.fingerprint))


def comments_of(findings: Sequence[Placed]) -> tuple[Comment, ...]:
    """The inline comments of those findings that have a place."""
    return tuple(Comment(p.anchor, comment_body(p), p.fingerprint) for p in findings if p.anchor is not None)


def review_body(inline: Sequence[Placed], listed: Sequence[Placed], *, run: str, notes: Sequence[str] = ()) -> str:
    """The review itself: the count, then in full what does not stand on a line of its own."""
    said = [*inline, *listed]
    parts = [f"**{many(len(said), 'new finding')}**: {tally(said)}."]
    parts += [f"> {harmless_line(note)}" for note in notes]
    if listed and inline:
        parts.append(
            f"{many(len(listed), 'finding')} without a comment of {'its' if len(listed) == 1 else 'their'} own:"
        )
    parts += [_listed(placed) for placed in listed]
    marks = [run_mark(run), *(finding_mark(placed.fingerprint) for placed in listed)]
    return within("\n\n".join(parts), COMMENT_LIMIT, "\n".join(marks))


def _listed(placed: Placed) -> str:
    why = f"{place_of(placed)}: {harmless_line(placed.problem)}" if placed.problem else place_of(placed)
    return "\n\n".join([headline(placed), why, harmless(placed.finding.body)])


def _facts(placed: Placed) -> str:
    facts = [f"confidence {placed.finding.confidence:.2f}"]
    if placed.finding.source != "model":
        facts.append(f"found by {placed.finding.source}")
    if placed.confirmed is not None:
        facts.append(
            "confirmed by a second look" if placed.confirmed else "not confirmed by a second look: it does not block"
        )
    reason = f": {harmless_line(placed.reason)}" if placed.reason else ""
    return f"{' · '.join(facts)}{reason} · id {code_span(placed.fingerprint)}"


def _first_paragraph(body: str) -> tuple[str, str]:
    short, _, rest = body.strip().partition("\n\n")
    if "```" in short or "~~~" in short:  # a fence may hold the blank line: cut nothing apart
        return body.strip(), ""
    return short, rest
