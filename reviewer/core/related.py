"""Finds what a finding rests on in other files of the diff: the chunks that change the names it talks about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from reviewer.core.types import Chunk, Placed

MOST = 2  # chunks of other files: a second look needs the other side of a contract, not the whole diff
COMMON = 8  # a name that more chunks change than this says nothing about any of them

_NAME = re.compile(r"[A-Za-z_]\w{2,}")
_QUOTED = re.compile(r"`([^`\n]+)`")


class Related:
    """The names that each chunk changes (on its added and removed lines)."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = chunks
        self._by_name: dict[str, list[int]] = {}
        for at, chunk in enumerate(chunks):
            changed = " ".join(line.text for line in chunk.lines if line.kind != " ")
            for name in set(_NAME.findall(changed)):
                self._by_name.setdefault(name, []).append(at)

    def to(self, placed: Placed) -> tuple[Chunk, ...]:
        """The chunks of other files that share the most names with the finding's code and quoted words."""
        finding = placed.finding
        said = " ".join([placed.code or finding.quote, *_QUOTED.findall(f"{finding.title} {finding.body}")])
        shared: Counter[int] = Counter()
        for name in sorted(set(_NAME.findall(said))):
            places = self._by_name.get(name, [])
            if len(places) <= COMMON:
                shared.update(at for at in places if self._chunks[at].path != finding.path)
        best = sorted(shared, key=lambda at: (-shared[at], at))[:MOST]
        return tuple(self._chunks[at] for at in sorted(best))
