"""Makes one review of several passes over the same code: what more of them saw is believed more."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from reviewer.core.types import Placed, Severity

Same = Callable[[Placed, Placed], bool]


def agreed(passes: Sequence[Sequence[Placed]], same: Same) -> tuple[Placed, ...]:
    """One finding for each thing that any pass saw, in the order in which they were first seen.

    `passes` are reviews of the same chunks, each of which was answered. Its words are those of who was surest, its
    severity the highest that at least half of those who saw it gave it, its confidence the mean over all passes: who
    did not see it gave 0, so that the bar of confidence decides. Within a pass nothing is joined: two findings of one
    answer are two. What no model said is as certain as it was. A single pass changes nothing.
    """
    if len(passes) == 1:
        return tuple(passes[0])
    return tuple(_one(group, len(passes)) for group in _groups(passes, same))


def _groups(passes: Sequence[Sequence[Placed]], same: Same) -> list[list[Placed]]:
    """What was seen, each with those who saw it, at most one of a pass; of several that would fit, the nearest."""
    groups: list[list[Placed]] = []
    of_file: dict[tuple[str, str], list[int]] = defaultdict(list)
    for found in passes:
        taken: set[int] = set()
        for placed in found:
            here = of_file[placed.finding.source, placed.finding.path]
            fitting = [at for at in here if at not in taken and any(same(placed, other) for other in groups[at])]
            nearest = min(fitting, key=lambda at: abs(_line(groups[at][0]) - _line(placed)), default=None)
            if nearest is None:
                nearest = len(groups)
                groups.append([])
                here.append(nearest)
            groups[nearest].append(placed)
            taken.add(nearest)
    return groups


def _one(group: Sequence[Placed], passes: int) -> Placed:
    best = max(group, key=lambda placed: (placed.anchor is not None, placed.finding.confidence))
    if best.finding.source != "model":
        return best
    sure = min(1.0, math.fsum(placed.finding.confidence for placed in group) / passes)
    return replace(best, finding=replace(best.finding, severity=_severity(group), confidence=sure))


def _severity(group: Sequence[Placed]) -> Severity:
    """The highest that at least half of them gave; who gave more gave that too."""
    given = sorted((placed.finding.severity for placed in group), reverse=True)
    return given[(len(given) + 1) // 2 - 1]


def _line(placed: Placed) -> int:
    return placed.anchor.line if placed.anchor else placed.finding.line
