"""The local source: what a person changed in a git repository on this machine, and files as the base has them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from reviewer.core.errors import UsageError
from reviewer.git.command import DIFF, run

_DEFAULT_BRANCHES = ("refs/remotes/origin/HEAD", "origin/main", "main", "origin/master", "master")
_LARGEST_TEXT = 1_000_000  # bytes of a configuration or guideline file, as much as GitHub's contents API gives


def local_diff(repo: Path, range_: str | None = None) -> bytes:
    """The diff of a range as git prints it.

    `A..B` from A to B; `A...B` from their merge base to B; `A` from A to the working tree; None from the merge base
    of the default branch to the working tree. The working tree includes untracked files that are not ignored.
    Nothing in the repository is changed. Raises UsageError.
    """
    base, head = _ends(repo, range_)
    if head is not None:
        return _git(repo, *DIFF, base, head, "--")
    return _diff_to_working_tree(repo, base)


def base_of(repo: Path, range_: str | None = None) -> str:
    """The commit (or the empty tree) that `range_` starts from: its configuration and guidelines apply."""
    return _ends(repo, range_)[0]


def file_at(repo: Path, ref: str | None, path: str) -> str | None:
    """The text of `path` (from the root) at `ref`, or at the base of the default range for None.

    None when it is not there, is binary or is over 1 MB. A symbolic link inside the repository is followed.
    """
    if "\n" in path or not path:
        return None
    tree = base_of(repo) if ref is None else _named(repo, ref, "tree")
    ask = os.fsencode(f"{tree}:{path}\n")
    size = _git(repo, "cat-file", "--batch-check", "--follow-symlinks", stdin=ask).split(b"\n")[0].split()
    if len(size) != 3 or size[1] != b"blob" or int(size[2]) > _LARGEST_TEXT:  # `dangling 9`, `HEAD:x missing`
        return None
    return _text(_git(repo, "cat-file", "blob", size[0].decode()))


def texts_at_head(repo: Path, range_: str | None, paths: Sequence[str]) -> dict[str, str | None]:
    """The text of each path (from the root) where `range_` ends, as `file_at` gives it; in the working tree where it
    ends there, without its symbolic links.
    """
    head = _ends(repo, range_)[1]
    named = [path for path in paths if path and "\n" not in path]
    if head is None:
        top = Path(os.fsdecode(_git(repo, "rev-parse", "--show-toplevel").rstrip(b"\n")))
        return {path: _plain_file(top, path) for path in named}
    asked = "".join(f"{head}:{path}\n" for path in named).encode("utf-8", "surrogateescape")
    told = _git(repo, "cat-file", "--batch-check=%(objecttype) %(objectsize) %(objectname)", stdin=asked)
    sizes = [line.split() for line in told.splitlines()]  # `blob 12 0a1b…`, `HEAD:x missing`
    known = [(path, size[2]) for path, size in zip(named, sizes, strict=True) if _is_text(size)]
    raw = _git(repo, "cat-file", "--batch", stdin=b"".join(name + b"\n" for _, name in known))
    texts: dict[str, str | None] = {}
    for path, _ in known:
        head_line, _, raw = raw.partition(b"\n")
        size = int(head_line.split()[2])
        texts[path], raw = _text(raw[:size]), raw[size + 1 :]
    return texts


def _is_text(size: list[bytes]) -> bool:
    return len(size) == 3 and size[0] == b"blob" and int(size[1]) <= _LARGEST_TEXT


def _text(content: bytes) -> str | None:
    return None if b"\0" in content else content.decode("utf-8", "replace")


def _plain_file(top: Path, path: str) -> str | None:
    file = top / path
    inside = file.resolve().is_relative_to(top.resolve()) and not file.is_symlink()
    with suppress(OSError):
        if inside and file.is_file() and file.stat().st_size <= _LARGEST_TEXT:
            return _text(file.read_bytes())
    return None


def tracked(file: Path) -> bool:
    """Does the repository that the file lies in hold it? Then it came with the repository, from whoever wrote it."""
    if not file.exists():
        return False
    with suppress(UsageError):
        return _try(file.parent, "ls-files", "--error-unmatch", "--", file.name) is not None
    return False


def _ends(repo: Path, range_: str | None) -> tuple[str, str | None]:
    """Both ends as object ids; the second is None for the working tree."""
    if range_ is None:
        return _default_base(repo), None
    range_ = range_.strip()
    if not range_ or range_.startswith("-") or not range_.isprintable():
        raise UsageError(f"`{ascii(range_)[1:-1]}` is not a git range: give `A..B`, `A...B` or one revision.")
    for dots in ("...", ".."):
        left, found, right = range_.partition(dots)
        if found:
            base, head = _named(repo, left or "HEAD"), _named(repo, right or "HEAD")
            return (_merge_base(repo, base, head) if dots == "..." else base), head
    return _named(repo, range_), None


def _default_base(repo: Path) -> str:
    _require_repository(repo)
    head = _verify(repo, "HEAD")
    if head is None:  # No commit yet: everything is new. The empty tree's id depends on the repository's hash.
        return _git(repo, "hash-object", "-t", "tree", "--stdin").decode().strip()
    found = (_verify(repo, name) for name in _DEFAULT_BRANCHES)
    return _merge_base(repo, next((commit for commit in found if commit), head), head)


def _merge_base(repo: Path, left: str, right: str) -> str:
    found = _try(repo, "merge-base", left, right)
    if found is None:
        raise UsageError(
            f"{left[:12]} and {right[:12]} have no commit in common: fetch more history "
            "(`git fetch --unshallow`) or name a range `A..B`."
        )
    return found


def _named(repo: Path, name: str, kind: str = "commit") -> str:
    """The id of what a person calls `name`."""
    _require_repository(repo)
    found = _verify(repo, name, kind)
    if found is None:
        raise UsageError(f"git knows no revision `{name}` here: check the name, or fetch it first.")
    return found


def _verify(repo: Path, name: str, kind: str = "commit") -> str | None:
    return _try(repo, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{{kind}}}")


def _require_repository(repo: Path) -> None:
    _git(repo, "rev-parse", "--git-dir")


def _diff_to_working_tree(repo: Path, base: str) -> bytes:
    """Untracked files are told to a copy of the index; the real one stays as it is."""
    top = Path(os.fsdecode(_git(repo, "rev-parse", "--show-toplevel").rstrip(b"\n")))
    untracked = _git(top, "ls-files", "--others", "--exclude-standard", "-z").split(b"\0")
    new = [path for path in untracked if path and not path.endswith(b"/")]  # "x/" is a repository in the repository
    if not new:
        return _git(top, *DIFF, base, "--")
    index = Path(os.fsdecode(_git(top, "rev-parse", "--git-path", "index").rstrip(b"\n")))
    with tempfile.TemporaryDirectory(prefix="reviewer-") as folder:
        copy = Path(folder) / "index"
        if (top / index).exists():
            shutil.copy2(top / index, copy)  # with its time: git compares it with the files' to trust its entries
        scratch = {"GIT_INDEX_FILE": str(copy), "GIT_LITERAL_PATHSPECS": "1"}
        add = ("add", "--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul")
        _git(top, *add, stdin=b"\0".join(new), extra=scratch)
        return _git(top, *DIFF, base, "--", extra=scratch)


def _try(repo: Path, *arguments: str) -> str | None:
    """The answer, or None where git says no (and not where it cannot run at all)."""
    done = run(repo, arguments)
    return done.stdout.decode().strip() if done.returncode == 0 else None


def _git(repo: Path, *arguments: str, stdin: bytes = b"", extra: dict[str, str] | None = None) -> bytes:
    done = run(repo, arguments, stdin=stdin, extra=extra)
    if done.returncode:
        raise UsageError(_explained(repo, arguments[0], done.stderr.decode("utf-8", "replace")))
    return done.stdout


def _explained(repo: Path, command: str, said: str) -> str:
    """What git said, as one sentence, with the cure where we know it."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    words = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[0] if lines else "no reason")
    words = words.removeprefix("fatal:").removeprefix("error:").strip().rstrip(".")
    if "not a git repository" in words:
        return f"{repo} is not a git repository: run this inside one, or name it with `--repo`."
    if "must be run in a work tree" in words:
        return f"{repo} has no working tree: name a range `A..B`."
    return f"`git {command}` failed: {words}."
