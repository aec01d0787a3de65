"""Which files nobody reviews, and why: by the repository's word, by their names, and by what they hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pathspec import GitIgnoreSpec

from reviewer.core.coverage.account import hunk_ids
from reviewer.core.coverage.attributes import GENERATED, LOCK_FILE, VENDORED, Attributes
from reviewer.core.types import Covered, Diff, Fate, FileDiff

BY_CONFIGURATION = "ignored by the configuration"
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
_BY_NAME = ((LOCK_FILE, _LOCK_FILES), (VENDORED, _VENDORED), (GENERATED, _GENERATED))

# https://go.dev/s/generatedcode and the `@generated` that code review tools know, in a comment at a file's top.
_MARK = re.compile(r"\s*(?://|#|/?\*|--|;|%|<!--|\"\"\").*(?:Code generated .*DO NOT EDIT|@generated\b)")
_TOP = 20  # lines
_LONG = 2_000  # characters of a line; nobody writes such lines by hand
_MOSTLY = 0.9  # of a file's characters; a minified file may begin with a licence


@dataclass(frozen=True, slots=True)
class _Rules:
    """All that decides about a file, strongest first."""

    secret_file: Callable[[str], str]
    own: GitIgnoreSpec
    attributes: Attributes
    names: tuple[tuple[str, GitIgnoreSpec], ...]


def _none(path: str) -> str:  # noqa: ARG001 - nothing is known of any path
    return ""


def sort_out(
    diff: Diff,
    ignore: Sequence[str],
    *,
    attributes: Attributes | None = None,
    secret_file: Callable[[str], str] = _none,
) -> tuple[Diff, tuple[Covered, ...]]:
    """The files to review, and the account of the others. `ignore` holds globs as in .gitignore; `!glob` takes back
    what `attributes` (the base branch's) and our own rules about names leave out.

    `secret_file` says of a path why the file is never sent, "" if it may be; nothing takes that back.
    """
    names = tuple((reason, GitIgnoreSpec.from_lines(globs)) for reason, globs in _BY_NAME)
    rules = _Rules(secret_file, _spec(ignore), attributes or Attributes(), names)
    left_out: list[Covered] = []
    files: list[FileDiff] = []
    for file in diff.files:
        reason = _why(file, rules)
        if reason or file.missing:  # what nobody would review is not missed
            fate = Fate.IGNORED if reason else Fate.FAILED
            left_out += [Covered(hunk, fate, reason or file.missing) for hunk in hunk_ids(file)]
        else:
            files.append(file)
    return Diff(tuple(files)), tuple(left_out)


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


def _why(file: FileDiff, rules: _Rules) -> str:
    """Why nobody reviews the file, "" if somebody does."""
    secret = rules.secret_file(file.path) or rules.secret_file(file.old_path)  # a renamed file shows its old lines
    if secret:
        return secret
    if file.submodule or file.binary:
        return "submodule" if file.submodule else "binary"
    if not file.hunks and not file.missing:
        return _NO_CONTENT
    asked = rules.own.check_file(file.path).include
    if asked is not None:
        return BY_CONFIGURATION if asked else ""
    return rules.attributes.generated(file.path) or _by_itself(file, rules)


def _by_itself(file: FileDiff, rules: _Rules) -> str:
    """What the file's name and lines say, as far as the repository's attributes do not say otherwise."""
    kept = rules.attributes.taken_back(file.path)
    named = next((reason for reason, spec in rules.names if reason not in kept and spec.match_file(file.path)), "")
    if named or GENERATED in kept:
        return named
    if _says_generated(file):
        return GENERATED
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
