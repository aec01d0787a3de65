"""Does a thing on GitHub exactly once, through answers that got lost: what may have landed is looked for first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from reviewer.core.errors import GitHubError

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

# Seconds before each look. There are two before a thing is done again, as GitHub may answer from a copy that lags.
AFTER_A_CRASH = (0.0, 3.0)
AFTER_A_FAULT = ((1.0, 4.0), (4.0, 10.0), (10.0, 20.0), (10.0,))
LONGEST_WAIT = 60.0  # seconds of a rate limit that are waited for; the rest is for whoever plans the jobs


async def once(
    do: Callable[[], Awaitable[T]], landed: Callable[[], Awaitable[T | None]], *, sleep: Sleep, again: bool = False
) -> T:
    """What `do` gives, or what `landed` finds of it; `again`: an earlier attempt may have done it and then died.

    Raises GitHubError for a refusal, and when GitHub stays away.
    """
    if again and (found := await _look(landed, AFTER_A_CRASH, sleep)) is not None:
        return found
    for nth, pauses in enumerate(AFTER_A_FAULT, 1):
        try:
            return await do()
        except GitHubError as error:
            if not passes(error):
                raise
            failed = error
        if failed.wait:  # a rate limit: GitHub did nothing
            await sleep(failed.wait)
        elif (found := await _look(landed, pauses, sleep)) is not None:
            return found
        if nth == len(AFTER_A_FAULT):
            raise failed
    raise AssertionError  # the last try returns or raises


def passes(error: GitHubError) -> bool:
    """Is it worth while to wait here for GitHub?"""
    return error.retryable and error.wait <= LONGEST_WAIT


def long_wait(error: Exception) -> float:
    """The seconds after which to come back, where GitHub's limits ask for more than is waited for here; else 0."""
    wait = error.wait if isinstance(error, GitHubError) else 0.0
    return wait if wait > LONGEST_WAIT else 0.0


async def _look(landed: Callable[[], Awaitable[T | None]], pauses: Sequence[float], sleep: Sleep) -> T | None:
    """What has landed. Only an answer of GitHub's says that it has not."""
    for left, pause in zip(reversed(range(len(pauses))), pauses, strict=True):
        await sleep(pause)
        try:
            found = await landed()
        except GitHubError as error:
            if not left or not passes(error):
                raise
            continue
        if found is not None:
            return found
    return None
