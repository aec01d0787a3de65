"""Holds outlines to their promises: the symbols of many languages, and no harm from any text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_chunks import hunk_of

from reviewer.core.symbols import added_text, calls, outline
from reviewer.core.symbols.languages import _LANGUAGES
from reviewer.core.types import FileDiff, Symbol
from reviewer.outlines import outlines

PYTHON = """\
import os

# Says it.
@app.route("/")
@cached(
    3)
def view(key,  # which
         more: int = 1) -> Row:
    # First
    return 1


class App(Base):
    x = 1

    async def run(self):
        def inner(): pass
"""
TYPESCRIPT = """\
@Component({
  a: 1
})
export class Page<T> extends Base {
  private load = (key: number): string => {
    return ""
  }
  @Input()
  async run(key: string): Promise<void> {
  }
}
export const fetchAll = async (key: string) => {
}
const LIMIT = 3
interface Row { read(key: number): void }
"""

# By file name: a text, and what each of its symbols is called and how it begins.
SAMPLES: dict[str, tuple[str, list[str]]] = {
    "a.js": ("exports.f = function (a) {\n}\nconst o = { g: (b) => b }\n", ["f: exports.f = function (a)", "g: g: (b)"]),
    "a.tsx": ("export function Page(p: P) { return <a/> }\n", ["Page: function Page(p: P)"]),
    "a.go": (
        "package a\n// Doc\nfunc (s *S) Run(a int) error {\n}\ntype S struct {\n}\n",
        ["Run: func (s *S) Run(a int) error", "S: type S struct"],
    ),
    "a.rs": (
        "/// doc\n#[x]\npub struct S<T> { a: T }\nimpl<T> Tr for S<T> {\n    fn run(&self) -> u8 { 1 }\n}\n",
        ["S: pub struct S<T>", "S: impl<T> Tr for S<T>", "run: fn run(&self) -> u8"],
    ),
    "A.java": (
        "/** d */\n@Service\npublic class A {\n  @Override\n  int run(int a) throws E {\n  }\n}\n",
        ["A: public class A", "run: int run(int a) throws E"],
    ),
    "a.kt": (
        "class A(val a: Int) {\n  companion object {}\n  fun run(x: Int): Int = 1\n}\n",
        ["A: class A(val a: Int)", "companion: companion object", "run: fun run(x: Int): Int"],
    ),
    "a.c": ("struct s { int a; };\nstatic int *f(int a,\n  char *b)\n{\n}\n", ["s: struct s", "f: static int *f(int a, char *b)"]),
    "a.hpp": (
        "namespace n {\nclass C : public D {\n  int run() const { return 1; }\n};\nint C::go(int x) {}\n}\n",
        ["n: namespace n", "C: class C : public D", "run: int run() const", "go: int C::go(int x)"],
    ),
    "a.cs": (
        "namespace A.B {\n  [X]\n  class C<T> : D {\n    [T]\n    public int Run(int a) { }\n  }\n}\n",
        ["B: namespace A.B", "C: class C<T> : D", "Run: public int Run(int a)"],
    ),
    "a.rb": (
        "module A\n  class B < C\n    # d\n    def run(a,\n            b)\n      a\n    end\n  end\nend\n",
        ["A: module A", "B: class B < C", "run: def run(a, b)"],
    ),
    "a.php": ("<?php\n#[A]\nclass C extends D {\n  function run($a) {}\n}\n", ["C: class C extends D", "run: function run($a)"]),
    "a.swift": ("extension A {\n  func run(_ a: Int) -> Int { 1 }\n}\n", ["A: extension A", "run: func run(_ a: Int) -> Int"]),
    "a.scala": ("object M {\n  def run(a: Int): Int = {\n  }\n}\n", ["M: object M", "run: def run(a: Int): Int"]),
    "a.sh": ("# d\nrun() {\n  :\n}\n", ["run: run()"]),
    "a.lua": ("function M.run(a)\n  return a\nend\n", ["run: function M.run(a)"]),
    "a.ex": ("defmodule A.B do\n  def run(a) when a > 1 do\n  end\nend\n", ["B: defmodule A.B", "run: def run(a) when a > 1"]),
    "A.hs": ("load :: Key -> IO Row\nload k = do\n  return k\n", ["load: load :: Key -> IO Row", "load: load k"]),
    "a.dart": ("class A {\n  int run(int a) {\n  }\n}\n", ["A: class A", "run: int run(int a)"]),
    "a.sol": ("contract A is B {\n  function f(uint a) public {}\n}\n", ["A: contract A is B", "f: function f(uint a) public"]),
    "a.zig": ("pub fn run(a: u8) !void {\n}\n", ["run: pub fn run(a: u8) !void"]),
    "a.tf": ('resource "a" "b" {\n  x = 1\n}\n', ['resource: resource "a" "b"']),
}  # fmt: skip


def symbols(path: str, text: str) -> tuple[Symbol, ...]:
    found = outline(path, text)
    assert found
    return found.symbols


def test_a_symbol_has_its_lines_and_head() -> None:
    """Decorators and the comment right above belong to it; its head is one line without comments."""
    assert symbols("src/app.py", PYTHON) == (
        Symbol("view", 3, 7, 10, "def view(key, more: int = 1) -> Row", 0),
        Symbol("App", 13, 13, 17, "class App(Base)", 0),
        Symbol("run", 16, 16, 17, "async def run(self)", 1),
        Symbol("inner", 17, 17, 17, "def inner()", 2),
    )


def test_a_constant_that_is_a_function_is_one() -> None:
    """So is a member of a class; a plain constant is none."""
    assert symbols("src/page.ts", TYPESCRIPT) == (
        Symbol("Page", 1, 4, 11, "class Page<T> extends Base", 0),
        Symbol("load", 5, 5, 7, "private load = (key: number): string", 1),
        Symbol("run", 8, 9, 10, "async run(key: string): Promise<void>", 1),
        Symbol("fetchAll", 12, 12, 13, "fetchAll = async (key: string)", 0),
        Symbol("Row", 15, 15, 15, "interface Row", 0),
        Symbol("read", 15, 15, 15, "read(key: number): void", 1),
    )


def test_a_head_is_whole() -> None:
    """Up to 2,000 characters nothing is cut, so that no part of a secret is taken for none; past that no value is."""
    long = ", ".join(f"argument_{at}" for at in range(100))
    assert symbols("a.py", f"def f({long}, key='abc'):\n    pass\n")[0].signature == f"def f({long}, key='abc')"
    blanks = " " * 1_980
    assert symbols("a.py", f"def f({blanks}key='{'abc' * 20}'):\n    pass\n")[0].signature == "def f(key"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("x = {'f': function () {}}", ["f"]),
        ("x = {'sk-a/b': function () {}}", []),
        ("x['f'] = function () {}", ["f"]),
        ("x['sk-a/b'] = function () {}", []),
        (f"x = {{'{'A1' * 150}': function () {{}}}}", ["A1" * 150]),
    ],
)
def test_a_string_is_a_name_as_a_whole_or_not_at_all(code: str, names: list[str]) -> None:
    """A part of one may be a part of a secret, which nobody who looks for secrets would know for it."""
    assert [symbol.name for symbol in symbols("a.js", code)] == names


@pytest.mark.parametrize("path", SAMPLES)
def test_each_language_is_read(path: str) -> None:
    """Its symbols are found by name, with the head that a reader would quote."""
    text, wanted = SAMPLES[path]
    assert [f"{symbol.name}: {symbol.signature}" for symbol in symbols(path, text)] == wanted


def test_every_grammar_has_a_sample() -> None:
    """A kind of node that a grammar does not have would silence its whole language: each is tried."""
    tried = {path[path.rindex(".") :].lower() for path in [*SAMPLES, "a.py", "a.ts"]}
    assert [names for names in _LANGUAGES if not tried & set(names.split())] == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.json", "{}"),
        ("README.md", "# A"),
        (".py", "x"),
        ("py", "x"),
        ("a.unknown", "def f(): pass"),
        ("a.py", "x = 1\n" * 170_000),
        ("a.py", f"x = '{'a' * 6_000}'\n"),
    ],
)
def test_what_is_no_code_has_no_outline(path: str, text: str) -> None:
    """Data, prose, what is too large, and lines of data."""
    assert outline(path, text) is None


def test_mistakes_leave_the_rest() -> None:
    """A file that does not parse has the symbols that do."""
    assert [
        each.name for each in symbols("a.py", "def f(a):\n    x = = 1\n    return ?\n\n\ndef g(a):\n    return a\n")
    ][-1] == "g"


_SOUP = st.sampled_from(
    [
        "def f",
        "class A",
        "(",
        ")",
        "{",
        "}",
        ":",
        "\n",
        "    ",
        "=>",
        "/*",
        '"""',
        "'",
        "\0",
        "\ud800",
        "漢",
        "<",
        "@x",
        "#",
    ]
)
_EXTENSIONS = st.sampled_from([names.split()[0] for names in _LANGUAGES])


