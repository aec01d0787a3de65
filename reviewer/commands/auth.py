"""`reviewer auth`: the key for reviews on this machine, in its keyring."""

from __future__ import annotations

from reviewer import keyrings
from reviewer.commands.asked import asked_key
from reviewer.core.errors import UsageError
from reviewer.ports.keys import last_of
from reviewer.printing import say
from reviewer.settings import Settings


def login() -> None:
    key = asked_key("OpenAI key (it is not shown): ")
    keyrings.keep(key)
    say(
        f"The key …{last_of(key)} is in this machine's keyring: `reviewer review` uses it where the environment has "
        "none."
    )


def logout() -> None:
    removed = keyrings.drop()
    say("The key is no longer in this machine's keyring." if removed else "There was no key in this machine's keyring.")


def status(settings: Settings) -> None:
    """Say where the key of local reviews comes from. Raises UsageError where there is none."""
    here, kept = _in_environment(settings), keyrings.kept()
    if not here and not kept:
        raise UsageError("There is no key: set OPENAI_API_KEY, or keep one with `reviewer auth login`.")
    if here:
        say(f"In the environment: {here}.")
    if kept:
        unused = " (not used: the environment comes first)" if here else ""
        say(f"In this machine's keyring: …{last_of(kept)}{unused}.")


def _in_environment(settings: Settings) -> str:
    """What there is, with the variable that it is in; in the order in which it is used."""
    azure = settings.azure_openai_api_key
    if settings.azure_openai_endpoint and azure:
        return f"AZURE_OPENAI_API_KEY …{last_of(azure.get_secret_value())}"
    if settings.azure_openai_endpoint:
        return "AZURE_OPENAI_ENDPOINT, with Microsoft Entra ID instead of a key"
    keys = ", ".join(f"…{last_of(key.get_secret_value())}" for key in settings.openai_api_keys)
    if keys:
        return f"OPENAI_API_KEY {keys}"
    return "OPENAI_BASE_URL, without a key" if settings.openai_base_url else ""
