"""The whole way over real HTTP: no credentials, the set-up, GitHub, a webhook under the new secret, the review."""

from __future__ import annotations

import html
import re
import time
from pathlib import Path

import httpx2
from world import ADDED, Servers, World, finding, servers, world

from reviewer.app import web_app
from reviewer.commands.opening import opening_of
from reviewer.settings import load
from reviewer.standin.server import serve
from reviewer.standin.webhooks import deliver
from reviewer.webhook import WEBHOOK_PATH

__all__ = ["servers", "world"]

PATIENCE = 60.0


def test_from_nothing_to_a_review(world: World, servers: Servers, tmp_path: Path) -> None:
    """Without a restart; and what was kept is all that the next start needs."""
    event = world.opens()
    world.model.findings = [finding(ADDED, "Wrong sum", severity="high")]
    environ = {
        "GITHUB_API_URL": f"{servers.github_url}/api/v3",
        "REVIEWER_DATABASE_URL": f"sqlite:///{tmp_path / 'served.db'}",
    }
    file, told = tmp_path / ".env", list[str]()
    opening = opening_of(
        load(environ), token="t0ken", environ=environ, file=file, told=lambda found: told.append(found.app_id)
    )
    app = web_app(load(environ), token="operator", opening=opening)
    with serve(app) as url, httpx2.Client(trust_env=False, base_url=url, timeout=PATIENCE) as browser:
        assert browser.get("/readyz").status_code == 503
        assert deliver(world.hub, event, url + WEBHOOK_PATH).status == 503
        world.hub.deliveries.clear()  # the server would ask for it again, which is another story
        registered(browser, servers.github_url)
        assert browser.get("/readyz").json()["missing"].keys() == {"model"}
        key = {"step": "model", "key": "sk-of-the-house", "server": f"{servers.model_url}/v1"}
        page = browser.post("/setup", data=key, follow_redirects=True)
        assert "A model is set. It answered in" in page.text
        assert browser.get("/readyz").status_code == 200
        assert browser.post("/setup", data={"step": "finish"}).status_code == 200
        assert browser.get("/setup").status_code == 404
        delivery = deliver(world.hub, event, url + WEBHOOK_PATH)
        assert (delivery.status, ended(browser, delivery.guid)) == (202, "done")
    assert world.verdict == "failure: 1 finding blocks: 1 high"
    assert told == [str(world.hub.app_id)]
    after = load(environ, file)
    assert (after.has_credentials, after.has_model, after.app_id) == (True, True, str(world.hub.app_id))


def registered(browser: httpx2.Client, github: str) -> None:
    """One button here, one there."""
    page = browser.get("/setup?token=t0ken", follow_redirects=True).text
    (action,) = re.findall(r'action="(http:[^"]+)"', page)
    assert action.startswith(f"{github}/settings/apps/new?state=")
    (manifest,) = re.findall(r'name="manifest" value="([^"]*)"', page)
    there = browser.post(html.unescape(action), data={"manifest": html.unescape(manifest)})
    assert "Create GitHub App" in there.text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', there.text))
    sent = {name: html.unescape(value) for name, value in hidden.items()}
    back = browser.post(f"{github}/settings/apps", data=sent, follow_redirects=True)
    assert (back.status_code, "The App is registered" in back.text) == (200, True)


def ended(browser: httpx2.Client, job: str) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        state = browser.get(f"/jobs/{job}", headers={"Authorization": "Bearer operator"}).json()
        if state["status"] not in {"queued", "running"}:
            return str(state["status"])
        time.sleep(0.02)
    raise AssertionError(state)
