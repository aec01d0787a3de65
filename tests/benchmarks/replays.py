"""Histories to replay: the merged pull requests of a clone, one that is made up, and lines changed on top of a range."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stage import code

from reviewer.core.types import Diff, FileDiff
from reviewer.standin.repository import GitRepository

MERGED = "Merge pull request"  # how GitHub's own button begins its message


@dataclass(frozen=True)
class Pull:
    name: str
    folder: Path
    base: str  # the first parent of the merge
    pushes: tuple[str, ...]


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)
    return done.stdout.decode("utf-8", "replace")


def pulls_of(folder: Path, least: int) -> Iterator[Pull]:
    """The merged pull requests of the default branch that have `least` commits or more, the newest first."""
    clone = folder.resolve().name.removesuffix(".git")
    for line in git(folder, "log", "--merges", "--format=%P%x09%s").splitlines():
        parents, subject = line.split("\t", 1)
        if not subject.startswith(MERGED) or len(parents.split()) != 2:
            continue
        base, tip = parents.split()
        pushes = tuple(git(folder, "rev-list", "--reverse", "--first-parent", "--no-merges", tip, f"^{base}").split())
        if len(pushes) >= least:
            yield Pull(f"{clone} {subject.removeprefix(MERGED).strip()}", folder, base, pushes)


def made_up(folder: Path) -> Pull:
    """A branch of eight commits: five that add files, one that changes a line, one that formats, one that moves."""
    repo = GitRepository.create(folder / "short.git")
    base = repo.commit({"README.md": "made up\n"})
    files = code(5, 120)
    pushes = [repo.commit({path: text}, branch="topic") for path, text in files.items()]
    (first, text), (second, other), (third, last) = list(files.items())[:3]
    pushes += [
        repo.commit({first: text.replace("left * 0", "left * 9", 1)}, branch="topic"),
        repo.commit({second: other.replace(", key=", ",\n        key=")}, branch="topic"),
        repo.commit({third: None, f"moved/{third}": last}, branch="topic"),
    ]
    return Pull("made up", repo.folder, base, tuple(pushes))


def borrowed(folder: Path, range_: str, scratch: Path) -> tuple[GitRepository, str, str]:
    """A repository of our own that reads the clone's objects, to put commits on; base and head of the range."""
    left, _, right = range_.partition("...")
    objects = Path(git(folder, "rev-parse", "--absolute-git-dir").strip())
    repo = GitRepository.create(scratch / "large.git", borrow=objects)
    return repo, git(folder, "rev-parse", left).strip(), git(folder, "rev-parse", right).strip()


def edits(diff: Diff, repo: GitRepository, head: str) -> Iterator[tuple[str, str]]:
    """Of each file in turn that has lines added: its path, and its text at head with one of those lines changed."""
    for file in diff.files:
        added = _added(file)
        found = repo.blobs([f"{head}:{file.path}"])[0]
        if added and found is not None and b"\0" not in found[1]:
            rows = found[1].decode("utf-8", "replace").split("\n")
            at = added[len(added) // 2] - 1
            rows[at] = f"{rows[at].rstrip()}x"
            yield file.path, "\n".join(rows)


def _added(file: FileDiff) -> list[int]:
    """The numbers of the added lines that say something."""
    return [
        line.new for hunk in file.hunks for line in hunk.lines if line.kind == "+" and line.new and line.text.strip()
    ]
