"""What people have ruled on one pull request: that the check passes, that pushes are not reviewed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Override:
    """A maintainer lets the check of one head pass, whatever it says.

    `findings` are what blocked there: by the name under which each was said, a label for people. On later heads it
    counts for these alone. `run` is the command's run, so that one command is kept once.
    """

    number: int
    head: str  # SHA
    by: str  # login
    reason: str = ""
    at: float = 0.0  # seconds since the epoch
    base: str = ""  # the branch that the head was to be merged into; "" where that is not known
    findings: Mapping[str, str] = field(default_factory=dict)
    run: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Pushes to a pull request are not reviewed, until somebody ends that.

    `head` is the newest one that is reviewed all the same: it was there before, or a review of it was asked for.
    """

    number: int
    by: str  # login
    at: float = 0.0  # seconds since the epoch
    head: str = ""  # SHA; "" for none
    run: str = ""
    ended: float = 0.0  # seconds since the epoch; 0 while it lasts
    ended_by: str = ""  # login
