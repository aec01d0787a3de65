"""Holds a chunk's context to its promises: it says what encloses and what is called, and moves no other key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from test_chunks import CODE, TOKENS, budgets, diffs, file_of, hunk_of, moved

from reviewer.core.chunks import split
from reviewer.core.symbols import added_text, calls, outline
from reviewer.core.types import Chunk, Diff, FileDiff, Hunk, Line, Outline, Symbol

APP = [
    "class App(Base):",
    '    """Runs."""',
    "",
    "    def stop(self):",
    "        return None",
    "",
    "    @cached",
    "    def run(self, path: str) -> int:",
    *[f"        step_{number}(path)" for number in range(20)],
    "        return load_row(path)",
]


def outlined(path: str, rows: Sequence[str]) -> dict[str, Outline]:
    found = outline(path, "\n".join(rows))
    assert found
    return {path: found}


def edit(rows: Sequence[str], number: int, text: str, around: int = 3) -> Hunk:
    """A hunk that replaces one line (counted from 1) of a file by the one that stands there now."""
    top, end = max(1, number - around), min(len(rows), number + around)
    before, after = rows[top - 1 : number - 1], rows[number:end]
    lines = [*[f" {row}" for row in before], f"-{text}", f"+{rows[number - 1]}", *[f" {row}" for row in after]]
    return hunk_of(lines, old=top, new=top, section="def git_says():")


def shown(*files: FileDiff, outlines: dict[str, Outline], budget: int = 4_000) -> tuple[Chunk, ...]:
    return split(Diff(files), count=TOKENS.count, budget=budget, outlines=outlines, calls=calls)


def heads(chunks: Sequence[Chunk]) -> list[str]:
    return [chunk.text.split("\n")[0] for chunk in chunks]


def told(chunk: Chunk) -> list[str]:
    return [line for line in chunk.text.split("\n") if line.startswith("  ↳ ")]


def test_a_head_names_what_encloses_the_first_change() -> None:
    """Outermost to innermost, from the file at head; git's section stands only where there is no outline."""
    file = file_of(edit(APP, 29, "        return None"))
    assert heads(shown(file, outlines=outlined("src/app.py", APP))) == [
        "@@ src/app.py @@ App › def run(self, path: str) -> int"
    ]
    assert heads(shown(file, outlines={})) == ["@@ src/app.py @@ def git_says():"]


def test_a_head_leaves_out_what_the_rows_show() -> None:
    """A change two lines under a method's head shows that head in its rows; at the top level there is nothing to say."""
    near = file_of(edit(APP, 9, "        old()"))
    top = file_of(edit(APP, 2, "    '''Ran.'''"))
    outlines = outlined("src/app.py", APP)
    assert heads(shown(near, outlines=outlines)) == ["@@ src/app.py @@ class App(Base)"]
    assert heads(shown(top, outlines=outlines)) == ["@@ src/app.py"]


def test_what_was_only_removed_stands_where_it_stood() -> None:
    """Lines taken off a method's end belong to that method, not to the one below."""
    hunk = hunk_of(["         return None", "-        self.close()", " ", "     @cached"], old=5, new=5)
    assert heads(shown(file_of(hunk), outlines=outlined("src/app.py", APP))) == [
        "@@ src/app.py @@ App › def stop(self)"
    ]


def test_heads_are_short_and_on_one_line() -> None:
    """However long or odd the names in a file are, its head is one line of moderate length."""
    names = [f"class {'A' * 300}:", *[f"{'    ' * at}def {'f' * 150}_{at}(a\u2028b):" for at in range(1, 9)]]
    symbols = tuple(Symbol("f", at + 1, at + 1, 40, text, at) for at, text in enumerate(names))
    file = file_of(hunk_of(["+x = 1"], new=30))
    (chunk,) = shown(file, outlines={"src/app.py": Outline("src/app.py", symbols)})
    assert len(chunk.text.splitlines()) == 2
    assert len(heads([chunk])[0]) < 200


def test_a_long_hunk_is_cut_where_symbols_begin() -> None:
    """Before the comment that belongs to one, and where there is no blank line anywhere."""
    code = [
        line for at in range(120) for line in (f"# says {at}", f"def f_{at}(v):", "    x = v", f"    return v * {at}")
    ]
    file = file_of(hunk_of([f"+{line}" for line in code]), status="added")
    text = added_text(file)
    assert text
    first, *rest = shown(file, outlines=outlined("src/app.py", text.split("\n")), budget=800)
    assert len(rest) > 2
    assert {chunk.lines[3].text.split(" ")[0] for chunk in rest} == {"#"}
    assert first.lines[0].text == "# says 0"


