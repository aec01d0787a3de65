"""What a local review is about: a change of a git repository or a patch, with what its base says about reviews."""

from __future__ import annotations

import asyncio
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from reviewer import git
from reviewer.core.config import Config, matches, parse_config
from reviewer.core.diff import decode, parse_diff
from reviewer.core.errors import UsageError
from reviewer.core.guidelines import ATTRIBUTES, CONFIG_PATHS, Guidance, first_of, guidance
from reviewer.core.types import Diff
from reviewer.plan import Read, sort_out

STDIN = Path("-")
NOWHERE = "local"  # what is reviewed where there is no repository


@dataclass(frozen=True, slots=True)
class Subject:
    """What is reviewed, with the configuration and guidelines that its base has."""

    diff: Diff
    raw: str  # the diff as it was read
    config: Config
    guided: Guidance = field(default_factory=Guidance)
    attributes: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()
    read: Read | None = None  # files at the head
    repository: str = NOWHERE
    number: int = 0  # stands for the branch: an answer is good for one line of work, as on the server for one pull

    @property
    def reviewable(self) -> bool:
        """Whether there is anything to ask a model about."""
        return bool(sort_out(self.diff, self.config.review.ignore, self.attributes)[0].files)


def subject_of(repo: Path, named: str | git.Part | None, diff_file: Path | None = None) -> Subject:
    """What the command line names. A patch file is reviewed by the configuration of `repo`, if that is a repository.

    Raises UsageError for what cannot be read.
    """
    if diff_file is not None:
        return _patch(repo, diff_file)
    change = git.change_of(repo, named)
    raw = git.diff_of(change)
    what = named.value if isinstance(named, git.Part) else named or "the change"
    subject = _subject(repo, change.rules, raw, what)
    return replace(
        subject,
        problems=(*change.notes, *subject.problems),
        read=_reader(change),
        repository=git.name_of(repo),
        number=_number(_line(repo, named)),
    )


def _patch(repo: Path, file: Path) -> Subject:
    raw = _read(file)
    try:
        base, name = git.change_of(repo, "HEAD").rules, git.name_of(repo)
    except UsageError:
        base, name = "", NOWHERE
    subject = _subject(repo, base, raw, "stdin" if file == STDIN else str(file))
    return replace(subject, repository=name, number=_number(str(file)))


def _subject(repo: Path, base: str, raw: bytes, what: str) -> Subject:
    texts = _texts(repo, base, [*CONFIG_PATHS, ATTRIBUTES])
    name, text = first_of(CONFIG_PATHS, texts)
    config, problems = parse_config(text, name=name)
    files = _texts(repo, base, config.review.guidelines)
    guided = guidance(files, config.review.guidelines, matches=matches)
    told = tuple(str(problem) for problem in problems)
    written = decode(raw)
    diff = parse_diff(written)
    if raw.strip() and not diff.files:
        raise UsageError(f"{what} holds no diff that could be read: make it with `git diff`.")
    attributes = ((ATTRIBUTES, texts[ATTRIBUTES] or ""),)
    return Subject(diff, written, config, guided, attributes=attributes, problems=(*told, *guided.notes))


def _texts(repo: Path, base: str, paths: Sequence[str]) -> dict[str, str | None]:
    return {path: git.file_at(repo, base, path) if base else None for path in paths}


def _reader(change: git.Change) -> Read:
    async def read(paths: Sequence[str]) -> dict[str, str | None]:
        return await asyncio.to_thread(git.texts_at_end, change, paths)

    return read


def _line(repo: Path, named: str | git.Part | None) -> str:
    """What a range calls its end; else the branch that is checked out."""
    said = named.rpartition("..")[2].strip() if isinstance(named, str) and ".." in named else ""
    return git.branch_of(repo) if said in {"", "HEAD"} else said


def _number(line: str) -> int:
    """A positive number of 31 bits, as columns of the store take it."""
    return zlib.crc32(line.encode("utf-8", "replace")) & 0x7FFFFFFF


def _read(path: Path) -> bytes:
    if path == STDIN:
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
