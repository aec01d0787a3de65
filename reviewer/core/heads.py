"""Decides what the check on a commit says that is the head of several pull requests: the worst of their verdicts.

GitHub counts the newest check of a name on a commit, whichever pull request it was made for.
"""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.core.types import Conclusion, Ended

RANK: dict[Conclusion, int] = {"cancelled": -1, "success": 0, "neutral": 1, "failure": 2}
_PASS = frozenset({"success", "neutral"})


def verdicts(ends: Sequence[Ended], *, besides: int = 0) -> tuple[Ended, ...]:
    """The newest verdict of each pull request that has the head, without that of `besides`, the newest last.

    Who has not looked has none: a draft that waits, a pause, a run that was overtaken.
    """
    newest = {
        each.number: each
        for each in sorted(ends, key=_age)
        if each.here and each.judged and each.conclusion != "cancelled" and each.number != besides
    }
    return tuple(sorted(newest.values(), key=_age))


def combined(own: Conclusion, others: Sequence[Ended]) -> Conclusion:
    """What a check says that ends so by itself. One that was cancelled leaves the word to the others."""
    return max((own, *(each.conclusion for each in others)), key=RANK.__getitem__)


def was_judged(ends: Sequence[Ended], number: int) -> bool:
    """Whether the pull request has a verdict on the head."""
    return any(each.number == number and each.judged and each.conclusion != "cancelled" for each in ends)


def misled(ends: Sequence[Ended]) -> tuple[int, ...]:
    """The pull requests to be judged again, so that the newest check on the head says what all of them say.

    One of which something newer is wished says so by itself when that ends.
    """
    now = verdicts(ends)
    if not now:
        return ()
    truth = combined("cancelled", now)
    wrong = [each.number for each in now if each.shown != truth]
    last = max(ends, key=_age)
    if not wrong and (last.shown in _PASS) != (truth in _PASS):
        wrong = [now[-1].number]
    idle = {each.number for each in ends if each.idle}
    return tuple(number for number in wrong if number in idle)


def _age(ended: Ended) -> tuple[int, float, str]:
    return ended.check, ended.at, ended.run
