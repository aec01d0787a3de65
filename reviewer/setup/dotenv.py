"""Keeps values in a `.env` file: what else stands in it stays, others cannot read it, and it is never half written."""

from __future__ import annotations

import io
import os
import re
import secrets
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from reviewer.core.errors import UsageError
from reviewer.ports.registering import KeptAlready

MODE = 0o600
SPARE = 16_384  # bytes that a test writes beside what is there: more than a key and its secrets take
HEAD = "# Written by reviewer's setup."

_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]+")  # read alike by every program that reads such files
_ESCAPED = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


@dataclass(frozen=True, slots=True)
class EnvFile:
    """Satisfies `Vault`."""

    path: Path

    @property
    def place(self) -> str:
        return str(self.path.absolute())

    def check(self) -> None:
        """Raises UsageError for a file that could not be written now."""
        path = self.path.absolute().resolve()
        if os.path.ismount(path):
            raise UsageError(
                f"{path} is mounted by itself, so it cannot be replaced as a whole: mount the folder that it lies in, "
                "or set REVIEWER_SECRET_KEY, and the credentials are kept in the database."
            )
        self._text(path)
        with _Beside(path) as file:
            file.write(b"#" * SPARE)

    def keep(self, values: Mapping[str, str], *, unless: Collection[str] = ()) -> None:
        """Each in place of the line with its name. Raises KeptAlready where one of `unless` is set there, else
        UsageError where it does not succeed; then nothing is changed.
        """
        path = self.path.absolute().resolve()
        before = self._text(path)
        stands = dotenv_values(stream=io.StringIO(before), interpolate=False) if unless else {}
        if there := [name for name in unless if (stands.get(name) or "").strip()]:
            raise KeptAlready(f"{', '.join(there)} was written into {path} meanwhile.")
        text = with_values(before, values)
        found = dotenv_values(stream=io.StringIO(text))
        if wrong := [name for name, value in values.items() if found.get(name) != value]:
            raise UsageError(f"{wrong[0]} cannot be written into {path}: set it in the environment instead.")
        with _Beside(path) as file:
            file.write(text.encode())
            file.replace()

    def _text(self, path: Path) -> str:
        try:
            return path.read_text(encoding="utf-8") if path.exists() else ""
        except (OSError, UnicodeDecodeError):
            raise UsageError(f"{path} cannot be read: make it a text file in UTF-8 with NAME=value lines.") from None


class _Beside:
    """A new file beside another one, on the disk before it takes its place, and gone where it does not."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        self._number = -1

    def __enter__(self) -> Self:
        try:
            self._number = os.open(self._made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
        except OSError as error:
            raise self._told(error) from None
        return self

    def write(self, content: bytes) -> None:
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(self._number, left) :]
            os.fsync(self._number)
        except OSError as error:
            raise self._told(error) from None

    def replace(self) -> None:
        try:
            self._made.replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY)
        except OSError as error:
            raise self._told(error) from None
        with suppress(OSError):  # some file systems know no such thing
            os.fsync(folder)
        os.close(folder)

    def __exit__(self, *_: object) -> None:
        os.close(self._number)
        with suppress(OSError):
            self._made.unlink(missing_ok=True)

    def _told(self, error: OSError) -> UsageError:
        reason = error.strerror or type(error).__name__
        return UsageError(
            f"{self._path} cannot be written: {reason}. Make room or give the right to write there, or set "
            "REVIEWER_SECRET_KEY, and the credentials are kept in the database."
        )


def with_values(text: str, values: Mapping[str, str]) -> str:
    """The file's text with these values, each where its name stood first, the others at the end."""
    left, lines = dict(values), list[str]()
    for binding in parse_stream(io.StringIO(text)):
        written = binding.original.string
        if binding.key not in values:
            lines.append(written)
        elif binding.key in left:
            blank = written[: len(written) - len(written.lstrip())]
            lines.append(f"{blank}{binding.key}={quoted(left.pop(binding.key))}\n")
        # A second line of the same name would count instead of the first.
    whole = "".join(lines)
    if left:
        whole += "" if not whole or whole.endswith("\n") else "\n"
        whole += "" if HEAD in whole else f"\n{HEAD}\n".lstrip("" if whole else "\n")
        whole += "".join(f"{name}={quoted(value)}\n" for name, value in left.items())
    return whole


def quoted(value: str) -> str:
    """The value so that it is read back as it is, by `docker --env-file` and a shell too where it is plain."""
    if _PLAIN.fullmatch(value):
        return value
    escaped = "".join(_ESCAPED.get(letter, letter) for letter in value)
    # There is no sign that keeps `${NAME}` from being replaced; one without a name is replaced by its default.
    return '"' + escaped.replace("${", "${:-$}{") + '"'
