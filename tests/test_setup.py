"""`/setup` before GitHub: who gets in, and what GitHub is asked to make."""

from __future__ import annotations

import html

import pytest
from newcomer import BASE, TOKEN, Person, said
from starlette.testclient import TestClient

from reviewer.door import TRIES


@pytest.fixture
def person() -> Person:
    return Person()


# --- the door ---------------------------------------------------------------------------------------------------------


def test_strangers_see_a_form_and_nothing_else(person: Person) -> None:
    """Without the token nothing of the server is told, and nothing can be done."""
    answers = [person.get(), person.get("/setup?token=guess"), person.get("/setup/callback?code=c&state=s")]
    answers += [person.post("choose", name="x"), person.post("finish"), person.post("token", token="guess")]
    answers.append(person.get(cookie="reviewer_setup=made-up"))
    assert [answer.status_code for answer in answers] == [401, 403, 401, 401, 401, 403, 401]
    for answer in answers:
        assert 'name="token"' in answer.text
        assert "/srv/.env" not in answer.text
        assert "manifest" not in answer.text
    assert person.github.codes == []


def test_the_token_works_once(person: Person) -> None:
    """It becomes a cookie that scripts and other sites do not get; whoever comes second hears what to do."""
    answer = person.get(f"/setup?token={TOKEN}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/setup")
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/setup", "Secure"} <= set(cookie.split("; "))
    assert TOKEN not in cookie
    assert person.get(f"/setup?token={TOKEN}").status_code == 303  # the same browser, by its history
    other = TestClient(person.app, base_url=BASE, follow_redirects=False)
    refused = other.get(f"/setup?token={TOKEN}")
    assert refused.status_code == 403
    assert "A restart prints a new one." in refused.text


def test_a_pasted_token_works_too(person: Person) -> None:
    assert person.post("token", token=f" {TOKEN} ").status_code == 303
    assert person.get().status_code == 200


def test_guesses_run_out(person: Person) -> None:
    for _ in range(TRIES):
        person.get("/setup?token=guess")
    answers = [person.post("token", token="guess") for _ in range(30)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0


def test_who_only_looks_ahead_uses_nothing_up(person: Person) -> None:
    """A browser that reads ahead, and a messenger that looks at a link, take neither the token nor the code."""
    assert person.http.head(f"/setup?token={TOKEN}").status_code == 503
    assert person.get(f"/setup?token={TOKEN}", sec_purpose="prefetch;prerender").status_code == 503
    state = person.enters().state()
    assert person.http.head(f"/setup/callback?code=c0de&state={state}").status_code == 503
    assert person.comes_back(state=state).status_code == 303


def test_a_visit_ends(person: Person) -> None:
    person.enters().now += 4 * 3_600
    assert person.get().status_code == 401


def test_other_sites_send_no_forms(person: Person) -> None:
    answer = person.enters().http.post("/setup", data={"step": "finish"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("body", ["x" * 20_000, "&".join(f"n{at}=1" for at in range(50))])
def test_a_huge_form_is_refused(body: str, person: Person) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert person.enters().http.post("/setup", content=body, headers=headers).status_code == 413


# --- to GitHub --------------------------------------------------------------------------------------------------------


def test_github_is_asked_for_what_app_yml_says(person: Person) -> None:
    """Permissions and events are the file's; the addresses are ours as the browser sees us."""
    action, manifest = person.enters().offered()
    assert action.startswith("https://github.com/settings/apps/new?state=")
    assert (manifest["url"], manifest["redirect_url"]) == (BASE, f"{BASE}/setup/callback")
    assert manifest["hook_attributes"] == {"url": f"{BASE}/api/github/webhooks", "active": True}
    assert (manifest["name"], manifest["public"]) == ("reviewer", False)
    assert manifest["default_permissions"]["checks"] == "write"
    assert len(manifest["default_events"]) == 7
    policy = person.get().headers
    assert "form-action 'self' https: https://github.com;" in policy["content-security-policy"]
    assert policy["referrer-policy"] == "strict-origin"


def test_owner_name_and_address_can_be_chosen(person: Person) -> None:
    """A pasted webhook address, an @ before the name: what is meant counts."""
    address = "https://hooks.acme.dev/review/api/github/webhooks"
    assert person.enters().post("choose", owner="@acme-inc", name="Acme Review", address=address).status_code == 303
    action, manifest = person.offered()
    assert action.startswith("https://github.com/organizations/acme-inc/settings/apps/new?state=")
    assert (manifest["name"], manifest["url"]) == ("Acme Review", "https://hooks.acme.dev/review")
    assert manifest["hook_attributes"]["url"] == address
    assert manifest["redirect_url"] == f"{BASE}/setup/callback"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"owner": "../acme"}, "no organisation's name"),
        ({"owner": "acme/repo"}, "no organisation's name"),
        ({"owner": '"><script>'}, "no organisation's name"),
        ({"owner": "акме"}, "no organisation's name"),
        ({"name": ""}, "1 to 34 characters"),
        ({"name": "x" * 35}, "1 to 34 characters"),
        ({"name": "a\u0007b"}, "1 to 34 characters"),
        ({"address": "reviewer.acme.dev"}, "must begin with https://"),
        ({"address": "https://me:secret@acme.dev"}, "must begin with https://"),
        ({"address": "javascript:alert(1)"}, "must begin with https://"),
        ({"address": "https://acme.dev:99999"}, "must begin with https://"),
    ],
)
def test_what_github_would_refuse_is_said_before(fields: dict[str, str], words: str, person: Person) -> None:
    good = {"owner": "acme", "name": "Reviewer", "address": BASE}
    answer = person.enters().post("choose", **{**good, **fields})
    assert answer.status_code == 400
    assert words in said(answer)
    assert "<script" not in answer.text


