"""Holds chunks to their promises: nothing dropped, nothing over the budget, keys that outlive a move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.core.chunks import split
from reviewer.core.types import Chunk, Diff, FileDiff, FileStatus, Hunk, HunkId, Line
from reviewer.tokens import O200k

TOKENS = O200k()


def hunk_of(rows: Sequence[str], *, old: int = 1, new: int = 1, section: str = "") -> Hunk:
    """A hunk from rows with their signs; `old` and `new` are the numbers of its first lines."""
    lines, old_now, new_now = [], old, new
    for row in rows:
        in_old, in_new = row[0] != "+", row[0] != "-"
        lines.append(Line(row[0], row[1:], old_now if in_old else None, new_now if in_new else None))
        old_now, new_now = old_now + in_old, new_now + in_new
    return Hunk(old, old_now - old, new, new_now - new, section, tuple(lines))


def file_of(*hunks: Hunk, path: str = "src/app.py", old: str = "", status: FileStatus = "modified") -> FileDiff:
    return FileDiff(path, old or path, status, hunks)


def cut(diff: Diff, budget: int = 4_000) -> tuple[Chunk, ...]:
    return split(diff, count=TOKENS.count, budget=budget)


def keys(diff: Diff, budget: int = 4_000) -> list[str]:
    return [chunk.key for chunk in cut(diff, budget)]


def moved(diff: Diff, by: int) -> Diff:
    def line(line: Line) -> Line:
        return replace(line, old=line.old and line.old + by, new=line.new and line.new + by)

    def hunk(hunk: Hunk) -> Hunk:
        return replace(hunk, lines=tuple(line(each) for each in hunk.lines))

    return Diff(tuple(replace(file, hunks=tuple(hunk(each) for each in file.hunks)) for file in diff.files))


CODE = [
    line
    for number in range(120)
    for line in (
        f"+def function_{number}(value):",
        f'+    """Says {number}."""',
        f"+    if value > {number}:",
        f"+        return compute(value, {number})",
        "+    return None",
        "+",
        "+",
    )
]

_texts = st.text(alphabet=st.sampled_from("ab 1(=:\t\r\x0c\x00\u2028漢\ud800+-@"), max_size=40)
_rows = st.lists(st.tuples(st.sampled_from("+- "), _texts).map("".join), min_size=1, max_size=25)
_hunks = st.builds(hunk_of, _rows, old=st.integers(1, 99_999), new=st.integers(1, 99_999), section=_texts)
_files = st.builds(
    FileDiff,
    path=st.sampled_from(["a.py", "b/c.js", "d e.md", "é\n@@ x"]),
    old_path=st.sampled_from(["a.py", "old.py"]),
    status=st.sampled_from(["added", "removed", "modified", "renamed"]),
    hunks=st.lists(_hunks, max_size=3).map(tuple),
)
diffs = st.lists(_files, max_size=3).map(lambda files: Diff(tuple(files)))
budgets = st.sampled_from([1, 60, 150, 4_000])


def test_a_chunk_reads_like_this() -> None:
    """Path, what happened to the file, section; then each line under the number that a finding has to name."""
    hunk = hunk_of([" def run(self):", "-    go()", "+    go(self)", "+"], old=98, new=99, section="class App:")
    (chunk,) = cut(Diff((file_of(hunk, old="src/old.py", status="renamed"),)))
    assert chunk.text == (
        "@@ src/app.py (renamed from src/old.py) @@ class App:\n"
        "99 def run(self):\n"
        "99-    go()\n"
        "100+    go(self)\n"
        "101+\n"
    )
    assert chunk.path == "src/app.py"
    assert chunk.hunks == (HunkId("src/app.py", 0),)
    assert chunk.lines == hunk.lines


@given(diffs, budgets)
def test_every_line_is_shown_and_nothing_else(diff: Diff, budget: int) -> None:
    """Chunks of a hunk, less what they repeat, are the hunk's lines in order; its last line is never missing."""
    for file in diff.files:
        alone = Diff((file,))
        chunks = cut(alone, budget)
        for index, hunk in enumerate(file.hunks):
            seen: list[Line] = []
            for chunk in (chunk for chunk in chunks if chunk.hunks == (HunkId(file.path, index),)):
                start = seen.index(chunk.lines[0]) if chunk.lines[0] in seen else len(seen)
                assert chunk.lines[: len(seen) - start] == tuple(seen[start:])
                seen[start:] = chunk.lines
            assert tuple(seen) == hunk.lines


