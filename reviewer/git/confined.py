"""Runs git in a folder of its own: no settings but ours, within bounds, and at the end nothing of it is left."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from reviewer.core.diff import MOST_LINES
from reviewer.scratch import scratch

_PIECE = 1 << 20  # bytes of output that are handed on at once
_SAID = 4_000  # bytes of git's complaints that are looked at
_SHELL = "/bin/sh"
# The shell only sets the bounds for what it becomes; macOS knows no bound on memory. `-f` counts 512 bytes, `-v` 1,024.
_BOUNDED = 'ulimit -c 0; ulimit -f "$1" || exit; ulimit -v "$2" 2>/dev/null; shift 2; exec "$@"'
# What the machine says about certificates; the proxy is told as a setting.
_PASSED = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_FILE", "SSL_CERT_DIR")
_OVER = "what git fetched is larger than the reviewer allows"
# What git says, in small letters, and what it comes to; the first that is found counts.
_MEANINGS = {
    "git does not trust the certificate that it is shown: set REVIEWER_CA_BUNDLE": (
        *("certificate problem", "certificate verif", "self-signed certificate", "self signed certificate"),
    ),
    "the proxy on the way to GitHub wants another name and password (407): write them into HTTPS_PROXY": (
        *("code 407", "response 407", "error: 407"),
    ),
    "GitHub does not let git in with the installation's token": (
        *("could not read username", "authentication failed", "error: 401", "error: 403", "not found"),
    ),
    "GitHub could not serve git at that moment": ("error: 5", "error: 429", "http 5", "http 429"),
    "GitHub does not give git these commits": (
        *("not our ref", "remote ref", "unadvertised object", "did not send all necessary objects"),
    ),
    "git finds the repository unsound": ("fsck error", "error: object ", "error in object"),
    _OVER: (
        *("invalid index-pack output", "file too large", "exceeds maximum", "no space left", "out of memory"),
        *("died of signal", "unable to create thread", "cannot allocate memory", "failed to map segment"),
    ),
    "git could not reach GitHub": (
        *(
            "resolve host",
            "resolve proxy",
            "proxy connect",
            "connect to",
            "connection",
            "ssl",
            "certificate",
            "timed out",
        ),
        *("connect tunnel", "too slow"),
    ),
}

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much git may take of this machine."""

    seconds: float = 120.0  # for all of it together
    disk: int = 500_000_000  # bytes of one file that git writes; a fetch is one file
    memory: int = 2_000_000_000  # bytes that one process may address: trees can be made that unfold without end
    diff: int = 64_000_000  # bytes of the diff that are read: 128 for each of the lines that are kept
    lines: int = MOST_LINES  # of the diff that are kept
    files: int = 100_000  # of the diff that are listed: a few bytes of trees can name millions


class GitFailed(Exception):
    """Why git could not help, as a clause that people may read: no path, no word of the server's."""


@dataclass(frozen=True, slots=True)
class Confined:
    """A folder that only we can read, and git in it. `secrets` are kept out of what is logged."""

    folder: Path
    bounds: Bounds
    settings: Mapping[str, str]
    secrets: tuple[str, ...] = ()

    async def run(self, *arguments: str | bytes, take: Callable[[bytes], None] | None = None) -> bytes:
        """What git prints. With `take` that gets it piece by piece, beside the event loop; git ends where it raises.

        Raises GitFailed.
        """
        if shutil.which("git") is None:
            raise GitFailed("git is not installed where the reviewer runs")
        kept = bytearray()
        complaints = self.folder / "complaints"
        with complaints.open("wb") as heard:
            process = await asyncio.create_subprocess_exec(
                *(_SHELL, "-c", _BOUNDED, "sh", str(self.bounds.disk // 512), str(self.bounds.memory // 1024)),
                *("git", *arguments),
                cwd=self.folder,
                env=self._environment(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=heard,
                limit=_PIECE,
                start_new_session=True,
            )
        try:
            assert process.stdout is not None
            while piece := await process.stdout.read(_PIECE):
                await _beside(take or kept.extend, piece)
            await process.wait()
        finally:
            await _end(process)
        if process.returncode:
            raise self._failed(arguments, process.returncode, complaints.read_bytes()[-_SAID:])
        return bytes(kept)

    def _environment(self) -> dict[str, str]:
        """No variable but these: one could point git to another repository, or have it write down what it sends."""
        found = {name: os.environ[name] for name in _PASSED if name in os.environ}
        for ours, gits in (("SSL_CERT_FILE", "GIT_SSL_CAINFO"), ("SSL_CERT_DIR", "GIT_SSL_CAPATH")):
            if found.get(ours):
                found.setdefault(gits, found[ours])
        told = {"GIT_CONFIG_COUNT": str(len(self.settings))}
        for at, (key, value) in enumerate(self.settings.items()):
            told |= {f"GIT_CONFIG_KEY_{at}": key, f"GIT_CONFIG_VALUE_{at}": value}
        home = dict.fromkeys(("HOME", "XDG_CONFIG_HOME"), str(self.folder))
        nothing = dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull)
        ones = dict.fromkeys(("GIT_CONFIG_NOSYSTEM", "GIT_ATTR_NOSYSTEM", "GIT_LITERAL_PATHSPECS"), "1")
        quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        return {**found, **told, **home, **nothing, **ones, **quiet}

    def _failed(self, arguments: tuple[str | bytes, ...], code: int, said: bytes) -> GitFailed:
        words = said.decode("utf-8", "replace")
        for secret in self.secrets:
            words = words.replace(secret, "[token]")
        command = next(str(word) for word in arguments if not str(word).startswith("-"))
        _log.warning("git.failed", command=command, exit=code, said=words.strip()[-500:])
        return GitFailed(_why(command, code, words))


async def _beside(take: Callable[[bytes], None], piece: bytes) -> None:
    """`take` in a thread; when the time is up meanwhile, it is let finish, since what it fills is looked at then."""
    taking = asyncio.ensure_future(asyncio.to_thread(take, piece))
    try:
        await asyncio.shield(taking)
    finally:
        if not taking.done():
            await asyncio.wait([taking])


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill what still runs, with the processes that it began: they are one group."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _why(command: str, code: int, words: str) -> str:
    if code in {-signal.SIGXFSZ, 128 + signal.SIGXFSZ}:
        return _OVER
    said = words.lower()
    found = (meaning for meaning, marks in _MEANINGS.items() if any(mark in said for mark in marks))
    return next(found, f"`git {command}` failed (exit {code})")


@asynccontextmanager
async def confined(bounds: Bounds, settings: Mapping[str, str], secrets: tuple[str, ...]) -> AsyncIterator[Confined]:
    """Git in a new folder, which is gone afterwards, whatever happens. Raises GitFailed when the time is up."""
    with scratch() as folder:
        try:
            async with asyncio.timeout(bounds.seconds):
                yield Confined(folder, bounds, settings, secrets)
        except TimeoutError:
            raise GitFailed(f"git took longer than {bounds.seconds:g} s") from None
