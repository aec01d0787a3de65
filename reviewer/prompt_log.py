"""Keeps prompts and answers in a stream of their own, for whoever works on the prompts; off unless a file is named.

One file a day, lines of JSON, readable for its owner alone. Secrets are cut out once more, people are hashed, old days
are deleted. It is written by a thread of its own and is in nobody's way: what it cannot write is left out.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import re
import secrets
import stat
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from reviewer.core.errors import ModelError, UsageError
from reviewer.core.types import Answer, Payer, Prompt
from reviewer.logs import Redactor

VARIABLE = "REVIEWER_PROMPT_LOG"
PENDING = 64  # entries that wait to be written; a prompt is some 100 KB
PURGE_EVERY = 3_600.0  # seconds
# As a conversation is shown to the model, a line of JSON for each comment; and @ann, in people's own words alone: in
# code it may be a decorator.
_SPEAKER = re.compile(r'^\{"by": "([A-Za-z0-9][A-Za-z0-9_-]{0,38}(?:\[bot\])?)"', re.MULTILINE)
_MENTION = re.compile(r"(?<![\w/.@-])@([A-Za-z0-9][A-Za-z0-9_-]{0,38})(?![\w/-])")
_WORD = re.compile(
    r"(?:(?<=\\[nrt])|(?<![A-Za-z0-9-])(?!(?<=\\)[nrt]))[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?(?:\[bot\])?",
    re.IGNORECASE,
)
# Who signed a change: the name goes to the end of its line, which may be the \n of a string of JSON.
_TRAILER = re.compile(
    r"(?:(?<=\\[nrt])|(?<![\w-]))((?:signed-off|co-authored|co-developed|authored|committed|reviewed|acked|tested|reported"
    r"|suggested|helped|approved)-by[ \t]{0,8}:[ \t]{0,8})([^\n\r\\<>\"]{0,120}+)(?:<([^<>\s]{1,254})>)?",
    re.IGNORECASE,
)
# An address with a name behind its last dot: lodash@4.17.21 is none.
_MAIL = re.compile(r"(?:(?<=\\[nrt])|(?<![\w.+%-])(?!(?<=\\)[nrt]))[\w.+%-]++@[\w-]++(?:\.[\w-]++)++(?<=[^\W\d_]{2})")
WORDS = ("pull", "finding", "talk", "question")  # the parts of a prompt that people wrote
_NOBODY = {"", "you", "somebody"}
_TEXTS = {"repository", "system", "user", "arguments", "text", "error"}  # fields where a name may stand

_log = structlog.stdlib.get_logger(__name__)


class PromptLog:
    """`path` names the day's files: prompts.jsonl becomes prompts-2026-01-31.jsonl. `key` hashes people.

    `days` are how many days are kept, today's included; `most` bytes are written in a day. Raises UsageError for a path
    that cannot be written.
    """

    def __init__(
        self,
        path: Path,
        *,
        key: bytes = b"",
        redact: Redactor | None = None,
        days: int = 30,
        most: int = 512 * 2**20,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._path = path.expanduser().absolute()
        self._key = hmac.digest(key or secrets.token_bytes(32), b"reviewer prompt log", "sha256")
        self._redact = redact or Redactor()
        self._days, self._most, self._now = days, most, now
        self._room = threading.BoundedSemaphore(PENDING)
        self._said: set[str] = set()  # what the program's log was told today
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reviewer-prompts")
        self._check()
        self.purge()

    def __call__(self, prompt: Prompt, came: Answer | Exception, payer: Payer, model: str = "") -> None:
        """Keep one call: what was asked, and the answer or what was raised instead. Neither waits nor raises."""
        at = self._now()
        if not self._room.acquire(blocking=False):
            self._complain("behind", at)
            return
        try:
            self._thread.submit(self._keep, prompt, came, payer, model, at)
        except RuntimeError:  # it was closed
            self._room.release()

    async def forever(self) -> None:
        """Delete what is old, also while nothing is written."""
        while True:
            await asyncio.sleep(PURGE_EVERY)
            await asyncio.to_thread(self.purge)

    def close(self) -> None:
        """Write what waits."""
        self._thread.shutdown()

    def purge(self) -> None:
        """Delete the files of days that are over the retention; no other file is touched."""
        last = self._today(self._now()) - timedelta(days=self._days)
        try:
            old = [file for file, day in self._files() if day <= last]
        except OSError as error:
            self._complain(f"not purged: {error.strerror}", self._now())
            return
        for file in old:
            try:
                file.unlink(missing_ok=True)
            except OSError as error:  # the others go all the same
                self._complain(f"not purged: {error.strerror}", self._now())

    # --- in the thread --------------------------------------------------------------------------------------------

    def _keep(self, prompt: Prompt, came: Answer | Exception, payer: Payer, model: str, at: float) -> None:
        try:
            entry = self._hidden(_entry(prompt, came, payer, model, at), prompt, payer)
            line = json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
            self._write(line, at)
        except Exception as error:  # noqa: BLE001 - whatever it is, the review goes on
            self._complain(f"not written: {type(error).__name__}", at)
        finally:
            self._room.release()

    def _write(self, line: bytes, at: float) -> None:
        file = _opened(self._file(self._today(at)))
        try:
            state = os.fstat(file)
            if state.st_mode & 0o077:
                os.fchmod(file, 0o600)
            if state.st_size + len(line) > self._most:
                self._complain("full for today", at)
                return
            if (wrote := os.write(file, line)) < len(line):
                self._complain("no room on the disk", at)
                _take_back(file, wrote)
        finally:
            os.close(file)

    def _hidden(self, entry: dict[str, Any], prompt: Prompt, payer: Payer) -> dict[str, Any]:
        """Without secrets, and with a hash in place of each person that is known to be one."""
        said = "\n".join(prompt.parts.get(name, "") for name in WORDS)
        people, mentioned = {payer.person, *_SPEAKER.findall(prompt.user)} - _NOBODY, _MENTION.findall(said)
        names, called = ({name.lower() + bot for name in some for bot in ("", "[bot]")} for some in (people, mentioned))

        def person(name: str) -> str:
            return self._somebody(name, payer.installation)

        def signed(match: re.Match[str]) -> str:
            name = match[3] or match[2].strip().removeprefix("@")
            return match[1] + person(name) if name else match[0]

        def named(match: re.Match[str]) -> str:
            """Who is mentioned is one behind an @ alone: else it may be a word of the code."""
            name, at = match[0].lower(), match.string[max(0, match.start() - 1) : match.start()] == "@"
            return person(name) if name in names or (at and name in called) else match[0]

        def hidden(text: str) -> str:
            text = _TRAILER.sub(signed, self._redact.text(text))
            return _WORD.sub(named, _MAIL.sub(lambda match: person(match[0]), text))

        who = payer.person and person(payer.person)
        return entry | {field: hidden(entry[field]) for field in _TEXTS} | {"person": who}

    def _somebody(self, login: str, installation: int) -> str:
        digest = hmac.digest(self._key, f"{installation}:{login.lower()}".encode(), "sha256")
        return f"person-{digest[:6].hex()}"

    # --- files ----------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(_opened(self._file(self._today(self._now()))))
        except OSError as error:
            raise UsageError(f"{VARIABLE}: {self._path} cannot be written: {error.strerror or error}.") from None

    def _file(self, day: date) -> Path:
        return self._path.with_name(f"{self._path.stem}-{day.isoformat()}{self._path.suffix}")

    def _files(self) -> Iterator[tuple[Path, date]]:
        name = re.compile(rf"{re.escape(self._path.stem)}-(\d{{4}}-\d\d-\d\d){re.escape(self._path.suffix)}")
        for file in self._path.parent.iterdir():
            if match := name.fullmatch(file.name):
                try:
                    yield file, date.fromisoformat(match[1])
                except ValueError:
                    continue

    def _today(self, at: float) -> date:
        return datetime.fromtimestamp(at, UTC).date()

    def _complain(self, reason: str, at: float) -> None:
        """Once a day for each reason."""
        said = f"{self._today(at)} {reason}"
        if said not in self._said:
            self._said = {each for each in self._said if each.startswith(str(self._today(at)))} | {said}
            _log.warning("prompt_log.left_out", reason=reason)


def _entry(prompt: Prompt, came: Answer | Exception, payer: Payer, model: str, at: float) -> dict[str, Any]:
    answer = came if isinstance(came, Answer) else None
    outcome = (answer.fault or "ok") if answer else (getattr(came, "code", "") or type(came).__name__)
    return {
        "at": datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds"),
        "installation": payer.installation,
        "repository": payer.repository,
        "number": payer.number,
        "run": payer.run,
        "delivery": payer.delivery,
        "person": payer.person,
        "purpose": prompt.tool.name,
        "prompt": prompt.version,
        "model": model or (answer.model if answer else ""),
        "max_output": prompt.max_output,
        "temperature": prompt.temperature,
        "effort": prompt.effort,
        "system": prompt.system,
        "user": prompt.user,
        "outcome": outcome,
        "arguments": answer.arguments if answer else "",
        "text": answer.text if answer else "",
        "error": str(came) if isinstance(came, ModelError) else "",
        "input": answer.usage.input if answer else 0,
        "cached": answer.usage.cached if answer else 0,
        "output": answer.usage.output if answer else 0,
        "seconds": round(answer.seconds, 3) if answer else 0.0,
        "request_id": getattr(came, "request_id", ""),
    }


def _opened(path: Path) -> int:
    """To append to. Raises OSError, at once, for what is no file of ours: a pipe would wait for somebody to read it."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(0, "it is no regular file")
    return file


def _take_back(file: int, wrote: int) -> None:
    """The part of a line that the disk had room for, unless another worker has written behind it."""
    end = os.lseek(file, 0, os.SEEK_CUR)
    if os.fstat(file).st_size == end:
        os.ftruncate(file, end - wrote)