_TEXTS = st.lists(_SOUP, max_size=60).map("".join) | st.text(max_size=80)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(_EXTENSIONS, _TEXTS), min_size=1, max_size=12))
def test_no_text_does_harm(files: list[tuple[str, str]]) -> None:
    """Any text has an outline or none, within its lines; what crashes a grammar, as some texts do, crashes no more.

    So rubbish is read here as strangers' files are: in a process of its own.
    """
    texts = {f"a{number}{extension}": text for number, (extension, text) in enumerate(files)}
    found = outlines(texts)
    assert found.keys() <= texts.keys()
    for path, each in found.items():
        lines = texts[path].count("\n") + 1
        for symbol in each.symbols:
            assert 1 <= symbol.start <= symbol.line <= symbol.end <= lines
            assert len(symbol.signature) <= 2_000
            assert "\n" not in symbol.signature
            assert symbol.name


@pytest.mark.parametrize("path", ["a.py", "a.js", "a.c", "a.rs", "a.java", "a.go"])
def test_deep_nesting_is_no_trouble(path: str) -> None:
    """Ten thousand open brackets, and functions a hundred deep."""
    outline(path, "f(\n" * 10_000)
    outline(path, "{[(\n" * 10_000)
    deep = "\n".join(f"{' ' * at}def f_{at}():" for at in range(100))
    assert symbols("a.py", f"{deep}\n{' ' * 100}pass\n")[-1].depth == 99


