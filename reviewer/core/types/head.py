"""How a review of a commit ended: several pull requests may have one commit as their head."""

from __future__ import annotations

from dataclasses import dataclass

from reviewer.core.types.finding import Conclusion


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of the pull request `number` on a head ended. GitHub shows one check for all pull requests there.

    `shown` is what its check says, which may be what another pull request on the head made of it.
    """

    number: int
    run: str
    conclusion: Conclusion  # its own
    shown: Conclusion
    title: str
    judged: bool  # the head was reviewed, or what kept it from that blocks
    here: bool = True  # the pull request is open and has this head, as far as webhooks told
    idle: bool = True  # nothing newer is wished for the pull request
    check: int = 0  # id on GitHub: the larger is the newer
    at: float = 0.0  # when it ended, in seconds since the epoch