@given(diffs, budgets)
def test_tokens_are_exact_and_within_the_budget(diff: Diff, budget: int) -> None:
    """A chunk costs what its text costs; only one that is a single line may be larger than the budget."""
    for chunk in cut(diff, budget):
        assert chunk.tokens == TOKENS.count(chunk.text)
        assert chunk.tokens <= budget or len(chunk.lines) == 1


@given(diffs, budgets)
def test_texts_joined_cost_the_sum(diff: Diff, budget: int) -> None:
    """No token crosses from one chunk into the next, so a batch's tokens are exact."""
    chunks = cut(diff, budget)
    assert TOKENS.count("".join(chunk.text for chunk in chunks)) == sum(chunk.tokens for chunk in chunks)


@given(diffs, budgets, st.sampled_from([1, 900, 900_000]))
def test_a_move_changes_no_key(diff: Diff, budget: int, by: int) -> None:
    """Where a chunk stands in its file decides neither its key nor where it is cut."""
    assert keys(moved(diff, by), budget) == keys(diff, budget)


@given(diffs, budgets)
def test_keys_are_unique_and_repeatable(diff: Diff, budget: int) -> None:
    """The same change twice is two chunks with two keys; the same diff gives the same keys."""
    made = keys(diff, budget)
    assert len(set(made)) == len(made)
    assert keys(diff, budget) == made


@given(diffs)
def test_content_cannot_pass_for_a_header(diff: Diff) -> None:
    """However a reader breaks lines: each line after the first begins with its number and its sign."""
    for chunk in cut(diff):
        head, *rows = chunk.text.splitlines()
        assert head.startswith("@@ ")
        assert len(rows) == len(chunk.lines)
        for row, line in zip(rows, chunk.lines, strict=True):
            assert row.startswith(f"{line.number}{line.kind}")
        chunk.text.encode()


@pytest.mark.parametrize(
    "other",
    [
        file_of(hunk_of(["+b"])),
        file_of(hunk_of(["-a"])),
        file_of(hunk_of(["+a", "+a"])),
        file_of(hunk_of(["+a"]), path="src/other.py"),
        file_of(hunk_of(["+a"]), status="added"),
        file_of(hunk_of(["+a"]), old="src/old.py", status="renamed"),
        file_of(hunk_of(["+a"], section="class App:")),
    ],
)
def test_what_the_model_sees_is_in_the_key(other: FileDiff) -> None:
    """Sign, text, path, status, old path and section each change the key."""
    assert keys(Diff((other,))) != keys(Diff((file_of(hunk_of(["+a"])),)))


@given(_hunks, _hunks, diffs, budgets)
def test_a_change_elsewhere_leaves_a_key_alone(edited: Hunk, hunk: Hunk, others: Diff, budget: int) -> None:
    """What a hunk's chunks are called does not depend on the other hunks of its file, nor on other files."""
    alone = keys(Diff((file_of(hunk),)), budget)
    assert set(alone) <= set(keys(Diff((*others.files, file_of(edited, hunk))), budget))


def test_a_long_hunk_is_cut_before_definitions() -> None:
    """Pieces of a large added file begin, after what they repeat, with a whole function."""
    first, *rest = cut(Diff((file_of(hunk_of(CODE), status="added"),)), budget=800)
    assert first.lines[0].text == "def function_0(value):"
    assert len(rest) > 3
    assert {chunk.lines[3].text.split("_")[0] for chunk in rest} == {"def function"}