def test_the_text_of_an_added_file_is_in_the_diff() -> None:
    """Whole, or not at all: a part would have the wrong lines."""
    hunk = hunk_of(["+a", "+", "+b\r"], old=0)
    assert added_text(FileDiff("a", "a", "added", (hunk,))) == "a\n\nb\r\n"
    assert added_text(FileDiff("a", "a", "modified", (hunk,))) is None
    assert added_text(FileDiff("a", "a", "added", (hunk_of(["+a"], new=2),))) is None
    assert added_text(FileDiff("a", "a", "added", (hunk, hunk))) is None
    assert added_text(FileDiff("a", "a", "added", missing="too large")) is None


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("    row = db.load_row(key, other(1))", ("load_row", "other")),
        ("def run(self, x=default()):", ("default",)),
        ("func (s *Server) Run(a int) {", ()),
        ("  const a = new pkg.Store<Row>(x)", ("Store",)),
        ("    return Row::parse::<u8>(text)?;", ("parse",)),
        ("@app.route('/')", ("route",)),
        ("@cached", ("cached",)),
        ("if (a) while (b) { save!(c) }", ("save",)),
        ("mail@example.com", ()),
        ("x = 1", ()),
    ],
)
def test_calls_are_known_by_their_look(line: str, names: tuple[str, ...]) -> None:
    """In any language: a name before a parenthesis, after `new`, of a decorator; no keyword and no definition."""
    assert calls([line]) == names


@given(st.lists(st.text(max_size=60), max_size=5))
def test_calls_of_any_text(lines: list[str]) -> None:
    """No text is too odd, and each name is told once."""
    found = calls(lines)
    assert len(set(found)) == len(found)
