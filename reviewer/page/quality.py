"""How well the model works, beside the week before: what has fallen stands out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reviewer.core.quality import SAYS, Level, Share
from reviewer.page import words


def rows(levels: Sequence[Level]) -> list[dict[str, Any]]:
    """None before there is anything to show."""
    return [
        {
            "said": SAYS[level.measure],
            "last": _share(level.last),
            "of": words.count(level.last.total),
            "before": _share(level.before),
            "fell": level.fell,
        }
        for level in levels
        if any(each.last.total or each.before.total for each in levels)
    ]


def _share(share: Share) -> str:
    """What is less than all never reads as all."""
    said = words.share(share.good, share.total)
    return "99.9 %" if said == "100 %" and share.good < share.total else said
