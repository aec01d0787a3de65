"""A local review for people on a terminal: by file, each finding with its code, and at the end what it came to.

src/sum.py

  HIGH      Last row lost
            src/sum.py:12 · correctness · blocks

       12 │ for i in range(n):

            With `n` = 0 the loop never runs.

        - │ for i in range(n):
        + │ for i in range(n + 1):
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len

from reviewer.core.types import Fate, Placed, Severity, Side
from reviewer.formats.result import LocalResult, coverage_line, in_order, left_out
from reviewer.formats.wrapping import code_rows, one_line, prose, tame

_BOLD, _DIM, _RED, _GREEN = "1", "2", "31", "32"
_COLORS = {Severity.CRITICAL: "1;31", Severity.HIGH: "31", Severity.MEDIUM: "33", Severity.LOW: "36"}
_VERDICTS = {"success": "1;32", "failure": "1;31"}
_MOST_CODE_LINES = 8
_NARROWEST = 30  # columns
_WIDE = 60  # columns from which on words stand beside the severity, not under it
_GUTTER = 10  # cells before the bar beside code, of which two are before a number


def as_text(result: LocalResult, *, width: int = 80, color: bool = False) -> str:
    """Plain lines of at most `width` cells (a long link may stick out); with `color`, ANSI colours."""
    page = _Page(max(width, _NARROWEST), color=color)
    lines = [*page.findings(result), *page.closing(result)]
    return "\n".join(map(_no_command, lines)).rstrip("\n")


class _Page:
    """How wide, and whether in colour."""

    def __init__(self, width: int, *, color: bool) -> None:
        self.width = width
        self.color = color
        self.indent = " " * (2 + _GUTTER if width >= _WIDE else 4)

    def paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text and code else text

    def findings(self, result: LocalResult) -> Iterator[str]:
        """The file with the gravest finding first."""
        ordered = in_order(result)
        rank = {_path(placed): at for at, placed in reversed(list(enumerate(ordered)))}
        by_file = sorted(ordered, key=lambda placed: rank[_path(placed)])
        for path, group in groupby(by_file, key=_path):
            yield from (self.paint(row, _BOLD) for row in code_rows(path or "no file", self.width))
            yield ""
            for placed in group:
                yield from self.finding(placed, blocks=placed.fingerprint in result.blocking)
                yield ""

    def finding(self, placed: Placed, *, blocks: bool) -> Iterator[str]:
        finding = placed.finding
        word = finding.severity.word.upper()
        title = list(self.words(one_line(finding.title)))
        head = self.paint(word, _COLORS[finding.severity])
        if self.width >= _WIDE:
            yield f"  {head}{' ' * (_GUTTER - len(word))}{self.paint(title[0].strip(), _BOLD)}".rstrip()
            title = title[1:]
        else:
            yield f"  {head}"
        yield from (self.indent + self.paint(row.strip(), _BOLD) for row in title)
        notes = [_where(placed), one_line(finding.category), "blocks" if blocks else "", _doubt(placed)]
        yield from (self.paint(row, _DIM) for row in self.words(" · ".join(note for note in notes if note)))
        yield from self.code(placed)
        if finding.body.strip():
            yield ""
            yield from self.words(tame(finding.body))
        if placed.problem:
            yield ""
            yield from (self.paint(row, _DIM) for row in self.words(one_line(placed.problem)))
        if finding.suggestion is not None:
            yield from self.suggestion(placed, finding.suggestion)

    def words(self, text: str) -> Iterator[str]:
        return (f"{self.indent}{row}".rstrip() for row in prose(text, self.width - len(self.indent)))

    def rows(self, label: str, line: str, paint: str = "") -> Iterator[str]:
        """A line of code, with what stands before the bar."""
        for at, row in enumerate(code_rows(one_line(line), self.width - _GUTTER - 2)):
            bar = self.paint(f"{'' if at else label:>{_GUTTER - 1}} │", paint or _DIM)
            yield f"{bar} {self.paint(row, paint)}".rstrip()

    def code(self, placed: Placed) -> Iterator[str]:
        """The lines that the finding is about, each with its number."""
        text = placed.code or placed.finding.quote
        if not text.strip():
            return
        anchor = placed.anchor
        first = 0 if anchor is None else anchor.start_line or anchor.line
        sign = "-" if anchor is not None and anchor.side is Side.LEFT else ""
        lines = text.split("\n")
        yield ""
        for offset, line in enumerate(lines[:_MOST_CODE_LINES]):
            yield from self.rows(f"{first + offset} {sign}".strip() if first else "", line)
        if len(lines) > _MOST_CODE_LINES:
            yield self.paint(f"{self.indent}{len(lines) - _MOST_CODE_LINES} more lines", _DIM)

    def suggestion(self, placed: Placed, suggestion: str) -> Iterator[str]:
        old = placed.code.split("\n") if placed.code else []
        new = suggestion.removesuffix("\n").split("\n") if suggestion else []
        yield ""
        for sign, lines, code in (("-", old, _RED), ("+", new, _GREEN)):
            for line in lines[: 4 * _MOST_CODE_LINES]:
                yield from self.rows(sign, line, code)
            if len(lines) > 4 * _MOST_CODE_LINES:
                yield self.paint(f"{self.indent}{len(lines) - 4 * _MOST_CODE_LINES} more lines", _DIM)

    def closing(self, result: LocalResult) -> Iterator[str]:
        """The verdict, and a line for each reason why something was left out or failed."""
        color = _VERDICTS.get(result.conclusion, "1;33")
        verdict = one_line(result.title)
        told = f"{coverage_line(result.coverage)}{_spent(result)}"
        problems = [*result.problems, *(f"Not reviewed: {what}" for what in left_out(result.coverage, Fate.FAILED))]
        notes = [*problems, *(f"Ignored: {what}" for what in left_out(result.coverage, Fate.IGNORED))]
        if cell_len(f"{verdict} · {told}") <= self.width and not result.placed:
            yield f"{self.paint(verdict, color)} · {told}"
        else:
            yield from (self.paint(row, color) for row in prose(verdict, self.width))
            yield from prose(_counted(result), self.width) if len(result.placed) > len(result.blocking) else ()
            yield from prose(told, self.width)
        for note in notes:
            yield from prose(f"- {one_line(note)}", self.width)


def _path(placed: Placed) -> str:
    return one_line(placed.anchor.path if placed.anchor else placed.finding.path)


def _where(placed: Placed) -> str:
    """As terminals and editors make links of it."""
    anchor = placed.anchor
    if anchor is None:
        return ""
    lines = f"{anchor.start_line}-{anchor.line}" if anchor.start_line else str(anchor.line)
    return f"{one_line(anchor.path)}:{lines}{' (removed)' if anchor.side is Side.LEFT else ''}"


def _doubt(placed: Placed) -> str:
    return "not confirmed" if placed.confirmed is False else ""


def _counted(result: LocalResult) -> str:
    """`3 findings in 2 files: 1 high (1 blocks), 2 low`."""
    return f"{_many(len(result.placed), 'finding')} in {_many(len({_path(p) for p in result.placed}), 'file')}: " + (
        ", ".join(f"{count} {severity.word}" for severity, count in _tally(result.placed))
    )


def _tally(placed: Sequence[Placed]) -> list[tuple[Severity, int]]:
    return sorted(Counter(each.finding.severity for each in placed).items(), reverse=True)


def _spent(result: LocalResult) -> str:
    """` · 40 % from cache · gpt-6.1-terra · 1,000 tokens in, 50 out · $0.0123`; for free where nothing was asked."""
    usage, cached = result.usage, result.coverage.count(Fate.CACHED)
    asked = usage.calls > 0 or usage.input > 0
    tokens = f"{usage.input:,} tokens in, {usage.output:,} out" if asked else ""
    share = f"{100 * cached // result.coverage.reviewable} % from cache" if cached and asked else ""
    model = one_line(result.model) if result.model else "nothing was asked" if result.cost is not None else ""
    cost = "" if result.cost is None else f"${result.cost:.4f}" if result.cost else "$0"
    return "".join(f" · {part}" for part in (share, model, tokens, cost) if part)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _no_command(line: str) -> str:
    """In a workflow's log GitHub obeys `::command::` at the start of a line and `##[command]` anywhere in it."""
    if line.lstrip().startswith("::"):
        line = line.replace("::", ": :", 1)
    return line.replace("##[", "## [")
