"""What a local review came to, and what every format asks of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reviewer.core.types import Conclusion, Coverage, Covered, Fate, Placed, Side, Usage

# Terminals act on control characters (C0, DEL, C1), and the bidirectional ones make code read as something else.
# U+2028 and U+2029 end a line for some readers; a lone surrogate cannot be printed at all.
_LIVE = {
    *(set(range(0x20)) - {0x09, 0x0A}),
    *range(0x7F, 0xA0),
    0x061C,
    0x200E,
    0x200F,
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
    0xFEFF,
    *range(0xD800, 0xE000),
}
_SPELLED_OUT = {code: f"<U+{code:04X}>" for code in _LIVE}


@dataclass(frozen=True, slots=True)
class LocalResult:
    """A finished local review. `blocking` holds fingerprints; `cost` is in dollars, None where no price is known."""

    placed: tuple[Placed, ...]
    coverage: Coverage
    conclusion: Conclusion
    title: str  # the verdict in words
    blocking: frozenset[str] = frozenset()
    usage: Usage = Usage()  # noqa: RUF009 - frozen
    model: str = ""
    prompt_version: str = ""
    cost: Decimal | None = None
    problems: tuple[str, ...] = ()  # a sentence about each step that failed


def in_order(result: LocalResult) -> list[Placed]:
    """What blocks first, then by severity, then by place."""

    def rank(placed: Placed) -> tuple[bool, int, str, int]:
        finding = placed.finding
        return placed.fingerprint not in result.blocking, -finding.severity, finding.path, finding.line

    return sorted(result.placed, key=rank)


def new_lines(placed: Placed) -> tuple[int, int] | None:
    """First and last line in the new file; None for a finding that has no place there."""
    anchor = placed.anchor
    if anchor is None or anchor.side is Side.LEFT:
        return None
    return anchor.start_line or anchor.line, anchor.line


_MOST_REASONS, _MOST_FILES = 10, 8  # told in a line each; json and SARIF's properties have every hunk


def left_out(coverage: Coverage, fate: Fate) -> list[str]:
    """`why: src/a.py (3 hunks), logo.png`, one for each reason that hunks have `fate`; of very many the first."""
    reasons = coverage.reasons(fate)
    told = [f"{reason.rstrip('.')}: {_listed(files)}" for reason, files in list(reasons.items())[:_MOST_REASONS]]
    if rest := list(reasons.values())[_MOST_REASONS:]:
        count = hunks(sum(len(indexes) or 1 for files in rest for indexes in files.values()))
        told.append(f"{len(rest):,} more {'reason' if len(rest) == 1 else 'reasons'}: {count}")
    return told


def _listed(files: Mapping[str, Sequence[int]]) -> str:
    some = list(files.items()) if len(files) <= _MOST_FILES + 1 else list(files.items())[:_MOST_FILES]
    told = ", ".join(f"{path} ({hunks(len(indexes))})" if indexes else path for path, indexes in some)
    if len(some) == len(files):
        return told
    every = hunks(sum(len(indexes) or 1 for indexes in files.values()))
    return f"{told} and {len(files) - len(some):,} more files ({every} in all)"


def coverage_line(coverage: Coverage) -> str:
    """`12 hunks in 3 files: 10 reviewed, 2 ignored`; `10 of 11 hunks (90.9 %) in …` where some were not reviewed."""
    if not coverage.entries:
        return "no hunks"
    counts = [f"{coverage.count(fate):,} {fate.value}" for fate in Fate if coverage.count(fate)]
    files = len({entry.hunk.path for entry in coverage.entries})
    share = f"{coverage.covered:,} of {hunks(coverage.reviewable)} ({percent(coverage)} %)"
    said = hunks(coverage.total) if coverage.complete else share
    return f"{said} in {files:,} {'file' if files == 1 else 'files'}: {', '.join(counts)}"


def percent(coverage: Coverage) -> float:
    """The share of the reviewable hunks that was covered, rounded down: 100.0 only when all were."""
    return coverage.permille / 10


def hunks(count: int) -> str:
    return "1 hunk" if count == 1 else f"{count:,} hunks"


def scrub(text: str) -> str:
    """Without what a terminal would obey: such characters are spelled out as `<U+001B>`; line ends become LF."""
    return text.replace("\r\n", "\n").rstrip("\r").translate(_SPELLED_OUT)


def hunk_record(entry: Covered) -> dict[str, str | int | None]:
    return {
        "path": entry.hunk.path,
        "hunk": entry.hunk.index,
        "new_start": entry.new_start,
        "fate": entry.fate.value,
        "reason": entry.reason,
    }
