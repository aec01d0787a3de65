"""In a real browser, by keyboard: the set-up from the printed address to its end, and the stand-in's pages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import newcomer
import pytest
from browser import Person, opened, reached
from catcher import Hook
from playwright.sync_api import Browser
from standin_client import Forge, forge, key
from test_standin_page import BODY

from reviewer.app import web_app
from reviewer.commands.opening import opening_of
from reviewer.demo import play, stage
from reviewer.settings import load
from reviewer.standin import events
from reviewer.standin.github import StandIn
from reviewer.standin.model import StandInModel
from reviewer.standin.server import serve


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened() as found:
        yield found


@pytest.fixture
def person(browser: Browser) -> Iterator[Person]:
    made = Person(browser)
    yield made
    made.context.close()


# --- the set-up -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class House:
    """A server that is not set up, with GitHub and a model on loopback."""

    hub: StandIn
    github: str
    model: str
    server: str
    file: Path

    @property
    def printed(self) -> str:
        return f"{self.server}/setup?token=t0ken"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    hub = StandIn(tmp_path, private_key_pem=key())
    hub.add_repository("octo/shop")
    model = StandInModel(refused_keys={"sk-old": "bad_key"})
    file = tmp_path / ".env"
    with hub.serve() as github, serve(model.app) as answering:
        environ = {"GITHUB_API_URL": f"{github}/api/v3", "REVIEWER_DATABASE_URL": f"sqlite:///{tmp_path / 'served.db'}"}
        opening = opening_of(load(environ), token="t0ken", environ=environ, file=file)
        with serve(web_app(load(environ), token="operator", opening=opening)) as url:
            yield House(hub, github, answering, url, file)


def test_a_newcomer_sets_it_up_by_keyboard(house: House, person: Person) -> None:
    """From the printed address to the closed door, a refused key on the way; each page reads well by day and night."""
    tab = person.tab
    tab.goto(house.printed)
    assert "t0ken" not in tab.url
    person.looks("offer")
    person.presses("Create the App on GitHub")
    assert (tab.url.startswith(house.github), person.heading) == (True, "Create GitHub App")
    person.looks("github")
    person.presses("Create GitHub App", "button")
    assert (tab.url, person.heading) == (f"{house.server}/setup", "The App is registered")
    installs(person)
    gives_a_model(person, house)
    person.presses("Finish", "button")
    assert person.heading == "Done: reviewer works"
    person.looks("done")
    tab.goto(house.printed)
    assert person.heading == "Set-up is closed"
    person.looks("closed")
    assert f"GITHUB_APP_ID={house.hub.app_id}" in house.file.read_text().replace("'", "").replace('"', "")
    person.is_content()


def installs(person: Person) -> None:
    """In the tab that the link opens; the set-up waits in its own."""
    person.tabs_to("Install the App", "a")
    first = person.tab
    with person.context.expect_page() as other:
        first.keyboard.press("Enter")
    person.tab = other.value
    person.tab.wait_for_load_state()
    assert person.heading == "Install reviewer"
    person.looks("install")
    person.tabs_to("Install", "button")
    person.enters()
    assert person.tab.inner_text("h2") == "Installed on 1 repository"
    person.looks("installed")
    person.tab.close()
    person.tab = first


def gives_a_model(person: Person, house: House) -> None:
    """First a key that is refused: why is said, the address stays, and the key's field has the focus."""
    tab = person.tab
    person.looks("model")
    person.tabs_to("Another server or model")
    tab.keyboard.press("Enter")
    person.tabs_to("Address of a server")
    tab.keyboard.type(f"{house.model}/v1")
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.type("sk-old")
    person.presses("Try it and keep it")
    assert "key" in tab.inner_text("[role=alert]")
    assert (tab.input_value("#key"), tab.input_value("#server")) == ("", f"{house.model}/v1")
    person.looks("refused")
    assert tab.evaluate("document.activeElement.id") == "key"
    tab.keyboard.type("sk-new")
    person.enters()
    assert tab.inner_text("[role=status]").startswith("A model is set. It answered in")
    person.looks("answered")


