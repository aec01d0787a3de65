"""How well the model and its prompts do in production: shares, falls, comparisons, and what is chance."""

from reviewer.core.quality.chance import by_pull, fisher, two_proportions
from reviewer.core.quality.compared import Comparison, Pull, compare, named
from reviewer.core.quality.falls import MEASURES, SAYS, Level, Measure, Share, Shares, fell, levels
from reviewer.core.quality.words import comparison_record, comparison_text, days_record, days_text, share_text

__all__ = [
    "MEASURES",
    "SAYS",
    "Comparison",
    "Level",
    "Measure",
    "Pull",
    "Share",
    "Shares",
    "by_pull",
    "compare",
    "comparison_record",
    "comparison_text",
    "days_record",
    "days_text",
    "fell",
    "fisher",
    "levels",
    "named",
    "share_text",
    "two_proportions",
]
