"""Accounts for every hunk: which files nobody reviews and why, and in the end what became of each hunk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from pathspec import GitIgnoreSpec

from reviewer.core.types import Chunk, Coverage, Covered, Diff, Fate, FileDiff, HunkId

NOT_REACHED = "the review did not get to it"
_NO_CONTENT = "no content changed"

_LOCK_FILES = (
    "*.lock", "*.lockb", "*.lockfile", "*.lock.json", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml",
    "go.sum", "go.work.sum", "Package.resolved", ".terraform.lock.hcl",
)  # fmt: skip
_VENDORED = ("vendor/", "node_modules/", "third_party/", "bower_components/", ".yarn/releases/")
_GENERATED = (
    "*.min.js", "*.min.mjs", "*.min.css", "*.map", "*.pb.go", "*.pb.gw.go", "*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py",
    "*.pb.cc", "*.pb.h", "*_pb.js", "*_pb.d.ts", "*.g.dart", "*.freezed.dart", "*.g.cs", "*.designer.cs",
)  # fmt: skip
_BY_NAME = (("lock file", _LOCK_FILES), ("vendored", _VENDORED), ("generated", _GENERATED))

# https://go.dev/s/generatedcode and the `@generated` that code review tools know, in a comment at a file's top.
_MARK = re.compile(r"\s*(?://|#|/?\*|--|;|%|<!--|\"\"\").*(?:Code generated .*DO NOT EDIT|@generated\b)")
_TOP = 20  # lines
_LONG = 2_000  # characters of a line; nobody writes such lines by hand
_MOSTLY = 0.9  # of a file's characters; a minified file may begin with a licence


def hunk_ids(file: FileDiff) -> tuple[HunkId, ...]:
    """What a file adds to the account: its hunks, or itself (index -1) when it has none."""
    return tuple(HunkId(file.path, index) for index in range(len(file.hunks))) or (HunkId(file.path, -1),)


def sort_out(diff: Diff, ignore: Sequence[str]) -> tuple[Diff, tuple[Covered, ...]]:
    """The files to review, and the account of the others. `ignore` holds globs as in .gitignore; `!glob` takes back,
    our own rules about names too.
    """
    own = _spec(ignore)
    rules = tuple((reason, GitIgnoreSpec.from_lines(globs)) for reason, globs in _BY_NAME)
    left_out: list[Covered] = []
    files: list[FileDiff] = []
    for file in diff.files:
        reason = _why(file, own, rules)
        if reason or file.missing:  # what nobody would review is not missed
            fate = Fate.IGNORED if reason else Fate.FAILED
            left_out += [Covered(hunk, fate, reason or file.missing) for hunk in hunk_ids(file)]
        else:
            files.append(file)
    return Diff(tuple(files)), tuple(left_out)


def not_shown(chunks: Iterable[Chunk]) -> dict[HunkId, str]:
    """The hunks of which the model could see only a part, and why."""
    return {
        hunk: f"a line of {chunk.cut:,} characters was cut, so nobody saw all of it"
        for chunk in chunks
        if chunk.cut
        for hunk in chunk.hunks
    }


def settle(
    diff: Diff,
    *,
    reviewed: AbstractSet[HunkId],
    cached: AbstractSet[HunkId],
    ignored: Sequence[Covered],
    failed: Mapping[HunkId, str],
) -> Coverage:
    """What became of each hunk of the whole diff. A hunk that was cut in several is as good as its worst part."""
    out = {covered.hunk: covered for covered in ignored}
    entries: dict[HunkId, Covered] = {}
    for hunk in (hunk for file in diff.files for hunk in hunk_ids(file)):
        if hunk in out:
            entries[hunk] = out[hunk]
        elif hunk in failed or not (hunk in reviewed or hunk in cached):
            entries[hunk] = Covered(hunk, Fate.FAILED, failed.get(hunk) or NOT_REACHED)
        else:
            entries[hunk] = Covered(hunk, Fate.REVIEWED if hunk in reviewed else Fate.CACHED)
    return Coverage(tuple(entries.values()) + tuple(covered for hunk, covered in out.items() if hunk not in entries))


def _spec(globs: Sequence[str]) -> GitIgnoreSpec:
    """The globs that can be read; one that cannot ignores nothing (the configuration's own check tells about it)."""
    readable = []
    for glob in globs:
        try:
            GitIgnoreSpec.from_lines([glob])
        except (ValueError, re.error):  # `[z-a]`
            continue
        readable.append(glob)
    return GitIgnoreSpec.from_lines(readable)


def _why(file: FileDiff, own: GitIgnoreSpec, rules: Sequence[tuple[str, GitIgnoreSpec]]) -> str:
    """Why nobody reviews the file, "" if somebody does."""
    if file.submodule or file.binary:
        return "submodule" if file.submodule else "binary"
    if not file.hunks and not file.missing:
        return _NO_CONTENT
    asked = own.check_file(file.path).include
    if asked is not None:
        return "ignored by the configuration" if asked else ""
    named = next((reason for reason, spec in rules if spec.match_file(file.path)), "")
    if named:
        return named
    if _says_generated(file):
        return "generated"
    return "minified" if _was_minified(file) else ""


def _says_generated(file: FileDiff) -> bool:
    """Whether the file's top said so before the change, and does not stop to.

    A mark that the change itself brings in counts for nothing, not in a new file either: it would switch the review
    off. New generated files are left out by their names or by the repository's `ignore`.
    """
    kinds = {
        line.kind
        for hunk in file.hunks[:1]
        for line in hunk.lines[: 2 * _TOP]
        if line.number <= _TOP and _MARK.match(line.text[:500])
    }
    return " " in kinds or kinds >= {"-", "+"} or ("-" in kinds and file.status == "removed")


def _was_minified(file: FileDiff) -> bool:
    """Whether the lines that were there before the change are mostly such as nobody writes. A long line in a new file
    is no reason to look away: it may be there to hide something, and is told as not shown.
    """
    lengths = [len(line.text) for hunk in file.hunks for line in hunk.lines if line.kind != "+"]
    return sum(length for length in lengths if length > _LONG) > _MOSTLY * sum(lengths)
