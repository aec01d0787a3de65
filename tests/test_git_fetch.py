"""A diff is fetched from a server by git: it is git's own, nothing of the repository runs, and nothing is left behind."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from forge import NAME, Forge, forge, served
from structlog.testing import capture_logs

from reviewer.core.diff import TOO_MANY, parse_diff
from reviewer.core.types import Diff
from reviewer.git import Bounds, Fetched, Remote, fetched_diff
from reviewer.git import fetched as fetching
from reviewer.standin.repository import Blob, Content, GitRepository

__all__ = ["forge", "served"]

GIT = shutil.which("git") or ""
TEXT = "".join(f"line {at}\n" for at in range(40))
BEFORE: dict[str, Content] = {
    "app.py": TEXT,
    "old name.txt": TEXT * 2,
    "gone.txt": "gone\n",
    "logo.png": b"\x89PNG\0\1",
    "run.sh": "#!/bin/sh\n",
    "link": Blob(b"app.py", "120000"),
    "vendor": Blob(b"1" * 40, "160000"),
    "turns": "a file\n",
    "caf\u00e9.txt": "one\n",
    ":(top)x": "one\n",
}
AFTER: dict[str, Content] = {
    "app.py": TEXT.replace("line 7\n", "line seven\n"),
    "old name.txt": None,
    "new name.txt": TEXT * 2 + "more\n",
    "gone.txt": None,
    "logo.png": b"\x89PNG\0\2",
    "run.sh": Blob(b"#!/bin/sh\n", "100755"),
    "link": Blob(b"/etc/passwd", "120000"),
    "vendor": Blob(b"2" * 40, "160000"),
    "turns": Blob(b"app.py", "120000"),
    "caf\u00e9.txt": "two\n",
    ":(top)x": "two\n",
    "deep/er/new.py": "new = 1\n",
}


class Server:
    """A repository on the forge with two commits, and a token for it."""

    def __init__(self, forge: Forge, before: dict[str, Content], after: dict[str, Content]) -> None:
        self.forge = forge
        self.git = GitRepository.create(forge.hub.root / "octo" / "odd.git")
        forge.hub.add_repository("octo/odd", self.git)
        self.base = self.git.commit(before)
        self.head = self.git.commit(after, branch="topic", parent=self.base)
        permissions = {"metadata": "read", "contents": "read"}
        self.token = forge.hub.issue_token(forge.hub.install("octo"), repositories=None, permissions=permissions)
        self.remote = Remote(f"{forge.url}/octo/odd.git", self.token.value)

    def told(self) -> Diff:
        """What git says where the repository lies."""
        return parse_diff(self.git.run("diff", "-M", self.base, self.head).decode())

    def fetched(self, *, remote: Remote | None = None, bounds: Bounds | None = None, names: str = "") -> Fetched:
        """Through the adapter; `names` are paths with a bar between them."""
        paths = [(name,) for name in names.split("|") if name]
        known = {"merge_base": self.base, "paths": paths, "bounds": bounds}
        return asyncio.run(fetched_diff(remote or self.remote, self.base, self.head, **known))  # type: ignore[arg-type]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files; a test ends with none of them left."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def server(forge: Forge, here: Path) -> Iterator[Server]:
    yield Server(forge, BEFORE, AFTER)
    shutil.rmtree(forge.hub.root / "octo")


def a_git(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that stands on the PATH as git; the forge gets the real one."""
    program = folder / "bin" / "git"
    program.parent.mkdir()
    ours = f'case "$PWD" in */reviewer-scratch-*) ;; *) exec "{GIT}" "$@";; esac'
    program.write_text(f"#!/bin/sh\n{ours}\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def test_the_diff_is_gits_own(server: Server) -> None:
    """Renames, binaries, modes, symlinks, submodules and odd names come out as git tells them, in two round trips."""
    fetched = server.fetched()
    assert fetched == Fetched(server.told())
    assert {file.status for file in fetched.diff.files} == {"added", "removed", "modified", "renamed"}
    assert server.forge.hub.count("POST", "git-upload-pack") == 2  # the trees, then all the files that differ


def test_named_files_alone_are_read(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is no pattern, and names that do not fit in one command go in several."""
    monkeypatch.setattr("reviewer.git.fetched.ARGUMENTS", 10)
    names = ["app.py", ":(top)x", "caf\u00e9.txt", "deep/er/new.py", "a\0b", "*", "--output=x", "\ud800"]
    fetched = server.fetched(names="|".join(names))
    assert fetched == Fetched(Diff(tuple(file for path in names if (file := server.told().file(path)))))
    assert len(fetched.diff.files) == 4


def test_a_renamed_file_is_read_by_both_names(server: Server) -> None:
    known = {"merge_base": server.base, "paths": [("old name.txt", "new name.txt")]}
    fetched = asyncio.run(fetched_diff(server.remote, server.base, server.head, **known))  # type: ignore[arg-type]
    assert fetched == Fetched(Diff(tuple(file for file in server.told().files if file.status == "renamed")))


def test_the_merge_base_is_found_without_being_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the commits alone, with more and more of them; where there is none, that is said."""
    monkeypatch.setattr("reviewer.git.fetched.DEPTHS", (1, 2, 8))
    told, tip = server.told(), server.base
    for at in range(4):
        tip = server.git.commit({f"later{at}.txt": "x\n"}, parent=tip)
    assert asyncio.run(fetched_diff(server.remote, tip, server.head)) == Fetched(told)
    tree = server.git.run("rev-parse", f"{tip}^{{tree}}").decode().strip()
    alone = server.git.run("commit-tree", tree, stdin=b"alone").decode().strip()
    assert "no commit in common" in asyncio.run(fetched_diff(server.remote, alone, server.head)).lacks


def test_nothing_of_the_repository_or_of_the_persons_settings_runs(
    forge: Forge, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hooks, drivers, filters, helpers and submodules that name programs: no canary sings, and nothing is hidden."""
    canary = tmp_path / "canary"
    sing = tmp_path / "sing"
    sing.write_text(f"#!/bin/sh\ntouch {canary}\n")
    sing.chmod(0o755)
    home = tmp_path / "home"
    (home / "template" / "hooks").mkdir(parents=True)
    for name in ("reference-transaction", "post-checkout", "post-index-change", "fsmonitor-watchman"):
        (home / "template" / "hooks" / name).write_text(f"#!/bin/sh\ntouch {canary}\n")
        (home / "template" / "hooks" / name).chmod(0o755)
    (home / ".gitconfig").write_text(
        f'[init]\n\ttemplateDir = {home}/template\n[core]\n\thooksPath = {home}/template/hooks\n\tfsmonitor = "{sing}"\n'
        f'\taskPass = "{sing}"\n[diff]\n\texternal = "{sing}"\n[diff "evil"]\n\tcommand = "{sing}"\n\ttextconv = "{sing}"\n'
        f'[filter "evil"]\n\tsmudge = "{sing}"\n\tclean = "{sing}"\n\tprocess = "{sing}"\n\trequired = true\n'
        f'[credential]\n\thelper = "!{sing}"\n[protocol "ext"]\n\tallow = always\n[fetch]\n\trecurseSubmodules = true\n'
        f'[url "ext::{sing}"]\n\tinsteadOf = http\n'
    )
    monkeypatch.setenv("HOME", str(home))
    for name in ("GIT_EXTERNAL_DIFF", "GIT_ASKPASS", "GIT_SSH_COMMAND", "GIT_PROXY_COMMAND"):
        monkeypatch.setenv(name, str(sing))
    monkeypatch.setenv("GIT_DIR", str(home))
    monkeypatch.setenv("GIT_TRACE_CURL", str(tmp_path / "trace"))
    modules = f'[submodule "a"]\n\tpath = sub\n\turl = ext::{sing}\n\tupdate = !{sing}\n[submodule "../../b"]\n\tpath = b\n\turl = file:///\n'
    after: dict[str, Content] = {
        **AFTER,
        ".gitattributes": "* diff=evil filter=evil\n*.py -diff\n",
        ".gitmodules": modules,
        "sub": Blob(b"3" * 40, "160000"),
        ".git-hooks/post-checkout": Blob(f"#!/bin/sh\ntouch {canary}\n".encode(), "100755"),
    }
    server = Server(forge, BEFORE, after)
    monkeypatch.delenv("GIT_DIR")
    told = server.told()
    monkeypatch.setenv("GIT_DIR", str(home))
    fetched = server.fetched()
    shutil.rmtree(forge.hub.root / "octo")
    assert fetched == Fetched(told)
    assert (canary.exists(), (tmp_path / "trace").exists()) == (False, False)


def test_odd_submodules_are_read_or_said(server: Server) -> None:
    """A `.gitmodules` that only harms who checks it out (a symlink) is a change like any other; old gits refuse it."""
    link = server.git.run("hash-object", "-w", "--stdin", stdin=b"/etc/passwd").decode().strip()
    entry = f"120000 blob {link}\t.gitmodules\0".encode()
    tree = server.git.run("mktree", "-z", stdin=server.git.run("ls-tree", "-z", server.base) + entry).decode().strip()
    server.head = server.git.run("commit-tree", tree, "-p", server.base, stdin=b"x").decode().strip()
    assert [file.path for file in server.told().files] == [".gitmodules"]
    assert server.fetched() in {Fetched(server.told()), Fetched(lacks="git finds the repository unsound")}


def test_the_token_is_in_no_command_no_file_and_no_log(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git has it by its environment, for the one address that it is for; also where all goes wrong."""
    seen = tmp_path / "seen"
    a_git(
        tmp_path,
        f'printf "%s\\n" "$@" >> {seen}\n"{GIT}" "$@"; code=$?\ncat complaints >> {seen}\n'
        f"grep -rs Basic . >> {seen}; grep -rs ghs_ . >> {seen}\nenv | grep -e ^GIT_CONFIG_KEY -e ^GIT_SSL >> {tmp_path}/keys\nexit $code",
        monkeypatch,
    )
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # the caller says which proxy
    monkeypatch.setenv("SSL_CERT_FILE", "/certificates.pem")
    monkeypatch.delenv("GIT_SSL_CAINFO", raising=False)
    with capture_logs() as logs:
        assert server.fetched().lacks == ""
        server.forge.hub.tokens.clear()
        refused = server.fetched()
    assert "does not let git in" in refused.lacks
    assert len(logs) == 1
    for text in (seen.read_text(), str(logs), refused.lacks, repr(server.remote)):
        assert server.token.value not in text
        assert server.remote.basic not in text
    assert "fetch" in seen.read_text()
    told = (tmp_path / "keys").read_text()
    assert f"http.{server.remote.url}.extraHeader" in told
    assert "GIT_SSL_CAINFO=/certificates.pem" in told  # the variable that the API's client goes by


def test_without_git_or_with_a_wrong_address_it_says_why(
    server: Server, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing raises: a repository that is not there, a server that is not, a redirect, commits that are gone."""
    hub = server.forge.hub
    gone = replace(server.remote, url=f"{server.forge.url}/octo/nowhere.git")
    assert "does not let git in" in server.fetched(remote=gone).lacks
    assert "could not reach" in server.fetched(remote=Remote("http://127.0.0.1:9/octo/odd.git")).lacks
    away = replace(server.remote, proxy="http://ann:word@127.0.0.1:9")
    assert "could not reach" in server.fetched(remote=away).lacks
    hub.fail("GET", "info/refs", status=503)
    assert "could not serve" in server.fetched().lacks
    hub.fail("GET", "info/refs", status=302, headers={"location": f"{server.forge.url}/{NAME}.git/info/refs"})
    assert "`git fetch` failed" in server.fetched().lacks
    unknown = asyncio.run(fetched_diff(server.remote, server.base, "1" * 40, merge_base=server.base))
    option = asyncio.run(fetched_diff(server.remote, server.base, "--upload-pack=sing", merge_base=server.base))
    assert option == Fetched(lacks="GitHub names a commit by what is no id")
    assert unknown == Fetched(lacks="GitHub does not give git these commits")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    assert server.fetched() == Fetched(lacks="git cannot work here: No such file or directory")
    monkeypatch.setattr(tempfile, "tempdir", str(here))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert server.fetched() == Fetched(lacks="git is not installed where the reviewer runs")


def test_bounds_end_in_a_reason_and_keep_what_was_read(forge: Forge, here: Path) -> None:
    """A pack over the bound, and a diff over it (in bytes, lines or files): its whole files stay, the one that was cut does not."""
    noise = {f"{at}.txt": "".join(f"{at} {n * n} {n**5}\n" for n in range(2_000)) for at in range(9)}
    server = Server(forge, {"a": "a\n"}, dict(noise))
    tiny = [server.fetched(bounds=bounds).lacks for bounds in (Bounds(disk=20_480), Bounds(memory=8_000_000))]
    cut = server.fetched(bounds=Bounds(diff=200_000))
    short = server.fetched(bounds=Bounds(lines=5_000))
    few = server.fetched(bounds=Bounds(files=3))
    whole = server.told().files
    shutil.rmtree(forge.hub.root / "octo")
    assert tiny == ["what git fetched is larger than the reviewer allows"] * 2
    assert cut.lacks == "the diff is larger than 200,000 bytes"
    assert 0 < len(cut.diff.files) < 9
    assert cut.diff.files == whole[: len(cut.diff.files)]
    assert (short.lacks, [file.missing for file in short.diff.files]) == ("", ["", "", *[TOO_MANY] * 7])
    assert (few.lacks, few.diff.files[3].missing) == ("the diff has more than 3 files", "")


def test_a_huge_file_is_not_diffed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is larger than a text would be counts as binary: git reads past it, not into memory."""
    settings = {**fetching.SETTINGS, "core.bigFileThreshold": "100"}
    monkeypatch.setattr(fetching, "SETTINGS", settings)
    file = server.fetched(names="app.py").diff.file("app.py")
    assert file is not None
    assert (file.binary, file.hunks) == (True, ())


ENDLESS = 'case "$*" in *fetch*) sleep 60 > /dev/null & echo $! > "$0.child"; wait;; *) exec "{git}" "$@";; esac'


def gone(pid: int) -> bool:
    """Whether the process is no more, or waits only for being noticed."""
    for _ in range(200):
        with suppress(FileNotFoundError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                time.sleep(0.01)
                continue
        return True
    return False


def test_when_the_time_is_up_git_and_its_children_are_killed(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_git(tmp_path, ENDLESS.format(git=GIT), monkeypatch)
    fetched = server.fetched(bounds=Bounds(seconds=0.3))
    assert fetched == Fetched(lacks="git took longer than 0.3 s")
    assert gone(int((tmp_path / "bin" / "git.child").read_text()))


def test_when_nobody_wants_it_any_more_git_and_its_children_are_killed(
    server: Server, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cancelled job leaves no process and no folder; while it ran, only we could look into that."""
    a_git(tmp_path, ENDLESS.format(git=GIT), monkeypatch)
    child = tmp_path / "bin" / "git.child"

    async def scenario() -> None:
        job = asyncio.create_task(fetched_diff(server.remote, server.base, server.head, merge_base=server.base))
        modes = await asyncio.to_thread(working)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        assert modes == [0o700]

    def working() -> list[int]:
        """Waits for the child; gives the modes of the folders that are there then."""
        while not (child.exists() and child.read_text()):
            time.sleep(0.01)
        return [folder.stat().st_mode & 0o777 for folder in here.iterdir()]

    asyncio.run(scenario())
    assert gone(int(child.read_text()))