def test_a_line_put_into_a_long_hunk_leaves_most_pieces_alone() -> None:
    """Cuts find their places again: of a large added file only the pieces near an edit are sent once more."""
    before = keys(Diff((file_of(hunk_of(CODE), status="added"),)), budget=800)
    after = keys(Diff((file_of(hunk_of(["+import os", *CODE]), status="added"),)), budget=800)
    assert len(set(before) & set(after)) >= len(before) * 2 // 3


def test_a_piece_names_what_encloses_it() -> None:
    """A piece from the middle of a class shows the class, not what git wrote at the top of the hunk."""
    body = [f"+        value_{number} = {number}" for number in range(300)]
    rows = ["+import os", "+", "+class App:", "+    def run(self):", *body]
    chunks = cut(Diff((file_of(hunk_of(rows, section="def before():")),)), budget=600)
    heads = [chunk.text.split("\n")[0] for chunk in chunks]
    assert heads == ["@@ src/app.py @@ def before():", *["@@ src/app.py @@ def run(self):"] * (len(chunks) - 1)]


def test_a_minified_line_is_shown_by_its_head_and_tail() -> None:
    """A line of 1 MB costs little, keeps its number, stays whole in `lines`; and the chunk says that it was cut."""
    long = "var a=1;" * 131_072
    (chunk,) = cut(Diff((file_of(hunk_of(["+" + long, "+short"])),)), budget=9_000)
    head, told, tail = chunk.text.split("\n")[1].split(" … ")
    assert (head[:3], len(head), told, tail) == ("1+v", 6_401, "[1040577 characters cut]", long[-1_600:])
    assert chunk.tokens < 5_100
    assert [line.text for line in chunk.lines] == [long, "short"]
    assert chunk.cut == len(long)


@pytest.mark.parametrize(("sign", "cut_at"), [("+", 9_000), ("-", 9_000), (" ", 0)])
def test_only_a_changed_line_that_was_cut_counts(sign: str, cut_at: int) -> None:
    """What stands beside a change was there before: a long line of it leaves nothing of the change unseen."""
    (chunk,) = cut(Diff((file_of(hunk_of([f"{sign}{'f()' * 3_000}", "+short"])),)), budget=9_000)
    assert chunk.cut == cut_at


@pytest.mark.parametrize("blanks", [" " * 2_500, "\t" * 3_000, "\u3000 " * 1_500, " " * 9_000])
def test_nothing_hides_behind_blanks(blanks: str) -> None:
    """Code that was pushed out of sight is shown, the way to it told by its length: nothing was cut."""
    (chunk,) = cut(Diff((file_of(hunk_of([f"+x = 1{blanks}; evil()", "+short"])),)))
    assert chunk.text.split("\n")[1] == f"1+x = 1 … [{len(blanks)} spaces] … ; evil()"
    assert chunk.cut == 0


@given(
    st.lists(st.sampled_from(["X" * 2_700, " " * 2_700, "\u2028" * 900, "=", "\t", "\r", "\u2028"]), max_size=9).map(
        "".join
    )
)
def test_a_line_is_shown_whole_or_said_to_be_cut(text: str) -> None:
    """All that is not blank is in the chunk's text, or `cut` has the length of the line."""
    (chunk,) = cut(Diff((file_of(hunk_of(["+" + text])),)))
    assert chunk.cut in (0, len(text))
    assert chunk.cut or chunk.text.count("X") == text.count("X")


def test_files_without_hunks_have_no_chunk() -> None:
    """A binary, a rename alone and an empty diff are nobody's question."""
    assert cut(Diff()) == ()
    assert cut(Diff((FileDiff("a.png", "a.png", "modified", binary=True), file_of()))) == ()


def test_no_line_is_counted_twice_over() -> None:
    """Counting is what splitting costs: little is counted beside what is kept, also where hunks have to be cut."""
    counted = 0

    def count(text: str) -> int:
        nonlocal counted
        counted += len(text)
        return TOKENS.count(text)

    diff = Diff((file_of(hunk_of(CODE), hunk_of(CODE[:300])), file_of(hunk_of(CODE * 5), path="other.py")))
    chunks = split(diff, count=count, budget=4_000)
    assert counted < 1.5 * sum(len(chunk.text) for chunk in chunks)
