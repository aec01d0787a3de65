"""What a person names of a git repository on this machine, resolved once: where the change starts and where it ends."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from reviewer.core.errors import UsageError
from reviewer.git.asked import git, require_repository, tried, verify

INDEX = ""  # what is staged: git calls a file in it `:path`, as one in a commit `COMMIT:path`
_DEFAULT_BRANCHES = ("refs/remotes/origin/HEAD", "origin/main", "main", "origin/master", "master")
_MORE = "fetch more history (`git fetch --unshallow`; in GitHub Actions `fetch-depth: 0`)"
_ADDRESS = re.compile(r"([\w.-]{1,100}/[\w.-]{1,100}?)(?:\.git)?/?\Z")


class Part(Enum):
    """What is not committed yet."""

    STAGED = "--staged"  # from HEAD to the index
    UNSTAGED = "--unstaged"  # from the index to the working tree, with the files that are new there


@dataclass(frozen=True, slots=True)
class Change:
    """A change between two ends, each an object id or INDEX; None is the working tree.

    `rules` is the commit (or the empty tree) whose configuration and guidelines apply.
    """

    repo: Path
    rules: str
    start: str
    end: str | None
    top: Path | None = None  # of the working tree, where one end is not committed
    index: Mapping[str, str] = field(default_factory=dict)  # variables that name the index
    notes: tuple[str, ...] = ()  # sentences for the person


def change_of(repo: Path, named: str | Part | None = None) -> Change:
    """The change that `named` is.

    `A..B` from A to B; `A...B` from their merge base to B; `A` from A to the working tree; None from the merge base
    of the default branch to the working tree. Raises UsageError.
    """
    require_repository(repo)
    if isinstance(named, Part):
        head = verify(repo, "HEAD") or _nothing(repo)
        return _uncommitted(repo, head, *((head, INDEX) if named is Part.STAGED else (INDEX, None)))
    if named is None:
        base, note = _default_base(repo)
        return _uncommitted(repo, base, base, None, *note)
    base, end = _ends(repo, named)
    return _uncommitted(repo, base, base, None) if end is None else Change(repo, base, base, end)


def branch_of(repo: Path) -> str:
    """The branch that is checked out; "HEAD" without one."""
    return tried(repo, "symbolic-ref", "--short", "--quiet", "HEAD") or "HEAD"


def name_of(repo: Path) -> str:
    """`owner/name` as the remote `origin` has it, else the folder's name."""
    url = tried(repo, "config", "--get", "remote.origin.url") or ""
    found = _ADDRESS.search(url.replace(":", "/"))
    top = tried(repo, "rev-parse", "--show-toplevel") or str(repo.absolute())
    return found[1] if found else Path(top).name


def _uncommitted(repo: Path, rules: str, start: str, end: str | None, *notes: str) -> Change:
    top = Path(os.fsdecode(git(repo, "rev-parse", "--show-toplevel").rstrip(b"\n")))
    index = {"GIT_INDEX_FILE": str(_index(top))}
    unmerged = git(top, "ls-files", "--unmerged", "-z", extra=index).split(b"\0")
    torn = dict.fromkeys(entry.partition(b"\t")[2].decode("utf-8", "replace") for entry in unmerged if entry)
    what = "so it is not staged, and was not reviewed" if end is not None else "so it was reviewed with the markers"
    told = [f"{path} has conflicts that are not resolved, {what}." for path in torn]
    return Change(repo, rules, start, end, top=top, index=index, notes=(*notes, *told))


def _index(top: Path) -> Path:
    """The index of the working tree; for `git commit -a` and `git commit FILE` git tells hooks of another beside it."""
    own = top / os.fsdecode(git(top, "rev-parse", "--git-path", "index").rstrip(b"\n"))
    told = os.environ.get("GIT_INDEX_FILE", "")
    if told and Path(told).parent.resolve() == own.parent.resolve() and Path(told).is_file():
        return Path(told).absolute()
    return own


def _nothing(repo: Path) -> str:
    """The empty tree: before the first commit everything is new. Its id depends on the repository's hash."""
    return git(repo, "hash-object", "-t", "tree", "--stdin").decode().strip()


def _ends(repo: Path, range_: str) -> tuple[str, str | None]:
    range_ = range_.strip()
    if not range_ or range_.startswith("-") or not range_.isprintable():
        raise UsageError(f"`{ascii(range_)[1:-1]}` is not a git range: give `A..B`, `A...B` or one revision.")
    for dots in ("...", ".."):
        left, found, right = range_.partition(dots)
        if found:
            base, head = commit_of(repo, left or "HEAD"), commit_of(repo, right or "HEAD")
            return (_merge_base(repo, base, head) if dots == "..." else base), head
    return commit_of(repo, range_), None


def commit_of(repo: Path, name: str) -> str:
    """The id of the commit that a person calls `name`."""
    found = verify(repo, name)
    if found is None:
        cure = f"this clone is shallow, so {_MORE}" if _shallow(repo) else "check the name, or fetch it first"
        raise UsageError(f"git knows no revision `{name}` here: {cure}.")
    return found


def _default_base(repo: Path) -> tuple[str, tuple[str, ...]]:
    """With a sentence where only what is not committed can be told from the rest."""
    head = verify(repo, "HEAD")
    if head is None:
        return _nothing(repo), ()
    found = next((commit for name in _DEFAULT_BRANCHES if (commit := verify(repo, name))), None)
    if found is None and _shallow(repo):
        raise UsageError(f"This clone is shallow and lacks the default branch: {_MORE} or name a range `A..B`.")
    if found is None:
        return head, ("No default branch (origin/HEAD, main, master) was found: only what is not committed counts.",)
    return _merge_base(repo, found, head), ()


def _merge_base(repo: Path, left: str, right: str) -> str:
    found = tried(repo, "merge-base", left, right)
    if found is None:
        raise UsageError(f"{left[:12]} and {right[:12]} have no commit in common: {_MORE} or name a range `A..B`.")
    return found


def _shallow(repo: Path) -> bool:
    return tried(repo, "rev-parse", "--is-shallow-repository") == "true"
