"""A merge queue: pull requests are put on its base one on the other, and each group waits for its checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from reviewer.standin.events.frame import Event, framed
from reviewer.standin.git_shapes import commit
from reviewer.standin.records import Pull, Repository
from reviewer.standin.state import State

Method = Literal["merge", "squash", "rebase"]


def queue(hub: State, full_name: str, numbers: Sequence[int], *, method: Method = "merge") -> Event:
    """A group of these pull requests is made on the tip of their base branch, and its checks are asked for."""
    repo = hub.repository(full_name)
    pulls = [repo.pulls[number] for number in numbers]
    last = pulls[-1]
    base = repo.git.resolve(last.base_ref) or last.base_sha
    with hub.lock:
        head = base
        for pull in pulls:
            head = _put_on(repo, head, pull, method)
        ref = f"gh-readonly-queue/{last.base_ref}/pr-{last.number}-{base}"
        repo.git.point(ref, head)
    return _told(hub, repo, "checks_requested", head=head, ref=ref, base=base, base_ref=last.base_ref)


def _put_on(repo: Repository, onto: str, pull: Pull, method: Method) -> str:
    if method == "rebase":
        return _rebased(repo, onto, pull)
    tree = repo.git.run("merge-tree", "--write-tree", onto, pull.head_sha).decode().split("\n", 1)[0]
    owner = (pull.fork or repo.full_name).split("/", 1)[0]
    parents: tuple[str, ...]
    if method == "merge":
        parents = ("-p", onto, "-p", pull.head_sha)
        message = f"Merge pull request #{pull.number} from {owner}/{pull.head_ref}\n\n{pull.title}"
    else:
        parents, message = ("-p", onto), f"{pull.title} (#{pull.number})"
    return repo.git.run("commit-tree", tree, *parents, stdin=message.encode()).decode().strip()


def _rebased(repo: Repository, onto: str, pull: Pull) -> str:
    """Each of its commits anew, with its author and message and by a committer of GitHub's; merges are left out."""
    git = repo.git
    for sha in git.run("rev-list", "--reverse", "--no-merges", f"{onto}..{pull.head_sha}").decode().split():
        head, _, message = git.run("cat-file", "commit", sha).partition(b"\n\n")
        author = next(line for line in head.split(b"\n") if line.startswith(b"author "))
        patch = git.run("diff-tree", "-p", "--binary", "--full-index", f"{sha}^", sha)
        tree = git.patched(onto, patch)
        when = author.rsplit(b" ", 2)[1].decode()
        lines = [
            f"tree {tree}",
            f"parent {onto}",
            author.decode(),
            f"committer GitHub <noreply@github.com> {when} +0000",
        ]
        made = "\n".join(lines).encode() + b"\n\n" + message
        onto = git.run("hash-object", "-t", "commit", "-w", "--stdin", stdin=made).decode().strip()
    return onto


def disband(hub: State, asked: Event, *, reason: str = "dequeued") -> Event:
    """The group of `checks_requested` is no more: merged, invalidated or dequeued."""
    repo = hub.repository(asked.payload["repository"]["full_name"])
    shape = {"action": "destroyed", "reason": reason, "merge_group": asked.payload["merge_group"]}
    return framed(hub, repo, "merge_group", shape, sender=repo.owner)


def _told(hub: State, repo: Repository, action: str, *, head: str, ref: str, base: str, base_ref: str) -> Event:
    made = commit(hub, repo, head)
    whole = made["commit"]
    people = {name: {key: whole[name][key] for key in ("name", "email")} for name in ("author", "committer")}
    head_commit = {
        "id": head,
        "tree_id": whole["tree"]["sha"],
        "message": whole["message"],
        "timestamp": whole["author"]["date"],
        **people,
    }
    group = {
        "head_sha": head,
        "head_ref": f"refs/heads/{ref}",
        "base_sha": base,
        "base_ref": f"refs/heads/{base_ref}",
        "head_commit": head_commit,
    }
    return framed(hub, repo, "merge_group", {"action": action, "merge_group": group}, sender=repo.owner)
