"""Variants of the review's prompt: what one has to hold, how the traffic is split, what a pull request gets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reviewer.core.errors import UsageError
from reviewer.core.prompts.file import PromptFile, placeholders

DEFAULT = "review"
PARTS = 10_000  # of the traffic: a share is a hundredth of a percent, or more
OPTIONAL = {"examples"}  # placeholders that a variant may leave out
FORM = "write NAME SHARE%, like terse 50%"
LONGEST = 80  # characters of an entry that are repeated

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,18}[A-Za-z0-9])?")
_EXPERIMENT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,38}[A-Za-z0-9])?")
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,2})?) ?%")


@dataclass(frozen=True, slots=True)
class Split:
    """Which variants get which part of the traffic (of `PARTS`), in this order; the rest gets the default.

    Another `experiment` deals the pull requests anew: who got a variant in one is no likelier to get one in the next.
    """

    shares: tuple[tuple[str, int], ...] = ()
    experiment: str = ""

    def __bool__(self) -> bool:
        return bool(self.shares)


def parse_split(text: str) -> Split:
    """`terse 50%`, `terse 20%, strict 12.5%`, `autumn: terse 50%`. Raises UsageError that names the bad entry."""
    experiment, colon, rest = text.partition(":")
    if not colon:
        experiment, rest = "", text
    elif not _EXPERIMENT.fullmatch(experiment.strip()):
        raise _wrong(experiment, "is no name of an experiment", "write up to 40 letters, digits, - and . before the :")
    shares: dict[str, int] = {}
    for entry in filter(None, map(str.strip, rest.split(","))):
        name, share = _share(entry)
        if name in shares:
            raise _wrong(entry, "is the second share of its variant", "leave one of them out")
        shares[name] = share
    if sum(shares.values()) > PARTS:
        raise UsageError("The shares come to more than 100%: take something off, the default gets what is left.")
    return Split(tuple(shares.items()), experiment.strip())


def _share(entry: str) -> tuple[str, int]:
    name, _, share = entry.partition(" ")
    name, match = name.removeprefix(f"{DEFAULT}."), _SHARE.fullmatch(share.strip())
    if not _NAME.fullmatch(name):
        raise _wrong(entry, "names no variant", FORM)
    if match is None:
        raise _wrong(entry, "has no share that can be read", FORM)
    parts = int(Decimal(match[1]) * 100)
    if not parts:
        raise _wrong(entry, "gives its variant nothing", "leave it out, or write a share above 0")
    return name, parts


def choose_prompt(
    files: Mapping[str, PromptFile], split: Split, *, installation: int, repository: str, number: int
) -> PromptFile:
    """The review's prompt for a pull request: the same one each time, as long as the split stays as it is.

    A share that grows takes pull requests only from what follows it.
    """
    if not split:
        return files[DEFAULT]
    point = _point(split.experiment, installation, repository, number)
    for name, share in split.shares:
        if point < share:
            return files[f"{DEFAULT}.{name}"]
        point -= share
    return files[DEFAULT]


def _point(experiment: str, installation: int, repository: str, number: int) -> int:
    """From 0 up to PARTS; GitHub does not tell the cases of a repository's name apart."""
    told = "\0".join((experiment, str(installation), repository.lower(), str(number)))
    return int.from_bytes(hashlib.sha256(told.encode("utf-8", "replace")).digest()[:8]) * PARTS >> 64


def check_split(split: Split, files: Mapping[str, PromptFile]) -> None:
    """Raises UsageError for a variant that there is no file of."""
    known = sorted(name.removeprefix(f"{DEFAULT}.") for name in files if name.startswith(f"{DEFAULT}."))
    for name, _ in split.shares:
        if name not in known:
            there = f"there are {', '.join(known)}" if known else "there is none yet"
            raise UsageError(f"there is no variant {name!r}, a file {DEFAULT}.{name}.md: {there}.")


def check_variant(file: PromptFile, stem: str, default: PromptFile) -> None:
    """Raises UsageError with what is to be mended in a variant that was read from `stem`.md."""
    base, dot, name = stem.partition(".")
    if base != DEFAULT or not dot or not _NAME.fullmatch(name):
        raise UsageError(f"a variant is a file {DEFAULT}.NAME.md, NAME of up to 30 small letters, digits and dashes.")
    if file.name != stem:
        raise UsageError(f"its head says `name: {file.name}`: write `name: {stem}`, as the file is called.")
    if not _VERSION.fullmatch(file.version):
        raise UsageError("its version must be up to 20 letters, digits, dots and dashes.")
    if file.max_output < 1:
        raise UsageError("its max_output must be 1 or more.")
    for part in ("system", "user"):
        wanted, there = placeholders(getattr(default, part)), placeholders(getattr(file, part))
        if unknown := there - wanted:
            raise UsageError(f"its part `## {part}` uses {_named(unknown)}; known there: {_named(wanted)}.")
        if lost := wanted - there - OPTIONAL:
            raise UsageError(f"its part `## {part}` lacks {_named(lost)}: the model would not be told of it.")


def _named(names: set[str]) -> str:
    return ", ".join(f"{{{{{name}}}}}" for name in sorted(names))


def _wrong(entry: str, what: str, cure: str) -> UsageError:
    text = entry.strip()
    return UsageError(f"{text if len(text) <= LONGEST else f'{text[:LONGEST]}…'!r} {what}: {cure}.")
