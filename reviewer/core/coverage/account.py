"""The account of a diff: its hunks, each with what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from reviewer.core.types import Chunk, Coverage, Covered, Diff, Fate, FileDiff, HunkId

NOT_REACHED = "the review did not get to it"
ONLY_LAYOUT = "only its layout or comments changed"


def hunk_ids(file: FileDiff) -> tuple[HunkId, ...]:
    """What a file adds to the account: its hunks, or itself (index -1) when it has none."""
    return tuple(HunkId(file.path, index) for index in range(len(file.hunks))) or (HunkId(file.path, -1),)


def not_shown(chunks: Iterable[Chunk]) -> dict[HunkId, str]:
    """The hunks of which the model could see only a part, and why."""
    return {
        hunk: f"a line of {chunk.cut:,} characters was cut, so nobody saw all of it"
        for chunk in chunks
        if chunk.cut
        for hunk in chunk.hunks
    }


def settle(
    diff: Diff,
    *,
    reviewed: AbstractSet[HunkId],
    cached: AbstractSet[HunkId],
    ignored: Sequence[Covered],
    failed: Mapping[HunkId, str],
    alike: AbstractSet[HunkId] = frozenset(),
) -> Coverage:
    """What became of each hunk of the whole diff. A hunk that was cut in several is as good as its worst part.

    `alike` are those of the cached whose answer was about the same code in another layout.
    """
    out = {covered.hunk: covered for covered in ignored}
    entries: dict[HunkId, Covered] = {}
    for file in diff.files:
        for hunk in hunk_ids(file):
            start = file.hunks[hunk.index].new_start if file.hunks else None
            if hunk in out:
                fate, reason = out[hunk].fate, out[hunk].reason
            elif hunk in failed or not (hunk in reviewed or hunk in cached):
                fate, reason = Fate.FAILED, failed.get(hunk) or NOT_REACHED
            elif hunk in reviewed:
                fate, reason = Fate.REVIEWED, ""
            else:
                fate, reason = Fate.CACHED, ONLY_LAYOUT if hunk in alike else ""
            entries[hunk] = Covered(hunk, fate, reason, start)
    return Coverage(tuple(entries.values()) + tuple(covered for hunk, covered in out.items() if hunk not in entries))
