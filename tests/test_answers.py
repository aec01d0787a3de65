"""Holds kept answers to point at the same code after a chunk has moved, and findings to land in their own chunk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.core.answers import keep, recall, share
from reviewer.core.types import Batch, Chunk, Finding, HunkId, Line, Severity

ROWS = (" def run(self):", "-    go()", "+    go(self)", "+    stop()", " ", "+    go(self)", " end")


def chunk_of(rows: Sequence[str] = ROWS, *, old: int = 10, new: int = 20, path: str = "src/app.py") -> Chunk:
    """A chunk from rows with their signs; `old` and `new` are the numbers of its first lines."""
    lines, old_now, new_now = [], old, new
    for row in rows:
        in_old, in_new = row[0] != "+", row[0] != "-"
        lines.append(Line(row[0], row[1:], old_now if in_old else None, new_now if in_new else None))
        old_now, new_now = old_now + in_old, new_now + in_new
    return Chunk(path, f"{path} {old} {new}", "", 0, (HunkId(path, 0),), tuple(lines))


def finding_of(**fields: Any) -> Finding:
    """A finding on the line `stop()` of `chunk_of()`, with what a test changes."""
    base = Finding("src/app.py", 22, None, "    stop()", Severity.HIGH, "logic", 0.9, "It stops", "At once.")
    return replace(base, **fields)


def through(chunk: Chunk, finding: Finding, *, then: Chunk | None = None) -> Finding:
    (recalled,) = recall(then or chunk, keep(chunk, [finding]))
    return recalled


MOVED = chunk_of(old=110, new=170)  # old lines +100, new lines +150


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(finding_of(), finding_of(line=172), id="number and quote agree"),
        pytest.param(finding_of(quote=""), finding_of(quote="", line=172), id="no quote"),
        pytest.param(finding_of(quote="halt()"), finding_of(quote="halt()", line=172), id="quote is on no row"),
        pytest.param(finding_of(line=25), finding_of(line=172), id="the quote wins over the number"),
        pytest.param(finding_of(line=999), finding_of(line=172), id="number is far off"),
        pytest.param(finding_of(line=11, quote="go()"), finding_of(line=111, quote="go()"), id="removed line"),
        pytest.param(finding_of(line=23, quote="go(self)"), finding_of(line=174, quote="go(self)"), id="nearest quote"),
        pytest.param(
            finding_of(line=21, quote="go(self)"), finding_of(line=171, quote="go(self)"), id="same text twice"
        ),
        pytest.param(finding_of(end_line=24), finding_of(line=172, end_line=174), id="range"),
        pytest.param(
            finding_of(line=23, end_line=25), finding_of(line=172, end_line=174), id="range with a wrong line"
        ),
        pytest.param(finding_of(end_line=90), finding_of(line=172, end_line=240), id="range that leaves the chunk"),
        pytest.param(finding_of(end_line=21), finding_of(line=172, end_line=171), id="range backwards"),
        pytest.param(finding_of(line=500, quote="?"), finding_of(line=500, quote="?"), id="on no row: kept as said"),
        pytest.param(finding_of(path="other.py"), finding_of(path="other.py"), id="another file: kept as said"),
    ],
)
def test_a_kept_finding_moves_with_its_code(said: Finding, expected: Finding) -> None:
    """A finding is on the same code after its chunk has moved, by however much each version of the file moved."""
    assert through(chunk_of(), said, then=MOVED) == expected


@pytest.mark.parametrize(
    ("rows", "said", "expected"),
    [
        pytest.param(["-a", "+b"], finding_of(line=5, quote=""), finding_of(line=9, quote=""), id="no quote"),
        pytest.param(["-a", "+b"], finding_of(line=5, quote="a"), finding_of(line=6, quote="a"), id="quote decides"),
        pytest.param(["-a", "+  a"], finding_of(line=5, quote="a"), finding_of(line=9, quote="a"), id="quote in both"),
        pytest.param(
            [" x", "-a", "+b", "+c"],
            finding_of(line=6, end_line=7, quote="b"),
            finding_of(line=10, end_line=11, quote="b"),
            id="range in the new file",
        ),
        pytest.param(
            ["+new", "-a", "-b", " x"],
            finding_of(line=5, end_line=6, quote="a"),
            finding_of(line=6, end_line=7, quote="a"),
            id="range in the old file",
        ),
    ],
)
def test_a_number_in_both_versions_is_the_new_file(rows: list[str], said: Finding, expected: Finding) -> None:
    """Where old and new numbers overlap and no quote decides, it is the new file; a range stays in one version."""
    assert through(chunk_of(rows, old=5, new=5), said, then=chunk_of(rows, old=6, new=9)) == expected


_any_text = st.text(st.characters(exclude_categories=()), max_size=12)
findings = st.builds(
    Finding,
    path=st.sampled_from(["src/app.py", "other.py"]),
    line=st.integers(-2, 40) | st.integers(),
    end_line=st.none() | st.integers(-2, 40),
    quote=st.sampled_from([row[1:] for row in ROWS]) | _any_text,
    severity=st.sampled_from(Severity),
    category=_any_text,
    confidence=st.floats(0, 1),
    title=_any_text,
    body=_any_text,
    suggestion=st.none() | _any_text,
    source=_any_text,
)
numbers = st.integers(1, 60)


def rest(finding: Finding) -> Finding:
    return replace(finding, line=0, end_line=None)


@given(st.lists(findings, max_size=5), numbers, numbers)
def test_round_trip_keeps_all_but_the_place(said: list[Finding], old: int, new: int) -> None:
    """Nothing but line numbers ever changes, in order, and the length of a range does not."""
    recalled = recall(chunk_of(old=old, new=new), keep(chunk_of(), said))
    assert [rest(finding) for finding in recalled] == [rest(finding) for finding in said]
    for before, after in zip(said, recalled, strict=True):
        assert (after.end_line is None) == (before.end_line is None)
        if before.end_line is not None and after.end_line is not None:
            assert after.end_line - after.line == before.end_line - before.line


@given(st.integers(0, len(ROWS) - 1), st.integers(0, 3), numbers, numbers)
def test_round_trip_is_exact_where_line_and_quote_agree(row: int, span: int, old: int, new: int) -> None:
    """A finding whose quote is the line that it names comes back as it was."""
    chunk = chunk_of(old=old, new=new)
    line = chunk.lines[row]
    said = finding_of(line=line.number, end_line=line.number + span, quote=line.text)
    assert through(chunk, said) == said or not line.text.strip()


@given(st.lists(findings, max_size=5), numbers, numbers)
def test_there_and_back_again(said: list[Finding], old: int, new: int) -> None:
    """What was recalled once is recalled the same ever after, also from where the chunk had moved meanwhile."""
    here, there = chunk_of(), chunk_of(old=old + 1_000, new=new + 2_000)
    once = recall(here, keep(here, said))
    assert recall(here, keep(here, once)) == once
    kept = [finding for finding in once if finding.path != "other.py" and quoted(here, finding)]
    assert recall(here, keep(there, recall(there, keep(here, kept)))) == tuple(kept)


def quoted(chunk: Chunk, finding: Finding) -> bool:
    return any(line.text.strip() == finding.quote.strip() and line.number == finding.line for line in chunk.lines)


_BAD_ROWS: tuple[object, ...] = (7, -1, "1", 1.0, True, [])
GOOD = json.loads(keep(chunk_of(), [finding_of()]))


WRONG: dict[str, tuple[object, ...]] = {
    **dict.fromkeys(("path", "quote", "category", "title", "body", "source"), (None, True, 1, [], {})),
    "severity": (None, True, 3, "", "HIGH", "grave"),
    "line": (None, True, "22", 22.0),
    "end_line": (True, "22", 22.0),
    "confidence": (None, True, "0.9"),
    "suggestion": (True, 1, []),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_field_of_the_wrong_kind_is_refused(name: str, value: object) -> None:
    """No field may be of another kind than it was kept with, and none may be missing."""
    entry = GOOD["findings"][0]
    for wrong in (entry | {name: value}, {field: kept for field, kept in entry.items() if field != name}):
        with pytest.raises(ValueError, match=f"kept finding has .*{name}"):
            recall(chunk_of(), json.dumps({"version": 1, "findings": [wrong]}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        '{"version": 1}',
        '{"version": 2, "findings": []}',
        '{"version": 1, "findings": {}}',
        '{"version": 1, "findings": [7]}',
        '{"version": 1, "findings": [{}]}',
        "[" * 200_000,
        *(json.dumps({"version": 1, "findings": [GOOD["findings"][0] | {"row": row}]}) for row in _BAD_ROWS),
    ],
    ids=lambda text: text[:40],
)
def test_rubbish_is_refused(text: str) -> None:
    """What `keep` did not write for a chunk like this one is a ValueError, which the caller takes for a miss."""
    with pytest.raises(ValueError):
        recall(chunk_of(), text)


def test_share_finds_the_chunk_of_each_finding() -> None:
    """Line and quote choose among the chunks of a file; the rest goes where it is least astray; no chunk is left out."""
    other, top, bottom = chunk_of(path="a.py"), chunk_of(), chunk_of(["+    wait()", " end"], old=50, new=60)
    quiet = chunk_of(path="quiet.py")
    said = {
        "agrees": finding_of(),
        "quote only": finding_of(line=21, quote="wait()"),
        "line only": finding_of(line=61, quote="?"),
        "nearest of two": finding_of(line=58, quote="end"),
        "file only": finding_of(line=900, quote="?"),
        "stranger": finding_of(path="else.py"),
    }
    shares = share(Batch((other, top, bottom, quiet)), list(said.values()))
    assert shares == {
        other.key: (said["stranger"],),
        top.key: (said["agrees"], said["file only"]),
        bottom.key: (said["quote only"], said["line only"], said["nearest of two"]),
        quiet.key: (),
    }


@given(st.lists(findings, max_size=8))
def test_share_loses_and_repeats_nothing(said: list[Finding]) -> None:
    """Every finding is in exactly one share."""
    chunks = (chunk_of(path="x.py"), chunk_of(), chunk_of(old=40, new=50))
    shares = share(Batch(chunks), said)
    assert list(shares) == [chunk.key for chunk in chunks]
    assert sorted(map(repr, (each for found in shares.values() for each in found))) == sorted(map(repr, said))


def test_share_of_nothing() -> None:
    assert share(Batch(()), [finding_of()]) == {}
