"""Runs kingfisher, a program with some 500 rules, over texts in memory: no network, no key of ours, no trace."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import kingfisher  # type: ignore[import-untyped]

from reviewer.core.errors import OutsideError
from reviewer.core.redaction import RANDOM, is_certain, is_placeholder
from reviewer.core.types import Secret
from reviewer.scratch import scratch
from reviewer.secrets import patterns
from reviewer.secrets.gathered import Gathered
from reviewer.secrets.program import Program

SECONDS = 120.0  # for one process; 10 MB take half a second, the first one with an empty cache four more
_MEMORY = Path("/dev/shm")  # noqa: S108 - a private folder is made in it, so that no text reaches a disk

# `--no-ignore` and no baseline: what the author writes beside a secret must not hide it. `--turbo` leaves out what
# looks at the kind of file (the texts have none) and decodes base64 (what it finds there does not stand in the text).
_FLAGS = (
    *("--format", "json", "--quiet", "--no-update-check", "--no-validate", "--confidence", "low", "--jobs", "2"),
    *("--no-dedup", "--no-ignore", "--no-extract-archives", "--turbo", "--max-file-size", "0", "--git-history", "none"),
)
# Each text gets a name that no rule leaves out, and that the rules for one kind of file (Kubernetes') take.
_SUFFIX = ".yaml"
# So that no text begins like an archive or a picture, whose content would be skipped.
_FIRST_LINE = "\n"

# A rule that shows so few characters means a part of what it found, as of a webhook's address: the whole word goes.
_PART = 8
_WORDS = re.compile(r"[^\s\"'`<>]+")


# A token has letters beside digits, or is long without a break. The process takes a third of a second, and most of what
# a model says has nothing of the kind; passwords that are words are found by the shapes that need no process.
_RUN = re.compile(r"[A-Za-z0-9_+/=.:~-]{8,}")
_MIXED = re.compile(r"[A-Za-z][0-9]|[0-9][A-Za-z]|[A-Za-z0-9]{16}")


class RuleSet:
    """Satisfies `ports.Secrets`."""

    def __init__(self, *, cache: Path | None = None, seconds: float = SECONDS, program: str = "") -> None:
        """`cache`: where the compiled rules are kept (2.4 MB); by default as `cache_folder` says."""
        self._cache = cache
        self._seconds = seconds
        self._program = program
        self._gathered: WeakKeyDictionary[asyncio.AbstractEventLoop, Gathered[list[Secret]]] = WeakKeyDictionary()
        self._own_cache: tempfile.TemporaryDirectory[str] | None = None

    async def warm(self) -> None:
        """Compile the rules into the cache: four seconds, once. Raises OutsideError where they cannot run."""
        await self._together().find(["nothing to see"])

    async def find(self, texts: Sequence[str]) -> list[list[Secret]]:
        """The secrets in each text. Raises OutsideError: then nothing may be sent."""
        wanted = await asyncio.to_thread(_likely, texts)
        if not wanted:
            return [[] for _ in texts]
        by_text = dict(zip(wanted, await self._together().find(wanted), strict=True))
        return [by_text.get(text, []) for text in texts]

    def _together(self) -> Gathered[list[Secret]]:
        """The runs of the present event loop."""
        loop = asyncio.get_running_loop()
        if loop not in self._gathered:
            self._gathered[loop] = Gathered(self._find, lambda: Program(self._seconds))
        return self._gathered[loop]

    def _find(self, texts: list[str], program: Program) -> list[list[Secret]]:
        by_rules = self._in_a_folder(texts, program)
        found = []
        for one, text in zip(by_rules, texts, strict=True):
            program.check()
            found.append(_unlike([*one, *patterns.find(text)]))
        return found

    def _in_a_folder(self, texts: list[str], program: Program) -> list[list[Secret]]:
        """In memory where there is room, else in the folder for temporary files."""
        problem = "no folder for temporary files can be written: mount one at /tmp or set TMPDIR"
        for parent in (_MEMORY, None):
            with suppress(OSError), scratch(parent) as folder:
                for number, text in enumerate(texts):
                    content = (_FIRST_LINE + text).encode("utf-8", "replace")
                    (folder / f"{number}{_SUFFIX}").write_bytes(content)
                return _read(self._run(folder, program), texts)
        raise OutsideError(f"the search for secrets could not start, so nothing was sent: {problem}")

    def _run(self, folder: Path, program: Program) -> bytes:
        command = [self._program or _program(), "scan", str(folder), *_FLAGS]
        home = str(folder)  # nothing of this user's is read, and what it might write goes with the folder
        env = {"HOME": home, "TMPDIR": home, "KF_RULE_CACHE_DIR": str(self._cache_folder())}
        try:
            said, status = program.run(command, folder, env)
        except subprocess.TimeoutExpired as error:
            raise _failed(f"it took more than {self._seconds:.0f} s") from error
        except OSError as error:
            raise _failed(
                f"kingfisher cannot be run here ({error.strerror}); install `kingfisher-bin` again"
            ) from error
        if not said:
            # What it says on stderr may quote a text.
            raise _failed(f"kingfisher ended with status {status} and said nothing; install it again")
        return said

    def _cache_folder(self) -> Path:
        """The named one, or this user's, or one in memory for as long as we live where neither can be used."""
        folder = self._cache or cache_folder()
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.access(folder, os.W_OK) or any(folder.iterdir()):
                return folder
        if self._own_cache is None:
            parent = _MEMORY if os.access(_MEMORY, os.W_OK) else None
            self._own_cache = tempfile.TemporaryDirectory(prefix="reviewer-rules-", dir=parent)
        return Path(self._own_cache.name)


