"""What people do not want to be told again, in one repository."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A finding that somebody with write permission has dismissed, in the finding's own words, and why.

    `name` is its fingerprint on the pull request `number`; the two name the dismissal. `code` are the lines that it was
    put on, `context` is the digest in its fingerprint of what stood around them.
    """

    number: int
    name: str
    path: str
    code: str
    context: str
    category: str
    severity: str  # the word
    title: str
    body: str
    reason: str = ""  # "" where a button was pressed
    by: str = ""  # login
    at: float = 0.0  # seconds since the epoch
    command: bool = False  # in words, by a command or a reply: no thread need tell of it
