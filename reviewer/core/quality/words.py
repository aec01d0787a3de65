"""What a comparison and the shares of days read like, as text for a terminal and as records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reviewer.core.quality.compared import TOO_FEW, Comparison, Judged, Measured
from reviewer.core.quality.falls import MEASURES, SAYS, Share, Shares

NOTHING = "–"
CAUTION = "Several measures are compared: one of twenty looks like `may be chance` where there is no difference."
_JUDGED: dict[Judged, str] = {"too few": "too few to judge", "equal": "no difference"}


def comparison_text(found: Comparison) -> str:
    """A line for each measure: both numbers, the p value, and what that means."""
    one, other = (f"{count:,}" for count in found.pulls)
    rows = [("", *found.labels, ""), ("pull requests", one, other, "")]
    rows += [(each.name, *_numbers(each), _judgement(each)) for each in found.measures]
    notes = []
    if any(each.judged == "too few" for each in found.measures):
        notes.append(f"{TOO_FEW[:1].upper()}{TOO_FEW[1:]}.")
    if any(each.judged == "may be chance" for each in found.measures):
        notes.append(CAUTION)
    if found.mixed:
        notes.append(f"{found.mixed:,} pull requests had both and are left out.")
    if found.apart:
        notes.append("The two were not in use at the same time: what else changed in between counts, too.")
    return "\n\n".join([_table(rows), *notes])


def comparison_record(found: Comparison) -> dict[str, Any]:
    measures = [
        {
            "measure": each.name,
            "values": list(each.values),
            "counts": [list(map(int, sums)) for sums in each.sums],
            "p": each.p,
            "judged": each.judged,
        }
        for each in found.measures
    ]
    return {
        "prompts": list(found.labels),
        "pull_requests": list(found.pulls),
        "left_out": found.mixed,
        "same_time": not found.apart,
        "measures": measures,
    }


def days_text(days: Sequence[tuple[str, Shares]]) -> str:
    """The newest day first; the numbers are percent, and of how many."""
    rows = [("day", *MEASURES)]
    rows += [(day, *(share_text(shares.get(name, Share())) for name in MEASURES)) for day, shares in days]
    return "\n".join([_table(rows), "", *(f"{name}: {SAYS[name]}" for name in MEASURES)])


def days_record(days: Sequence[tuple[str, Shares]]) -> list[dict[str, Any]]:
    return [
        {"day": day, **{name: {"good": share.good, "total": share.total} for name, share in shares.items()}}
        for day, shares in days
    ]


def share_text(share: Share) -> str:
    return NOTHING if share.ratio is None else f"{_percent(share.ratio)} of {share.total:,}"


def _numbers(each: Measured) -> tuple[str, str]:
    first, second = (
        NOTHING if value is None else _percent(value) if each.kind == "share" else _number(value)
        for value in each.values
    )
    return first, second


def _judgement(each: Measured) -> str:
    words = _JUDGED.get(each.judged, each.judged)
    return words if each.p is None else f"{words} (p {_p(each.p)})"


def _percent(ratio: float) -> str:
    """Rounded so that only all is 100 %, and only nothing 0 %."""
    percent = 100 * ratio
    return f"{max(min(percent, 99.9), 0.1) if 0 < ratio < 1 else percent:.1f}%"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.3f}" if p < 0.1 else f"= {p:.2f}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    """The first column to the left, numbers to the right, the last one as it is."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = (
        "  ".join(cell.ljust(width) if not at else cell.rjust(width) for at, (cell, width) in enumerate(columns))
        for columns in (list(zip(row, widths, strict=True)) for row in rows)
    )
    return "\n".join(line.rstrip() for line in lines)
