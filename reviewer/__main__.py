"""The command line: each command in a few lines, with what it needs imported late, so that `--help` is quick."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reviewer import __version__, administering, operating, options, reviewing
from reviewer.core.errors import OutsideError, UsageError
from reviewer.printing import complain, ended, flush, gone, lenient, no_room, say

if TYPE_CHECKING:
    from reviewer.settings import Settings

OK, USAGE, OUTSIDE, INTERRUPTED = 0, 2, 3, 130

cli = typer.Typer(
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # boxes would take half of the time of `--help`
    help="Reviews pull requests on your own key, your own machine and your own bill.",
    epilog="Exit codes: 0 ok; 1 the gate failed; 2 usage or configuration; 3 an outside service failed.",
)
config_cli = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="Check a repository's configuration, or print its schema.",
)
cli.add_typer(config_cli, name="config")
cli.add_typer(operating.keys_cli, name="keys")
cli.add_typer(operating.auth_cli, name="auth")
cli.add_typer(operating.prompts_cli, name="prompts")
administering.add_to(cli)


def main() -> None:
    """The console script: what goes wrong becomes one sentence and an exit code."""
    lenient()
    code = _run()
    if code == INTERRUPTED:  # typer makes this of a Ctrl-C, in silence
        complain("Interrupted")
        gone(code)
    try:
        flush()
    except UsageError as error:
        complain(str(error))
        code = USAGE
    raise SystemExit(code)


def _run() -> int:
    code = OK
    try:
        code = cli(prog_name="reviewer", standalone_mode=False) or OK
    except typer.TyperException as error:
        complain(f"{ended(error.format_message())} `{_command(error)} --help` says what there is.")
        code = USAGE
    except UsageError as error:
        complain(str(error))
        code = USAGE
    except OutsideError as error:
        complain(str(error))
        code = OUTSIDE
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:  # noqa: BLE001 - Python's own exit code for it is 1, which would say that the gate failed
        if isinstance(error, OSError) and (why := no_room(error)):
            complain(why)
        else:
            sys.excepthook(*sys.exc_info())
            complain("This is an error of the reviewer itself: please report it with the lines above")
        code = USAGE
    return code


@cli.callback()
def top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> int:
    if version:
        say(f"reviewer {__version__}")
        raise typer.Exit(OK)
    return operating.choose(context)


@config_cli.callback()
def config(context: typer.Context) -> int:
    return operating.choose(context)


@cli.command()
def serve(host: options.Host = None, port: options.Port = None, no_worker: options.NoWorker = False) -> None:
    """Run the server: webhooks, status pages, reviews.

    Without credentials of a GitHub App it prints an address where it can be set up. It reads the environment and a file
    .env in the folder where it is started.
    """
    from reviewer.server import run_server

    run_server(_settings(), host=host, port=port, worker=not no_worker)


@cli.command()
def worker() -> None:
    """Run a worker alone, on the database of `serve`.

    It does the jobs that `reviewer serve --no-worker` takes, on this machine or another.
    """
    from reviewer.server import run_worker

    run_worker(_settings())


@cli.command()
def demo(
    open_page: Annotated[bool, typer.Option("--open", help="Show the pull request in the browser.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the demo's folder behind.")] = False,
) -> int:
    """Play the whole loop here: no account, key or network.

    A stand-in GitHub with a real repository sends a signed webhook to the real server; a stand-in model gives recorded
    answers. What then stands on the pull request is printed.
    """
    from rich.console import Console

    console = Console(highlight=False)
    with console.status("Starting"):
        from reviewer.demo import run
    _log("debug" if os.environ.get("LOG_LEVEL", "").lower() == "debug" else "warning")
    return run(console, open_page=open_page, keep=keep)


reviewing.add_to(cli)


@cli.command()
def receive(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="A webhook's payload, as JSON.")],
    event: Annotated[str, typer.Option(metavar="NAME", help="The event's name, as in X-GitHub-Event: pull_request.")],
) -> int:
    """Play a saved webhook payload through the real line.

    It reviews and writes on GitHub, as `serve` does when the webhook comes.
    """
    from reviewer.commands.receive import receive_command

    settings = _settings()
    _log(settings.log_level, settings)
    return receive_command(settings, file, event)


@cli.command()
def audit(repo: options.Hosted, output: options.Shape = "text") -> None:
    """Show who dismissed, forgot, overrode or paused what, and why.

    Reads the database of `serve`, the newest first; the page COMMANDS has the keys of the JSON. Exit code 2: there is
    no database.
    """
    from reviewer.commands.audit import audit_command

    audit_command(_settings(), repo, output=output)


@cli.command()
def simulate(
    repo: options.Hosted, config: options.Candidate = None, last: options.Last = 20, output: options.Shape = "text"
) -> int:
    """Show what a configuration would have said and blocked.

    Reads the findings in the database of `serve`; asks neither GitHub nor a model. Exit code 2: there is nothing to
    read, or the configuration has mistakes.
    """
    from reviewer.commands.simulate import simulate_command

    return simulate_command(_settings(), repo, file=config, last=last, output=output)


@config_cli.command("check")
def config_check(file: options.ConfigFile = None) -> int:
    """Validate a configuration: line and nearest key of each mistake."""
    from reviewer.commands.config import check_config

    return check_config(file)


@config_cli.command("schema")
def print_schema() -> None:
    """Print the configuration's JSON schema, for editors."""
    from reviewer.core.config import config_schema

    say(json.dumps(config_schema(), indent=2, ensure_ascii=False))


def _command(error: typer.TyperException) -> str:
    context: typer.Context | None = getattr(error, "ctx", None)
    return context.command_path if context else "reviewer"


def _settings(*, own: bool = False) -> Settings:
    """`own`: for the local tool, which runs in strangers' repositories."""
    from reviewer.commands.environment import settings_of

    return settings_of(own=own)


def _log(level: str, settings: Settings | None = None) -> None:
    from reviewer.logs import configure

    configure(
        level=level,
        log_format=settings.log_format if settings else None,
        stream=sys.stderr,
        secrets=settings.secrets() if settings else (),
    )


if __name__ == "__main__":
    main()
