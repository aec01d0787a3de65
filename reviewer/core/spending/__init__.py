"""What may be spent: limits as the operator writes them, their windows, and what is said when one is full."""

from reviewer.core.spending.limits import parse_limits
from reviewer.core.spending.margin import Margin, Margins
from reviewer.core.spending.windows import begin, end, in_words
from reviewer.core.spending.words import over, said, unpriced

__all__ = ["Margin", "Margins", "begin", "end", "in_words", "over", "parse_limits", "said", "unpriced"]
