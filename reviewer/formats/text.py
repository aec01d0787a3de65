"""A local review for people on a terminal: each finding under the code line that it is about, then the verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len, chop_cells

from reviewer.core.types import Fate, Placed, Severity, Side
from reviewer.formats.result import LocalResult, coverage_line, in_order, left_out, scrub

_BOLD, _DIM, _RED, _GREEN = "1", "2", "31", "32"
_COLORS = {Severity.CRITICAL: "1;31", Severity.HIGH: "31", Severity.MEDIUM: "33", Severity.LOW: "36"}
_MOST_CODE_LINES = 8
_NARROWEST = 40
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])?\s*")


def as_text(result: LocalResult, *, width: int = 80, color: bool = False) -> str:
    """Plain lines of at most `width` cells (a long word or link may stick out); with `color`, ANSI colours."""
    page = _Page(max(width, _NARROWEST), color=color)
    blocks = [list(page.finding(placed, blocks=placed.fingerprint in result.blocking)) for placed in in_order(result)]
    lines = [line for block in [*blocks, list(page.closing(result))] for line in [*block, ""]]
    return "\n".join(map(_no_command, lines)).rstrip("\n")


class _Page:
    """How wide, and whether in colour."""

    def __init__(self, width: int, *, color: bool) -> None:
        self.width = width
        self.color = color

    def paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text else text

    def finding(self, placed: Placed, *, blocks: bool) -> Iterator[str]:
        finding = placed.finding
        word = self.paint(finding.severity.word.upper(), _COLORS[finding.severity])
        notes = [note for note in (_line(finding.category), "blocks" if blocks else "", _doubt(placed)) if note]
        said = self.paint(f"({', '.join(notes)})", _DIM) if notes else ""
        yield f"{word}  {self.paint(_where(placed), _BOLD)}  {said}".rstrip()
        yield from self.code(placed)
        yield from (f"  {self.paint(line, _BOLD)}" for line in _wrapped(_line(finding.title), self.width - 2))
        if finding.body.strip():
            yield from (f"  │ {line}".rstrip() for line in _wrapped(_tame(finding.body), self.width - 4))
        if placed.problem:
            yield from (self.paint(f"  {line}", _DIM) for line in _wrapped(_line(placed.problem), self.width - 2))
        if finding.suggestion is not None:
            yield from self.suggestion(placed, finding.suggestion)

    def code(self, placed: Placed) -> Iterator[str]:
        """The lines that the finding is about, each with its number."""
        text = placed.code or placed.finding.quote
        if not text.strip():
            return
        anchor = placed.anchor
        first = 0 if anchor is None else anchor.start_line or anchor.line
        sign = "-" if anchor is not None and anchor.side is Side.LEFT else " "
        lines = text.split("\n")
        for offset, line in enumerate(lines[:_MOST_CODE_LINES]):
            number = str(first + offset) if first else ""
            yield f"  {self.paint(f'{number:>5} {sign}│', _DIM)} {_cut(_line(line), self.width - 11)}"
        if len(lines) > _MOST_CODE_LINES:
            yield f"  {self.paint(f'{len(lines) - _MOST_CODE_LINES} more lines', _DIM)}"

    def suggestion(self, placed: Placed, suggestion: str) -> Iterator[str]:
        yield f"  {self.paint('suggestion', _DIM)}"
        old = placed.code.split("\n") if placed.code else []
        new = suggestion.removesuffix("\n").split("\n") if suggestion else []
        for sign, lines, code in (("-", old, _RED), ("+", new, _GREEN)):
            for line in lines[: 4 * _MOST_CODE_LINES]:
                yield self.paint(f"  {sign} {_cut(_line(line), self.width - 4)}", code)
            if len(lines) > 4 * _MOST_CODE_LINES:
                yield f"  {sign} … {len(lines) - 4 * _MOST_CODE_LINES} more lines"

    def closing(self, result: LocalResult) -> Iterator[str]:
        """The verdict, and a line for each reason why something was left out or failed."""
        colors = {"success": _GREEN, "failure": _RED}
        title = self.paint(_line(result.title), f"{_BOLD};{colors.get(result.conclusion, '33')}")
        problems = [*result.problems, *(f"Not reviewed: {what}" for what in left_out(result.coverage, Fate.FAILED))]
        notes = [*problems, *(f"Ignored: {what}" for what in left_out(result.coverage, Fate.IGNORED))]
        told = f"{coverage_line(result.coverage)}{_spent(result)}"
        clean = not result.placed and not notes
        fits = clean or cell_len(f"{_line(result.title)} · {told}") <= self.width
        yield from [f"{title} · {told}"] if fits else [title, *_wrapped(told, self.width)]
        for note in notes:
            yield from _wrapped(f"- {_line(note)}", self.width)


def _where(placed: Placed) -> str:
    anchor = placed.anchor
    if anchor is None:
        return _line(placed.finding.path) or "no file"
    lines = f"{anchor.start_line}-{anchor.line}" if anchor.start_line else str(anchor.line)
    return f"{_line(anchor.path)}:{lines}{' (removed)' if anchor.side is Side.LEFT else ''}"


def _doubt(placed: Placed) -> str:
    return "not confirmed" if placed.confirmed is False else ""


def _spent(result: LocalResult) -> str:
    model = f" · {_line(result.model)}" if result.model else ""
    return model + ("" if result.cost is None else f" · ${result.cost:.4f}")


def _tame(text: str) -> str:
    return scrub(text).expandtabs(4)


def _line(text: str) -> str:
    return _tame(text).replace("\n", " ").rstrip()


def _no_command(line: str) -> str:
    """In a workflow's log GitHub obeys `::command::` at the start of a line and `##[command]` anywhere in it."""
    if line.lstrip().startswith("::"):
        line = line.replace("::", ": :", 1)
    return line.replace("##[", "## [")


def _cut(line: str, width: int) -> str:
    """One line of code in `width` cells; only its beginning is measured, it may be a megabyte long."""
    head = line[: width + 1]
    if len(head) == len(line) and cell_len(line) <= width:
        return line
    return f"{chop_cells(head, width - 1)[0]}…"


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Paragraphs in `width` cells; empty lines, lists and fenced code keep their shape."""
    fenced = False
    for line in text.strip("\n").split("\n"):
        fence = line.lstrip().startswith("```")
        fenced ^= fence
        if fenced or fence or cell_len(line) <= width:
            yield line.rstrip()
        else:
            yield from _broken(line, width)


def _broken(line: str, width: int) -> Iterator[str]:
    item = _LIST_ITEM.match(line)
    assert item is not None  # it matches nothing too
    indent = " " * min(cell_len(item[0]), width // 2)
    current = item[0]
    for word in _words(line[item.end() :], width - len(indent)):
        if current.strip() and cell_len(f"{current}{word}") > width and current != item[0]:
            yield current.rstrip()
            current = indent
        current += f"{word} "
    yield current.rstrip()


def _words(text: str, width: int) -> Iterator[str]:
    """Words; one that is too long and not ASCII (Chinese has no spaces) in pieces, a long link whole."""
    for word in text.split():
        if cell_len(word) > width and not word.isascii():
            yield from chop_cells(word, width)
        else:
            yield word
