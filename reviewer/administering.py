"""The commands for whoever runs the server: is all well, the database's schema, what is to be struck."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reviewer import options
from reviewer.operating import choose

db_cli = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="Look after the database.",
)


@db_cli.callback()
def db(context: typer.Context) -> int:
    return choose(context)


@db_cli.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables to this program's revision.

    A SQLite file is brought up by any start of `serve`; on PostgreSQL this is for you to do, with the other processes
    stopped or of this version. Two at once do no harm.
    """
    from reviewer.commands import db, environment

    db.upgrade(environment.settings_of())


@db_cli.command("status")
def db_status() -> int:
    """Show the revision, the size, and the rows by table.

    Changes nothing. Exit code 2: there is no database, or this program cannot work with it.
    """
    from reviewer.commands import db, environment

    return db.status(environment.settings_of())


@db_cli.command("backup")
def db_backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="A new file.")],
) -> None:
    """Copy a SQLite database, while the server runs.

    The copy is checked, whole, and for its owner alone to read; a file that is there is not overwritten. For PostgreSQL
    it says how `pg_dump` does it.
    """
    from reviewer.commands import db, environment

    db.backup(environment.settings_of(), file)


def purge(
    installation: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="All that is kept of an installation; what runs for it ends."),
    ] = None,
    repository: Annotated[
        str, typer.Option(metavar="OWNER/NAME", show_default=False, help="All that is kept of a repository.")
    ] = "",
    older_than: Annotated[
        int | None, typer.Option(metavar="DAYS", min=1, help="Only what is older, and no longer in force.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Strike it without a question.")] = False,
) -> None:
    """Strike what is kept: says first what that is.

    At a terminal it asks; elsewhere only --yes strikes anything. What is on GitHub stays there.
    """
    from reviewer.commands import environment
    from reviewer.commands.purge import purge_command

    purge_command(
        environment.settings_of(), installation=installation, repository=repository, older_than=older_than, yes=yes
    )


def doctor(output: options.Shape = "text", no_model: options.NoModel = False) -> int:
    """Check credentials, permissions, webhook, models, database.

    Says of each thing that is not well what it disables and how to mend it. Changes nothing. Exit code 2: something is
    to be mended here; 3: a service of others does not answer.
    """
    from reviewer.commands.doctor import doctor_command

    return doctor_command(output=output, models=not no_model)


def add_to(cli: typer.Typer) -> None:
    """Add these commands to the program's."""
    cli.command()(doctor)
    cli.command()(purge)
    cli.add_typer(db_cli, name="db")
