"""The local source against real git repositories."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest
from local_git import a_repository, base_of, commit, files_in, git, local_diff

from reviewer.git import file_at


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return a_repository(tmp_path / "repo")


def state(repo: Path) -> dict[str, str]:
    """Everything below .git, so that a test can say that nothing was touched."""
    files = [path for path in (repo / ".git").rglob("*") if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_default_range_is_merge_base_to_working_tree(repo: Path) -> None:
    """Committed, staged, unstaged and untracked changes are all in the default range; what main did since is not."""
    git(repo, "checkout", "-q", "main")
    commit(repo, later__py="main went on\n")
    git(repo, "checkout", "-q", "work")
    (repo / "staged.py").write_text("staged\n")
    git(repo, "add", "staged.py")
    (repo / "a.py").write_text("one\n2\nthree\n")
    (repo / "new.py").write_text("new\n")
    diff = local_diff(repo)
    assert files_in(diff) == [b"a.py", b"new.py", b"staged.py"]
    assert b"-two\n+2\n+three\n" in diff
    assert b"--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+new\n" in diff


def test_nothing_in_the_repository_changes(repo: Path) -> None:
    """Reading a diff with untracked files leaves index, objects and references alone, byte for byte."""
    (repo / "new.py").write_text("new\n")
    before = state(repo)
    assert files_in(local_diff(repo)) == [b"a.py", b"new.py"]
    known = {path: digest for path, digest in state(repo).items() if "/objects/" not in path}
    assert known == {path: digest for path, digest in before.items() if "/objects/" not in path}
    assert git(repo, "status", "--porcelain") == "?? new.py"


def test_ignored_files_and_inner_repositories_stay_out(repo: Path) -> None:
    """What .gitignore names is no new code, and a repository inside the repository is another repository."""
    (repo / ".gitignore").write_text("*.log\n")
    (repo / "x.log").write_text("x")
    (repo / "inner").mkdir()
    git(repo / "inner", "init", "-q")
    commit(repo / "inner", b__py="b\n")
    assert files_in(local_diff(repo)) == [b".gitignore", b"a.py"]


def test_untracked_names_are_taken_literally(repo: Path) -> None:
    """A file whose name reads like a pathspec, holds a newline or is not UTF-8 is one new file."""
    for name in (b":(top)x", b"*.py", b"new\nline", b"caf\xe9", b"-M"):
        Path(os.fsdecode(os.fsencode(repo) + b"/" + name)).write_text("x\n")
    assert local_diff(repo).count(b"new file mode") == 5


@pytest.mark.parametrize(
    ("range_", "expected"),
    [
        ("main..work", [b"a.py"]),
        ("main..other", [b"a.py", b"o.py"]),
        ("main...other", [b"o.py"]),
        ("work..", []),
        ("HEAD", [b"new.py"]),
        ("main", [b"a.py", b"new.py"]),
        ("main~0..main^{commit}", []),
    ],
)
def test_ranges(repo: Path, range_: str, expected: list[bytes]) -> None:
    """Two dots compare the ends, three begin at the merge base, one revision ends at the working tree."""
    git(repo, "checkout", "-qb", "other", "main")
    commit(repo, o__py="o\n")
    git(repo, "checkout", "-q", "main")
    commit(repo, a__py="one\nzwei\n")
    git(repo, "checkout", "-q", "work")
    (repo / "new.py").write_text("new\n")
    assert files_in(local_diff(repo, range_)) == expected


def test_configuration_of_the_person_does_not_show(repo: Path) -> None:
    """Colour, prefixes, external diff programs, text conversion, relative paths and context do not reach the diff."""
    plain = local_diff(repo), local_diff(repo, "main..work")
    for key, value in {
        "color.ui": "always",
        "core.fsmonitor": "false-program",
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "diff.external": "false",
        "diff.context": "9",
        "diff.py.textconv": "false",
        "diff.py.command": "false",
        "diff.relative": "true",
        "diff.renames": "false",
        "diff.orderFile": "nowhere",
        "diff.suppressBlankEmpty": "true",
    }.items():
        git(repo, "config", key, value)
    (repo / ".git/info").mkdir(exist_ok=True)
    (repo / ".git/info/attributes").write_text("*.py diff=py\n")
    (repo / "below").mkdir()
    assert (local_diff(repo / "below"), local_diff(repo / "below", "main..work")) == plain


def test_no_hook_runs(repo: Path) -> None:
    """Writing the scratch index does not run the repository's hooks."""
    hook = repo / ".git/hooks/post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {repo}/ran\n")
    hook.chmod(0o755)
    (repo / "new.py").write_text("new\n")
    local_diff(repo)
    assert not (repo / "ran").exists()


def test_inside_a_hook_the_named_repository_counts(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GIT_DIR of a running hook does not lead to another repository."""
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "elsewhere/index"))
    assert files_in(local_diff(repo)) == [b"a.py"]


def test_the_default_branch_is_asked_of_origin_first(repo: Path, tmp_path: Path) -> None:
    """A clone compares with origin/HEAD, whatever that branch is called."""
    git(repo, "checkout", "-qb", "trunk", "main")
    trunk = commit(repo, t__py="t\n")
    git(tmp_path, "clone", "-q", str(repo), "clone")
    clone = tmp_path / "clone"
    (clone / "t.py").write_text("T\n")
    assert base_of(clone) == trunk
    assert files_in(local_diff(clone)) == [b"t.py"]


def test_before_the_first_commit_everything_is_new(tmp_path: Path) -> None:
    """An unborn branch is compared with the empty tree."""
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("a\n")
    assert files_in(local_diff(tmp_path)) == [b"a.py"]
    assert file_at(tmp_path, base_of(tmp_path), "a.py") is None


def test_merge_conflict_still_diffs(repo: Path) -> None:
    """A working tree in the middle of a merge has a diff that begins with file heads only."""
    git(repo, "checkout", "-q", "main")
    commit(repo, a__py="one\nzwei\n")
    git(repo, "checkout", "-q", "work")
    with pytest.raises(subprocess.CalledProcessError):
        git(repo, "merge", "main")
    diff = local_diff(repo, "HEAD")
    assert diff.startswith(b"diff --git ")
    assert b"+<<<<<<< HEAD" in diff