def test_the_other_ways_through_the_set_up(person: Person) -> None:
    """A wrong token, its form, an address that GitHub does not reach, a way back that is not ours, a disk that is
    full, a token that was used: each page reads well, and leads on by keyboard.
    """
    there, tab = newcomer.Person(), person.tab
    with serve(there.app) as url:
        tab.goto(f"{url}/setup?token=guess")
        assert tab.inner_text("[role=alert]") == "This is not the token of this start."
        person.looks("wrong-token")
        tab.keyboard.type(newcomer.TOKEN)  # the field has the focus
        person.enters()
        assert "GitHub cannot reach" in tab.inner_text(".note")
        person.looks("unreachable")
        person.tabs_to("Address of this server")
        tab.keyboard.press("ControlOrMeta+A")
        tab.keyboard.type("ftp://reviewer.acme.dev")
        person.enters()
        assert "must begin with https://" in tab.inner_text("[role=alert]")
        person.looks("wrong-address")
        assert tab.evaluate("document.activeElement.id") == "owner"
        person.tabs_to("Address of this server")
        assert tab.input_value("#address") == "ftp://reviewer.acme.dev"  # to be mended, not typed anew
        tab.keyboard.press("ControlOrMeta+A")
        tab.keyboard.type(newcomer.BASE)
        person.enters()
        tab.goto(f"{url}/setup/callback?code=c0de&state=of-another")
        assert person.heading == "This way back is closed"
        person.looks("foreign-state")
        person.presses("Back to the set-up")
        state = (tab.get_attribute("form[action*=state]", "action") or "").partition("state=")[2]
        there.vault.broken = "The disk is full: make room on it."
        tab.goto(f"{url}/setup/callback?code=c0de&state={state}")
        assert "hush-hush-hush" in tab.inner_text(".secret")
        person.looks("unkept")
        there.vault.broken = ""
        person.presses("Keep them now")
        assert person.heading == "The App is registered"
        person.context.clear_cookies()
        tab.goto(f"{url}/setup?token={newcomer.TOKEN}")
        assert "was used already" in tab.inner_text("[role=alert]")
        person.looks("used-token")
    person.is_content()


# --- the pull request -------------------------------------------------------------------------------------------------


def reviewed(hub: Forge) -> None:
    """Comments on both sides, one of them resolved, one with a reply; a check with its buttons."""
    comments = [
        {"path": "app.py", "line": 3, "start_line": 2, "body": BODY},
        {"path": "app.py", "line": 2, "side": "LEFT", "body": "🟡 **medium** · tests — **`sum` was tested** …"},
    ]
    review = {"event": "COMMENT", "body": "**2 new findings**: 1 high, 1 medium.", "comments": comments}
    assert hub.client.call("POST", "/repos/octo/demo/pulls/1/reviews", body=review).status_code == 200
    first, second = hub.state.comments("octo/demo", 1)
    events.reply(hub.state, "octo/demo", 1, "Right, thanks.", user="ann", to=first.id)
    events.resolve(hub.state, "octo/demo", 1, comment=second.id, user="ann")
    output = {
        "title": "1 finding blocks: 1 high",
        "summary": "**What blocks**\n\n- 🟠 high · `app.py:3` · The first item is dropped · `8799368f14255d06-99a0-5d2d`",
        "text": f"| hunk | why |\n|--|--|\n| `{'long/' * 30}name.py` | a lock file |",
    }
    buttons = [
        {"label": label, "description": f"{label}, please", "identifier": label.lower()}
        for label in ("Re-run", "Explain")
    ]
    run = {"name": "reviewer", "head_sha": hub.head, "status": "completed", "conclusion": "failure"}
    answer = hub.client.call("POST", "/repos/octo/demo/check-runs", body={**run, "output": output, "actions": buttons})
    assert answer.status_code == 201


def test_a_pull_request_is_read_by_keyboard(tmp_path: Path, person: Person) -> None:
    """Check, comments, folds and code are all in reach of the Tab key, in their order; a button is a webhook."""
    hook, tab = Hook(), person.tab
    with forge(tmp_path) as hub, serve(hook) as hub.state.webhook_url:
        reviewed(hub)
        tab.goto(f"{hub.state.url}/octo/demo/pull/1")
        person.looks("pull")
        reached(person, ["Skip to the changes", "Re-run", "Explain", "Summary", "What was left out"])
        tab.keyboard.press("Enter")
        assert tab.get_by_text("a lock file").is_visible()
        person.tabs_to("The first item is dropped", "a")
        tab.keyboard.press("Enter")
        assert tab.locator(".comment:target").is_visible()
        reached(person, ["Details", "new name.txt", "logo.png"])
        tab.reload()
        person.presses("Explain", "button")
        assert tab.url.endswith(f"/pull/1#check-{hub.state.check_runs(hub.head)[0].id}")
        assert len(hook.came) == 1
        (pressed,) = hub.state.deliveries
        action = pressed.payload["requested_action"]["identifier"]
        assert (pressed.event, action, pressed.payload["sender"]["login"]) == ("check_run", "explain", "ann")
        hook.status = 503
        person.presses("Explain", "button")
        assert tab.inner_text("body") == "The App did not take the webhook: 503."
    person.is_content()


@pytest.mark.slow
def test_the_demo_in_a_browser(tmp_path: Path, person: Person) -> None:
    """What a real review says reads well on every screen; its "Explain" explains."""
    with stage(tmp_path) as stands:
        play(stands)
        person.tab.goto(stands.page)
        person.looks("demo")
        person.presses("Explain", "button")
        deadline = time.monotonic() + 30
        while not stands.hub.issue_comments(stands.repository, stands.number) and time.monotonic() < deadline:
            time.sleep(0.05)
        person.tab.reload()
        person.looks("explained", folds=False)
        assert person.tab.locator("[id^=comment-] .prose").count()
    person.is_content()
