"""Finds the commands in a comment: `/command` and `@BOT command` at the start of a line of its writer's own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from reviewer.core.commands.prose import own_lines
from reviewer.core.commands.usage import USAGE, nearest

MOST = 5  # commands of one comment that are taken
MOST_KEYS = 50
MOST_COUNTED = 1_000  # what is beyond is not even looked at
_KEY = 12  # hex digits: told apart only within one comment
_WIDTHLESS = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_INVISIBLE = re.compile(f"[{_WIDTHLESS}]")
# A zero-width character right after the sign is how programs, ours too, take the meaning from a command or mention.
_BEGINS = re.compile(rf"[\s{_WIDTHLESS}]*+[/@](?![{_WIDTHLESS}])")
_SLASH = re.compile(r"/([A-Za-z][A-Za-z-]{0,39})[.,:;!?]*(?:\s+|$)")
_MENTION = re.compile(r"@([A-Za-z0-9][\w-]{0,99}(?:\[bot\])?)[,:]?(?:\s+|$)")
_WORD = re.compile(r"/?([^\W\d_][\w-]{0,39})[.,:;!?]*(?:\s+|$)")


@dataclass(frozen=True, slots=True)
class Command:
    """`name` is one of USAGE, or "" where `word` is none; `key` names the command among those of its comment."""

    name: str
    argument: str = ""
    word: str = ""

    @property
    def key(self) -> str:
        text = f"{self.name or '?' + self.word}\0{self.argument}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_KEY]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a comment asks for: the first commands, no two alike, and how many more there are."""

    commands: tuple[Command, ...] = ()
    left: int = 0


def parse(body: str, names: Collection[str] = ()) -> Asked:
    """The commands in a comment's Markdown, in time linear in its length.

    `names` are what we are called. While they are not known (empty) a mention of anybody counts if a command follows
    it, so that what is found is never less than what the known names find among the commands that there are.
    """
    found = _found(body, names)
    return Asked(found[:MOST], max(len(found) - MOST, 0))


def keys(body: str, names: Collection[str] = ()) -> tuple[str, ...]:
    """The keys of the commands in a comment: the same commands have the same keys.

    More than are taken: while the names are not known, what is said to others may come first.
    """
    return tuple(command.key for command in _found(body, names)[:MOST_KEYS])


def _found(body: str, names: Collection[str]) -> tuple[Command, ...]:
    if "/" not in body and "@" not in body:
        return ()
    lowered = {name.lower().lstrip("@").removesuffix("[bot]") for name in names}
    return tuple(dict.fromkeys(islice(_commands(own_lines(body), lowered), MOST_COUNTED)))


def _commands(lines: Sequence[str | None], names: Collection[str]) -> Iterator[Command]:
    at = 0
    while at < len(lines):
        command = _command(lines[at] or "", names)
        at += 1
        if command is None:
            continue
        if command.name and USAGE[command.name].long:
            end = _end(lines, at)
            more = [_visible(line or "") for line in lines[at:end]]
            command, at = Command(command.name, "\n".join([command.argument, *more]).strip(), command.word), end
        yield command


def _end(lines: Sequence[str | None], at: int) -> int:
    """Where a command's words end: at a blank line, at what is not the writer's own, at the next command."""
    while at < len(lines) and (line := lines[at]) is not None and _visible(line) and not _command(line, ()):
        at += 1
    return at


def _command(line: str, names: Collection[str]) -> Command | None:
    """The command that begins on the line, with what else the line says."""
    if not _BEGINS.match(line):
        return None
    line = _visible(line)
    if slash := _SLASH.match(line):
        return _named(slash[1], line[slash.end() :]) if _ours(slash[1]) else None
    mention = _MENTION.match(line)
    return _mentioned(mention[1], line[mention.end() :], names) if mention else None


def _mentioned(name: str, rest: str, names: Collection[str]) -> Command | None:
    """The command in what is said to `name`."""
    word = _WORD.match(rest)
    command = _named(word[1], rest[word.end() :]) if word else Command("", word=rest[:40])
    if not names:
        return command if command.name else None
    if name.lower().removesuffix("[bot]") not in names:
        return None
    return command if rest else Command("help")


def _visible(line: str) -> str:
    return _INVISIBLE.sub("", line).strip()


def _ours(word: str) -> bool:
    """Whether it is one of our commands, or looks as if it should have been; others have slash commands too."""
    return word.lower() in USAGE or bool(nearest(word))


def _named(word: str, rest: str) -> Command:
    name = word.lower()
    if name not in USAGE:
        return Command("", word=name)
    usage = USAGE[name]
    return Command(name, rest.strip() if usage.long else " ".join(rest.split()), name)
