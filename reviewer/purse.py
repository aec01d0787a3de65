"""What a review may still send: every prompt is weighed before it goes, the ones asked again too."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace

from reviewer.core.types import Prompt

SECOND_LOOK = 10  # one part in so many is kept for the second look at what would block


@dataclass(slots=True)
class Purse:
    """Shared by all questions of one review, on one event loop. Without a limit everything goes."""

    limit: int = 0  # tokens of input; 0: none
    count: Callable[[str], int] = len
    sent: int = 0

    @property
    def over(self) -> str:
        """Why nothing more is sent, in words."""
        return f"over the review's budget of {self.limit:,} tokens"

    @property
    def first(self) -> int:
        """Tokens for all but the last questions, which have the whole limit."""
        return self.limit - self.limit // SECOND_LOOK

    def weighed(self, prompt: Prompt) -> Prompt:
        """With its tokens, where somebody wants to know them."""
        return replace(prompt, tokens=weight(prompt, self.count)) if self.limit else prompt

    def takes(self, prompt: Prompt, *, last: bool) -> bool:
        """Whether the prompt may go, which counts it. Only for `last` questions the whole limit counts."""
        if not self.limit:
            return True
        after = self.sent + (prompt.tokens or weight(prompt, self.count))
        if after > (self.limit if last else self.first):
            return False
        self.sent = after
        return True


def weight(prompt: Prompt, count: Callable[[str], int]) -> int:
    """Its tokens of input: messages and function."""
    return count(prompt.system) + count(prompt.user) + count(json.dumps(astuple(prompt.tool)))
