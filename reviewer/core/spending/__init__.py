"""What may be spent: limits as the operator writes them, their windows, and what is said when one is full."""

from reviewer.core.spending.limits import parse_limits
from reviewer.core.spending.margin import Margin, Margins
from reviewer.core.spending.shares import ALL, FALLBACK_ONLY, FIRST_LOOK, LAST_ONLY
from reviewer.core.spending.windows import begin, end, in_words
from reviewer.core.spending.words import fits, over, said, unpriced

__all__ = [
    "ALL",
    "FALLBACK_ONLY",
    "FIRST_LOOK",
    "LAST_ONLY",
    "Margin",
    "Margins",
    "begin",
    "end",
    "fits",
    "in_words",
    "over",
    "parse_limits",
    "said",
    "unpriced",
]
