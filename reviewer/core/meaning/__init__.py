"""Whether two findings say the same thing in other words, without a model: from their place and their words."""

from reviewer.core.meaning.known import Known, known
from reviewer.core.meaning.same import LEXICAL, SAME_TEXT, Bars, repeats, same_issue
from reviewer.core.meaning.shelf import Shelf
from reviewer.core.meaning.vectors import VERSION, likeness, vector

__all__ = [
    "LEXICAL",
    "SAME_TEXT",
    "VERSION",
    "Bars",
    "Known",
    "Shelf",
    "known",
    "likeness",
    "repeats",
    "same_issue",
    "vector",
]