def test_a_line_put_in_moves_only_the_first_cuts() -> None:
    """With outlines too most pieces of a large added file outlive a line at its top."""

    def keys(rows: list[str]) -> set[str]:
        file = file_of(hunk_of(rows), status="added")
        outlines = outlined("src/app.py", [row[1:] for row in rows])
        return {chunk.key for chunk in shown(file, outlines=outlines, budget=800)}

    before = keys(CODE)
    assert len(before & keys(["+import os", *CODE])) >= len(before) * 2 // 3


def callers(signature: str, *, changed: bool) -> tuple[list[FileDiff], dict[str, Outline]]:
    """A file that calls `load`, and one that defines it; the diff touches the definition or another line."""
    database = [signature, "    return 1", "", "def other():", "    return 2"]
    uses = edit(APP, 29, "        return None")
    definition = (
        edit(database, 1, "def load_row():", around=0) if changed else edit(database, 5, "    return 3", around=0)
    )
    files = [file_of(uses), file_of(definition, path="src/db.py")]
    return files, {**outlined("src/app.py", APP), **outlined("src/db.py", database)}


def test_a_called_signature_is_shown_after_the_rows() -> None:
    """It has no line number and no sign, so that nobody takes it for a row; a line of its own file has none."""
    files, outlines = callers("def load_row(key: str) -> int:", changed=False)
    first, second = shown(*files, outlines=outlines)
    assert told(first) == ["  ↳ src/db.py: def load_row(key: str) -> int"]
    assert first.text.endswith("def load_row(key: str) -> int\n")
    assert told(second) == []


def test_a_changed_contract_asks_its_callers_again_and_nothing_else_does() -> None:
    """A signature enters the key only if the diff touches it: a file that joins the pull request costs nothing more."""
    alone = shown(callers("", changed=False)[0][0], outlines=outlined("src/app.py", APP))[0].key
    key = {}
    for changed in (False, True):
        for signature in ("def load_row(key: str) -> int:", "def load_row(key: str, more: int) -> int:"):
            files, outlines = callers(signature, changed=changed)
            key[changed, signature] = shown(*files, outlines=outlines)[0].key
    assert {found for (changed, _), found in key.items() if not changed} == {alone}
    assert len({found for (changed, _), found in key.items() if changed} | {alone}) == 3


def test_a_removed_function_is_told_to_who_calls_it() -> None:
    """Its definition is gone from the head, so the removed line speaks."""
    gone = FileDiff("src/db.py", "src/db.py", "removed", (hunk_of(["-def load_row(key):", "-    return 1"]),))
    first, _ = shown(file_of(edit(APP, 29, "        return None")), gone, outlines=outlined("src/app.py", APP))
    assert told(first) == ["  ↳ src/db.py: def load_row(key) [removed]"]


def test_a_name_that_many_define_or_every_library_has_is_not_guessed_at() -> None:
    """`get` is anybody's; what four files define is nobody's."""
    caller = file_of(hunk_of(["+x = get(1)", "+y = load_all(2)"], new=1))
    paths = [f"src/m{at}.py" for at in range(4)]
    rows = ["def load_all(a):", "    return 1"]
    files = [file_of(edit(rows, 2, "    return 2", around=0), path=path) for path in paths]
    getter = ["class A:", "    def get(self, b):", "        return 1"]
    files.append(file_of(edit(getter, 2, "    def get(self):", around=0), path="src/get.py"))
    outlines = outlined("src/get.py", getter)
    for path in paths:
        outlines |= outlined(path, rows)
    assert told(shown(caller, *files, outlines=outlines)[0]) == []
    assert len(told(shown(caller, *files[:1], outlines=outlines)[0])) == 1


def test_signatures_keep_to_their_allowance() -> None:
    """However much is called, a chunk is told at most six, for a small part of its tokens."""
    names = [f"compute_{at}" for at in range(40)]
    rows = [line for name in names for line in (f"def {name}(first: int, second: str) -> None:", "    pass")]
    database = file_of(edit(rows, 2, "    return", around=0), path="src/db.py")
    caller = file_of(hunk_of([f"+    {name}(1, 'a')" for name in names]))
    chunk = shown(caller, database, outlines=outlined("src/db.py", rows))[0]
    plain = split(Diff((caller,)), count=TOKENS.count, budget=4_000)[0]
    assert 1 <= len(told(chunk)) <= 6
    assert chunk.tokens - plain.tokens <= max(24, plain.tokens * 0.08)
    assert chunk.lines == plain.lines


