"""What the local source refuses or cannot do, and what it says then; files at the base."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from local_git import a_repository, base_of, commit, git, local_diff

from reviewer.core.errors import UsageError
from reviewer.git import file_at


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return a_repository(tmp_path / "repo")


@pytest.mark.parametrize("range_", ["--output=/tmp/x", "-O/etc/passwd", "", "  ", "a\nb", "a\0b", "\x1b[31m"])
def test_options_are_no_ranges(repo: Path, range_: str) -> None:
    """A range that begins with a dash never reaches git as an option."""
    with pytest.raises(UsageError, match="is not a git range"):
        local_diff(repo, range_)


def test_option_behind_the_dots_is_no_option(repo: Path) -> None:
    """`main..--output=x` writes no file."""
    with pytest.raises(UsageError, match="git knows no revision `--output=x`"):
        local_diff(repo, "main..--output=x")
    assert not (repo / "x").exists()


def test_file_at(repo: Path) -> None:
    """Files are read at the base, links inside the repository are followed, and what is no text is not there."""
    git(repo, "checkout", "-q", "main")
    (repo / ".github").mkdir()
    (repo / ".github/reviewer.yml").write_text("gate: {fail_on: low}\n")
    (repo / "AGENTS.md").write_text("Grüße\n")
    (repo / "CLAUDE.md").symlink_to("AGENTS.md")
    (repo / "out.md").symlink_to("/etc/hostname")
    (repo / "data.bin").write_bytes(b"\0\1")
    (repo / "large.md").write_text("x" * 1_000_001)
    commit(repo)
    git(repo, "checkout", "-q", "-B", "work")
    (repo / ".github/reviewer.yml").write_text("gate: {fail_on: never}\n")
    names = (".github/reviewer.yml", "CLAUDE.md", "out.md", "data.bin", "large.md", ".github", "nope", "a\nb", "")
    assert [file_at(repo, base_of(repo), name) for name in names] == ["gate: {fail_on: low}\n", "Grüße\n", *[None] * 7]
    assert file_at(repo, "work~1", "AGENTS.md") is None


def test_errors_are_sentences(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What went wrong, and the cure."""
    said = {}
    empty = tmp_path / "empty"
    empty.mkdir()
    git(repo, "checkout", "-q", "--orphan", "alone")
    commit(repo)
    shutil.copytree(repo / ".git", tmp_path / "bare.git")
    git(tmp_path / "bare.git", "config", "core.bare", "true")
    cases = {
        "no repository": (empty, None),
        "no folder": (tmp_path / "nope", None),
        "no revision": (repo, "nope..main"),
        "no merge base": (repo, "main...alone"),
        "no merge base with the default branch": (repo, None),
        "no working tree": (tmp_path / "bare.git", "HEAD"),
        "a file": (repo, "main:a.py"),
    }
    for name, (where, range_) in cases.items():
        with pytest.raises(UsageError) as caught:
            local_diff(where, range_)
        said[name] = str(caught.value).replace(str(tmp_path), "")
    monkeypatch.setenv("PATH", str(empty))
    with pytest.raises(UsageError) as caught:
        local_diff(repo)
    said["no git"] = str(caught.value)
    for name in ("no merge base", "no merge base with the default branch"):
        said[name] = said[name].partition(" have ")[2]
    assert said == {
        "no repository": "/empty is not a git repository: run this inside one, or name it with `--repo`.",
        "no folder": "/nope is not a folder: name the repository with `--repo`.",
        "no revision": "git knows no revision `nope` here: check the name, or fetch it first.",
        "no merge base": "no commit in common: fetch more history (`git fetch --unshallow`; in GitHub Actions `fetch-depth: 0`) or name a range `A..B`.",
        "no merge base with the default branch": (
            "no commit in common: fetch more history (`git fetch --unshallow`; in GitHub Actions `fetch-depth: 0`) or name a range `A..B`."
        ),
        "no working tree": "/bare.git has no working tree: name a range `A..B`.",
        "a file": "git knows no revision `main:a.py` here: check the name, or fetch it first.",
        "no git": "git is not installed or not on the PATH: install it, or give `--diff FILE`.",
    }
