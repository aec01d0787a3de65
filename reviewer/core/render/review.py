"""The words of a review: its inline comments and its body."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from reviewer.core.render.harmless import code_span, fenced, harmless, harmless_line
from reviewer.core.render.words import (
    COMMENT_LIMIT,
    finding_mark,
    folded,
    headline,
    holds_mark,
    many,
    place_of,
    run_mark,
    tally,
    unmarked,
    within,
)
from reviewer.core.types import Comment, Placed

_AROUND = 400  # characters for the run's mark and the line about what did not fit


def comment_body(placed: Placed) -> str:
    """An inline comment: what and how bad, why in short, the fix where there is one, the rest folded away.

    A fix is there whole or not at all: half of one would be applied as it stands.
    """
    mark, fix = finding_mark(placed.fingerprint), placed.finding.suggestion
    if fix is not None and not holds_mark(fix):
        whole = f"{unmarked(_comment(placed, [fenced(fix, 'suggestion')]))}\n\n{mark}"
        if len(whole) <= COMMENT_LIMIT:
            return whole
    return within(_comment(placed, []), COMMENT_LIMIT, mark)


def _comment(placed: Placed, fix: list[str]) -> str:
    short, rest = _first_paragraph(placed.finding.body)
    details = folded("Details", [harmless(rest), _facts(placed)])
    return "\n\n".join([headline(placed), *([harmless(short)] if short else []), *fix, details])


def comments_of(findings: Sequence[Placed]) -> tuple[Comment, ...]:
    """The inline comments of those findings that have a place."""
    return tuple(Comment(p.anchor, comment_body(p), p.fingerprint) for p in findings if p.anchor is not None)


def review_body(inline: Sequence[Placed], listed: Sequence[Placed], *, run: str) -> str:
    """The review itself: the count, then in full what does not stand on a line of its own.

    What is marked as said is shown, and what there is no room for is not marked: the next run says it.
    """
    said = [*inline, *listed]
    parts = [f"**{many(len(said), 'new finding')}**: {tally(said)}."]
    if listed and inline:
        parts.append(
            f"{many(len(listed), 'finding')} without a comment of {'its' if len(listed) == 1 else 'their'} own:"
        )
    told = _told(listed, COMMENT_LIMIT - len("\n\n".join(parts)) - _AROUND)
    if left := len(listed) - len(told):
        told.append(f"{many(left, 'more finding')} did not fit here and {'is' if left == 1 else 'are'} said next time.")
    marks = [run_mark(run), *(finding_mark(placed.fingerprint) for placed in listed[: len(listed) - left])]
    return within("\n\n".join(parts + told), COMMENT_LIMIT, "\n".join(marks))


def _told(listed: Sequence[Placed], room: int) -> list[str]:
    """The first findings in full, the next in short, as far as there is room; of many the last are not told."""
    short = [unmarked(f"{headline(placed)}\n\n{_where(placed)}") for placed in listed]
    needs = accumulate(len(text) + len(finding_mark(p.fingerprint)) + 3 for text, p in zip(short, listed, strict=True))
    sums = [need for need in needs if need <= room * 2 // 3]
    spare = room - (sums[-1] if sums else 0)
    for at, placed in enumerate(listed[: len(sums)]):
        body = unmarked(harmless(placed.finding.body)) if spare > len(placed.finding.body) else ""
        if body and len(body) + 2 <= spare:
            short[at] += f"\n\n{body}"
            spare -= len(body) + 2
    return short[: len(sums)]


def _where(placed: Placed) -> str:
    parts = [place_of(placed), harmless_line(placed.problem)]
    return ": ".join(part for part in parts if part)


def _facts(placed: Placed) -> str:
    facts = [f"confidence {placed.finding.confidence:.2f}"]
    if placed.finding.source != "model":
        facts.append(f"found by {harmless_line(placed.finding.source)}")
    if placed.confirmed is not None and placed.finding.source == "model":  # no model looked at what is sure anyway
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
