"""What a local review came to, and what every format asks of it."""

from __future__ import annotations

from collections import Counter
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


def left_out(coverage: Coverage, fate: Fate) -> list[str]:
    """`why: src/a.py (3 hunks), logo.png`, one for each reason that hunks have `fate`."""
    reasons: dict[str, Counter[str]] = {}
    for entry in coverage.entries:
        if entry.fate is fate:
            paths = reasons.setdefault(entry.reason or "no reason given", Counter())
            paths[entry.hunk.path] += entry.hunk.index >= 0  # a file without hunks counts none
    return [f"{reason.rstrip('.')}: {_listed(paths)}" for reason, paths in reasons.items()]


def _listed(paths: Counter[str]) -> str:
    return ", ".join(f"{path} ({hunks(count)})" if count else path for path, count in paths.items())


def coverage_line(coverage: Coverage) -> str:
    """`12 hunks in 3 files: 10 reviewed, 2 ignored`."""
    if not coverage.entries:
        return "no hunks"
    counts = [f"{coverage.count(fate)} {fate.value}" for fate in Fate if coverage.count(fate)]
    files = len({entry.hunk.path for entry in coverage.entries})
    return f"{hunks(coverage.total)} in {files} {'file' if files == 1 else 'files'}: {', '.join(counts)}"


def hunks(count: int) -> str:
    return "1 hunk" if count == 1 else f"{count} hunks"


def scrub(text: str) -> str:
    """Without what a terminal would obey: such characters are spelled out as `<U+001B>`; line ends become LF."""
    return text.replace("\r\n", "\n").rstrip("\r").translate(_SPELLED_OUT)


def hunk_record(entry: Covered) -> dict[str, str | int]:
    return {"path": entry.hunk.path, "hunk": entry.hunk.index, "fate": entry.fate.value, "reason": entry.reason}
