"""Says whether the lines that a finding was put on are still there as they were."""

from __future__ import annotations

from dataclasses import replace

from reviewer.core.anchors.place import place
from reviewer.core.anchors.places import Places
from reviewer.core.anchors.quotes import normal
from reviewer.core.types import Finding, Placed, Severity, Told


def stands(told: Told, places: Places) -> Placed | None:
    """The finding on the lines that read as those that it was said of, all of them and on the same side.

    None where there are none, and where it is not known what they were. Of several places it is the nearest to where
    GitHub has carried the comment; the caller has the context to tell whether it is the same one.
    """
    if not told.code.strip():
        return None
    lines = told.code.split("\n")
    finding = Finding(
        path=places.path(told.path),
        line=told.line or 1,
        end_line=None,
        quote=told.code,
        severity=told.severity or Severity.LOW,
        category=told.category,
        confidence=1.0,
        title=told.title,
        body=told.body,
    )
    placed = place(finding, places)
    if placed.anchor is None or placed.anchor.side is not told.side:
        return None
    first = placed.anchor.start_line or placed.anchor.line
    whole = [normal(line) for line in placed.code.split("\n")] == [normal(line) for line in lines]
    return replace(placed, finding=replace(placed.finding, line=first), fingerprint=told.name) if whole else None
