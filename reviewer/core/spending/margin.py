"""How many tokens to reserve, for an input that only we have counted and an output that may become too long."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

START = 1.25  # of what was counted, for a model that nobody has asked yet
AROUND = 64  # tokens beside: what the provider puts around the messages does not grow with them
MOST = 10.0  # what claims more than so many times the count measures something else
MODELS = 100  # that are known at once; the one that was not asked for the longest time goes
LATELY = 100  # calls that the bound never falls below
EASE = 0.02  # of the way down to the worst of them, with each call


class Counted(NamedTuple):
    """What one answer took, in tokens: input as we had counted it and as it was, output that was told and that came."""

    counted: int
    actual: int
    most: int = 0  # 0: not known
    output: int = 0
    capped: bool = True


@dataclass(frozen=True, slots=True)
class Margin:
    """What is known of how one model counts.

    It rises at once and falls slowly: `ratio` is at least that of each of the last calls, and never less than 1.
    """

    ratio: float = START
    lately: tuple[float, ...] = ()

    def reserve(self, counted: int) -> int:
        """Tokens for an input that was counted as so many; for none, none."""
        return math.ceil(counted * self.ratio) + AROUND if counted > 0 else 0

    def learned(self, counted: int, actual: int) -> Margin:
        """With one more call: what was counted before, and what the model said. Without one of them, as it was."""
        if counted <= 0 or actual <= 0:
            return self
        return self.eased(_ratio(counted, actual))

    def eased(self, last: float) -> Margin:
        """With the ratio of one more call."""
        lately = (*self.lately, last)[-LATELY:]
        worst = max(1.0, *lately)
        return replace(self, ratio=max(worst, self.ratio - (self.ratio - worst) * EASE), lately=lately)


@dataclass(frozen=True, slots=True)
class Margins:
    """The same by model. What was learned of one says nothing of another: they may count by other rules."""

    by_model: Mapping[str, Margin] = field(default_factory=dict)
    outputs: Mapping[str, Margin] = field(default_factory=dict)  # of those that went over what they were told

    def knows(self, model: str) -> bool:
        """Whether the model has answered."""
        return model in self.by_model

    def recalled(self, model: str, answers: Iterable[Counted], *, window: int) -> Margins:
        """With answers that others have learned of, the oldest first; `window` is what the model takes at once."""
        margins = self
        for each in answers:
            room = max(0, window - each.counted)
            margins = margins.learned(model, each.counted, each.actual)
            margins = margins.said(model, each.most, each.output, room=room, capped=each.capped)
        return margins

    def reserve(self, model: str, counted: int) -> int:
        """Tokens for an input that was counted as so many."""
        return self.by_model.get(model, Margin()).reserve(counted)

    def learned(self, model: str, counted: int, actual: int) -> Margins:
        """With one more call of the model."""
        newest = self.by_model.get(model, Margin()).learned(counted, actual)
        return replace(self, by_model=_with(self.by_model, model, newest))

    def output(self, model: str, most: int, *, room: int) -> int:
        """Tokens for an answer that is told to take `most`; there is `room` for that many in the model's window."""
        known = self.outputs.get(model)
        return min(max(most, room), math.ceil(most * known.ratio)) if known else most

    def said(self, model: str, most: int, actual: int, *, room: int, capped: bool) -> Margins:
        """With the length of one more answer. From a model that was not told, or has not kept to what it was, all that
        there is room for is to be expected; of the latter, less with time.
        """
        known = self.outputs.get(model)
        if most <= 0 or (capped and actual <= most and known is None):
            return self
        all_of_it, last = max(most, room, actual) / most, actual / most
        if capped and actual <= most and known:
            newest = known.eased(last)
        else:
            newest = Margin(all_of_it, (*(known.lately if known else ()), last)[-LATELY:])
        return replace(self, outputs=_with(self.outputs, model, newest))


def _with(margins: Mapping[str, Margin], model: str, newest: Margin) -> dict[str, Margin]:
    others = [(name, margin) for name, margin in margins.items() if name != model]
    return dict([*others[1 - MODELS :], (model, newest)])


def _ratio(counted: int, actual: int) -> float:
    return min(MOST, (actual - AROUND) / counted)
