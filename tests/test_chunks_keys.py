"""Holds keys and cuts to their promise: the diff alone decides them, whatever else could be read of its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_chunks import TOKENS, file_of, hunk_of

from reviewer.core.chunks import split
from reviewer.core.chunks.defines import defined
from reviewer.core.symbols import added_text, calls, outline
from reviewer.core.types import Chunk, Diff, FileDiff, Outline, Symbol

_CODE = st.sampled_from(
    [
        "def load_row(key):",
        "def load_row(key, more):",
        "def load_row(",
        "        more: int = 1):",
        "class Row(Base):",
        "    def save_row(self):",
        "    row = load_row(1)",
        "    return save_row(Row())",
        "    @cached",
        "# says it",
        "public Row load_row(int a) {",
        "const save_row = async (a) => {",
        "}",
        "",
        *(f"    step_{at}(value, other)" for at in range(8)),
    ]
)
_rows = st.lists(st.tuples(st.sampled_from("+- "), _CODE).map("".join), min_size=1, max_size=40)
_hunks = st.builds(hunk_of, _rows, old=st.integers(1, 50), new=st.integers(1, 50), section=_CODE)
_PATHS = ["a.py", "src/b.ts", "tests/test_c.py", "README.md"]
_diffs = st.lists(
    st.builds(
        lambda path, status, hunks: FileDiff(path, path, status, tuple(hunks)),
        st.sampled_from(_PATHS),
        st.sampled_from(["added", "modified", "removed"]),
        st.lists(_hunks, max_size=3),
    ),
    max_size=4,
).map(lambda files: Diff(tuple(files)))
_symbols = st.builds(
    lambda name, line, length, depth, head: Symbol(name, line, line, line + length, head, depth),
    st.sampled_from(["load_row", "save_row", "Row", "x"]),
    st.integers(1, 60), st.integers(0, 30), st.integers(0, 3),
    st.sampled_from(["def load_row(key)", "class Row(Base)", f"def save_row({'a, ' * 400})"]),
)  # fmt: skip
_outlines = st.dictionaries(
    st.sampled_from(_PATHS),
    st.lists(_symbols, max_size=8).map(lambda found: tuple(sorted(found, key=lambda each: (each.start, -each.end)))),
).map(lambda made: {path: Outline(path, symbols) for path, symbols in made.items()})


def made(diff: Diff, outlines: dict[str, Outline] | None = None, budget: int = 4_000) -> tuple[Chunk, ...]:
    return split(diff, count=TOKENS.count, budget=budget, outlines=outlines, calls=calls)


@settings(max_examples=120, deadline=None)
@given(_diffs, st.sampled_from([40, 150, 1_000, 4_000]), _outlines)
def test_outlines_decide_no_key_and_no_cut(diff: Diff, budget: int, outlines: dict[str, Outline]) -> None:
    """With any outlines, right or wrong, or none: the same keys for the same lines, within the budget."""
    without, with_them = made(diff, budget=budget), made(diff, outlines, budget)
    assert [(each.key, each.lines, each.hunks) for each in with_them] == [
        (each.key, each.lines, each.hunks) for each in without
    ]
    for chunk in (*without, *with_them):
        assert chunk.tokens == TOKENS.count(chunk.text)
        assert chunk.tokens <= budget or len(chunk.lines) == 1


@settings(max_examples=60, deadline=None)
@given(_diffs, st.sampled_from([150, 4_000]), st.sampled_from([1, 900_000]))
def test_contracts_do_not_know_line_numbers(diff: Diff, budget: int, by: int) -> None:
    """A diff that moved as a whole has the same keys, with what it calls."""
    away = Diff(
        tuple(
            replace(
                file,
                hunks=tuple(
                    replace(
                        hunk,
                        lines=tuple(
                            replace(line, old=line.old and line.old + by, new=line.new and line.new + by)
                            for line in hunk.lines
                        ),
                    )
                    for hunk in file.hunks
                ),
            )
            for file in diff.files
        )
    )
    assert [each.key for each in made(away, budget=budget)] == [each.key for each in made(diff, budget=budget)]


def caller_and(*rows: str, path: str = "src/db.py") -> str:
    """The key of a chunk that calls `load_row`, in a diff where another file has these rows."""
    caller = file_of(hunk_of(["+x = load_row(1)"]))
    return made(Diff((caller, file_of(hunk_of(rows), path=path))))[0].key


def test_a_changed_contract_is_in_its_callers_keys() -> None:
    """Without any outline: each other head is another key, also where only its second line changed; a body is none."""
    alone = caller_and("+y = 1")
    assert caller_and(" def load_row(key):", "-    return 1", "+    return 2") == alone
    assert caller_and("-def load_row(key):", " ", "+def load_row(key):") == alone  # moved
    assert caller_and("+def load_row(key): say", path="docs/guide.md") == alone
    assert caller_and("+def load_row(key):", path="tests/test_db.py") == alone  # what tests define only tests call
    changed = [
        caller_and("-def load_row(key):", "+def load_row(key, more):"),
        caller_and("-def load_row(key):", "+def load_row(key, less):"),
        caller_and("-def load_row(key):", "-    return 1"),
        caller_and(" def load_row(", "-    key):", "+    key, more):", path="src/other.py"),
    ]
    assert len({alone, *changed}) == 5


def signatures_in(chunk: Chunk) -> list[str]:
    return [line for line in chunk.text.split("\n") if line.startswith("  ↳ ")]


def test_a_signature_is_cut_only_where_it_is_shown() -> None:
    """However long a head is, what is told of it is short; of what a file defines one thing is told once."""
    rows = ["+def load_row(key):", "+    return 1"]
    long = Symbol("load_row", 1, 1, 2, f"def load_row({'argument, ' * 200})", 0)
    diff = Diff((file_of(hunk_of([f"+x = load_row({at})" for at in range(250)])), file_of(hunk_of(rows), path="db.py")))
    outlines = {"db.py": Outline("db.py", (long,))}
    (told,) = signatures_in(made(diff, outlines)[0])
    assert told.startswith("  ↳ db.py: def load_row(argument, argument")
    assert len(told) == len("  ↳ db.py: ") + 200
    assert told.endswith("…")
    small = Diff((file_of(hunk_of(["+x = load_row(1)"])), diff.files[1]))
    assert signatures_in(made(small, outlines)[0]) == ["  ↳ db.py: def load_row(key)"]  # as the diff has it


@pytest.mark.parametrize(
    ("line", "after", "name"),
    [
        ("    async def run(self):", "", "run"),
        ("  def self.run", "", "run"),
        ("func (s *Server) Run(a int) error {", "", "Run"),
        ("pub(crate) async fn run<T>(a: T) -> T {", "", "run"),
        ("export default async function run(a) {", "", "run"),
        ("export const run = async (a: string): Promise<void> => {", "", "run"),
        ("  private run = (key: number) => {", "", "run"),
        ("exports.run = function (a) {", "", "run"),
        ("  async run(key) {", "", "run"),
        ("  public Row run(String key) throws E {", "", "run"),
        ("static int *run(int a,", "", "run"),
        ("int App::run(int x) const {", "", "run"),
        ("    public int Run(int a)", "    {", "Run"),
        ("function M.run(a)", "", "run"),
        ("run() {", "", "run"),
        ("type Row struct {", "", "Row"),
        ("defmodule A.B do", "", "B"),
        ("export abstract class Row<T> {", "", "Row"),
        ("    return run(a)", "", None),
        ("  if (run(a)) {", "", None),
        ("  } else if (run(a)) {", "", None),
        ("    x = run(", "", None),
        ("    app.run(a, function () {", "", None),
        ("  run(a, () => {", "", None),
        ("    run(a)", "", None),
        ("    await run(", "", None),
        ("type = 3", "", None),
        ("x", "", None),
        ("", "", None),
    ],
)
def test_a_definition_is_known_by_its_look(line: str, after: str, name: str | None) -> None:
    """In any language, and no call passes for one."""
    assert defined(line, after) == name


@settings(max_examples=100)
@given(
    st.text(max_size=80) | st.sampled_from(["(", "a ", "<", "const ", "a.", ": ", "a::"]).map(lambda each: each * 5_000)
)
def test_no_line_takes_long_or_fails(line: str) -> None:
    """Any text defines something or nothing."""
    assert defined(line) is None or defined(line)
    assert defined(f"def {line}") is None or defined(f"def {line}")


_BODY: dict[str, tuple[str, ...]] = {
    "a.py": ("# says {0}", "@cached", "def f_{0}(v):", "    x = v", "    if x:", "        go(x)", "    return v")
}
_BODY |= {
    "a.java": ("  /** Says {0}. */", "  @Override", "  public int f{0}(int v) {{", "    go(v);", "    if (v) {{", "    }}", "    return v;", "  }}"),
    "a.c": ("/* says {0} */", "static int f{0}(int v)", "{{", "    if (v) {{", "        go(v);", "    }}", "    return v;", "}}"),
    "a.cs": ("    [Fact]", "    public int F{0}(int v)", "    {{", "        if (v > 1)", "        {{", "        }}", "        return v;", "    }}"),
    "a.go": ("// F{0} says it.", "func F{0}(v int) int {{", "\tif v > 1 {{", "\t\tgo1(v)", "\t}}", "\treturn v", "}}"),
    "a.rs": ("/// says {0}", "#[test]", "pub fn f_{0}(v: u8) -> u8 {{", "    if v > 1 {{", "        go(v);", "    }}", "    v", "}}"),
    "a.ts": ("// says {0}", "export const f{0} = (v: number) => {{", "  if (v) {{", "    go(v)", "  }}", "  return v", "}}"),
    "a.js": ("  f{0}(v) {{", "    if (v) {{", "      go(v)", "    }}", "    return v", "  }}"),
    "a.rb": ("  # says {0}", "  def f_{0}(v)", "    if v", "      go(v)", "    end", "  end"),
    "a.php": ("  public function f{0}($v) {{", "    if ($v) {{", "      go($v);", "    }}", "    return $v;", "  }}"),
    "a.kt": ("  @Test", "  fun f{0}(v: Int): Int {{", "    if (v > 1) {{", "      go(v)", "    }}", "    return v", "  }}"),
}  # fmt: skip
_AROUND = {
    "a.java": ("class A {", "}"),
    "a.cs": ("class A {", "}"),
    "a.js": ("class A {", "}"),
    "a.rb": ("class A", "end"),
}
_AROUND |= {"a.php": ("<?php class A {", "}"), "a.kt": ("class A {", "}"), "a.go": ("package a", "")}


def written(path: str) -> list[str]:
    rows: Sequence[str] = [line.format(at) for at in range(90) for line in _BODY[path]]
    first, last = _AROUND.get(path, ("", ""))
    return [first, *rows, last]


@pytest.mark.parametrize("path", _BODY)
def test_cuts_are_where_a_grammar_says_that_symbols_begin(path: str) -> None:
    """In each language, with its comments and decorators, and without a blank line anywhere."""
    file = file_of(hunk_of([f"+{line}" for line in written(path)]), path=path, status="added")
    text = added_text(file)
    found = outline(path, text) if text else None
    assert found
    starts = {symbol.start for symbol in found.symbols}
    _, *rest = made(Diff((file,)), budget=600)
    assert len(rest) > 2
    assert [chunk.lines[3].new for chunk in rest if chunk.lines[3].new not in starts] == []
