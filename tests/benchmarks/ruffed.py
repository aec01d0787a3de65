"""Formats the Python files of real commits anew, for bench_forms: the same statements in lines of other lengths."""

from __future__ import annotations

import difflib
import io
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from mutants import numbered

from reviewer.core.structure import form
from reviewer.core.types import Line

WIDTHS = (88, 72, 100, 120)  # the first is what the copies are compared with
CONTEXT = 3

Lines = tuple[Line, ...]
Pair = tuple[str, str, str]  # path, the file before and after


def pairs_of(folder: str, most: int) -> list[Pair]:
    """Python files of the newest commits that only changed them."""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True)
        return done.stdout.decode("utf-8", "replace")

    found: list[Pair] = []
    for commit in git("log", "--no-merges", "--format=%H", "-n", "400", "--", "*.py").split():
        for row in git("diff-tree", "-r", "--no-commit-id", commit).splitlines():
            _, _, before, after, rest = row.split(" ", 4)
            status, path = rest.split("\t", 1)
            if status == "M" and path.endswith(".py"):
                found.append((path, git("cat-file", "blob", before), git("cat-file", "blob", after)))
        if len(found) >= most:
            break
    return found[:most]


def again(pairs: list[Pair], place: Path, anew: Counter[str]) -> Iterator[tuple[str, Lines, Lines]]:
    """(path, chunk, copy) for each chunk that looks otherwise then.

    Of the hunks that a diff of the files shows then, all and those with a form that was there are counted in `anew`.
    """
    made: dict[int, list[tuple[str, str]]] = {}
    for width in WIDTHS:
        folder = place / str(width)
        folder.mkdir()
        for at, (_, before, after) in enumerate(pairs):
            (folder / f"{at}_old.py").write_text(before)
            (folder / f"{at}_new.py").write_text(after)
        subprocess.run(
            [sys.executable, "-m", "ruff", "format", "-q", "--isolated", "--line-length", str(width), str(folder)],
            check=False,
        )
        texts = ((folder / f"{at}_old.py", folder / f"{at}_new.py") for at in range(len(pairs)))
        made[width] = [(old.read_text(), new.read_text()) for old, new in texts]
    for at, (path, *_) in enumerate(pairs):
        old, new = made[WIDTHS[0]][at]
        for width in WIDTHS[1:]:
            others = made[width][at]
            if others != (old, new):
                yield from _copies(path, (old, new), others)
                _anew(path, (old, new), others, anew)


def _statements(text: str) -> list[tuple[int, int]] | None:
    """The first and the last row of each logical line, from 0."""
    found, first = [], None
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NEWLINE and first is not None:
                found.append((first, token.start[0] - 1))
                first = None
            elif first is None and token.type not in {
                *(tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.NEWLINE)
            }:
                first = token.start[0] - 1
    except (tokenize.TokenError, SyntaxError):
        return None
    return found


def _copies(path: str, one: tuple[str, str], two: tuple[str, str]) -> Iterator[tuple[str, Lines, Lines]]:
    spans = [_statements(text) for text in (*one, *two)]
    if any(each is None for each in spans):
        return
    old, new, old2, new2 = [each or [] for each in spans]
    if len(old) != len(old2) or len(new) != len(new2):
        return
    rows = [text.split("\n") for text in (*one, *two)]
    for group in difflib.SequenceMatcher(None, rows[0], rows[1], autojunk=False).get_grouped_opcodes(CONTEXT):
        olds = _within(old, group[0][1], group[-1][2])
        news = _within(new, group[0][3], group[-1][4])
        if olds is None or news is None:
            continue
        chunk, copy = (
            numbered(list(_rows(_shown(before, first, olds), _shown(after, second, news))))
            for before, first, after, second in ((rows[0], old, rows[1], new), (rows[2], old2, rows[3], new2))
        )
        if [line.text for line in chunk] != [line.text for line in copy]:
            yield path, chunk, copy


def _within(spans: list[tuple[int, int]], start: int, end: int) -> tuple[int, int] | None:
    """The first and the last statement that have a row among these."""
    inside = [at for at, (first, last) in enumerate(spans) if last >= start and first < end]
    return (inside[0], inside[-1]) if inside else None


def _shown(rows: list[str], spans: list[tuple[int, int]], shown: tuple[int, int]) -> list[str]:
    """The rows of these statements."""
    return rows[spans[shown[0]][0] : spans[shown[1]][1] + 1]


def _rows(before: list[str], after: list[str]) -> Iterator[tuple[str, str]]:
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from ((" ", row) for row in before[a:b])
        else:
            yield from (("-", row) for row in before[a:b])
            yield from (("+", row) for row in after[c:d])


def _anew(path: str, one: tuple[str, str], two: tuple[str, str], anew: Counter[str]) -> None:
    forms = []
    for before, after in (one, two):
        hunks = _hunks(before.split("\n"), after.split("\n"))
        forms.append([made.digest for hunk in hunks if (made := form(path, hunk)) is not None])
    anew["all"] += len(forms[1])
    anew["hits"] += sum(digest in forms[0] for digest in forms[1])


def _hunks(before: list[str], after: list[str]) -> Iterable[Lines]:
    for group in difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(CONTEXT):
        rows: list[tuple[str, str]] = []
        for _, a, b, c, d in group:
            rows += _rows(before[a:b], after[c:d])
        yield numbered(rows)
