"""Whether two findings say the same thing in other words, from their place and their words."""

from reviewer.core.meaning.asked import asked_again, fold_question
from reviewer.core.meaning.calibrate import Score, calibrated, score
from reviewer.core.meaning.cases import Case, Wording, cases_of, texts_of
from reviewer.core.meaning.known import Known, dismissed, known, told
from reviewer.core.meaning.leftover import left_over
from reviewer.core.meaning.meaning import LEXICAL, LEXICAL_MEANING, SAME_TEXT, Alike, Bars, Kept, Meaning
from reviewer.core.meaning.repeats import repeats
from reviewer.core.meaning.same import same_issue, two_things
from reviewer.core.meaning.shelf import Shelf
from reviewer.core.meaning.texts import text_of
from reviewer.core.meaning.unwanted import ALIKE, SAME_PLACE, Dismissed, Unwanted
from reviewer.core.meaning.vectors import VERSION, likeness, vector

__all__ = [
    "ALIKE",
    "LEXICAL",
    "LEXICAL_MEANING",
    "SAME_PLACE",
    "SAME_TEXT",
    "VERSION",
    "Alike",
    "Bars",
    "Case",
    "Dismissed",
    "Kept",
    "Known",
    "Meaning",
    "Score",
    "Shelf",
    "Unwanted",
    "Wording",
    "asked_again",
    "calibrated",
    "cases_of",
    "dismissed",
    "fold_question",
    "known",
    "left_over",
    "likeness",
    "repeats",
    "same_issue",
    "score",
    "text_of",
    "texts_of",
    "told",
    "two_things",
    "vector",
]
