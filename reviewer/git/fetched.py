"""Reads a diff out of a repository on a server, with as few of its objects as that takes and no checkout."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from reviewer.core.diff import DiffReader
from reviewer.core.types import Diff
from reviewer.git import command
from reviewer.git.confined import Bounds, Confined, GitFailed, confined

_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
ARGUMENTS = 100_000  # bytes of paths in one command; Linux takes two megabytes of arguments and environment
DEPTHS = (100, 1_000, 10_000)  # commits of history in which the merge base is looked for
_CONFIG = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tpartialClone = origin\n"
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-gc")
# About submodules, which are never followed: a strange one need not keep the rest from being read. In a fetch
# without blobs git before 2.45 is deaf to it; then the reason is told.
_NO_MATTER = (
    *("gitmodulesMissing", "gitmodulesBlob", "gitmodulesLarge", "gitmodulesName", "gitmodulesParse"),
    *("gitmodulesPath", "gitmodulesSymlink", "gitmodulesUpdate", "gitmodulesUrl"),
)
SETTINGS = {
    **command.SETTINGS,
    "attr.tree": _EMPTY_TREE,
    "core.askPass": "",
    "core.attributesFile": os.devnull,  # with no attributes no driver, and nothing that is hidden from the review
    "core.bigFileThreshold": "32m",  # what is larger counts as binary
    "core.packedGitLimit": "256m",
    "core.packedGitWindowSize": "32m",
    "credential.helper": "",
    "diff.renameLimit": "1000",  # files on each side; with more, only what moved unchanged is a rename
    "fetch.fsckObjects": "true",
    "fetch.unpackLimit": "1",  # always one file, on whose size there is a bound
    "gc.auto": "0",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1",  # bytes a second
    "http.lowSpeedTime": "60",  # seconds
    "maintenance.auto": "false",
    "pack.threads": "2",
    "protocol.allow": "never",
    "protocol.version": "2",
    "remote.origin.promisor": "true",
    "submodule.recurse": "false",
    **{f"fetch.fsck.{name}": "ignore" for name in _NO_MATTER},
}


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository on a server. `proxy` "" asks it directly; git never looks at the environment for one."""

    url: str
    token: str = field(default="", repr=False)
    proxy: str = field(default="", repr=False)

    @property
    def basic(self) -> str:
        return base64.b64encode(f"x-access-token:{self.token}".encode()).decode()

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(word for word in (self.proxy, self.token, self.basic if self.token else "") if word)

    @property
    def settings(self) -> dict[str, str]:
        """Git gets them by its environment: a command line can be read by everybody on the machine."""
        told = {"remote.origin.url": self.url, f"protocol.{urlsplit(self.url).scheme}.allow": "always"}
        signed = {f"http.{self.url}.extraHeader": f"Authorization: Basic {self.basic}"} if self.token else {}
        return {**told, "http.proxy": self.proxy, **signed}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What git could read; `lacks` says why that is not everything, "" when it is."""

    diff: Diff = field(default_factory=Diff)
    lacks: str = ""


async def fetched_diff(
    remote: Remote,
    base: str,
    head: str,
    *,
    merge_base: str = "",
    paths: Sequence[Sequence[str]] = (),
    bounds: Bounds | None = None,
) -> Fetched:
    """The diff from the merge base of two commits (full ids) to `head`.

    `merge_base` spares looking for it. `paths` names what is wanted of each file (its old name too, when it was
    renamed); none means all files. Never raises for what git or the server did.
    """
    bounds = bounds or Bounds()
    reader = DiffReader(bounds.lines)
    try:
        async with confined(bounds, {**SETTINGS, **remote.settings}, remote.secrets) as git:
            _check(base, head)
            start = merge_base or await _merge_base(git, base, head)
            _check(start, head)
            await _new(git, "diff.git")
            await git.run(*_at("diff.git"), *_FETCH, "--depth=1", "--filter=blob:none", "origin", start, head)
            take = _measured(reader, bounds)
            for some in _batches(paths):
                await git.run(*_at("diff.git"), *command.DIFF, start, head, "--", *some, take=take)
    except GitFailed as failed:
        return Fetched(reader.close(whole=False), str(failed))
    except OSError as error:  # no temporary folder, no room, no process to be had
        return Fetched(reader.close(whole=False), f"git cannot work here: {error.strerror or type(error).__name__}")
    return Fetched(reader.close())


def _check(*commits: str) -> None:
    """A server's word for a commit must not be an option of git."""
    if not all(_ID.fullmatch(commit) for commit in commits):
        raise GitFailed("GitHub names a commit by what is no id")


def _measured(reader: DiffReader, bounds: Bounds) -> Callable[[bytes], None]:
    left = bounds.diff

    def take(piece: bytes) -> None:
        nonlocal left
        reader.feed(piece[:left])
        left -= len(piece)
        if left < 0:
            raise GitFailed(f"the diff is larger than {bounds.diff:,} bytes")
        if reader.files > bounds.files:
            raise GitFailed(f"the diff has more than {bounds.files:,} files")

    return take


async def _new(git: Confined, name: str) -> None:
    await git.run("init", "--quiet", "--bare", "--template=", "--initial-branch=main", name)
    (git.folder / name / "config").write_text(_CONFIG, encoding="ascii")


def _at(name: str) -> tuple[str]:
    return (f"--git-dir={name}",)


async def _merge_base(git: Confined, base: str, head: str) -> str:
    """Looked for in the commits alone, with more and more of the history.

    In a repository of its own: one that has the commits already would not ask for their trees again.
    """
    await _new(git, "history.git")
    for depth in DEPTHS:
        await git.run(*_at("history.git"), *_FETCH, f"--depth={depth}", "--filter=tree:0", "origin", base, head)
        try:
            return (await git.run(*_at("history.git"), "merge-base", base, head)).decode().strip()
        except GitFailed:
            continue
    raise GitFailed(f"the two branches have no commit in common within {DEPTHS[-1]:,} commits")


def _batches(paths: Sequence[Sequence[str]]) -> Iterator[list[bytes]]:
    """The names as arguments, in commands that are not too long; all names of a file go together."""
    batch: list[bytes] = []
    if not paths:
        yield batch
    for names in paths:
        more = [name.encode("utf-8", "replace") for name in names if name and "\0" not in name]
        if batch and sum(map(len, batch)) + sum(map(len, more)) > ARGUMENTS:
            yield batch
            batch = []
        batch += more
    if batch:
        yield batch
