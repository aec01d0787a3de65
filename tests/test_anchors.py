"""A finding stands on the line that it quotes, or nowhere."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reviewer.core.anchors import Places, place
from reviewer.core.diff import parse_diff
from reviewer.core.types import Anchor, Diff, FileDiff, Finding, Hunk, Line, Placed, Severity, Side

DIFF = parse_diff(
    """\
diff --git a/shop/cart.py b/shop/cart.py
--- a/shop/cart.py
+++ b/shop/cart.py
@@ -10,8 +10,9 @@ class Cart:
     def total(self):
         amount = 0
-        for item in self.items:
-            amount += item.price
-        return amount
+        for item in self.items[1:]:
+            amount += item.price * item.count
+
+        return amount
     def clear(self):
         self.items = []
         return None
@@ -40,5 +41,5 @@ def checkout(cart):
     if cart.empty:
-        raise Empty
+        raise EmptyCart
     }
     log("done")
     }
diff --git a/old name.py b/new name.py
similarity index 50%
rename from old name.py
rename to new name.py
--- a/old name.py\t
+++ b/new name.py\t
@@ -1,2 +1,2 @@
-first = 1
+first = 2
 second = 2\r
diff --git a/logo.png b/logo.png
Binary files a/logo.png and b/logo.png differ
diff --git a/latin.txt b/latin.txt
--- a/latin.txt
+++ b/latin.txt
@@ -1 +1 @@
-caf\ufffd au lait
+caf\ufffd noir
"""
)
PLACES = Places(DIFF)
CART = "shop/cart.py"


def finding(quote: str, line: int = 1, **given: Any) -> Finding:
    usual: dict[str, Any] = {
        "path": CART,
        "line": line,
        "end_line": None,
        "quote": quote,
        "severity": Severity.HIGH,
        "category": "bug",
        "confidence": 0.9,
        "title": "t",
        "body": "b",
    }
    return Finding(**(usual | given))


def placed(quote: str, line: int = 1, **given: Any) -> Placed:
    return place(finding(quote, line, **given), PLACES)


def right(line: int, start: int | None = None) -> Anchor:
    return Anchor(CART, Side.RIGHT, line, start)


def left(line: int, start: int | None = None) -> Anchor:
    return Anchor(CART, Side.LEFT, line, start)


@pytest.mark.parametrize(
    ("quote", "line", "anchor"),
    [
        ("        for item in self.items[1:]:", 12, right(12)),  # as it stands
        ("for item in self.items[1:]:", 12, right(12)),  # trimmed
        ("+        for item in self.items[1:]:", 12, right(12)),  # with its sign
        ("12+        for item in self.items[1:]:", 12, right(12)),  # with its number, as the prompt shows it
        ("for   item in\tself.items[1:]:", 12, right(12)),  # other white space
        ("for item in self.items[1:]:", 99, right(12)),  # wrong number
        ("for item in self.items[1:]:", -5, right(12)),
        ("for item in self.items:", 12, left(12)),  # the removed line that reads so, not the added one at that number
        ("-        for item in self.items:", 12, left(12)),
        ("return amount", 14, left(14)),  # removed, at its number
        ("return amount", 15, right(15)),  # the same text added, at its number
        ("return amount", 90, right(15)),  # the nearer
        ("self.items[1:]", 12, right(12)),  # a part
        ("self.items[1:]", 50, right(12)),  # a part, and elsewhere
        ("amount += item.price", 13, left(13)),  # a whole line before a part of another
        ("amount += item.price * …", 40, right(13)),  # cut short
        ("for item in self.items[1:]:\n    amount += item.price * item.count", 1, right(13, 12)),
        ("    amount += item.price * item.count\n\n   return amount", 13, right(15, 13)),
        ("self.items[1:]:\n amount += item.price *", 12, right(13, 12)),  # parts of lines that follow one another
        ("-        return amount\n+        for item in self.items[1:]:", 14, left(14)),  # across the sides
        ("return amount\nlog('never')", 15, right(15)),  # one of the lines is there
        ("}", 43, right(43)),
        ("}", 45, right(45)),
        ("raise Empty", 41, left(41)),
        ("return None", 18, right(18)),
    ],
)
def test_the_quote_decides(quote: str, line: int, anchor: Anchor) -> None:
    """The line with the number if it reads like the quote, else the nearest one that does."""
    assert placed(quote, line).anchor == anchor


@pytest.mark.parametrize(
    ("quote", "line", "path", "problem"),
    [
        ("}", 44, CART, "quotes a line that this diff does not show, or too little to tell which is meant"),
        ("x", 12, CART, "quotes a line that this diff does not show, or too little to tell which is meant"),
        ("import os", 12, CART, "quotes a line that this diff does not show, or too little to tell which is meant"),
        ("", 12, CART, "quotes no line"),
        (" \n\t\n", 14, CART, "quotes no line"),
        ("import os", 1, "shop/other.py", "is about a file outside this diff"),
        ("import os", 1, "", "is about no single line of the diff"),
        ("PNG", 1, "logo.png", "is about a file whose lines this diff does not show"),
    ],
)
def test_what_has_no_place_says_why(quote: str, line: int, path: str, problem: str) -> None:
    """No line, no anchor: the finding is kept, with a reason, and its suggestion goes."""
    kept = placed(quote, line, path=path, suggestion="y")
    assert kept == Placed(finding(quote, line, path=path), None, problem=problem)


@pytest.mark.parametrize(
    "path",
    [
        "shop/cart.py",
        "a/shop/cart.py",
        "b/shop/cart.py",
        "./shop/cart.py",
        "/shop/cart.py",
        " shop\\cart.py ",
        "`shop/cart.py`",
    ],
)
def test_paths_as_models_write_them(path: str) -> None:
    """A path may carry what diffs put before it; what comes out is the path in the diff."""
    told = placed("raise EmptyCart", 42, path=path)
    assert (told.anchor, told.finding.path) == (right(42), CART)


def test_the_old_name_of_a_renamed_file_is_its_new_name() -> None:
    """GitHub knows a renamed file, removed lines included, by its new name."""
    told = placed("first = 1", 1, path="old name.py")
    assert told.anchor == Anchor("new name.py", Side.LEFT, 1)
    assert told.finding.path == "new name.py"


def test_a_folder_that_is_called_like_a_prefix() -> None:
    """`a/x` is the file `a/x` where there is one."""
    body = "--- {0}\n+++ {0}\n@@ -1 +1 @@\n-{1} = 1\n+{1} = 2\n"
    text = "".join(
        f"diff --git {path} {path}\n" + body.format(path, name) for path, name in (("a/x", "inner"), ("x", "outer"))
    )
    places = Places(parse_diff(text))
    assert place(finding("inner = 2", path="a/x"), places).anchor == Anchor("a/x", Side.RIGHT, 1)
    assert place(finding("outer = 2", path="b/x"), places).anchor == Anchor("x", Side.RIGHT, 1)


@pytest.mark.parametrize(
    ("quote", "line", "end_line", "anchor"),
    [
        ("for item in self.items[1:]:", 12, 13, right(13, 12)),
        ("for item in self.items[1:]:", 12, 12, right(12)),  # GitHub refuses a range of one line
        ("for item in self.items[1:]:", 12, 9, right(12)),
        ("for item in self.items[1:]:", 12, 43, right(18, 12)),  # cut at the hunk's end
        ("for item in self.items[1:]:", 12, 10**30, right(18, 12)),
        ("for item in self.items[1:]:", 2, 3, right(13, 12)),  # moved along
        ("for item in self.items:", 12, 13, left(13, 12)),
        ("for item in self.items:", 12, 17, left(14, 12)),  # what was removed ends there
        ("return amount", 14, 15, left(14)),
    ],
)
def test_ranges_stay_in_one_hunk_on_one_side(quote: str, line: int, end_line: int, anchor: Anchor) -> None:
    """A range is what GitHub takes: one hunk, one side, start before end."""
    assert placed(quote, line, end_line=end_line).anchor == anchor


@pytest.mark.parametrize(
    ("quote", "line", "end_line", "suggestion", "survives"),
    [
        ("raise EmptyCart", 42, None, "        raise EmptyCart(cart)", True),
        ("raise EmptyCart", 42, None, "        raise EmptyCart", False),  # changes nothing
        ("raise EmptyCart", 42, None, "        raise EmptyCart\n", False),
        ("raise EmptyCart", 42, None, "", True),  # takes the line away
        ("raise EmptyCart", 7, None, "        x", True),
        ("for item in self.items[1:]:", 12, 13, "        x", True),
        ("for item in self.items[1:]:", 2, 3, "        x", True),  # moved as a whole
        ("for item in self.items[1:]:", 12, 43, "x", False),  # replaces lines that are not here
        ("for item in self.items[1:]:", 12, 9, "x", False),
        ("for item in self.items:", 12, None, "x", False),  # on a removed line
        ("return amount\nlog('never')", 15, None, "x", False),  # only a part of what it quotes was found
    ],
)
def test_suggestions_that_would_replace_something_else_go(
    quote: str, line: int, end_line: int | None, suggestion: str, survives: bool
) -> None:
    """A suggestion stands only where its range is whole, on the right, and changed by it; the finding stays anyway."""
    told = placed(quote, line, end_line=end_line, suggestion=suggestion)
    assert told.anchor is not None
    assert told.finding == finding(quote, line, end_line=end_line, suggestion=suggestion if survives else None)


def test_no_suggestion_where_bytes_could_not_be_read() -> None:
    """U+FFFD in the code means that a suggestion would write other bytes than the file has."""
    assert placed("caf\ufffd noir", path="latin.txt", suggestion="tea").finding.suggestion is None


def test_a_suggestion_for_a_line_with_crlf() -> None:
    """The CR is not what a suggestion changes."""
    assert placed("second = 2", 2, path="new name.py", suggestion="second = 2").finding.suggestion is None
    assert placed("second = 2", 2, path="new name.py", suggestion="second = 3").finding.suggestion == "second = 3"


@pytest.mark.parametrize(
    ("quote", "line", "end_line", "code"),
    [
        ("for item in self.items[1:]:", 12, 13, "        for item in self.items[1:]:\n            amount += item.price * item.count"),
        ("self.items = []", 17, None, "        self.items = []"),
    ],
)  # fmt: skip
def test_code(quote: str, line: int, end_line: int | None, code: str) -> None:
    """People and the confirmation see the anchored lines."""
    assert placed(quote, line, end_line=end_line).code == code


@pytest.mark.parametrize(
    ("quote", "line", "context", "alone"),
    [
        ('    log("done")', 44, "}\n}\n1", True),
        ("return amount", 15, "amount += item.price * item.count\ndef clear(self):\n1", True),
        ("return amount", 14, "amount += item.price\ndef clear(self):\n1", True),
        ("}", 43, 'raise EmptyCart\nlog("done")\n1', False),
        ("}", 45, 'log("done")\n\n1', False),
    ],
)
def test_context(quote: str, line: int, context: str, alone: bool) -> None:
    """What tells a line from those that read alike: the nearest other code on its side. A removed line is no twin."""
    told = placed(quote, line)
    assert (told.context, told.alone) == (context, alone)


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ("new name.py", "new name.py"),
        ("old name.py", "new name.py"),
        ("`shop/cart.py`", "shop/cart.py"),
        (".\\shop\\cart.py", "shop/cart.py"),
        ("b/shop/cart.py", "shop/cart.py"),
        ("elsewhere.py", "elsewhere.py"),
    ],
)
def test_what_a_path_means(said: str, path: str) -> None:
    """Models quote paths, write them the Windows way, with git's prefix, or as the file was called before."""
    assert Places(DIFF).path(said) == path


