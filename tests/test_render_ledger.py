"""The list of what was left out stays useful and whole, however long it is."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot
from test_harmless import texts

from reviewer.core.render.ledger import coverage_line, coverage_text
from reviewer.core.types import Coverage, Covered, Fate, HunkId

TEXT = 65_535  # characters that GitHub takes


def left(path: str, *indexes: int, reason: str = "over the budget", fate: Fate = Fate.FAILED) -> list[Covered]:
    return [Covered(HunkId(path, index), fate, reason) for index in indexes]


def test_it_reads_well() -> None:
    """Not reviewed before ignored; by reason, then by file, hunks folded, in the order of the entries."""
    coverage = Coverage(
        (
            *left("z.py", 0, 1, 2, 6),
            *(one for n in range(10) for one in left(f"{n}.py", 0)),
            *left("a.py", 0),
            *left("z.py", 9, reason="the model's answer was cut off"),
            *left("big.bin", -1, reason="GitHub sent no patch"),
            *left("uv.lock", 0, reason="lock file", fate=Fate.IGNORED),
            Covered(HunkId("b.py", 0), Fate.REVIEWED),
        )
    )
    assert coverage_text(coverage) == snapshot("""\
<details><summary>not reviewed: 17 hunks in 13 files</summary>

**15 hunks in 12 files**: over the budget

- `z.py` (hunks 1-3, 7)
- `0.py` (hunk 1)
- `1.py` (hunk 1)
- `2.py` (hunk 1)
- `3.py` (hunk 1)
- `4.py` (hunk 1)
- `5.py` (hunk 1)
- `6.py` (hunk 1)
- `7.py` (hunk 1)
- `8.py` (hunk 1)
- `9.py` (hunk 1)
- `a.py` (hunk 1)

**1 hunk in 1 file**: the model's answer was cut off

- `z.py` (hunk 10)

**1 hunk in 1 file**: GitHub sent no patch

- `big.bin`

</details>

<details><summary>ignored: 1 hunk in 1 file</summary>

- `uv.lock` (hunk 1): lock file

</details>\
""")
    assert coverage_line(coverage) == snapshot("""\
Coverage: 1 of 18 hunks (5.5 %): 1 reviewed, 1 ignored, 17 not reviewed.
Not reviewed: over the budget (15); the model's answer was cut off (1); GitHub sent no patch (1).\
""")


def test_few_rows_tell_their_own_reasons() -> None:
    """A list that a person takes in at once needs no headings."""
    coverage = Coverage((*left("z.py", 0, 1, 6), *left("big.bin", -1, reason="GitHub sent no patch")))
    assert coverage_text(coverage) == snapshot("""\
<details><summary>not reviewed: 4 hunks in 2 files</summary>

- `z.py` (hunks 1-2, 7): over the budget
- `big.bin`: GitHub sent no patch

</details>\
""")


def test_the_line_names_the_main_reasons() -> None:
    """The most frequent first; of many reasons the first three."""
    many = [each for n in range(5) for each in left("a", *range(100 * n, 100 * n + n + 1), reason=f"reason {n}.")]
    seen = [Covered(HunkId("b", n), Fate.CACHED) for n in range(20_000)]
    assert coverage_line(Coverage((*many, *seen))) == snapshot("""\
Coverage: 20,000 of 20,015 hunks (99.9 %): 20,000 from cache, 15 not reviewed.
Not reviewed: reason 4 (5); reason 3 (4); reason 2 (3); 2 other reasons (3).\
""")
    assert coverage_line(Coverage(tuple(seen))) == "Coverage: 20,000 hunks: 20,000 from cache."


def test_five_thousand_files_fit() -> None:
    """20,000 hunks left out: the first are told, the others are counted, every fold is closed, nothing is cut."""
    failed = [each for n in range(4_000) for each in left(f"src/package/module_{n}.py", 0, 1, 2, 4, 5)]
    slow = [each for n in range(500) for each in left(f"src/slow_{n}.py", 0, reason="time was over")]
    ignored = [each for n in range(500) for each in left(f"vendor/{n}.js", 0, reason="vendored", fate=Fate.IGNORED)]
    text = coverage_text(Coverage((*failed, *slow, *ignored)))
    assert TEXT * 0.9 < len(text) <= TEXT
    assert text.count("<details>") == text.count("</details>") == 2
    told = [int(n) for n in re.findall(r"module_(\d+)\.py` \(hunks 1-3, 5-6\)$", text, re.MULTILINE)]
    more = [int(n.replace(",", "")) for n in re.findall(r"^- and ([\d,]+) more files?$", text, re.MULTILINE)]
    assert told == list(range(len(told)))
    assert len(told) + more[0] == 4_000
    assert text.count("slow_") == 500
    assert text.count("vendor/") + sum(more[1:]) == 500
    assert text.index("over the budget") < text.index("time was over") < text.index("ignored")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=40) | texts, texts | st.text(max_size=900), st.booleans()), max_size=60),
    st.integers(8_000, 20_000),
)
def test_it_never_grows_over_the_limit(rows: list[tuple[str, str, bool]], limit: int) -> None:
    """Whatever paths and reasons hold: within the limit, both folds closed, every file told or counted."""
    coverage = Coverage(
        tuple(
            Covered(HunkId(path, n), Fate.FAILED if bad else Fate.IGNORED, reason)
            for n, (path, reason, bad) in enumerate(rows)
        )
    )
    text = coverage_text(coverage, limit)
    assert len(text) <= limit
    assert text.count("<details>") == text.count("</details>") <= 2
    assert len(coverage_text(coverage)) <= TEXT
