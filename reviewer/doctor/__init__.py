"""Looks whether all is well: the App on GitHub, its webhook, the models, the database, this machine.

Every check runs beside the others and has a time limit: a server that hangs is a finding.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from pathlib import Path

from reviewer.core.health import Check
from reviewer.doctor import database, github, machine, model
from reviewer.doctor.bounded import LIMITS, Limits, guarded
from reviewer.settings import Settings

Looks = Sequence[tuple[str, float, Awaitable[Sequence[Check]]]]


async def examine(
    settings: Settings, *, models: bool = True, env_file: Path = Path(".env"), limits: Limits = LIMITS
) -> list[Check]:
    """In the order in which a person reads them. Raises nothing; no secret is in what it says."""
    app = github.Looking(settings, limits)
    looks: Looks = [
        ("GitHub App", limits.github, app.checks()),
        *([("model", limits.model, model.checks(settings, limits))] if models else []),
        ("prices", limits.local, model.prices_checks(settings)),
        ("database", limits.database, database.checks(settings, limits)),
        ("disk", limits.local, machine.disk_checks(settings)),
        ("secrets", limits.local, machine.secret_checks(settings, env_file)),
        ("versions", limits.local, machine.version_checks()),
    ]
    try:
        found = await asyncio.gather(*(guarded(name, seconds, look) for name, seconds, look in looks))
    finally:
        await app.aclose()
    return [check for each in found for check in each]


__all__ = ["examine"]