def _likely(texts: Sequence[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if _may_hold(text)]


def _may_hold(text: str) -> bool:
    return any(_MIXED.search(run.group()) for run in _RUN.finditer(text))


def cache_folder() -> Path:
    """KF_RULE_CACHE_DIR, as an image sets it, or `reviewer/rules` among this user's caches."""
    if named := os.environ.get("KF_RULE_CACHE_DIR"):
        return Path(named)
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "reviewer" / "rules"


def _program() -> str:
    find: Callable[[], str] = kingfisher.get_binary_path
    try:
        return find()
    except OSError as error:
        raise _failed(
            "kingfisher has no program for this platform; see `kingfisher-bin` on PyPI for those it has"
        ) from error


def _failed(reason: str) -> OutsideError:
    return OutsideError(f"the search for secrets failed, so nothing was sent: {reason}")


def _read(output: bytes, texts: list[str]) -> list[list[Secret]]:
    """The findings by text. A text that was not searched is a failure, not a text without secrets."""
    try:
        report, _ = json.JSONDecoder().raw_decode(output.decode("utf-8", "replace"))
        searched = report["metadata"]["summary"]["blobs_scanned"]
        by_text: list[list[Secret]] = [[] for _ in texts]
        lines: dict[int, list[str]] = {}  # of the texts with findings
        for entry in report["findings"]:
            number = int(Path(entry["finding"]["path"]).name.removesuffix(_SUFFIX))
            if number not in lines:
                lines[number] = (_FIRST_LINE + texts[number]).split("\n")
            by_text[number].append(_secret(entry, lines[number]))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        # Without its cause: that may quote a text.
        raise _failed(f"kingfisher's answer cannot be read ({type(error).__name__}); install 2.14 of it") from None
    if searched != len(texts):
        raise _failed(f"kingfisher searched {searched} of {len(texts)} texts")
    return by_text


def _secret(entry: dict[str, Any], lines: list[str]) -> Secret:
    kind = re.sub(r"[^a-z0-9]+", "-", str(entry["rule"]["name"]).lower()).strip("-")
    value = str(entry["finding"]["snippet"])
    line = lines[int(entry["finding"]["line"]) - 1]
    if (
        not value.strip() or value.partition("\n")[0] not in line
    ):  # it is shown otherwise than it stands: then its line goes
        value = line
    elif len(value) < _PART:
        value = next((word for word in _WORDS.findall(line) if value in word), value)
    return Secret(kind, value, certain=is_certain(kind))


def _example(secret: Secret) -> Secret:
    """A provider's own example says so; it is cut out, and nobody is told of it."""
    return replace(secret, kind=RANDOM, certain=False) if "EXAMPLE" in secret.value else secret


def _unlike(secrets: Iterable[Secret]) -> list[Secret]:
    """Each value once, under the first rule that found it; one that says more than how a thing is named goes before.

    What a rule only guesses, and is a word such as stands for a secret in any example, is none.
    """
    known = (_example(secret) for secret in secrets)
    likely = (secret for secret in known if secret.certain or not is_placeholder(secret.value))
    ranked = sorted(likely, key=lambda secret: not secret.certain)
    return list({secret.value: secret for secret in reversed(ranked)}.values())
