"""What `--staged`, `--unstaged` and odd repositories come to: which side of a file is compared with which."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from local_git import a_repository, base_of, commit, files_in, git, local_diff

from reviewer.core.errors import UsageError
from reviewer.git import Part, branch_of, change_of, name_of, texts_at_end

STAGED, UNSTAGED = Part.STAGED, Part.UNSTAGED


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """`a.py` is staged as `staged`, and is `working` in the working tree; `new.py` is in no index."""
    made = a_repository(tmp_path / "repo")
    (made / "a.py").write_text("staged\n")
    git(made, "add", "a.py")
    (made / "a.py").write_text("working\n")
    (made / "new.py").write_text("new\n")
    return made


def torn(folder: Path) -> Path:
    """In the middle of a merge: `a.py` has conflicts, `b.py` is staged."""
    repo = a_repository(folder)
    git(repo, "checkout", "-q", "main")
    commit(repo, a__py="one\nzwei\n")
    git(repo, "checkout", "-q", "work")
    with pytest.raises(subprocess.CalledProcessError):
        git(repo, "merge", "main")
    (repo / "b.py").write_text("b\n")
    git(repo, "add", "b.py")
    return repo


def test_what_is_staged_and_what_is_not(repo: Path) -> None:
    """Together they are all that is not committed, new files too; and the index stays as it was."""
    before = git(repo, "status", "--porcelain")
    staged, unstaged = local_diff(repo, STAGED), local_diff(repo, UNSTAGED)
    assert (files_in(staged), files_in(unstaged)) == ([b"a.py"], [b"a.py", b"new.py"])
    assert b"-one\n-2\n+staged\n" in staged
    assert b"-staged\n+working\n" in unstaged
    assert git(repo, "status", "--porcelain") == before


def test_files_are_read_where_the_change_ends(repo: Path) -> None:
    """What is shown around a change is of its own side."""
    ends = {named: texts_at_end(change_of(repo, named), ["a.py"])["a.py"] for named in (STAGED, UNSTAGED, "main..work")}
    assert ends == {STAGED: "staged\n", UNSTAGED: "working\n", "main..work": "one\n2\n"}


def test_the_rules_are_those_of_the_last_commit(repo: Path) -> None:
    """What is only staged does not change the configuration that it is reviewed by."""
    head = git(repo, "rev-parse", "HEAD")
    assert (base_of(repo, STAGED), base_of(repo, UNSTAGED)) == (head, head)


def test_before_the_first_commit(tmp_path: Path) -> None:
    """All that is staged is new."""
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("a\n")
    assert files_in(local_diff(tmp_path, STAGED)) == []
    git(tmp_path, "add", "a.py")
    (tmp_path / "b.py").write_text("b\n")
    assert files_in(local_diff(tmp_path, STAGED)) == [b"a.py"]
    assert files_in(local_diff(tmp_path, UNSTAGED)) == [b"b.py"]


def test_conflicts_are_told(tmp_path: Path) -> None:
    """In the middle of a merge there is a diff that can be read, and a sentence about what it holds of the conflicts."""
    repo = torn(tmp_path / "repo")
    assert files_in(local_diff(repo, STAGED)) == [b"b.py"]
    assert change_of(repo, STAGED).notes == (
        "a.py has conflicts that are not resolved, so it is not staged, and was not reviewed.",
    )
    unstaged = local_diff(repo, UNSTAGED)
    assert unstaged.startswith(b"diff --git a/a.py b/a.py\n")
    assert b"+<<<<<<< HEAD" in unstaged
    assert change_of(repo, "HEAD").notes == (
        "a.py has conflicts that are not resolved, so it was reviewed with the markers.",
    )


def test_the_index_of_a_hook_counts(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For `git commit -a` and `git commit FILE` git tells hooks of another index beside the repository's own."""
    (repo / ".git" / "next-index-1.lock").write_bytes((repo / ".git" / "index").read_bytes())
    git(repo, "reset", "-q")
    assert files_in(local_diff(repo, STAGED)) == []
    monkeypatch.chdir(repo)
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/next-index-1.lock")
    assert files_in(local_diff(repo, STAGED)) == [b"a.py"]
    assert texts_at_end(change_of(repo, STAGED), ["a.py"]) == {"a.py": "staged\n"}


def test_where_it_is_run_does_not_matter(repo: Path, tmp_path: Path) -> None:
    """A folder below, another working tree of the repository, no branch: the same change."""
    below = repo / "a folder" / "ä"
    below.mkdir(parents=True)
    assert local_diff(below, STAGED) == local_diff(repo, STAGED)
    assert local_diff(below, UNSTAGED) == local_diff(repo, UNSTAGED)
    git(repo, "worktree", "add", "-q", "--detach", str(tmp_path / "tree"), "work")
    tree = tmp_path / "tree"
    (tree / "ö x.py").write_text("x\n")
    git(tree, "add", ".")
    assert local_diff(tree, STAGED).count(b"new file mode") == 1
    assert (branch_of(tree), branch_of(repo)) == ("HEAD", "work")


def test_a_rename_is_one_file(repo: Path) -> None:
    """Also one that is only staged."""
    git(repo, "reset", "-q", "--hard")
    git(repo, "mv", "a.py", "b c.py")
    assert b"rename from a.py\nrename to b c.py\n" in local_diff(repo, STAGED)


def test_a_shallow_clone_is_told_from_a_wrong_name(repo: Path, tmp_path: Path) -> None:
    """In CI the history is missing: the sentence says how to get it, and nothing passes as clean by it."""
    git(repo, "branch", "-D", "main")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repo}", "clone")
    clone = tmp_path / "clone"
    git(clone, "remote", "remove", "origin")
    for named, said in ((None, "lacks the default branch"), ("HEAD~1..HEAD", "git knows no revision `HEAD~1` here")):
        with pytest.raises(UsageError, match=said) as caught:
            change_of(clone, named)
        assert "`git fetch --unshallow`; in GitHub Actions `fetch-depth: 0`" in str(caught.value)


def test_without_a_default_branch_it_is_said(repo: Path) -> None:
    """Only what is not committed can be told from the rest."""
    git(repo, "branch", "-D", "main")
    assert change_of(repo).notes == (
        "No default branch (origin/HEAD, main, master) was found: only what is not committed counts.",
    )


def test_a_bare_repository_has_ranges_only(repo: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repo), "bare.git")
    assert files_in(local_diff(tmp_path / "bare.git", "main..work")) == [b"a.py"]
    for named in (STAGED, UNSTAGED, None):
        with pytest.raises(UsageError, match="has no working tree: name a range"):
            change_of(tmp_path / "bare.git", named)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("git@github.com:octo/hello.git", "octo/hello"),
        ("https://user:secret@github.example.com/octo/hello/", "octo/hello"),
        ("ssh://git@host:22/octo/hello.git", "octo/hello"),
        ("", "repo"),
    ],
)
def test_the_repository_s_name(repo: Path, url: str, name: str) -> None:
    """As its remote has it, without what else stands in the address; else the folder's."""
    if url:
        git(repo, "remote", "add", "origin", url)
    assert name_of(repo) == name
