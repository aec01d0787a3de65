"""Decides what of a verdict is said, and where: new or not, loud enough, sure enough, and one pattern once."""

from __future__ import annotations

from dataclasses import replace

from reviewer.core.dedupe import say
from reviewer.core.life import Life
from reviewer.core.noise import patterns, standing_of
from reviewer.core.types import Saying, Verdict
from reviewer.question import Question


def to_say(question: Question, verdict: Verdict, life: Life, *, gone: tuple[str, ...] = ()) -> Saying:
    """`gone` are the titles of what is fixed on this head."""
    wishes = question.config.review
    saying = say(
        verdict.standing,
        life.known,
        blocking=verdict.blocking,
        min_severity=wishes.min_severity,
        max_comments=wishes.max_comments,
        where=lambda placed: standing_of(placed, wishes.min_confidence),
        gather=patterns,
    )
    return replace(saying, gone=gone, dismissed=life.dismissed)
