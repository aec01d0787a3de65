"""Diffs are read as git wrote them, and what cannot be read is said."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unidiff.patch import PatchSet

from reviewer.core.diff import TOO_MANY, DiffReader, PatchEntry, decode, diff_from_files, parse_diff
from reviewer.core.types import Diff, FileDiff, Hunk

FIXTURES = Path(__file__).parent.parent / "fixtures" / "diffs"
GOLDENS = sorted(path.stem for path in FIXTURES.glob("*.diff"))


def shown(file: FileDiff) -> dict[str, Any]:
    """A file as the goldens write it: what is not the usual, and lines with their signs."""
    told: dict[str, Any] = {"path": file.path, "status": file.status}
    if file.old_path != file.path:
        told["old_path"] = file.old_path
    for word in ("binary", "submodule", "mode", "missing"):
        if getattr(file, word):
            told[word] = getattr(file, word)
    if file.hunks:
        told["hunks"] = [
            {
                "at": [hunk.old_start, hunk.old_lines, hunk.new_start, hunk.new_lines],
                "section": hunk.section,
                "lines": [line.kind + line.text for line in hunk.lines],
            }
            for hunk in file.hunks
        ]
    return told


@pytest.mark.parametrize("name", GOLDENS)
def test_goldens(name: str) -> None:
    """Each `.diff` is read as the `.json` beside it says."""
    diff = parse_diff(decode((FIXTURES / f"{name}.diff").read_bytes()))
    expected = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))
    assert [shown(file) for file in diff.files] == expected


def numbers_fit(hunk: Hunk) -> bool:
    old = [line.old for line in hunk.lines if line.kind != "+"]
    new = [line.new for line in hunk.lines if line.kind != "-"]
    return (
        old == list(range(hunk.old_start, hunk.old_start + hunk.old_lines))
        and new == list(range(hunk.new_start, hunk.new_start + hunk.new_lines))
        and all(line.new is None for line in hunk.lines if line.kind == "-")
        and all(line.old is None for line in hunk.lines if line.kind == "+")
    )


# --- against git itself -------------------------------------------------------------------------------------------

Tree = dict[str, str]


@dataclass(frozen=True)
class Git:
    """A repository in which any two trees can be compared."""

    folder: Path

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        command = ["git", "-c", "core.autocrlf=false", *arguments]
        env = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "PATH": "/usr/local/bin:/usr/bin:/bin"}
        return subprocess.run(command, cwd=self.folder, env=env, input=stdin, capture_output=True, check=True).stdout

    def tree(self, tree: Tree) -> str:
        rows = []
        for path, text in tree.items():
            blob = self.run("hash-object", "-w", "--stdin", stdin=text.encode()).decode().strip()
            rows.append(f"100644 {blob}\t{path}\0".encode())
        self.run("read-tree", "--empty")
        self.run("update-index", "-z", "--index-info", stdin=b"".join(rows))
        return self.run("write-tree").decode().strip()

    def diff(self, old: Tree, new: Tree, *options: str) -> bytes:
        return self.run("diff-tree", "-p", *options, self.tree(old), self.tree(new))


@pytest.fixture(scope="session")
def git(tmp_path_factory: pytest.TempPathFactory) -> Git:
    found = Git(tmp_path_factory.mktemp("diffs"))
    found.run("init", "-q")
    return found


LINES = st.sampled_from(
    [
        "", " ", "\r", "}", "one", "two\r", "-- a/x", "++ b/y", "- a/x", "+ b/y", "@@ -1 +1 @@", "@@ -1,2 +1,3 @@ f()",
        "diff --git a/q b/q", "--- a/z", "+++ b/z", "\\ No newline at end of file", "form\x0cfeed", "\x0b", "a\x85b",
        "a\u2028b", "lone\rreturn", "\x1c", "rename from x", "Binary files a and b differ", "émoji 😀", "index 1..2",
    ]
)  # fmt: skip
TEXTS = st.builds(
    lambda lines, end: "\n".join(lines) + end,
    st.lists(LINES | st.text("abc \t\r", max_size=3), max_size=14),
    st.just("\n") | st.just(""),
)
NAMES = st.sampled_from(
    [
        "a.py",
        "b/x",
        "a/a/x",
        "foo b/x",
        "with space",
        "tab\there",
        'quo"te',
        "back\\slash",
        "new\nline",
        "é/ü.txt",
        "😀",
        " lead",
        "trail ",
        "a/b/c d b/e",
    ]
)


@st.composite
def changes(draw: st.DrawFn) -> tuple[Tree, Tree]:
    """Two trees: files are kept, edited, removed, renamed with or without an edit, and added."""
    old = draw(st.dictionaries(NAMES, TEXTS, max_size=4))
    new: Tree = {}
    for path, text in old.items():
        fate = draw(st.sampled_from(["keep", "edit", "remove", "rename", "rename and edit"]))
        lines = text.split("\n")
        if fate in ("edit", "rename and edit"):
            at = draw(st.integers(0, len(lines)))
            lines[at : at + draw(st.integers(0, 2))] = draw(st.lists(LINES, max_size=3))
        if fate != "remove":
            new[f"moved/{path}" if fate.startswith("rename") else path] = "\n".join(lines)
    new |= draw(st.dictionaries(NAMES.map(lambda name: f"new/{name}"), TEXTS, max_size=2))
    return old, new


def lines_of(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def applied(old: list[str], hunks: tuple[Hunk, ...]) -> list[str]:
    """The new lines, made out of the old ones; fails where a hunk does not say what stood there."""
    new: list[str] = []
    at = 0
    for hunk in hunks:
        start = hunk.old_start - 1 if hunk.old_lines else hunk.old_start
        new += old[at:start]
        at = start + hunk.old_lines
        assert old[start:at] == [line.text for line in hunk.lines if line.kind != "+"]
        new += [line.text for line in hunk.lines if line.kind != "-"]
    return new + old[at:]


@given(
    change=changes(), options=st.sampled_from([(), ("-M",), ("-M", "-C"), ("--no-prefix",), ("-U0",), ("-U30", "-M")])
)
@settings(max_examples=40, deadline=None)
def test_hunks_turn_the_old_text_into_the_new(git: Git, change: tuple[Tree, Tree], options: tuple[str, ...]) -> None:
    """Whatever git shows of two trees, the parsed hunks applied to the old files give the new files, all of them."""
    old, new = change
    diff = parse_diff(decode(git.diff(old, new, *options)))
    told = {file.path: file for file in diff.files}
    assert len(told) == len(diff.files)
    assert all(numbers_fit(hunk) for file in diff.files for hunk in file.hunks)
    made = dict(old)
    for file in diff.files:
        if file.status in ("removed", "renamed"):
            del made[file.old_path]
    for file in diff.files:
        before = lines_of(old[file.old_path]) if file.status != "added" else []
        after = applied(before, file.hunks)
        if file.status == "removed":
            assert after == []
        else:
            assert after == lines_of(new[file.path])
            made[file.path] = new[file.path]
    assert made == new


@given(old=TEXTS, new=TEXTS)
@settings(max_examples=30, deadline=None)
def test_unidiff_reads_the_same_lines(git: Git, old: str, new: str) -> None:
    """A parser that is not ours sees the same lines with the same numbers."""
    text = decode(git.diff({"f.txt": old}, {"f.txt": new}))
    theirs = [
        (line.line_type, line.value.removesuffix("\n"), line.source_line_no, line.target_line_no)
        for file in PatchSet(line + "\n" for line in text.removesuffix("\n").split("\n"))
        for line in chain.from_iterable(file)
        if line.line_type in {"+", "-", " "}
    ]
    lines = [line for file in parse_diff(text).files for hunk in file.hunks for line in hunk.lines]
    assert [(line.kind, line.text, line.old, line.new) for line in lines] == theirs


# --- damage -------------------------------------------------------------------------------------------------------

SAMPLE = decode(
    b"".join((FIXTURES / f"{name}.diff").read_bytes() for name in ("modes", "renames_copies", "plain", "names"))
)


@given(st.lists(st.sampled_from(SAMPLE.split("\n")) | st.text(max_size=9), max_size=40).map("\n".join))
@settings(max_examples=300, deadline=None)
def test_rubbish_never_raises(text: str) -> None:
    """Any mixture of lines gives some files, each path once, with hunks whose numbers fit or a reason."""
    diff = parse_diff(text)
    assert len({file.path for file in diff.files}) == len(diff.files)
    assert all(numbers_fit(hunk) for file in diff.files for hunk in file.hunks)
    assert not [file for file in diff.files if file.missing and file.hunks]


@given(st.binary(max_size=200))
def test_any_bytes_can_be_read(raw: bytes) -> None:
    """No bytes make reading fail."""
    parse_diff(decode(raw))


def one_file(name: str, body: str) -> str:
    return f"diff --git a/{name} b/{name}\n--- a/{name}\n+++ b/{name}\n{body}"


@pytest.mark.parametrize(
    "damage",
    [
        "@@ -1,3 +1,3 @@\n one\n",
        "@@ -1 +1 @@\n-1\n+1\n+2\n",
        "@@ -1 +1 @@\nx\n",
        "@@ -0 +1 @@\n-1\n+1\n",
        f"@@ -{'9' * 5000} +1 @@\n",
        "@@ garbage\n@@ -x +y @@\n",
    ],
)
def test_a_damaged_file_says_so_and_the_others_stay(damage: str) -> None:
    """A hunk that does not fit its counts takes its own file along, with a reason, and no other."""
    whole = "@@ -1 +1 @@\n-1\n+2\n"
    diff = parse_diff(one_file("before", whole) + one_file("damaged", damage) + one_file("after", whole))
    assert [(file.path, bool(file.missing), len(file.hunks)) for file in diff.files] == [
        ("before", False, 1),
        ("damaged", True, 0),
        ("after", False, 1),
    ]


def test_a_minified_line_of_a_megabyte() -> None:
    """A long line is one line."""
    long = "x=1;" * 250_000
    diff = parse_diff(one_file("app.min.js", f"@@ -1 +1 @@\n-{long}\n+{long}y\n"))
    assert [len(line.text) for line in diff.files[0].hunks[0].lines] == [1_000_000, 1_000_001]


# --- GitHub's file list -------------------------------------------------------------------------------------------


def entry(**given: Any) -> PatchEntry:
    usual = {
        "filename": "f",
        "previous_filename": None,
        "status": "modified",
        "patch": None,
        "additions": 0,
        "deletions": 0,
    }
    return PatchEntry(**(usual | given))


PATCH = "@@ -1 +1 @@ def f():\n-1\n+2\n\\ No newline at end of file"
POINTER = f"@@ -1 +1 @@\n-Subproject commit {'a' * 40}\n+Subproject commit {'b' * 40}"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"patch": PATCH, "additions": 1, "deletions": 1},
            {"hunks": [{"at": [1, 1, 1, 1], "section": "def f():", "lines": ["-1", "+2"]}]},
        ),
        ({"additions": 5}, {"missing": "GitHub sent no patch for this file"}),
        ({"status": "renamed", "previous_filename": "g", "deletions": 5}, {"status": "renamed", "old_path": "g", "missing": "GitHub sent no patch for this file"}),
        ({"status": "renamed", "previous_filename": "g"}, {"status": "renamed", "old_path": "g"}),
        ({"status": "copied", "previous_filename": "g"}, {"status": "copied", "old_path": "g"}),
        ({}, {"binary": True}),
        ({"status": "added"}, {"status": "added", "binary": True}),
        ({"status": "added", "sha": "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"}, {"status": "added"}),
        ({"status": "changed"}, {}),
        (
            {"patch": POINTER, "additions": 1, "deletions": 1},
            {"submodule": True, "hunks": [{"at": [1, 1, 1, 1], "section": "", "lines": POINTER.split("\n")[1:]}]},
        ),
        ({"patch": "@@ -1,9 +1,9 @@\n one", "additions": 1}, {"missing": "the hunk @@ -1,9 +1,9 @@ does not fit the lines below it; make the diff again"}),
        ({"patch": "nonsense", "additions": 1}, {"missing": "GitHub's patch for this file could not be read"}),
    ],
)  # fmt: skip
def test_file_list(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """What GitHub left out is told apart from what is not there."""
    (file,) = diff_from_files([entry(**given)]).files
    assert shown(file) == {"path": "f", "status": "modified"} | expected


def test_the_file_list_says_what_the_diff_says() -> None:
    """The same change read from both of GitHub's answers is the same value."""
    body = "@@ -1,2 +1,2 @@ x\n-1\r\n+--- a/x\n \x0c\n\\ No newline at end of file"
    listed = diff_from_files([entry(filename="a b", patch=body, additions=1, deletions=1)])
    read: Callable[[str], Diff] = parse_diff
    assert listed == read(one_file("a b", body))


