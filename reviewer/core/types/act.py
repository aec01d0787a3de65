"""What somebody did about findings or about the check, for the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Deed = Literal["dismissal", "forgetting", "override", "pause", "resume"]
How = Literal["", "command", "button", "reply", "resolved thread", "thumbs down"]


@dataclass(frozen=True, slots=True)
class Act:
    """One act of one person on one pull request.

    `head` is the one that the person could see, or on which a review saw what was done; "" where it is not known.
    `findings` gives for the name (fingerprint) of each that it is about a label in plain text. `how` is "" where nobody
    knows. `run` and `step` tell one act from the next: what is done again after a crash is one; `run` is "" of what a
    review read from GitHub.
    """

    what: Deed
    number: int
    by: str  # login
    at: float = 0.0  # seconds since the epoch; of a button: when a review first saw it
    head: str = ""  # SHA
    findings: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    how: How = ""
    run: str = ""
    step: str = ""
