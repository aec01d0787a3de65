"""The local source: what a person changed in a git repository on this machine, and files as either end has them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from reviewer.core.errors import UsageError
from reviewer.git.asked import git, tried, verify
from reviewer.git.change import INDEX, Change
from reviewer.git.command import DIFF

_LARGEST_TEXT = 1_000_000  # bytes of a configuration or guideline file, as much as GitHub's contents API gives
_TORN = b"* Unmerged path "  # a line of git's between two files


def diff_of(change: Change) -> bytes:
    """The diff as git prints it. The working tree includes untracked files that are not ignored.

    Nothing in the repository is changed. Raises UsageError.
    """
    if change.top is None:
        assert change.end is not None
        return git(change.repo, *DIFF, change.start, change.end, "--")
    if change.end == INDEX:
        diff = git(change.top, *DIFF, "--cached", change.start, "--", extra=dict(change.index))
    else:
        diff = _to_working_tree(change, change.top)
    return b"\n".join(line for line in diff.split(b"\n") if not line.startswith(_TORN))


def file_at(repo: Path, ref: str, path: str) -> str | None:
    """The text of `path` (from the root) at `ref`.

    None when it is not there, is binary or is over 1 MB. A symbolic link inside the repository is followed.
    """
    tree = verify(repo, ref, "tree")
    if "\n" in path or not path or tree is None:
        return None
    ask = os.fsencode(f"{tree}:{path}\n")
    size = git(repo, "cat-file", "--batch-check", "--follow-symlinks", stdin=ask).split(b"\n")[0].split()
    if not _is_text(size[1:]):  # `0a1b… blob 12`; else `dangling 9`, `HEAD:x missing`
        return None
    return _text(git(repo, "cat-file", "blob", size[0].decode()))


def texts_at_end(change: Change, paths: Sequence[str]) -> dict[str, str | None]:
    """The text of each path (from the root) where the change ends, as `file_at` gives it; without symbolic links in
    the working tree.
    """
    named = [path for path in paths if path and "\n" not in path]
    if change.end is None:
        assert change.top is not None
        top = change.top
        return {path: _plain_file(top, path) for path in named}
    extra = dict(change.index)
    asked = "".join(f"{change.end}:{path}\n" for path in named).encode("utf-8", "surrogateescape")
    check = "--batch-check=%(objecttype) %(objectsize) %(objectname)"
    told = git(change.top or change.repo, "cat-file", check, stdin=asked, extra=extra)
    sizes = [line.split() for line in told.splitlines()]  # `blob 12 0a1b…`, `HEAD:x missing`
    known = [(path, size[2]) for path, size in zip(named, sizes, strict=True) if _is_text(size[:2])]
    raw = git(change.repo, "cat-file", "--batch", stdin=b"".join(name + b"\n" for _, name in known))
    texts: dict[str, str | None] = {}
    for path, _ in known:
        head_line, _, raw = raw.partition(b"\n")
        size = int(head_line.split()[2])
        texts[path], raw = _text(raw[:size]), raw[size + 1 :]
    return texts


def tracked(file: Path) -> bool:
    """Does the repository that the file lies in hold it? Then it came with the repository, from whoever wrote it."""
    if not file.exists():
        return False
    with suppress(UsageError):
        return tried(file.parent, "ls-files", "--error-unmatch", "--", file.name) is not None
    return False


def _is_text(kind: Sequence[bytes]) -> bool:
    """`kind` is type and size."""
    return len(kind) == 2 and kind[0] == b"blob" and int(kind[1]) <= _LARGEST_TEXT


def _text(content: bytes) -> str | None:
    return None if b"\0" in content else content.decode("utf-8", "replace")


def _plain_file(top: Path, path: str) -> str | None:
    file = top / os.fsdecode(path.encode("utf-8", "surrogateescape"))  # git's bytes, in the locale's encoding
    inside = file.resolve().is_relative_to(top.resolve()) and not file.is_symlink()
    with suppress(OSError):
        if inside and file.is_file() and file.stat().st_size <= _LARGEST_TEXT:
            return _text(file.read_bytes())
    return None


def _to_working_tree(change: Change, top: Path) -> bytes:
    """Untracked files are told to a copy of the index; the real one stays as it is."""
    index = Path(change.index["GIT_INDEX_FILE"])
    # From the index: what has conflicts is compared with our side of it, for there is no diff to two sides at once.
    what = (*DIFF, "--ours", "--") if change.start == INDEX else (*DIFF, change.start, "--")
    untracked = git(top, "ls-files", "--others", "--exclude-standard", "-z", extra=dict(change.index)).split(b"\0")
    new = [path for path in untracked if path and not path.endswith(b"/")]  # "x/" is a repository in the repository
    if not new:
        return git(top, *what, extra=dict(change.index))
    with tempfile.TemporaryDirectory(prefix="reviewer-") as folder:
        copy = Path(folder) / "index"
        if index.exists():
            shutil.copy2(index, copy)  # with its time: git compares it with the files' to trust its entries
        scratch = {"GIT_INDEX_FILE": str(copy), "GIT_LITERAL_PATHSPECS": "1"}
        add = ("add", "--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul")
        git(top, *add, stdin=b"\0".join(new), extra=scratch)
        return git(top, *what, extra=scratch)