@given(name=st.sampled_from(GOLDENS), sizes=st.lists(st.integers(1, 400), min_size=1, max_size=20))
@settings(max_examples=40, deadline=None)
def test_a_diff_in_pieces_is_the_same_diff(name: str, sizes: list[int]) -> None:
    """Wherever git's output is cut while it comes, what is read of it is what the whole says."""
    raw = (FIXTURES / f"{name}.diff").read_bytes()
    reader, at = DiffReader(), 0
    for size in cycle(sizes):
        reader.feed(raw[at : at + size])
        at += size
        if at >= len(raw):
            break
    whole = parse_diff(decode(raw))
    if raw.startswith(b"diff --git ") and b"\r\n" not in raw:
        assert reader.close() == whole


def test_a_diff_that_breaks_off_loses_its_last_file_alone() -> None:
    """A file that is not whole would be reviewed by half without a word."""
    head = "diff --git a/{0} b/{0}\nnew file mode 100644\n--- /dev/null\n+++ b/{0}\n@@ -0,0 +1 @@\n+x\n"
    reader = DiffReader()
    reader.feed("".join(head.format(name) for name in "abc").encode())
    assert [file.path for file in reader.close(whole=False).files] == ["a", "b"]


# --- more than is held --------------------------------------------------------------------------------------------

