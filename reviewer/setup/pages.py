"""The pages of the set-up, each from its template."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.responses import Response

from reviewer.ports.registering import Registered
from reviewer.rendering import LOOK, Templates
from reviewer.setup.dotenv import quoted
from reviewer.setup.manifest import LONGEST_ADDRESS, LONGEST_NAME, WEBHOOKS, Wish

_FOLDER = Path(__file__).parent
_TEMPLATES = Templates(_FOLDER, LOOK, _FOLDER / "setup.css")
_STEPS = ("Register the App", "Install it", "Give it a model")


@dataclass(frozen=True, slots=True)
class Offer:
    """What GitHub would be asked for, and what stands in its way ("" where nothing does)."""

    wish: Wish
    manifest: Mapping[str, Any]
    action: str  # where the form goes
    web: str
    hook: str  # where the webhooks go
    place: str  # where the credentials are kept
    replaced: Sequence[str]  # variables that are set there already
    obstacle: str
    unreachable: str
    proxied: bool
    permissions: Sequence[tuple[str, str, str]]  # name, level, what for
    events: Sequence[tuple[str, str]]


def door(said: str, *, status: int) -> Response:
    """Takes the token, and shows nothing else."""
    return _page("door.html", status=status, said=said)


def offer(offer: Offer, said: str, typed: Mapping[str, str]) -> Response:
    """`typed` is what was refused just now, by the names of the fields: it can be mended where it stands."""
    # A sign-in on GitHub's side may lead elsewhere, and a browser asks the policy about each step of a form's way.
    # GitHub may look where a form comes from, which another policy for the referrer would hide.
    return _page(
        "offer.html",
        forms_go_to=f"https: {offer.web}",
        referrer="strict-origin",
        step=0,
        said=said,
        offer=offer,
        filled={"owner": offer.wish.owner, "name": offer.wish.name, "address": offer.wish.address, **typed},
        manifest=json.dumps(offer.manifest),
        bounds={"name": LONGEST_NAME, "address": LONGEST_ADDRESS},
        webhooks=WEBHOOKS,
    )


def waiting(said: str, *, status: int = 200) -> Response:
    """There is a code, and no credentials yet."""
    return _page("again.html", status=status, step=0, title="Almost there", said=said, button="Fetch them", lines="")


def stuck(said: str, *, kept: str) -> Response:
    more = f"{said} The App is registered and its credentials are kept in {kept}: nothing is lost."
    title = "The server does not start"
    return _page("again.html", status=503, step=1, title=title, said=more, button="Start it again", lines="")


def unkept(values: Mapping[str, str], why: str, app: Registered, *, running: bool) -> Response:
    """The only time that credentials are shown: GitHub does not give them twice."""
    now = "The server works with these credentials until it stops." if running else ""
    return _page(
        "again.html",
        status=507,
        step=0,
        title=f"{app.slug} is registered, but not kept",
        said=f"{why} {now}".strip(),
        button="Keep them now",
        lines=_lines(values),
    )


def lacking(values: Mapping[str, str], names: Sequence[str], app: Registered) -> Response:
    """GitHub's answer is not whole."""
    said = (
        f"GitHub's answer lacks {' and '.join(names)}. On the App's settings page ({app.page}) generate a private key "
        "and set a webhook secret, set these variables and start reviewer again; or delete the App there and start "
        "again here."
    )
    title = f"{app.slug or 'The App'} is registered, but not whole"
    return _page("again.html", status=502, step=0, title=title, said=said, button="", lines=_lines(values))


def model(said: str, values: Mapping[str, object], *, status: int) -> Response:
    step = 1 if values["page"] else 2
    return _TEMPLATES.page("model.html", {"steps": _STEPS, "step": step, "said": said, **values}, status=status)


def finished(*, has_model: bool) -> Response:
    return _page("finished.html", has_model=has_model)


def told(title: str, said: str, *, status: int) -> Response:
    return _page("told.html", status=status, title=title, said=said, link="Back to the set-up")


def closed() -> Response:
    said = (
        "This server has its credentials, so there is nothing to set up. For another App set its GITHUB_APP_ID, "
        "GITHUB_PRIVATE_KEY and GITHUB_WEBHOOK_SECRET in the environment, or take those of this one out of .env, and "
        "start the server again."
    )
    return _page("told.html", status=404, title="Set-up is closed", said=said, link="")


def _lines(values: Mapping[str, str]) -> str:
    return "".join(f"{name}={quoted(value)}\n" for name, value in values.items())


def _page(
    name: str, *, status: int = 200, forms_go_to: str = "", referrer: str = "same-origin", **values: object
) -> Response:
    whole = {"steps": _STEPS, "step": -1, **values}
    return _TEMPLATES.page(name, whole, status=status, forms_go_to=forms_go_to, referrer=referrer)
