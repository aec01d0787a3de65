"""Holds forms to tell apart what a compiler does, and nothing that is only formatting, a comment or a place."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.core.structure import form
from reviewer.core.types import Form, Line
from reviewer.forms import forms


def lines_of(rows: Sequence[str], *, old: int = 10, new: int = 20) -> tuple[Line, ...]:
    """Lines from rows with their signs."""
    made = []
    for row in rows:
        in_old, in_new = row[0] != "+", row[0] != "-"
        made.append(Line(row[0], row[1:], old if in_old else None, new if in_new else None))
        old, new = old + in_old, new + in_new
    return tuple(made)


# A row that is code beyond doubt: without one, rows are their own form.
PROOF = {
    "py": "import z",
    "js": "import z from 'z';",
    "go": 'import "z"',
    "rs": "use z::z;",
    "rb": "require 'z'\nend",
    "java": "import z.z;",
    "c": "#define Z 1",
}


def proven(path: str, text: str) -> str:
    row = PROOF.get(path.rsplit(".", 1)[-1])
    return f"{text}\n{row}" if row else text


def of(path: str, text: str, sign: str = "+") -> Form:
    found = form(path, lines_of([sign + row for row in text.split("\n")]))
    assert found is not None
    return found


SAME = [
    ("a.py", "x = (a +\n     b)", "x = a + b"),
    ("a.py", "f(a,\n  b,\n)", "f(a, b)"),
    ("a.py", "return (a, b)", "return a, b"),
    ("a.py", "x = (a,)", "x = a,"),
    ("a.py", "for (a, b) in (c):\n    pass", "for a, b in c:\n    pass"),
    ("a.py", "with (\n    a if b else c\n):\n    x", "with a if b else c:\n    x"),
    ("a.py", "from a import (\n    b,\n    c,\n)", "from a import b, c"),
    ("a.py", "x = ('a'\n     'b')", 'x = "ab"'),
    ("a.py", "# why\nx = 1\n\n\ny = 2  # so", "x = 1\ny = 2"),
    ("a.js", "f(a,\n  b,\n)", "f( a,b )"),
    ("a.js", "a\n  .b()\n  .c('x');", 'a.b().c("x");'),
    ("a.js", "if (a)\n{\n b;\n}\nelse\n{\n}", "if (a) {\n  b;\n} else {}"),
    ("a.js", "/* a\n b */\n// c\nx;", "x;"),
    ("a.js", " * the end of a comment\n */\nx;", " * of another\n */\n\nx;"),
    ("a.go", "f(\n\ta,\n\tb, // why\n)", "f(a, b)"),
    ("a.rs", "f(\n    a,\n    b,\n)", "f(a, b)"),
    ("a.rb", "foo(a,\n    b)\n  .bar", "foo(a, b).bar # why"),
    ("A.java", "int x=f( 1 ); // why", "int x = f(1);"),
    ("a.c", "#if A\nint x\n  = 1;\n#endif", "#if A\n\nint x = 1; /* why */\n#endif"),
    ("a.js", "<p>\n    It is {x}\n</p>", "  <p>\n  It is {x}\n\n  </p>"),
]
OTHER = [
    ("a.py", "x = (a,)", "x = (a)"),
    ("a.py", "assert (a, b)", "assert a, b"),
    ("a.py", "x = (a or b) and c", "x = a or b and c"),
    ("a.py", "for x in y if z in (a or b):", "for x in y if z in a or b:"),
    ("a.py", "if x:\n    a\nb", "if x:\n    a\n    b"),
    ("a.py", "if a: x; y", "if a: x\ny"),
    ("a.py", "    a", "a"),
    ("a.py", "x[a,]", "x[a]"),
    ("a.py", "match (a,):\n  case b: c", "match (a):\n  case b: c"),
    ("a.py", '["a", "b"]', '["a" "b"]'),
    ("a.py", '"\\1" "2"', '"\\12"'),
    ("a.py", 'f"{a!r}" "{b}"', 'f"{a!r}{b}"'),
    ("a.py", "x = 1  # type: int", "x = 1"),
    ("a.py", "x = 1  # noqa", "x = 1\n# noqa"),
    ("a.py", '"""a  b"""', '"""a b"""'),
    ("a.py", "x # a\rf()", "x # a\rg()"),
    ("a.js", "return\nx", "return x"),
    ("a.js", "return\n/* @type */ x", "return /* @type */ x"),
    ("a.js", "a\n(b)", "a(b)"),
    ("a.js", "a\n++b", "a++\nb"),
    ("a.js", "[a,,]", "[a,]"),
    ("a.js", "x = /a  b/", "x = /a b/"),
    ("a.js", "`a  ${b}`", "`a ${b}`"),
    ("a.js", "`a ${b ? `c  d` : ''}`", "`a ${b ? `c d` : ''}`"),
    ("a.js", "x = '\\n'", "x = '\\t'"),
    ("a.js", "<p>a  b</p>", "<p>a b</p>"),
    ("a.js", "// @ts-ignore\nx", "x"),
    ("a.js", "// eslint-disable-next-line\nx", "x"),
    ("a.js", "http://example.org/a", "http://example.org/b"),
    ("a.go", "a\n-b", "a - b"),
    ("a.go", "//go:build linux\n\npackage a", "package a"),
    ("a.go", '// int f();\nimport "C"', 'import "C"'),
    ("a.go", "x := 'a'", 'x := "a"'),
    ("a_test.go", "// Output:\n// a\n}", "// Output:\n// b\n}"),
    ("a.rs", "let x = (a,);", "let x = (a);"),
    ("a.rs", "m![a,]", "m![a]"),
    ("a.rs", "/// why\nfn f() {}", "fn f() {}"),
    ("a.rs", 'r#"a  "b" "#', 'r#"a "b" "#'),
    ("a.rs", "/* /* */ a */ b", "/* /* */ c */ b"),
    ("a.rb", "foo -1", "foo - 1"),
    ("a.rb", "foo [1]", "foo[1]"),
    ("a.rb", "x = <<~A\n  a\nA", "x = <<~A\n  b\nA"),
    ("a.rb", "# frozen_string_literal: true\nx", "x"),
    ("a.rb", "'#{a}'", '"#{a}"'),
    ("a.rb", "def -\n x", "def - x"),
    ("A.java", "// \\u000a a();", "// \\u000a b();"),
    ("a.c", "#define A\nint x;", "#define A int x;"),
    ("a.c", "#define A(b) b", "#define A (b) b"),
    ("a.c", "case 1: /* fall through */\ncase 2:", "case 1:\ncase 2:"),
    ("a.c", "x = 'a';", 'x = "a";'),
    ("a.c", "a + +b", "a ++b"),
    ("a.yml", "a:\n  b: 1", "a:\nb: 1"),
    ("Makefile", "a:\n\tb", "a:\n b"),
]


# What a reader of tokens easily takes for something else.
READ_WRONGLY = [
    ("a.js", "x = line.split(/ /);", "x = line.split(/  /);"),
    ("a.js", "x = s.replace(/ *,/g, 1);", "x = s.replace(/  *,/g, 1);"),
    ("a.js", "if (x) /a  b/.test(y);", "if (x) /a b/.test(y);"),
    ("a.js", "if (x) /[//] y/.test(z);", "if (x) /[//] w/.test(z);"),
    ("a.js", "return / a/.test(x);", "return /  a/.test(x);"),
    ("a.js", "if (a /* b */) {", "if (a /* \u202e } \u2066 if (admin) */) {"),
    ("a.rb", "def a\n  line.split(/ /)\nend", "def a\n  line.split(/  /)\nend"),
    ("a.rb", "def a\n  b.sub(/ # TODO/, '')\nend", "def a\n  b.sub(/ # FIXME/, '')\nend"),
    ("a.rb", "def a\n  %q^a # b^\nend", "def a\n  %q^a # c^\nend"),
    ("a.rb", "def a\n  %w-a  b-\nend", "def a\n  %w-a b-\nend"),
    ("a.rb", "def a\n  ?# + b\nend", "def a\n  ?# + c\nend"),
    ("a.py", "import a  # b", "import a  # \u202e b"),
    ("a.c", "// a \\ \nfoo();\nx = 1;", "// b\nfoo();\nx = 1;"),
    ("a.c", "// a \\\t\nfoo();\nx = 1;", "// a \\\t\nbar();\nx = 1;"),
    ("a.c", "x = 1;\n// a \\", "x = 1;\n// b"),
    ("a.c", "// a ??/\nfoo();\nx = 1;", "// a ??/\nbar();\nx = 1;"),
    ("a.c", "x = STR(a+b);", "x = STR(a + b);"),
    ("a.c", "x = STR(f(a,b));", "x = STR(f(a ,b));"),
    ("a.c", "x = 0x1e+1;", "x = 0x1e +1;"),
]
# Hunks that are wholly inside a string of several lines.
IN_STRINGS = [
    ("a.ts", "  src: url(//evil.example/x);", "  src: url(//good.example/x);"),
    ("a.ts", "  ${a}  ${b}\n  ${c}", "  ${a} ${b}\n  ${c}"),
    ("a.ts", "  and a = 'x'", '  and a = "x"'),
    ("a.ts", '  {"a": 1,\n  }', '  {"a": 1\n  }'),
    ("a.ts", "  #  foo(id: 1) { a }", "  # foo(id: 1) { a }"),
    ("a.tsx", "  {price} //x\n  {b}", "  {price} //y\n  {b}"),
    ("a.tsx", "  {a}  {b}", "  {a} {b}"),
    ("a.py", "  # Forbid deletes\n  - a", "  # Allow deletes\n  - a"),
    ("a.py", ".b {\n  color: #fff;\n  margin: 0;\n}", ".b {\n  color: #000;\n  margin: 0;\n}"),
    ("a.py", "  if: a == 'x'\n  # b", "  if: a == 'x'\n  # c"),
    ("a.py", "  x=$1 #foo\n  exit 1", "  x=$1 #bar\n  exit 1"),
    ("a.py", "  >>> f(1,  2)", "  >>> f(1, 2)"),
    ("a.py", "  a = 'x'", '  a = "x"'),
    ("a.py", '  {"a": 1,}', '  {"a": 1}'),
    ("a.py", '  # one\n  """\n  x = 1\n\ndef g():\n  """\n  y', '  # two\n  """\n  x = 1\n\ndef g():\n  """\n  y'),
    ("a.rb", "  color: #fff;\n  a: 1", "  color: #000;\n  a: 1"),
    ("a.rb", "  a = 1\n # foo\nSQL\nfoo", "  a = 1\n # bar\nSQL\nfoo"),
    *((path, "  a:\n    b: 1", "  a:\n  b: 1") for path in ("a.go", "a.rs", "A.java", "a.cc", "a.rb", "a.js")),
    *((path, "  g(x)\n    h.i(x)\n  return x", "  g(x)\n  h.i(x)\n  return x") for path in ("a.go", "a.rs", "a.js")),
    *((path, "  SELECT a,  b\n  FROM c", "  SELECT a, b\n  FROM c") for path in ("a.go", "a.py", "a.js", "a.rb")),
]


@pytest.mark.parametrize(("path", "one", "two"), SAME)
def test_formatting_and_comments_make_no_difference(path: str, one: str, two: str) -> None:
    """What a compiler reads the same has one form, with as many tokens, each on a row of its own chunk."""
    a, b = of(path, proven(path, one)), of(path, proven(path, two))
    assert a.digest == b.digest
    assert len(a.rows) == len(b.rows)
    assert max(b.rows, default=0) <= proven(path, two).count("\n")


@pytest.mark.parametrize(("path", "one", "two"), [*OTHER, *READ_WRONGLY, *IN_STRINGS])
def test_what_a_compiler_sees_makes_a_difference(path: str, one: str, two: str) -> None:
    """No two programs that a compiler or a tool tells apart have one form."""
    assert of(path, one).digest != of(path, two).digest
    if (path, one, two) not in IN_STRINGS:
        assert of(path, proven(path, one)).digest != of(path, proven(path, two)).digest


MEMBERS = ['+  mac: "MAC",', '+  ipv4: "IPv4",', '+  unit: { one: "byte" },']


@pytest.mark.parametrize(
    ("rows", "alike"),
    [
        (MEMBERS, True),
        (MEMBERS[1:], False),
        (['+  "mac": "MAC",', '+  "ipv4": "IPv4",', '+  "unit": { "one": "byte" },'], False),
        (["+  mac: MAC", "+  ipv4: IPv4", "+  unit: byte"], False),
    ],
    ids=["members", "too few", "json in a string, maybe", "yaml in a string, maybe"],
)
def test_the_middle_of_an_object_is_code(rows: list[str], *, alike: bool) -> None:
    """Three members in a row prove it in a script; what another language writes as well does not."""
    one, two = form("a.ts", lines_of(rows)), form("a.ts", lines_of([f"+    {row[1:]}" for row in rows]))
    assert one is not None
    assert two is not None
    assert (one.digest == two.digest) is alike


def test_a_list_of_imports_is_go() -> None:
    """No row of it says so, but together they do."""
    rows = ['+\t"errors"', '+\t"strings"', "+", '+\tmaps "golang.org/x/exp/maps"']
    one, two = (
        form("a.go", lines_of(rows)),
        form("a.go", lines_of([row.replace("\t", "  ") for row in rows if row != "+"])),
    )
    assert one is not None
    assert two is not None
    assert one.digest == two.digest


@pytest.mark.parametrize(
    "rows",
    [
        ["+from .._models import Request, Response"],
        ["+    auth=auth,", "+    proxy=proxy,", "+    verify=verify,", "+)"],
        ["+Content = Union[str, bytes]"],
    ],
)
def test_these_are_python(rows: list[str]) -> None:
    """What only Python writes so is code without more around it: blanks between its tokens make no difference."""
    one, two = form("a.py", lines_of(rows)), form("a.py", lines_of([row.replace(",", " , ") for row in rows]))
    assert one is not None
    assert two is not None
    assert one.digest == two.digest


def test_the_place_makes_no_difference() -> None:
    """A chunk that was moved within its file or to another of its kind has the form that it had."""
    rows = [" def f(a):", "-    go(a)", "+    go(a, 1)"]
    here = form("src/a.py", lines_of(rows))
    assert here == form("lib/b.py", lines_of(rows, old=400, new=7))
    for path in ("tests/a.py", "src/a.pyi", "src/a.txt", "src/test_a.py"):
        there = form(path, lines_of(rows))
        assert there is not None
        assert here is not None
        assert there.digest != here.digest
    assert of("a_linux.go", "x").digest != of("a.go", "x").digest != of("a_windows.go", "x").digest


def test_the_sides_are_told_apart() -> None:
    """A change and its reversal are two changes."""
    rows = [" def f(a):", "-    go(a)", "+    go(a, 1)"]
    forms = [form("a.py", lines_of(each)) for each in (rows, [rows[0], "+    go(a)", "-    go(a, 1)"])]
    assert forms[0] is not None
    assert forms[1] is not None
    assert forms[0].digest != forms[1].digest


def test_rows_are_those_of_the_tokens() -> None:
    """First the tokens of the new side, then those of the old one, each with the row on which it begins."""
    found = form("a.js", lines_of([" f(", "-  a,", "+  b,", "+  // why", " );"]))
    assert found is not None
    assert found.rows == (0, 0, 2, 4, 4, 0, 0, 1, 4, 4)


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (Line("+", "x = [secret]", None, 1, ("token",)),),
        (Line("+", "x" * 3_000, None, 1),),
        (Line("-", "a", 1, None), Line("-", "b", 9, None)),
    ],
    ids=["nothing", "a secret", "a long line", "a gap"],
)
def test_what_is_not_known_whole_has_no_form(lines: tuple[Line, ...]) -> None:
    """What was cut out, left out or not shown may differ."""
    assert form("a.py", lines) is None


CODE = {
    "a.js": "export function f ( a , b ) { if ( a < b && ! c ) { return g ( a + 1 , 'x y' ) ; } return [ a , b ] ; }",
    "a.go": 'func f ( a int ) int { if a < 1 && ! ok { return g ( a + 1 , "x y" ) ; } ; return a - 2 ; }',
    "A.java": 'int f ( int a ) { if ( a < 1 && ! ok ) { return g ( a + 1 , "x y" ) ; } return a >> 2 ; }',
    "a.rs": 'fn f ( a : u8 ) -> u8 { if a < 1 && ! ok { return g ( a + 1 , "x y" ) ; } a - 2 }',
    "a.c": "int f ( int * a ) { if ( * a < 1 && ! ok ) { return g ( a + 1 , 'x' ) ; } return a -> b ; }",
    "a.py": "x = f ( a < 1 and not b , await g ( c + 1 , 'xy' ) , [ a , b ] , key = c - 2 )",
    "a.rb": "x = f ( a < 1 && b , g ( c + 1 , 'xy' ) , [ a , b ] , c - 2 )",
}
FREE = ("A.java", "a.rs", "a.c")
PIECES = {path: text.replace("'x y'", "'xy'").replace('"x y"', '"xy"').split(" ") for path, text in CODE.items()}


@given(st.sampled_from(FREE), st.data())
@settings(max_examples=60, deadline=None)
def test_blanks_between_tokens_make_no_difference(path: str, data: st.DataObject) -> None:
    """Where a line end is a blank, tokens may be apart by any blanks, line ends and comments."""
    blanks = st.sampled_from([" ", "  ", "\t", "\n", "\n\n    ", " /* why */ ", " // why so\n"])
    made = "".join(piece + data.draw(blanks) for piece in PIECES[path])
    assert of(path, proven(path, made)).digest == of(path, proven(path, " ".join(PIECES[path]))).digest


@given(st.sampled_from(sorted(PIECES)), st.data())
@settings(max_examples=150, deadline=None)
def test_no_change_of_a_token_is_lost(path: str, data: st.DataObject) -> None:
    """A token that is left out, put in, changed for another or for its neighbour makes another form."""
    pieces = list(PIECES[path])
    at = data.draw(st.integers(0, len(pieces) - 2))
    new = data.draw(st.sampled_from(["+", "-", "<", "<=", "!", "z", "7", "'z'", "*", "&&", "[", "", "swap"]))
    if new == "swap":
        pieces[at], pieces[at + 1] = pieces[at + 1], pieces[at]
    else:
        pieces[at] = new
    changed = [piece for piece in pieces if piece]
    if changed != PIECES[path]:
        one, two = (proven(path, " ".join(each)) for each in (changed, PIECES[path]))
        assert of(path, one).digest != of(path, two).digest


STATEMENTS = (
    *(
        "x = (a, b)",
        "if (a):\n    b\nc",
        "return_ = [a, 'b' \"c\"]",
        "for i in (a):\n    b(i,)\n    c",
        "assert (a), (b)",
    ),
    *(
        "with (a) as b, c:\n    d",
        "x = y = (a if b else (c))",
        "@d(a,)\ndef f(a, *, b=(1)) -> (int):\n    return (a, b)",
    ),
)


@given(
    st.sampled_from(STATEMENTS),
    st.integers(0, 99),
    st.sampled_from([*" \n(),;:#'\"\\=fb", "\n    ", "  "]),
    st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_python_of_one_form_is_one_program(text: str, at: int, new: str, put: bool) -> None:
    """Whatever is typed into Python: if the form stays, so does what Python itself reads."""
    at %= len(text)
    changed = text[:at] + new + text[at + (not put) :]
    one, two = (
        form("a.py", lines_of([f"+{row}" for row in proven("a.py", each).split("\n")])) for each in (text, changed)
    )
    if one is None or two is None or one.digest != two.digest:
        return
    try:
        read = ast.dump(ast.parse(textwrap.dedent(changed)))
    except (SyntaxError, ValueError):
        return
    assert read == ast.dump(ast.parse(text))


@given(st.sampled_from(["a.py", "a.js", "a.go", "A.java", "a.rb", "a.rs", "a.cc", "a.txt"]), st.text(max_size=80))
@settings(max_examples=100, deadline=None)
def test_no_text_is_too_much(path: str, text: str) -> None:
    """Strangers' text of any kind has a form, and its tokens stand on its rows."""
    found = of(path, text)
    assert all(0 <= row <= text.count("\n") for row in found.rows)


def test_the_forms_of_many_chunks() -> None:
    """They are by key; what has no form is missing."""
    chunks = {"a": ("a.py", lines_of(["+x = 1"])), "b": ("b.py", ())}
    assert forms(chunks) == {"a": form("a.py", lines_of(["+x = 1"]))}
