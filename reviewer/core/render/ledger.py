"""The words about coverage: one line for the summary, and all that was left out, folded, within GitHub's limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from reviewer.core.render.harmless import code_span, harmless_line
from reviewer.core.render.words import TEXT_LIMIT, folded, many, unmarked
from reviewer.core.types import Coverage, Fate

_MAIN_REASONS = 3  # told in the summary
_MOST_REASONS = 40  # told one by one in a fold
_REASON = 300  # characters of a reason
_FEW = 10  # rows that each tell their own reason
_TAIL = 40  # characters for "and 3,214 more files"

Files = Mapping[str, Sequence[int]]  # a path and the indexes of its hunks


def coverage_line(coverage: Coverage) -> str:
    """`Coverage: 120 of 125 hunks (96.0 %): 100 reviewed, …`, and the main reasons of what was not reviewed.

    The share is of the hunks that are not ignored, and it is rounded down; when it is whole, it goes without saying.
    """
    fates = ", ".join(f"{coverage.count(fate):,} {fate.value}" for fate in Fate if coverage.count(fate))
    if coverage.alike:
        fates = fates.replace(Fate.CACHED.value, f"{Fate.CACHED.value} ({coverage.alike:,} changed in layout only)")
    if coverage.complete:
        return f"Coverage: {many(coverage.total, 'hunk')}" + (f": {fates}." if fates else ".")
    share = f"{coverage.permille // 10}.{coverage.permille % 10} %"
    line = f"Coverage: {coverage.covered:,} of {many(coverage.reviewable, 'hunk')} ({share}): {fates}."
    return f"{line}\nNot reviewed: {_main_reasons(coverage)}."


def _main_reasons(coverage: Coverage) -> str:
    counts = {reason: _hunks(files) for reason, files in coverage.reasons(Fate.FAILED).items()}
    ordered = sorted(counts, key=lambda reason: -counts[reason])
    told = [f"{_short(reason)} ({counts[reason]:,})" for reason in ordered[:_MAIN_REASONS]]
    if rest := ordered[_MAIN_REASONS:]:
        told.append(f"{many(len(rest), 'other reason')} ({sum(counts[reason] for reason in rest):,})")
    return "; ".join(told)


def coverage_text(coverage: Coverage, limit: int = TEXT_LIMIT) -> str:
    """What was left out, not reviewed before ignored: by reason, then by file in the order of the entries.

    "" when nothing was. Never longer than `limit`: what finds no room is counted, and no fold is left open.
    """
    groups = {fate: coverage.reasons(fate) for fate in (Fate.FAILED, Fate.IGNORED) if coverage.count(fate)}
    ignored = "" if Fate.IGNORED not in groups else _fold(Fate.IGNORED, groups[Fate.IGNORED], limit)
    if Fate.FAILED not in groups:
        return ignored
    failed = _fold(Fate.FAILED, groups[Fate.FAILED], limit - min(len(ignored), limit // 4) - 2)
    if ignored:
        ignored = _fold(Fate.IGNORED, groups[Fate.IGNORED], limit - len(failed) - 2)
    return "\n\n".join(block for block in (failed, ignored) if block)


def _fold(fate: Fate, reasons: Mapping[str, Files], room: int) -> str:
    """One fate's fold: few rows each with its reason; of many, the rows under each reason.

    Each reason gets an equal share of the room, and what one leaves over goes to the others.
    """
    every = {path: None for files in reasons.values() for path in files}
    hunks = sum(_hunks(files) for files in reasons.values())
    title = f"{fate.value}: {many(hunks, 'hunk')} in {many(len(every), 'file')}"
    few = [(path, at, reason) for reason, files in reasons.items() for path, at in files.items()]
    if len(few) <= _FEW:
        rows = "\n".join(f"{_row(path, at)}: {_short(reason)}" for path, at, reason in few)
        if len(short := folded(title, [rows])) <= room:
            return short
    heads = [f"**{_count(files)}**: {_short(reason)}" for reason, files in list(reasons.items())[:_MOST_REASONS]]
    heads = heads[: sum(used <= room // 2 for used in accumulate(len(head) + _TAIL + 4 for head in heads))]
    told, rest = list(reasons.values())[: len(heads)], list(reasons.values())[len(heads) :]
    listed = [[_row(path, indexes) for path, indexes in files.items()] for files in told]
    last = [f"**{sum(map(_hunks, rest)):,} more** for {many(len(rest), 'other reason')}"] if rest else []
    frame = len(folded(title, [*heads, *last])) + len(heads) * (_TAIL + 4)
    shares = _shares([sum(len(row) + 1 for row in each) for each in listed], room - frame)
    blocks = [
        part for head, each, share in zip(heads, listed, shares, strict=True) for part in (head, _listed(each, share))
    ]
    return folded(title, [*blocks, *last])


def _listed(rows: Sequence[str], room: int) -> str:
    """The first rows that fit, and how many do not."""
    fitting = sum(used <= room for used in accumulate(len(row) + 1 for row in rows))
    more = len(rows) - fitting
    return "\n".join([*rows[:fitting], *([f"- and {many(more, 'more file')}"] if more else [])])


def _shares(needs: Sequence[int], room: int) -> list[int]:
    """`room` dealt out, the smallest needs first, so that the large ones share what is left."""
    shares, left = [0] * len(needs), max(room, 0)
    for done, at in enumerate(sorted(range(len(needs)), key=lambda at: needs[at])):
        shares[at] = min(needs[at], left // (len(needs) - done))
        left -= shares[at]
    return shares


def _hunks(files: Files) -> int:
    """A file without hunks counts as one, as in the coverage's own counts."""
    return sum(len(indexes) or 1 for indexes in files.values())


def _count(files: Files) -> str:
    return f"{many(_hunks(files), 'hunk')} in {many(len(files), 'file')}"


def _row(path: str, indexes: Sequence[int]) -> str:
    which = f" ({'hunk' if len(indexes) == 1 else 'hunks'} {_ranges(indexes)})" if indexes else ""
    return unmarked(f"- {code_span(path)}{which}")


def _ranges(indexes: Iterable[int]) -> str:
    """`1-3, 7` of 0, 1, 2, 6: people count from 1."""
    runs: list[list[int]] = []
    for number in sorted(index + 1 for index in indexes):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    told = [f"{first:,}-{last:,}" if last > first else f"{first:,}" for first, last in runs]
    return ", ".join(told[:20]) + (f" and {len(told) - 20:,} more runs" if len(told) > 20 else "")


def _short(reason: str) -> str:
    cut = reason if len(reason) <= _REASON else f"{reason[: _REASON - 1].rstrip()}…"
    return unmarked(harmless_line(cut)).rstrip(".")