def test_an_address_that_github_cannot_reach_is_no_offer() -> None:
    """On a newcomer's own machine: it says what to do, and offers the button once there is an address."""
    person = Person()
    person.http = TestClient(person.app, base_url="http://127.0.0.1:8000", follow_redirects=False)
    page = person.enters().get().text
    assert "WEBHOOK_PROXY_URL" in page
    assert 'name="manifest"' not in page
    assert person.post("choose", name="Reviewer", address="https://reviewer.acme.dev", owner="").status_code == 303
    assert person.offered()[1]["redirect_url"] == "http://127.0.0.1:8000/setup/callback"


def test_a_channel_takes_the_webhooks() -> None:
    person = Person(proxy="https://smee.io/abc")
    person.http = TestClient(person.app, base_url="http://localhost:8000", follow_redirects=False)
    action, manifest = person.enters().offered()
    assert action.startswith("https://github.com/settings/")
    assert manifest["hook_attributes"]["url"] == "https://smee.io/abc"


def test_behind_a_proxy_the_browser_knows_the_scheme() -> None:
    """Who ends TLS before us and says nothing: the browser's own headers tell."""
    person = Person()
    person.http = TestClient(person.app, base_url="http://reviewer.acme.dev", follow_redirects=False)
    answer = person.get(f"/setup?token={TOKEN}", sec_fetch_site="none")
    assert "Secure" in answer.headers["set-cookie"]
    person.http.cookies.set("reviewer_setup", answer.cookies["reviewer_setup"])
    page = person.get(sec_fetch_site="none", cookie=answer.headers["set-cookie"].split(";")[0]).text
    assert "https://reviewer.acme.dev/setup/callback" in html.unescape(page)


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "reviewer.localhost", "[::1]:8000"])
def test_on_this_machine_browsers_say_the_same_without_tls(host: str) -> None:
    person = Person()
    person.http = TestClient(person.app, base_url=f"http://{host}", follow_redirects=False)
    assert "Secure" not in person.get(f"/setup?token={TOKEN}", sec_fetch_site="none").headers["set-cookie"]


def test_what_could_not_be_kept_is_found_before_github_is_asked(person: Person) -> None:
    """A read-only disk, a database that is down, credentials in the environment that would win: no button."""
    person.enters().vault.broken = "/srv/.env cannot be written: Read-only file system."
    assert "Read-only" in said(person.get())
    assert 'name="manifest"' not in person.get().text
    person.vault.broken, person.server.broken = "", "the database did not answer"
    assert "did not answer" in said(person.get())
    person.server.broken, person.server.outside = "", {"GITHUB_APP_ID"}
    person.server.has = {"GITHUB_APP_ID": "7"}
    assert "GITHUB_APP_ID is set already, and GITHUB_PRIVATE_KEY and GITHUB_WEBHOOK_SECRET missing" in said(
        person.get()
    )
    person.server.outside = set()
    assert "in place of GITHUB_APP_ID" in person.get().text
    assert person.comes_back().status_code == 303
