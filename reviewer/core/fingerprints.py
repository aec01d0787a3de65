"""Names a finding by what it is about, without line numbers, so that it keeps its name when code around it moves.

A name has three parts, each a digest of its own, so that a finding whose surroundings or category changed is still
known by the others (`core.dedupe` compares them): `CODE-CONTEXT-CATEGORY`, then `-2` and so on for several of one
category on one line.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from reviewer.core.types import Placed

LENGTH = 16  # hex digits for path and code: 64 bits, in a namespace of one pull request
CONTEXT_LENGTH, CATEGORY_LENGTH = 8, 4  # these only choose among findings of the same code


def fingerprint(placed: Placed) -> str:
    """Path and quoted code, of which the first line counts, with its white space folded; what tells the line from
    others that read alike; category. The head of the enclosing symbol, as git prints it, changes when a hunk grows
    upwards, so it stays out.
    """
    quoted = placed.code or placed.finding.quote
    first = next((line for line in quoted.splitlines() if line.strip()), "")
    code = line_digest(placed.finding.path, first)
    return f"{code}-{_digest(placed.context, CONTEXT_LENGTH)}-{_digest(placed.finding.category, CATEGORY_LENGTH)}"


def line_digest(path: str, line: str) -> str:
    """The first part of the name of what is found on this line."""
    return _digest(f"{path}\0{' '.join(line.split())}", LENGTH)


def with_fingerprints(findings: Sequence[Placed]) -> tuple[Placed, ...]:
    """Name every finding; several of one category on one line are told apart by their order, from the second on."""
    seen: Counter[str] = Counter()
    named = []
    for placed in findings:
        base = fingerprint(placed)
        seen[base] += 1
        named.append(replace(placed, fingerprint=base if seen[base] == 1 else f"{base}-{seen[base]}"))
    return tuple(named)


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]
