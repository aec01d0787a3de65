"""A suggestion is offered only where it replaces, whole and as deep, the lines that are there now."""

from __future__ import annotations

import pytest

from reviewer.core.anchors import Places, place
from reviewer.core.diff import parse_diff
from reviewer.core.render.review import comment_body
from reviewer.core.types import Diff, FileDiff, Finding, Hunk, Line, Severity, Side

DIFF = parse_diff(
    """\
diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1,3 +1,4 @@
 def total(items):
-    return sum(items)
+    for item in items:
+        add(item, key="[secret: github-pat]")
     return None
"""
)


def offered(quote: str, line: int, suggestion: str, *, end_line: int | None = None, diff: Diff = DIFF) -> str | None:
    finding = Finding("a.py", line, end_line, quote, Severity.HIGH, "logic", 0.9, "t", "b", suggestion)
    placed = place(finding, Places(diff))
    assert placed.anchor
    assert ("```suggestion" in comment_body(placed)) == (placed.finding.suggestion is not None)
    return placed.finding.suggestion


@pytest.mark.parametrize(
    ("quote", "suggestion", "wanted"),
    [
        ("    for item in items:", "    for item in items[1:]:", "    for item in items[1:]:"),
        ("for item in items:", "for item in items[1:]:", "    for item in items[1:]:"),  # both trimmed: put back
        ("for item in items:", "if x:\n    y()\n\nz()", "    if x:\n        y()\n\n    z()"),
        ("for item in items:", "    for item in items[1:]:", "    for item in items[1:]:"),  # the quote alone trimmed
        ("    for item in items:", "for item in items[1:]:", "for item in items[1:]:"),  # less is meant
        ("item in items", "item in items[1:]", None),  # a part of a line: it would replace the whole line
    ],
)
def test_the_whole_line_as_deep_as_it_stands(quote: str, suggestion: str, wanted: str | None) -> None:
    """Models trim; what they trimmed is put back, and a part of a line never replaces the whole."""
    assert offered(quote, 2, suggestion) == wanted


def test_never_where_a_secret_stood() -> None:
    """A placeholder would be written into the file, from the line or from the suggestion."""
    assert offered('        add(item, key="[secret: github-pat]")', 3, "        add(item)") is None
    assert offered("    for item in items:", 2, "        pass", end_line=3) is None
    assert offered("    for item in items:", 2, '    key = "[secret: aws-key]"') is None


def test_never_on_a_line_that_something_was_cut_out_of() -> None:
    """Also where the placeholder cannot be told from the text."""
    line = Line("+", "key = x", None, 1, ("github-pat",))
    diff = Diff((FileDiff("a.py", "a.py", "modified", (Hunk(1, 0, 1, 1, "", (line,)),)),))
    assert offered("key = x", 1, "key = y", diff=diff) is None


def test_never_on_a_removed_line() -> None:
    """GitHub takes suggestions for the new file only."""
    finding = Finding("a.py", 2, None, "    return sum(items)", Severity.HIGH, "logic", 0.9, "t", "b", "    pass")
    placed = place(finding, Places(DIFF))
    assert placed.anchor
    assert (placed.anchor.side, placed.finding.suggestion) == (Side.LEFT, None)
