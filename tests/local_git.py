"""Real git repositories for the tests of the local source."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from reviewer.git import Part, change_of, diff_of


def git(repo: Path, *arguments: str) -> str:
    """Run git as the person would, away from the configuration of the machine that tests run on."""
    who = {f"GIT_{role}_{what}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = os.environ | who | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(
        ["git", *arguments], cwd=repo, env=env, check=True, capture_output=True, text=True
    ).stdout.strip()


def commit(repo: Path, message: str = "x", **files: str) -> str:
    for name, text in files.items():
        (repo / name.replace("__", ".")).write_text(text)
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", message, "--allow-empty")
    return git(repo, "rev-parse", "HEAD")


def a_repository(folder: Path) -> Path:
    """One commit on main, and a branch `work` checked out with another."""
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, a__py="one\ntwo\n")
    git(folder, "checkout", "-qb", "work")
    commit(folder, a__py="one\n2\n")
    return folder


def files_in(diff: bytes) -> list[bytes]:
    return [line.split(b" b/")[-1] for line in diff.splitlines() if line.startswith(b"diff --git ")]


def local_diff(repo: Path, named: str | Part | None = None) -> bytes:
    return diff_of(change_of(repo, named))


def base_of(repo: Path, named: str | Part | None = None) -> str:
    return change_of(repo, named).rules