def test_a_line_that_was_shown_in_part_offers_no_suggestion() -> None:
    """It would replace what nobody saw. Its quote as the prompt shows it leads there all the same."""
    long = "f();" * 900
    line = Line("+", long, None, 1)
    places = Places(Diff((FileDiff("a.js", "a.js", "added", (Hunk(0, 0, 1, 1, "", (line,)),)),)))
    quote = f"{long[:1_600]} … [1600 characters cut] … {long[-400:]}"
    told = place(finding(quote, 7, path="a.js", suggestion="g();"), places)
    assert told.anchor == Anchor("a.js", Side.RIGHT, 1)
    assert told.finding.suggestion is None


@pytest.mark.parametrize(
    "quote", [" " * 10**6, "}" * 10**6, "1" * 10**6, "." * 10**6, "}\n" * 10**5, "return None" + " " * 10**6 + "x"]
)
def test_a_million_of_anything(quote: str) -> None:
    """A quote of any size is answered at once (patterns that look back over spaces would take minutes)."""
    assert placed(quote, 18).anchor is None


# --- whatever the diff, whatever the finding ----------------------------------------------------------------------

TEXTS = st.sampled_from(["", "}", "x = 1", "return value", "    return value", "call(value)", "a\u2028b\x0cword", "crlf line\r"]) | st.text("abcxyz 1+-\t", max_size=9)  # fmt: skip


