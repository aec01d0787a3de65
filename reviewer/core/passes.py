"""Makes one review of several passes over the same code: what more of them saw is believed more."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from reviewer.core.types import Placed, Severity

Same = Callable[[Placed, Placed], bool]


def agreed(
    passes: Sequence[Sequence[Placed]], same: Same, *, looked: Callable[[Placed], Collection[int]] | None = None
) -> tuple[Placed, ...]:
    """One finding for each thing that any pass saw, in the order in which they were first seen.

    `passes` are reviews of the same chunks; `looked` gives those (by their place in `passes`) that had an answer about
    where a finding stands, without it all had. Its words are those of who was surest, its severity the highest that at
    least half of those who saw it gave it, its confidence the mean over those who looked: who looked and did not see it
    gave 0, so that the bar of confidence decides. Within a pass nothing is joined: two findings of one answer are two.
    What no model said is as certain as it was. A single pass changes nothing.
    """
    if len(passes) == 1:
        return tuple(passes[0])
    looked = looked or (lambda _placed: range(len(passes)))
    return tuple(_one(group, looked) for group in _groups(passes, same))


def _groups(passes: Sequence[Sequence[Placed]], same: Same) -> list[dict[int, Placed]]:
    """What was seen, each by the pass that saw it; of several that would fit, the nearest."""
    groups: list[dict[int, Placed]] = []
    of_file: dict[tuple[str, str], list[int]] = defaultdict(list)
    for nth, found in enumerate(passes):
        for placed in found:
            here = of_file[placed.finding.source, placed.finding.path]
            free = [at for at in here if nth not in groups[at]]
            fitting = [at for at in free if any(same(placed, other) for other in groups[at].values())]
            nearest = min(fitting, key=lambda at: abs(_first_line(groups[at]) - _line(placed)), default=None)
            if nearest is None:
                nearest = len(groups)
                groups.append({})
                here.append(nearest)
            groups[nearest][nth] = placed
    return groups


def _one(group: Mapping[int, Placed], looked: Callable[[Placed], Collection[int]]) -> Placed:
    best = max(group.values(), key=lambda placed: (placed.anchor is not None, placed.finding.confidence))
    if best.finding.source != "model":
        return best
    votes = len({*group, *looked(best)})  # who saw it has looked, also when the answer broke off
    sure = min(1.0, math.fsum(placed.finding.confidence for placed in group.values()) / votes)
    return replace(best, finding=replace(best.finding, severity=_severity(group.values()), confidence=sure))


def _severity(group: Collection[Placed]) -> Severity:
    """The highest that at least half of them gave; who gave more gave that too."""
    given = sorted((placed.finding.severity for placed in group), reverse=True)
    return given[(len(given) + 1) // 2 - 1]


def _first_line(group: Mapping[int, Placed]) -> int:
    return _line(next(iter(group.values())))


def _line(placed: Placed) -> int:
    return placed.anchor.line if placed.anchor else placed.finding.line
