"""The local tool: what is reviewed, what it works with, its line, its till, and how it ends early."""

from reviewer.local.keeping import Shelf
from reviewer.local.kit import HERE, Keeps, Kit, Unasked, question_of
from reviewer.local.line import review_locally
from reviewer.local.stopping import Stop, Stoppable
from reviewer.local.subject import STDIN, Subject, subject_of

__all__ = [
    "HERE",
    "STDIN",
    "Keeps",
    "Kit",
    "Shelf",
    "Stop",
    "Stoppable",
    "Subject",
    "Unasked",
    "question_of",
    "review_locally",
    "subject_of",
]
