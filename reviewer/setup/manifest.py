"""What GitHub is asked to make: `app.yml` as a manifest for this server's address, and where it is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from ruamel.yaml import YAML

from reviewer.core.errors import UsageError
from reviewer.core.health import unreachable

LONGEST_NAME = 34  # characters that GitHub allows an App
LONGEST_ADDRESS = 300
WEBHOOKS, CALLBACK = "/api/github/webhooks", "/setup/callback"

_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})")  # GHES allows `_` and more than 39 characters


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person chose. Raises UsageError for what GitHub would refuse."""

    name: str
    address: str  # at which GitHub reaches this server: https://reviewer.example.com
    owner: str = ""  # an organisation; "": whoever is signed in on GitHub

    def __post_init__(self) -> None:
        if not 0 < len(self.name) <= LONGEST_NAME or not self.name.isprintable() or not re.search(r"\w", self.name):
            raise UsageError(f"An App's name has 1 to {LONGEST_NAME} characters: choose another.")
        if self.owner and not _LOGIN.fullmatch(self.owner):
            raise UsageError(
                "This is no organisation's name: write it as it stands in its address, like `acme` of "
                "https://github.com/acme."
            )
        if not _is_origin(self.address):
            raise UsageError(
                "The address must begin with https:// (or http://) and name a host, with nothing behind it but a "
                "port or a path, like https://reviewer.example.com."
            )


def _is_origin(address: str) -> bool:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - reading it raises ValueError for a port that is none
    except ValueError:
        return False
    whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and not (parts.query or parts.fragment)
    plain = "@" not in parts.netloc and re.fullmatch(r"[!-~]+", address) is not None
    return whole and plain and len(address) <= LONGEST_ADDRESS


def manifest(app: Mapping[str, Any], wish: Wish, *, here: str, proxy: str = "") -> dict[str, Any]:
    """`app` is `app.yml`; `here` is the address at which the browser sees us; `proxy` takes the webhooks instead."""
    return {
        **app,
        "name": wish.name,
        "url": wish.address,
        "hook_attributes": {**app["hook_attributes"], "url": proxy or wish.address + WEBHOOKS},
        "redirect_url": here + CALLBACK,
    }


def form_address(web: str, owner: str, state: str) -> str:
    """Where the browser sends the manifest; `web` is GitHub's address for people."""
    whose = f"/organizations/{quote(owner, safe='')}" if owner else ""
    return f"{web}{whose}/settings/apps/new?state={quote(state, safe='')}"


def why_unreachable(address: str, web: str) -> str:
    """Why GitHub cannot reach it, as far as the address tells; a GitHub in our own network reaches more."""
    return "" if unreachable(web) else unreachable(address)


def app_of(text: str) -> dict[str, Any]:
    """`app.yml` as it is sent, in plain values."""
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return found


def notes(text: str) -> dict[str, str]:
    """What `app.yml` says of each permission and event, by its name: the comments behind them."""
    found = re.findall(r"^  (?:- )?([a-z_]+)(?:: *\w+)? *# *(.+)$", text, re.MULTILINE)
    return {name: said.strip() for name, said in found}
