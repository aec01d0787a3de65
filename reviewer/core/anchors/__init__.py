"""Puts a finding on the line that reads like its quote, never on one that does not."""

from reviewer.core.anchors.left import left_behind
from reviewer.core.anchors.place import place
from reviewer.core.anchors.places import Places
from reviewer.core.anchors.stands import heading, heading_of, headings_of, holds, restored, standings

__all__ = [
    "Places",
    "heading",
    "heading_of",
    "headings_of",
    "holds",
    "left_behind",
    "place",
    "restored",
    "standings",
]
