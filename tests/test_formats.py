"""The text of a local review for people, and what no format lets through."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from local_results import CLEAN, FINDING, HOSTILE, RANGE, RESULT, everywhere

from reviewer.core.types import Coverage, Covered, Fate, HunkId
from reviewer.formats import FORMATS, as_github, as_json, as_sarif, as_text, write


def test_text_reads_well_in_eighty_columns() -> None:
    """Worst first, the code line above the words, the fix as a small diff, verdict and coverage at the end."""
    assert as_text(RESULT) == snapshot("""\
src/sum.py

  HIGH      Last row lost
            src/sum.py:12-13 · correctness · blocks

       12 │     for i in range(n):
       13 │         add(i)

            With `n` = 0 the loop never runs, because `<` leaves the last row
            out; the total is then too small by that row.

            - every caller of `total` in the report module adds the rows up
              again, so the mistake shows twice
            ```
            for row in rows: this line of code is longer than the page is wide
            and stays as it is, whole
            ```

        - │     for i in range(n):
        - │         add(i)
        + │     for i in range(n + 1):
        + │         add(i)

  LOW       Check, gone: why?
            src/sum.py:9 (removed) · contract

      9 - │     check(n)

            100% of calls

ä b.py

  MEDIUM    Nowhere
            correctness · not confirmed

          │ for i in range(n):

            The quote is on no line of the diff.

1 finding blocks: 1 high
3 findings in 2 files: 1 high, 1 medium, 1 low
2 of 3 hunks (66.6 %) in 4 files: 1 reviewed, 1 from cache, 2 ignored, 1 not
reviewed · 33 % from cache · gpt-6.1-terra · 1,000 tokens in, 50 out · $0.0123
- One batch of 2 was refused.
- Not reviewed: The model refused: ä b.py (1 hunk)
- Ignored: fits `**/*.lock`: uv.lock (1 hunk)
- Ignored: binary: logo.png\
""")


def test_text_without_findings_is_one_line() -> None:
    """A clean review says so once."""
    assert as_text(CLEAN) == snapshot("No findings · 2 hunks in 1 file: 1 reviewed, 1 from cache · gpt-6.1-terra")


def test_text_says_what_was_left_out_even_without_findings() -> None:
    """No findings in half a diff is not a clean review."""
    assert as_text(replace(RESULT, placed=(), title="Not fully reviewed", conclusion="neutral")) == snapshot("""\
Not fully reviewed
2 of 3 hunks (66.6 %) in 4 files: 1 reviewed, 1 from cache, 2 ignored, 1 not
reviewed · 33 % from cache · gpt-6.1-terra · 1,000 tokens in, 50 out · $0.0123
- One batch of 2 was refused.
- Not reviewed: The model refused: ä b.py (1 hunk)
- Ignored: fits `**/*.lock`: uv.lock (1 hunk)
- Ignored: binary: logo.png\
""")


def test_five_thousand_files_are_told_by_their_reasons() -> None:
    """People see how much was left out and why; the tools' formats have each hunk."""
    entries = [Covered(HunkId(f"src/module_{n}.py", 0), Fate.FAILED, f"reason {n % 13}", 1) for n in range(5_000)]
    result = replace(RESULT, placed=(), coverage=Coverage(tuple(entries)))
    text = as_text(result)
    assert text.count("\n") < 50
    assert "and 377 more files (385 hunks in all)" in text.replace("\n  ", " ").replace("\n", " ")
    assert "3 more reasons: 1,152 hunks" in text
    assert as_json(result).count("src/module_") == 5_000


def test_colour_adds_nothing_but_colour() -> None:
    """With colour the same words stand in the same places."""
    colored = as_text(RESULT, color=True)
    assert "\x1b[31mHIGH\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == as_text(RESULT)


def test_lines_keep_to_the_width() -> None:
    """Prose, Chinese without spaces and a minified line fit the terminal."""
    body = "短" * 300 + " and some words " * 40
    placed = replace(RANGE, code="x" * 1_000_000, finding=replace(FINDING, body=body, suggestion="短" * 999))
    lines = as_text(replace(RESULT, placed=(placed,)), width=60).splitlines()
    cells = [sum(2 if ord(character) > 0x2E80 else 1 for character in line) for line in lines]
    assert max(cells) <= 60


def test_code_of_many_lines_is_cut() -> None:
    """A range of a hundred lines shows its head and says how many follow."""
    text = as_text(replace(RESULT, placed=(replace(RANGE, code="\n".join(["a"] * 100)),)))
    assert "92 more lines" in text
    assert (text.count(" 19 │ a\n"), text.count(" 20 │ a\n"), text.count("- │ a\n")) == (1, 0, 32)


LIVE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.mark.parametrize("name", FORMATS)
@given(words=st.text() | st.just(HOSTILE))
def test_nothing_live_reaches_the_terminal(name: str, words: str) -> None:
    """Escapes, control and bidirectional characters of the model, the code or a file name never come out live."""
    assert LIVE.findall(FORMATS[name](everywhere(words))) == []


@given(words=st.text() | st.just(HOSTILE))
def test_nobody_else_gives_commands_to_the_runner(words: str) -> None:
    """The runner obeys `::x::` at the start of a line, after spaces too, and `##[x]` anywhere: only ours are there."""
    text = as_text(everywhere(words))
    assert [line for line in text.split("\n") if line.lstrip().startswith("::") or "##[" in line] == []
    commands = as_github(everywhere(words)).split("\n")
    assert [command.split(" ")[0] for command in commands] == [
        "::error",
        "::error",
        "::warning",
        "::warning",
        "::notice",
    ]


def test_write_takes_each_format_by_name() -> None:
    """The command line's names lead to the formats; only text heeds the terminal."""
    shaped = {name: write(RESULT, name, width=60, color=True) for name in FORMATS}
    assert shaped == {
        "text": as_text(RESULT, width=60, color=True),
        "json": as_json(RESULT),
        "sarif": as_sarif(RESULT),
        "github": as_github(RESULT),
    }
