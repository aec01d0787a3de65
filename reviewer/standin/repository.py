"""A real git repository for the stand-in: bare, built from trees and patches, the same SHAs on every machine."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

AUTHOR = "Ada Example"
EMAIL = "ada@example.com"
WHEN = 1_750_000_000  # 2025-06-15: fixed, so that commit SHAs never change


class GitFailed(Exception):
    """git refused; the text is what it said, `printed` what it had printed."""

    def __init__(self, text: str, printed: bytes = b"") -> None:
        super().__init__(text)
        self.printed = printed


@dataclass(frozen=True)
class Blob:
    """A file to commit. Mode 100755 is executable, 120000 a symlink, 160000 a submodule (content: its SHA)."""

    content: bytes
    mode: str = "100644"


class Entry(NamedTuple):
    """One entry of a tree."""

    mode: str
    type: str  # blob, tree or commit
    sha: str
    size: int  # 0 for what is no blob
    path: str


Content = str | bytes | Blob | None  # None deletes


class GitRepository:
    """A bare repository, acted on through git itself with hooks, user and system configuration off."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._memo: dict[tuple[str, ...], bytes] = {}

    @classmethod
    def create(cls, folder: Path, *, borrow: Path | None = None) -> GitRepository:
        """An empty bare repository; with `borrow`, the objects of that clone's git directory are readable in it."""
        folder.mkdir(parents=True, exist_ok=True)
        repository = cls(folder)
        repository.run("init", "--quiet", "--bare", "--initial-branch=main", "--template=", str(folder))
        if borrow is not None:
            alternates = folder / "objects" / "info" / "alternates"
            alternates.parent.mkdir(parents=True, exist_ok=True)
            alternates.write_text(f"{(borrow / 'objects').resolve()}\n", encoding="utf-8")
        return repository

    def run(self, *arguments: str, stdin: bytes = b"", index: str = "", when: int = WHEN, protocol: str = "") -> bytes:
        """What git prints; raises GitFailed with what it complains about. `protocol` is what a client asked for."""
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "LC_ALL": "C",
            "GIT_DIR": str(self.folder),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_LITERAL_PATHSPECS": "1",
            **{f"GIT_{role}_NAME": AUTHOR for role in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{role}_EMAIL": EMAIL for role in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{role}_DATE": f"{when} +0000" for role in ("AUTHOR", "COMMITTER")},
            **({"GIT_INDEX_FILE": index} if index else {}),
            **({"GIT_PROTOCOL": protocol} if protocol else {}),
        }
        done = subprocess.run(  # noqa: S603 - git alone, never through a shell
            ["git", "-c", f"core.hooksPath={os.devnull}", "-c", "core.autocrlf=false", *arguments],  # noqa: S607 - the git in PATH
            input=stdin,
            capture_output=True,
            check=False,
            env=environment,
        )
        if done.returncode:
            raise GitFailed(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}", done.stdout)
        return done.stdout

    def fixed(self, *arguments: str) -> bytes:
        """`run`, remembered: only for commands whose answer can never change, those on full SHAs."""
        if arguments not in self._memo:
            self._memo[arguments] = self.run(*arguments)
        return self._memo[arguments]

    # --- building -----------------------------------------------------------------------------------------------

    def commit(
        self,
        files: Mapping[str, Content],
        *,
        branch: str = "main",
        message: str = "Change",
        parent: str | None = None,
        when: int = WHEN,
    ) -> str:
        """Put `files` on top of `parent` (default: the branch's tip) and move the branch there; returns the SHA."""
        listing = b""
        for path, content in files.items():
            blob = _as_blob(content)
            sha = "0" * 40 if blob is None else self._store(blob)
            mode = "0" if blob is None else blob.mode
            listing += f"{mode} {sha}\t".encode() + path.encode() + b"\0"
        return self._commit(
            ("update-index", "-z", "--index-info"), listing, branch=branch, message=message, parent=parent, when=when
        )

    def commit_folder(self, folder: Path, *, branch: str = "main", message: str = "Change") -> str:
        """Make the branch's tree exactly what lies in `folder`."""
        old = self.resolve(branch) or self.resolve("main")  # a new branch begins at main
        gone: dict[str, Content] = dict.fromkeys(entry.path for entry in self.tree(old, recursive=True)) if old else {}
        return self.commit({**gone, **read_folder(folder)}, branch=branch, message=message)

    def commit_patch(
        self, patch: bytes, *, branch: str, message: str = "Change", parent: str | None = None, when: int = WHEN
    ) -> str:
        """Apply a unified diff on top of `parent` (default: the branch's tip, or main's)."""
        return self._commit(
            ("apply", "--cached", "--whitespace=nowarn", "-"),
            patch,
            branch=branch,
            message=message,
            parent=parent,
            when=when,
        )

    def point(self, branch: str, sha: str) -> None:
        """Move a branch, as a force-push does."""
        self.run("update-ref", f"refs/heads/{branch}", sha)

    def patched(self, onto: str, patch: bytes) -> str:
        """The tree of a commit with a patch applied to it."""
        with tempfile.TemporaryDirectory() as scratch:
            index = str(Path(scratch) / "index")
            self.run("read-tree", onto, index=index)
            self.run("apply", "--cached", "--whitespace=nowarn", "--allow-empty", "-", stdin=patch, index=index)
            return self.run("write-tree", index=index).decode().strip()

    def _store(self, blob: Blob) -> str:
        if blob.mode == "160000":
            return blob.content.decode()
        return self.run("hash-object", "-w", "--stdin", stdin=blob.content).decode().strip()

    def _commit(
        self, change: tuple[str, ...], stdin: bytes, *, branch: str, message: str, parent: str | None, when: int
    ) -> str:
        parent = parent or self.resolve(f"refs/heads/{branch}") or self.resolve("refs/heads/main")
        with tempfile.TemporaryDirectory() as scratch:
            index = str(Path(scratch) / "index")
            if parent:
                self.run("read-tree", parent, index=index)
            self.run(*change, stdin=stdin, index=index)
            tree = self.run("write-tree", index=index).decode().strip()
        parents = ("-p", parent) if parent else ()
        sha = self.run("commit-tree", tree, *parents, stdin=message.encode(), when=when).decode().strip()
        self.point(branch, sha)
        return sha

    # --- reading ------------------------------------------------------------------------------------------------

    def resolve(self, ref: str) -> str | None:
        """The full SHA of a branch, tag or commit; None when there is none."""
        if not ref or ref.startswith("-"):
            return None
        try:
            return self.run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode().strip()
        except GitFailed:
            return None

    def merge_base(self, one: str, other: str) -> str | None:
        try:
            return self.fixed("merge-base", one, other).decode().strip()
        except GitFailed:
            return None

    def tree(self, treeish: str, path: str = "", *, recursive: bool = False, trees: bool = False) -> list[Entry]:
        """The entries of a tree, or those that match `path` (end it with / for what is in a folder)."""
        flags = (*(("-r",) if recursive else ()), *(("-t",) if trees else ()))
        listing = self.fixed("ls-tree", "-z", "-l", "--full-tree", *flags, treeish, *(("--", path) if path else ()))
        entries = []
        for record in listing.split(b"\0")[:-1]:
            head, _, name = record.partition(b"\t")
            mode, kind, sha, size = head.decode().split()
            entries.append(Entry(mode, kind, sha, 0 if size == "-" else int(size), name.decode(errors="replace")))
        return entries

    def blob(self, sha: str) -> bytes:
        return self.fixed("cat-file", "blob", sha)

    def blobs(self, specs: Sequence[str]) -> list[tuple[str, bytes] | None]:
        """(SHA, content) of each `REF:path`, None for each that is no blob: one git process for all."""
        asked = [spec for spec in specs if "\n" not in spec]
        out = self.run("cat-file", "--batch", stdin="".join(f"{spec}\n" for spec in asked).encode())
        found: dict[str, tuple[str, bytes] | None] = {}
        for spec in asked:
            head, _, out = out.partition(b"\n")
            words = head.decode(errors="replace").split(" ")
            if words[-1] in {"missing", "ambiguous", "submodule"}:
                found[spec] = None
                continue
            size = int(words[2])
            found[spec] = (words[0], out[:size]) if words[1] == "blob" else None
            out = out[size + 1 :]
        return [found.get(spec) for spec in specs]


def _as_blob(content: Content) -> Blob | None:
    if isinstance(content, str):
        return Blob(content.encode())
    return Blob(content) if isinstance(content, bytes) else content


def read_folder(folder: Path) -> dict[str, Content]:
    """The files under `folder`, by path, with their executable bits and symlinks."""
    files: dict[str, Content] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            files[name] = Blob(os.fsencode(path.readlink()), "120000")
        elif path.is_file():
            executable = path.stat().st_mode & 0o111
            files[name] = Blob(path.read_bytes(), "100755" if executable else "100644")
    return files
