"""The command groups for operators: keys that installations bring, the one of this machine, prompts in production."""

from __future__ import annotations

from pathlib import Path

import typer

from reviewer import options
from reviewer.printing import say

keys_cli = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="Keep the keys that installations bring themselves.",
)
auth_cli = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="Keep the key of `reviewer review` on this machine.",
)
prompts_cli = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="See how the review's prompts do in production.",
)


@keys_cli.callback()
def keys(context: typer.Context) -> int:
    return choose(context)


@auth_cli.callback()
def auth(context: typer.Context) -> int:
    return choose(context)


@prompts_cli.callback()
def prompts(context: typer.Context) -> int:
    return choose(context)


@keys_cli.command("set")
def set_key(installation: options.Installation, base_url: options.BaseUrl = None) -> None:
    """Keep an installation's own key, sealed.

    The key comes in by a prompt, or by stdin. From then on the installation's reviews go on its own bill, and
    never on the operator's. Needs REVIEWER_SECRET_KEY.
    """
    from reviewer.commands import environment, keys

    keys.set_key(environment.settings_of(), installation, base_url)


@keys_cli.command("list")
def list_keys() -> None:
    """Show who has a key of their own: its last four characters."""
    from reviewer.commands import environment, keys

    keys.list_keys(environment.settings_of())


@keys_cli.command("remove")
def remove_key(installation: options.Installation) -> None:
    """Forget an installation's own key."""
    from reviewer.commands import environment, keys

    keys.remove_key(environment.settings_of(), installation)


@keys_cli.command("rotate")
def rotate() -> None:
    """Seal all keys anew with the first master key.

    Put a new master key in front of the old one in REVIEWER_SECRET_KEY, with a comma, and start the server again; then
    this; then take the old one out.
    """
    from reviewer.commands import environment, keys

    keys.rotate(environment.settings_of())


@keys_cli.command("new-master")
def new_master() -> None:
    """Print a new master key, for REVIEWER_SECRET_KEY."""
    from reviewer.commands.keys import print_new_master

    print_new_master()


@auth_cli.command("login")
def login() -> None:
    """Keep a key in this machine's keyring.

    It comes in by a prompt, or by stdin.
    """
    from reviewer.commands.auth import login

    login()


@auth_cli.command("logout")
def logout() -> None:
    """Remove the key from this machine's keyring."""
    from reviewer.commands.auth import logout

    logout()


@auth_cli.command("status")
def status() -> None:
    """Say where the key comes from: its last four characters.

    Exit code 2: there is none.
    """
    from reviewer.commands import auth, environment

    auth.status(environment.settings_of(own=True))


@prompts_cli.command("list")
def list_prompts(output: options.Shape = "text") -> None:
    """Show the review's prompts and their share of the pull requests.

    Checks the variants of REVIEWER_PROMPTS and REVIEWER_PROMPT_VARIANTS as `serve` does at its start.
    """
    from reviewer.commands import environment, prompts

    prompts.list_prompts(environment.settings_of(), output=output)


@prompts_cli.command("show")
def show_prompt(
    variant: options.Variant,
    range_: options.Range = None,
    repo: options.Repo = Path(),
    diff: options.DiffFile = None,
) -> int:
    """Print what `review` would send with a variant.

    As `reviewer prompt` does for the default; sends nothing.
    """
    from reviewer.commands import environment, prompt

    settings = environment.settings_of(own=True)
    return prompt.prompt_command(settings, range_, repo=repo, diff=diff, variant=variant)


@prompts_cli.command("compare")
def compare_prompts(
    one: options.PromptName, other: options.PromptName, days: options.Days = 30, output: options.Shape = "text"
) -> None:
    """Compare two prompts by what became of their findings.

    Reads the database of `serve`; says of each measure whether the difference could be chance. Exit code 2: nothing is
    known of one of them.
    """
    from reviewer.commands import environment, prompts

    prompts.compare_prompts(environment.settings_of(), one, other, days=days, output=output)


@prompts_cli.command("quality")
def show_quality(days: options.Days = 30, output: options.Shape = "text") -> None:
    """Show by day how well the model works.

    Answers that follow the schema, findings on the diff, upheld at the second look, fixed and not dismissed.
    """
    from reviewer.commands import environment, prompts

    prompts.show_quality(environment.settings_of(), days=days, output=output)


def choose(context: typer.Context) -> int:
    """A command group alone shows what there is to choose."""
    if context.invoked_subcommand is None:
        say(context.get_help())
    return 0
