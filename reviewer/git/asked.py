"""Asks git something about a repository of the person's; what it refuses becomes one sentence with the cure."""

from __future__ import annotations

from pathlib import Path

from reviewer.core.errors import UsageError
from reviewer.git.command import run


def git(repo: Path, *arguments: str, stdin: bytes = b"", extra: dict[str, str] | None = None) -> bytes:
    """What it prints. Raises UsageError."""
    done = run(repo, arguments, stdin=stdin, extra=extra)
    if done.returncode:
        raise UsageError(_explained(repo, arguments[0], done.stderr.decode("utf-8", "replace")))
    return done.stdout


def tried(repo: Path, *arguments: str) -> str | None:
    """The answer, or None where git says no (and not where it cannot run at all)."""
    done = run(repo, arguments)
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None


def verify(repo: Path, name: str, kind: str = "commit") -> str | None:
    """The id of the object; None where there is none of that kind."""
    return tried(repo, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{{kind}}}")


def require_repository(repo: Path) -> None:
    git(repo, "rev-parse", "--git-dir")


def _explained(repo: Path, command: str, said: str) -> str:
    """What git said, as one sentence, with the cure where we know it."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    words = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[0] if lines else "no reason")
    words = words.removeprefix("fatal:").removeprefix("error:").strip().rstrip(".")
    if "not a git repository" in words:
        return f"{repo} is not a git repository: run this inside one, or name it with `--repo`."
    if "must be run in a work tree" in words:
        return f"{repo} has no working tree: name a range `A..B`."
    if "dubious ownership" in words:
        return (
            f"{repo} belongs to somebody else, so git does not read it: `git config --global safe.directory` allows it."
        )
    return f"`git {command}` failed: {words}."
