"""How long an answer about a piece of diff may be: what a prompt's most leaves unused is reserved in vain."""

from __future__ import annotations

from collections.abc import Mapping

ANSWER = 1_500  # tokens for the findings of the smallest piece, and one more for each token of diff: some 30 lines have
# 400, and a finding with its reason and fix about as many
THOUGHT: Mapping[str | None, int] = {"none": 0, "minimal": 1_000, "low": 3_000, "medium": 6_000, None: 6_000}
STEP = 500


def answer_room(tokens: int, *, effort: str | None, most: int) -> int:
    """Tokens for the answer about `tokens` of diff, thinking included, which counts as output: never over `most`.

    `effort` None is the model's own, about medium. A higher one has no end that could be told: it gets `most`.
    """
    if effort not in THOUGHT:
        return most
    room = ANSWER + tokens + THOUGHT[effort]
    return min(most, -(-room // STEP) * STEP)
