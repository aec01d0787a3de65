"""The App's name on GitHub, learned once for the process."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Slug:
    """`known` is empty until an answer named the App; its user is `SLUG[bot]`."""

    known: str = ""
