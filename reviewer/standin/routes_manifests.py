"""Routes of the manifest flow: a page with one button, the way back with a code, and the code's credentials."""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from reviewer.standin import shapes
from reviewer.standin.calls import Call, Endpoint, answer, not_found
from reviewer.standin.manifests import read
from reviewer.standin.state import State, make_key

# The browser is sent back to wherever the App is, and looks at the policy for that too.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self' http: https:"


def routes(hub: State) -> list[Route]:
    async def new(request: Request) -> Response:
        return await _new(hub, request)

    async def make(request: Request) -> Response:
        return await _make(hub, request)

    places = ("/settings/apps", "/organizations/{org}/settings/apps")
    return [
        *(Route(f"{place}/new", new, methods=["GET", "POST"]) for place in places),
        *(Route(place, make, methods=["POST"]) for place in places),
    ]


async def _new(hub: State, request: Request) -> Response:
    """Where the manifest arrives: from another site, so a GET or a form without one shows an empty page."""
    text = (await _form(request)).get("manifest", "")
    manifest, wrong = read(text, hub.manifests)
    state = request.query_params.get("state", "")
    shown = {"manifest": manifest, "text": text, "wrong": wrong, "state": state}
    owner = request.path_params.get("org", "")
    action = f"/organizations/{owner}/settings/apps" if owner else "/settings/apps"
    html = _template().render(**shown, owner=owner, action=action)
    return HTMLResponse(html, status_code=422 if wrong else 200, headers={"content-security-policy": _POLICY})


async def _make(hub: State, request: Request) -> Response:
    """The person pressed the button."""
    form = await _form(request)
    manifest, wrong = read(form.get("manifest", ""), hub.manifests)
    if wrong:
        return HTMLResponse("<!doctype html><title>Refused</title>The manifest is not good any more.", status_code=422)
    with hub.lock:
        back = hub.manifests.made(manifest, form.get("state", ""), now=hub.clock())
    return RedirectResponse(back, status_code=302)


async def _form(request: Request) -> dict[str, str]:
    body = (await request.body()).decode("ascii", "replace")
    return {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.lstrip_blocks = True
    return environment.get_template("manifest.html")


def convert(call: Call) -> Response:
    """A code that is not known, was used or is too old is not told from another."""
    manifest = call.hub.manifests.taken(call.params["code"], now=call.hub.clock())
    if manifest is None:
        raise not_found()
    told = become(call.hub, manifest)
    return answer({**shapes.app(call.hub), **told}, 201)


def become(hub: State, manifest: dict[str, Any]) -> dict[str, Any]:
    """The forge's App is from now on the one of the manifest; its credentials, which are told once."""
    words = "".join(letter if letter.isalnum() else "-" for letter in manifest["name"].lower())
    hub.app_id, hub.app_name, hub.slug = hub.next_id(), manifest["name"], words.strip("-")
    hub.client_id = f"Iv23{secrets.token_hex(8)}"
    hub.private_key_pem, hub.webhook_secret = make_key(), secrets.token_hex(20)
    hub.app_permissions, hub.app_events = dict(manifest["default_permissions"]), list(manifest["default_events"])
    hub.webhook_url = manifest["hook_attributes"]["url"]
    return {
        "client_secret": secrets.token_hex(20),
        "webhook_secret": hub.webhook_secret,
        "pem": hub.private_key_pem,
    }


ENDPOINTS = (Endpoint("POST", "/app-manifests/{code}/conversions", convert, "anyone"),)