_words = st.sampled_from(["load", "save_row", "Row", "x", "get", "漢", "f\u2028"])
_symbols = st.builds(
    lambda name, line, length, depth: Symbol(name, line, line, line + length, f"def {name}(a, b)", depth),
    _words, st.integers(1, 60), st.integers(0, 30), st.integers(0, 3),
)  # fmt: skip
_outlines = st.dictionaries(
    st.sampled_from(["a.py", "b/c.js", "d e.md"]),
    st.lists(_symbols, max_size=8).map(lambda found: tuple(sorted(found, key=lambda each: (each.start, -each.end)))),
    max_size=3,
).map(lambda made: {path: Outline(path, symbols) for path, symbols in made.items()})


def _called(lines: object) -> tuple[str, ...]:
    """Something is called everywhere, so that every chunk may have signatures."""
    return ("load", "save_row", "Row", "f\u2028")


@settings(max_examples=60)
@given(diffs, budgets, _outlines)
def test_context_only_adds(diff: Diff, budget: int, outlines: dict[str, Outline]) -> None:
    """Whatever the outlines say: every line is shown, tokens are exact and within the budget, texts join."""
    chunks = split(diff, count=TOKENS.count, budget=budget, outlines=outlines, calls=_called)
    seen = [line for chunk in chunks for line in chunk.lines]
    assert {id(line) for line in seen} == {
        id(line) for each in diff.files for hunk in each.hunks for line in hunk.lines
    }
    for chunk in chunks:
        assert chunk.tokens == TOKENS.count(chunk.text)
        assert chunk.tokens <= budget or len(chunk.lines) == 1
        rows = chunk.text.splitlines()[1 : len(chunk.lines) + 1]
        assert all(row.startswith(f"{line.number}{line.kind}") for row, line in zip(rows, chunk.lines, strict=True))
    assert TOKENS.count("".join(chunk.text for chunk in chunks)) == sum(chunk.tokens for chunk in chunks)
    assert len({chunk.key for chunk in chunks}) == len(chunks)


@settings(max_examples=60)
@given(diffs, budgets, _outlines, st.sampled_from([1, 900, 900_000]))
def test_a_move_changes_no_key_with_outlines_either(
    diff: Diff, budget: int, outlines: dict[str, Outline], by: int
) -> None:
    """Lines and symbols that move together are the same to the model."""
    away = {
        path: Outline(path, tuple(replace(each, start=each.start + by, line=each.line + by, end=each.end + by) for each in found.symbols))
        for path, found in outlines.items()
    }  # fmt: skip
    before = split(diff, count=TOKENS.count, budget=budget, outlines=outlines, calls=_called)
    after = split(moved(diff, by), count=TOKENS.count, budget=budget, outlines=away, calls=_called)
    assert [chunk.key for chunk in before] == [chunk.key for chunk in after]


_signs = st.lists(st.tuples(st.sampled_from("-- +"), st.integers(1, 90)), min_size=1, max_size=6)


@settings(max_examples=40)
@given(_signs, budgets)
def test_only_the_inside_of_long_removed_runs_is_left_out(runs: list[tuple[str, int]], budget: int) -> None:
    """Every added and context line is shown; of the removed ones as many are missing as the markers say."""
    rows = [f"{sign}{'def f():' if at % 37 == 36 else f'    x = {at}'}" for sign, many in runs for at in range(many)]
    hunk = hunk_of(rows)
    chunks = split(Diff((file_of(hunk),)), count=TOKENS.count, budget=budget)
    seen: list[Line] = []
    marks: dict[int, int] = {}
    for chunk in chunks:
        for row, line in zip(chunk.text.split("\n")[1:], chunk.lines, strict=False):
            if line not in seen:
                seen.append(line)
                if " … [" in row:
                    marks[len(seen)] = int(row.split(" … [")[1].split(" ")[0])
    missing = [line for line in hunk.lines if line not in seen]
    assert {line.kind for line in missing} <= {"-"}
    assert not any(line.text.startswith("def") for line in missing)
    assert sum(marks.values()) == len(missing)
    assert seen == [line for line in hunk.lines if line in seen]


def test_a_file_removed_whole_is_told_in_short() -> None:
    """Its beginning, what it defined and its end stand for it; the rows still have their numbers."""
    rows = [f"-{'def f():' if at % 50 == 30 else f'    x = {at}'}\r" for at in range(100)]
    gone = FileDiff("a.py", "a.py", "removed", (hunk_of(rows),))
    (chunk,) = split(Diff((gone,)), count=TOKENS.count, budget=4_000)
    assert chunk.text.split("\n")[12:17] == [
        "12-    x = 11 … [18 removed lines]\r",
        "31-def f(): … [49 removed lines]\r",
        "81-def f(): … [15 removed lines]\r",
        "97-    x = 96\r",
        "98-    x = 97\r",
    ]
    assert len(chunk.lines) == 18
    assert chunk.cut == 0
