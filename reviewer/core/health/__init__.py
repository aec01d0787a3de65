"""Whether all is well: what was checked, what is missing on GitHub and what that disables."""

from reviewer.core.health.checks import Check, Grade, Trouble, exit_code, in_halves
from reviewer.core.health.facts import AppFacts, Hook, Installed
from reviewer.core.health.grants import (
    ESSENTIAL,
    Gap,
    Wanted,
    event_gaps,
    excess,
    needed,
    permission_gaps,
    suffices,
    wanted_of,
)
from reviewer.core.health.webhook import deliveries_check, unreachable

__all__ = [
    "ESSENTIAL",
    "AppFacts",
    "Check",
    "Gap",
    "Grade",
    "Hook",
    "Installed",
    "Trouble",
    "Wanted",
    "deliveries_check",
    "event_gaps",
    "excess",
    "exit_code",
    "in_halves",
    "needed",
    "permission_gaps",
    "suffices",
    "unreachable",
    "wanted_of",
]
