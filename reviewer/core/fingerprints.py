"""Names a finding by what it is about, without line numbers, so that it keeps its name when code around it moves."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from reviewer.core.types import Placed

LENGTH = 16  # hex digits: 64 bits, in a namespace of one pull request


def fingerprint(placed: Placed) -> str:
    """The digest of path, quoted code and category. Of the code the first line counts, with its white space folded:
    the head of the enclosing symbol, as git prints it, changes when a hunk grows upwards, so it stays out.
    """
    quoted = placed.code or placed.finding.quote
    first = next((line for line in quoted.splitlines() if line.strip()), "")
    parts = (placed.finding.path, " ".join(first.split()), placed.finding.category)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]


def with_fingerprints(findings: Sequence[Placed]) -> tuple[Placed, ...]:
    """Name every finding; those that would share a name (the same line of code twice in a file, two problems of one
    kind on one line) are told apart by their order, from the second on.
    """
    seen: Counter[str] = Counter()
    named = []
    for placed in findings:
        base = fingerprint(placed)
        seen[base] += 1
        named.append(replace(placed, fingerprint=base if seen[base] == 1 else f"{base}-{seen[base]}"))
    return tuple(named)
