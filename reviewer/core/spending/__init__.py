"""What may be spent: limits as the operator writes them, their windows, and what is said when one is full."""

from reviewer.core.spending.limits import parse_limits
from reviewer.core.spending.margin import Counted, Margin, Margins
from reviewer.core.spending.shares import ALL, FALLBACK_ONLY, FIRST_LOOK, LAST_ONLY, OVER
from reviewer.core.spending.windows import begin, end, in_words
from reviewer.core.spending.words import fits, over, said, unpriced

__all__ = [
    "ALL",
    "FALLBACK_ONLY",
    "FIRST_LOOK",
    "LAST_ONLY",
    "OVER",
    "Counted",
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
