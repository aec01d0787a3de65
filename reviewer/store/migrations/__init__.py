"""Brings the tables to the newest revision by alembic, whose scripts are in `versions/`."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

VERSIONS = Path(__file__).parent


def run(connection: sa.Connection) -> None:
    """Within the caller's transaction, under the caller's lock."""
    # Only a database that is to be brought up pays for the import.
    from alembic.config import Config  # noqa: PLC0415
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(VERSIONS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    with EnvironmentContext(config, scripts, fn=lambda now, _: scripts._upgrade_revs("head", now)) as environment:  # noqa: SLF001 - as alembic's own command does
        environment.configure(connection=connection)
        environment.run_migrations()
