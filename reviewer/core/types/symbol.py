"""What a file defines, by name and lines: where to cut, and what a hunk stands in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Symbol:
    """A class, function, method or the like. Lines count from 1 in the version of the file that was read.

    `start` is the first line that belongs to it (decorators and the comment right above included), `line` the one that
    names it, `end` its last. `signature` is its head in one line. `depth` is 0 at the top level of the file.
    """

    name: str
    start: int
    line: int
    end: int
    signature: str
    depth: int


@dataclass(frozen=True, slots=True)
class Outline:
    """A file's symbols in the order of their lines; outer ones come before those that they hold."""

    path: str
    symbols: tuple[Symbol, ...] = ()
