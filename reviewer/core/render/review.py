"""The words of a review: its inline comments and its body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from reviewer.core.render.elsewhere import elsewhere
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
_LEAST = 600  # characters for the other places of a finding among many

Along = Mapping[str, Sequence[Placed]]  # what is said with a finding, by its fingerprint


def comment_body(placed: Placed, along: Sequence[Placed] = ()) -> str:
    """An inline comment: what and how bad, why in short, the fix where there is one, the rest folded away; and where
    else the same is, with a mark for each place that is told.

    A fix is there whole or not at all: half of one would be applied as it stands.
    """
    places, marks = elsewhere(along, COMMENT_LIMIT // 2)
    fix = placed.finding.suggestion
    end = "\n".join(part for part in (finding_mark(placed.fingerprint), marks) if part)
    end = f"{places}\n\n{end}" if places else end
    if fix is not None and not holds_mark(fix):
        whole = f"{unmarked(_comment(placed, [fenced(fix, 'suggestion')]))}\n\n{end}"
        if len(whole) <= COMMENT_LIMIT:
            return whole
    return within(_comment(placed, []), COMMENT_LIMIT, end)


def _comment(placed: Placed, fix: list[str]) -> str:
    short, rest = _first_paragraph(placed.finding.body)
    details = folded("Details", [harmless(rest), _facts(placed)])
    return "\n\n".join([headline(placed), *([harmless(short)] if short else []), *fix, details])


def comments_of(findings: Sequence[Placed], along: Along | None = None) -> tuple[Comment, ...]:
    """The inline comments of those findings that have a place; each is known by its own fingerprint."""
    others = along or {}
    return tuple(
        Comment(placed.anchor, comment_body(placed, others.get(placed.fingerprint, ())), placed.fingerprint)
        for placed in findings
        if placed.anchor is not None
    )


def review_body(inline: Sequence[Placed], listed: Sequence[Placed], *, run: str, along: Along | None = None) -> str:
    """The review itself: the count, then in full what does not stand on a line of its own.

    What is marked as said is shown, and what there is no room for is not marked: the next run says it.
    """
    others = along or {}
    said = [each for placed in (*inline, *listed) for each in (placed, *others.get(placed.fingerprint, ()))]
    parts = [f"**{many(len(said), 'new finding')}**: {tally(said)}."]
    if listed and inline:
        parts.append(
            f"{many(len(listed), 'finding')} without a comment of {'its' if len(listed) == 1 else 'their'} own:"
        )
    told, marks = _told(listed, others, COMMENT_LIMIT - len("\n\n".join(parts)) - _AROUND)
    if left := len(listed) - len(told):
        told.append(f"{many(left, 'more finding')} did not fit here and {'is' if left == 1 else 'are'} said next time.")
    return within("\n\n".join(parts + told), COMMENT_LIMIT, "\n".join([run_mark(run), *marks]))


def _told(listed: Sequence[Placed], along: Along, room: int) -> tuple[list[str], list[str]]:
    """The first findings in full, the next in short, as far as there is room, and the marks of each; of many the last
    are not told.
    """
    share = max(_LEAST, room // 3 // max(1, sum(placed.fingerprint in along for placed in listed)))
    others = [elsewhere(along.get(placed.fingerprint, ()), share) for placed in listed]
    short = [unmarked(f"{headline(placed)}\n\n{_where(placed)}") for placed in listed]
    marks = [
        "\n".join(part for part in (finding_mark(placed.fingerprint), more) if part)
        for placed, (_, more) in zip(listed, others, strict=True)
    ]
    ends = [f"\n\n{places}" if places else "" for places, _ in others]
    needs = accumulate(sum(map(len, each)) + 3 for each in zip(short, ends, marks, strict=True))
    sums = [need for need in needs if need <= room * 2 // 3]
    spare = room - (sums[-1] if sums else 0)
    for at, placed in enumerate(listed[: len(sums)]):
        body = unmarked(harmless(placed.finding.body)) if spare > len(placed.finding.body) else ""
        if body and len(body) + 2 <= spare:
            short[at] += f"\n\n{body}"
            spare -= len(body) + 2
    return [text + end for text, end in zip(short, ends, strict=True)][: len(sums)], marks[: len(sums)]


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