THREE = "@@ -1,2 +1,3 @@\n 1\n+2\n 3\n"


def plain(text: str) -> str:
    """The diff as `diff -ru` would write it: without git's header."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("diff "))


def bounded(text: str, lines: int) -> Diff:
    reader = DiffReader(lines)
    reader.feed(text.encode())
    assert reader.close() == parse_diff(text, lines=lines)
    return parse_diff(text, lines=lines)


@pytest.mark.parametrize("written", [str, plain])
def test_files_that_there_is_no_room_for_are_said(written: Callable[[str], str]) -> None:
    """A file is there whole or not at all, a later one that fits is taken, and none is lost."""
    text = one_file("a", THREE) + one_file("large", THREE * 3) + one_file("b", THREE) + one_file("late", THREE)
    diff = bounded(written(text), 9)
    whole = {file.path: file for file in parse_diff(text).files}
    assert [(file.path, file.missing) for file in diff.files] == [
        ("a", ""), ("large", TOO_MANY), ("b", ""), ("late", TOO_MANY)
    ]  # fmt: skip
    assert [file for file in diff.files if not file.missing] == [whole["a"], whole["b"]]
    assert [file.hunks for file in diff.files if file.missing] == [(), ()]


@given(name=st.sampled_from(GOLDENS), lines=st.integers(0, 30))
@settings(max_examples=60, deadline=None)
def test_the_bound_holds_and_changes_nothing_else(name: str, lines: int) -> None:
    """Whatever the diff, no more lines are held; all files are listed, each as it is but for lines it may lack."""
    text = decode((FIXTURES / f"{name}.diff").read_bytes())
    diff, whole = parse_diff(text, lines=lines), parse_diff(text)
    assert sum(len(hunk.lines) for file in diff.files for hunk in file.hunks) <= lines
    assert [(file.path, file.old_path, file.status, file.mode) for file in diff.files] == [
        (file.path, file.old_path, file.status, file.mode) for file in whole.files
    ]
    assert all(file in whole.files or file.missing == TOO_MANY for file in diff.files)


def test_the_file_list_is_bounded_as_well() -> None:
    """The patches of a server that does not bound them itself."""
    patch = THREE.removesuffix("\n")
    files = [entry(filename=name, patch=patch * times, additions=1) for name, times in (("a", 1), ("b", 9), ("c", 1))]
    diff = diff_from_files(files, lines=9)
    assert [(file.path, file.missing, len(file.hunks)) for file in diff.files] == [
        ("a", "", 1), ("b", TOO_MANY, 0), ("c", "", 1)
    ]  # fmt: skip
