"""Holds answers kept by form to stand on the same code in a chunk that is formatted otherwise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.core.answers import keep_form, recall_form
from reviewer.core.structure import form
from reviewer.core.types import Chunk, Finding, Form, HunkId, Line, Severity

ROWS = (" def run(a):", "-    go(a)", "+    go(a, b)  # why", "+    stop(a)", " ", "     end(a)")


def chunk_of(rows: Sequence[str] = ROWS, *, old: int = 10, new: int = 20, path: str = "src/app.py") -> Chunk:
    lines = []
    for row in rows:
        in_old, in_new = row[0] != "+", row[0] != "-"
        lines.append(Line(row[0], row[1:], old if in_old else None, new if in_new else None))
        old, new = old + in_old, new + in_new
    return Chunk(path, f"{path} {old} {new}", "", 0, (HunkId(path, 0),), tuple(lines))


def form_of(chunk: Chunk) -> Form:
    found = form(chunk.path, chunk.lines)
    assert found is not None
    return found


def finding_of(**fields: Any) -> Finding:
    base = Finding("src/app.py", 22, None, "    stop(a)", Severity.HIGH, "logic", 0.9, "It stops", "At once.")
    return replace(base, **fields)


def through(finding: Finding, there: Chunk, here: Chunk | None = None) -> Finding:
    here = here or chunk_of()
    text = keep_form(here, form_of(here), [finding])
    assert text is not None
    (recalled,) = recall_form(there, form_of(there), text)
    return recalled


NEW = chunk_of(
    [" def run(a):", "-    go(a)", "+    go(", "+        a,", "+        b,", "+    )", "+    stop(a)", "     end(a)"]
)
MOVED = chunk_of(["+# so", *[line.kind + line.text for line in NEW.lines]], old=90, new=70, path="lib/b.py")


@pytest.mark.parametrize(
    ("said", "place", "quote"),
    [
        pytest.param(finding_of(), (76, None), "    stop(a)", id="its row"),
        pytest.param(finding_of(line=21, quote="go(a, b)  # why"), (72, None), "    go(", id="a wrapped row begins"),
        pytest.param(finding_of(line=11, quote="    go(a)"), (91, None), "    go(a)", id="a removed row"),
        pytest.param(finding_of(line=21, quote="", end_line=22), (72, 76), "    go(", id="a range"),
        pytest.param(finding_of(line=21, quote="", end_line=21), (72, 75), "    go(", id="a row that is several now"),
        pytest.param(finding_of(line=20, quote="", end_line=24), (71, 77), "def run(a):", id="a range over both"),
    ],
)
def test_a_finding_stands_on_its_tokens(said: Finding, place: tuple[int, int | None], quote: str) -> None:
    """Lines, path and quote are those of the chunk that it is recalled for; the rest is as it was said."""
    assert form_of(chunk_of()).digest == form_of(MOVED).digest
    expected = replace(said, path="lib/b.py", line=place[0], end_line=place[1], quote=quote)
    assert through(said, MOVED) == expected


def test_a_suggestion_stays_where_it_fits() -> None:
    """It is for the lines that it was made for: where those read otherwise now it would break the code."""
    one = finding_of(suggestion="    stop(b)")
    assert through(one, MOVED).suggestion == "    stop(b)"
    several = finding_of(line=21, end_line=22, quote="", suggestion="    x()")
    assert through(several, MOVED).suggestion is None
    assert through(several, chunk_of(old=50, new=60)).suggestion == "    x()"


@pytest.mark.parametrize(
    "said",
    [
        finding_of(path="other.py"),
        finding_of(line=900, quote="?"),
        finding_of(line=23, quote=""),
        finding_of(end_line=90),
        finding_of(end_line=21),
    ],
    ids=["another file", "no row", "a row without tokens", "a range that leaves the chunk", "a range backwards"],
)
def test_a_finding_on_no_token_is_not_kept(said: Finding) -> None:
    """It could be about what another chunk of the form does not have: then the whole answer is asked for again."""
    chunk = chunk_of()
    assert keep_form(chunk, form_of(chunk), [finding_of(), said]) is None


def test_an_answer_without_findings_is_one() -> None:
    chunk = chunk_of()
    text = keep_form(chunk, form_of(chunk), [])
    assert text is not None
    assert recall_form(MOVED, form_of(MOVED), text) == ()


@given(st.lists(st.sampled_from([0, 1, 2, 3, 5]), max_size=4), st.integers(1, 90), st.integers(1, 90))
@settings(max_examples=50, deadline=None)
def test_a_moved_chunk_has_the_findings_of_the_first(rows: list[int], old: int, new: int) -> None:
    """Where nothing was formatted, all but the line numbers is as it was."""
    here, there = chunk_of(), chunk_of(old=old, new=new)
    said = [finding_of(line=here.lines[row].number, quote=here.lines[row].text) for row in rows]
    text = keep_form(here, form_of(here), said)
    assert text is not None
    expected = [replace(each, line=there.lines[row].number) for row, each in zip(rows, said, strict=True)]
    assert recall_form(there, form_of(there), text) == tuple(expected)


GOOD = json.loads(keep_form(chunk_of(), form_of(chunk_of()), [finding_of(end_line=22)]) or "")


@pytest.mark.parametrize("name", ["token", "end_token"])
@pytest.mark.parametrize("value", [None, True, -1, 999, "1", 1.0])
def test_a_token_that_is_not_there_is_refused(name: str, value: object) -> None:
    """What `keep_form` did not write for this form is a ValueError, which the caller takes for a miss.

    A finding of several lines must say on which token it ends; only one without a last line may leave that out.
    """
    text = json.dumps({"version": 1, "findings": [GOOD["findings"][0] | {name: value}]})
    with pytest.raises(ValueError, match="on token"):
        recall_form(chunk_of(), form_of(chunk_of()), text)


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2, "findings": []}', '{"version": 1, "findings": [7]}'])
def test_rubbish_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        recall_form(chunk_of(), form_of(chunk_of()), text)