@st.composite
def hunks(draw: st.DrawFn, old: int, new: int) -> Hunk:
    start, rows = (old, new), []
    for kind in draw(st.lists(st.sampled_from("+- "), min_size=1, max_size=8)):
        rows.append(Line(kind, draw(TEXTS), old if kind != "+" else None, new if kind != "-" else None))
        old, new = old + (kind != "+"), new + (kind != "-")
    return Hunk(
        start[0], old - start[0], start[1], new - start[1], draw(st.sampled_from(["", "def f():"])), tuple(rows)
    )


@st.composite
def diffs(draw: st.DrawFn) -> Diff:
    files = []
    for path in draw(st.lists(st.sampled_from(["f", "a/f", "g", "b/h"]), unique=True, max_size=3)):
        old, new, found = 1, 1, []
        for gap in draw(st.lists(st.integers(0, 5), max_size=3)):
            hunk = draw(hunks(old + gap, new + gap))
            found.append(hunk)
            old, new = hunk.old_start + hunk.old_lines, hunk.new_start + hunk.new_lines
        files.append(FileDiff(path, path, "modified", tuple(found)))
    return Diff(tuple(files))


FINDINGS = st.builds(
    finding,
    st.lists(TEXTS, max_size=3).map("\n".join) | st.text(max_size=20),
    st.integers(-3, 40) | st.integers(),
    path=st.sampled_from(["f", "a/f", "./g", "b/h", "h"]) | st.text(max_size=5),
    end_line=st.none() | st.integers(-3, 40) | st.integers(),
    suggestion=st.none() | st.text(max_size=9),
)


@given(diffs(), FINDINGS)
def test_an_anchor_is_always_a_place_that_github_takes(diff: Diff, told: Finding) -> None:
    """Each anchored line is a line of the diff on that side, the whole range in one hunk; else there is a reason."""
    result = place(told, Places(diff))
    if result.anchor is None:
        assert result.problem
        assert result.finding.suggestion is None
        return
    file = diff.file(result.anchor.path)
    assert file is not None
    first = result.anchor.start_line or result.anchor.line
    assert result.anchor.start_line is None or first < result.anchor.line
    wanted = list(range(first, result.anchor.line + 1))
    shown = [on_side(hunk, result.anchor.side, wanted) for hunk in file.hunks]
    in_hunks = ["\n".join(line.text for line in lines) for lines in shown if [line.number for line in lines] == wanted]
    assert result.code in in_hunks
    if result.finding.suggestion is not None:
        assert result.anchor.side is Side.RIGHT
        assert result.finding.suggestion != result.code


def on_side(hunk: Hunk, side: Side, numbers: list[int]) -> list[Line]:
    return [line for line in hunk.lines if line.side is side and line.number in numbers]


@given(diffs(), st.data(), st.integers(-3, 60))
def test_a_line_that_is_there_once_is_found_by_its_quote(diff: Diff, data: st.DataObject, number: int) -> None:
    """Whatever number the model gives, a quote that reads like one line alone leads to that line."""
    lines = [(file.path, line) for file in diff.files for hunk in file.hunks for line in hunk.lines]
    read = Counter((path, " ".join(line.text.split())) for path, line in lines)
    alone = [(path, line) for path, line in lines if line.text.strip() and read[path, " ".join(line.text.split())] == 1]
    assume(alone)
    path, line = data.draw(st.sampled_from(alone))
    assert place(finding(line.text, number, path=path), Places(diff)).anchor == Anchor(path, line.side, line.number)


def test_many_quotes_that_are_nowhere_in_a_large_file() -> None:
    """A quote is looked for in the whole file at once: rows are compared only where a part of them agrees."""
    rows = tuple(Line("+", f"value_{n} = compute({n})", None, n) for n in range(1, 20_001))
    places = Places(Diff((FileDiff("a.py", "a.py", "added", (Hunk(0, 0, 1, 20_000, "", rows),)),)))
    file = places.rows("a.py")
    assert file is not None
    assert [row.line.number for row in file.holding("compute(1999")] == [1_999, *range(19_990, 20_000)]
    assert list(file.holding("nowhere to be found")) == []
    told = [place(finding(f"nowhere to be found {n}", n, path="a.py"), places) for n in range(2_000)]
    assert {each.anchor for each in told} == {None}


@given(st.lists(TEXTS, min_size=1, max_size=12), TEXTS)
def test_the_rows_that_hold_a_part(texts: list[str], part: str) -> None:
    """Exactly those whose text has it, each once, in order; never across two rows."""
    read = " ".join(part.split())
    assume(read)
    lines = tuple(Line("+", text, None, at) for at, text in enumerate(texts, 1))
    file = Places(Diff((FileDiff("f", "f", "added", (Hunk(0, 0, 1, len(lines), "", lines),)),))).rows("f")
    assert file is not None
    assert list(file.holding(read)) == [row for row in file.rows if read in row.normal]
