"""`/setup` after GitHub: what goes wrong on the way back, and that nothing is lost, told twice or left open."""

from __future__ import annotations

import pytest
from newcomer import APP, TOKEN, Person, Server, said

from reviewer.core.errors import GitHubError, ModelError
from reviewer.ports.registering import Registered

FULL = "The disk is full."


@pytest.fixture
def person() -> Person:
    return Person()


# --- and back ---------------------------------------------------------------------------------------------------------


def test_the_code_becomes_credentials_and_the_server_goes_on(person: Person) -> None:
    """Kept, hidden from the log, and on no page."""
    answer = person.enters().comes_back()
    assert (answer.status_code, answer.headers["location"]) == (303, "/setup")
    assert person.vault.kept == dict(zip(Server.NEEDED, ("77", "-----PEM-----", "hush-hush-hush"), strict=True))
    assert {"-----PEM-----", "hush-hush-hush"} <= set(person.hidden)
    page = person.get().text
    assert f'href="{APP.page}/installations/new"' in page
    assert "hush" not in page
    assert "PEM" not in page


@pytest.mark.parametrize("which", ["missing", "foreign", "used", "expired"])
def test_a_way_back_counts_once(which: str, person: Person) -> None:
    """A state that is no state of this browser's, or was one: nothing is taken over."""
    state = person.enters().state()
    if which == "used":
        person.comes_back("", state=state)
    elif which == "expired":
        person.now += 3_600
    given = {"missing": "", "foreign": "x" * 32}.get(which, state)
    answer = person.get(f"/setup/callback?code=c0de&state={given}")
    assert answer.status_code == 400
    assert "start again" in answer.text
    assert (person.vault.kept, person.github.codes) == ({}, [])
    assert person.comes_back().status_code == 303  # from the page as it is now


@pytest.mark.parametrize("code", ["", "a/../b", "x" * 300, "a%20b", "%00"])
def test_a_code_that_is_none_is_not_sent_on(code: str, person: Person) -> None:
    assert person.enters().comes_back(code).status_code == 400
    assert person.github.codes == []


def test_a_used_code_is_told(person: Person) -> None:
    """And the code is not repeated."""
    person.enters().github.codes.append("c0de")
    answer = person.comes_back()
    assert answer.status_code == 400
    assert "used already, is over an hour old" in answer.text
    assert "c0de" not in answer.text
    assert person.offered()


def test_github_down_at_the_last_step_costs_nothing(person: Person) -> None:
    """The code works for an hour: it is kept, and tried again by a button."""
    person.github.fails.append(GitHubError("GitHub could not be reached.", retryable=True))
    answer = person.enters().comes_back()
    assert (answer.status_code, "works for an hour" in said(answer)) == (502, True)
    assert 'value="again"' in person.get().text  # also after a reload
    assert person.post("again").status_code == 303
    assert (person.github.codes, person.server.running) == (["c0de"], True)


def test_an_answer_that_is_not_whole_is_told_with_what_there_is(person: Person) -> None:
    person.github.app = Registered("77", "reviewer", APP.page, "-----PEM-----", "")
    answer = person.enters().comes_back()
    assert answer.status_code == 502
    assert f"lacks GITHUB_WEBHOOK_SECRET. On the App's settings page ({APP.page})" in said(answer)
    assert "GITHUB_APP_ID=77" in answer.text
    assert (person.vault.kept, person.server.running) == ({}, False)


def test_two_tabs_make_one_app(person: Person) -> None:
    """Whoever comes second is told which App to delete."""
    first, second = person.enters().state(), person.state()
    assert person.comes_back("one", state=first).status_code == 303
    answer = person.comes_back("two", state=second)
    assert (answer.status_code, "delete it there" in answer.text) == (409, True)
    assert person.github.codes == ["one"]


def test_a_disk_that_fills_meanwhile_loses_nothing(person: Person) -> None:
    """The lines to copy are shown until they are kept; the server works with them at once."""
    state = person.enters().state()
    person.vault.broken = FULL
    person.comes_back(state=state)
    page = person.get()
    assert (page.status_code, person.server.running) == (507, True)
    assert "GITHUB_WEBHOOK_SECRET=hush-hush-hush" in page.text
    person.vault.broken = ""
    assert person.post("again").status_code == 303
    assert person.vault.kept["GITHUB_WEBHOOK_SECRET"] == "hush-hush-hush"
    assert "hush" not in person.get().text


def test_a_server_that_does_not_start_is_told_and_started_again(person: Person) -> None:
    state = person.enters().state()
    person.server.broken = "The database is away."
    person.comes_back(state=state)
    page = person.get()
    assert (page.status_code, "The database is away." in said(page)) == (503, True)
    person.server.broken = ""
    person.post("again")
    assert "/installations/new" in person.get().text


def test_what_is_not_kept_outlasts_the_visit(person: Person) -> None:
    """As long as the process lives: GitHub tells it once. Kept, the hours count again."""
    state = person.enters().state()
    person.vault.broken = FULL
    person.comes_back(state=state)
    person.now += 40 * 3_600
    assert "GITHUB_WEBHOOK_SECRET=hush-hush-hush" in person.get().text
    person.vault.broken = ""
    person.post("again")
    assert person.vault.kept["GITHUB_WEBHOOK_SECRET"] == "hush-hush-hush"
    assert person.get().status_code == 404


@pytest.mark.parametrize("full", [False, True])
def test_two_servers_on_one_database_work_for_one_app(full: bool, person: Person) -> None:
    """Whoever comes second goes on with what the first one kept, and says which App to delete."""
    state = person.enters().state()
    person.vault.broken = FULL if full else ""
    theirs = {"GITHUB_APP_ID": "76"}
    person.vault.kept |= theirs
    answer = person.comes_back(state=state)
    if full:
        person.vault.broken = ""
        answer = person.post("again")
    assert (answer.status_code, "delete it there" in answer.text) == (409, True)
    assert (person.vault.kept, person.server.given) == (theirs, {})
    assert "hush" not in person.get().text


# --- the model, and the end -------------------------------------------------------------------------------------------


def test_a_key_is_tried_kept_and_not_shown(person: Person) -> None:
    person.enters().comes_back()
    assert person.post("model", key="sk-the-key-of-the-house", api="").status_code == 303
    assert person.server.tried == [{"OPENAI_API_KEY": "sk-the-key-of-the-house"}]
    assert person.vault.kept["OPENAI_API_KEY"] == "sk-the-key-of-the-house"
    assert "sk-the-key-of-the-house" in person.hidden
    page = person.get().text
    assert "It answered in 0." in page
    assert "sk-the-key" not in page


def test_a_key_that_does_not_work_is_not_kept(person: Person) -> None:
    """The server's own sentence; what was typed beside the key stays."""
    person.enters().comes_back()
    person.server.model = ModelError("The server refuses the key.", code="invalid_api_key")
    answer = person.post(
        "model", key="sk-wrong-wrong-wrong", server="https://models.acme.dev/v1", model="m", api="chat"
    )
    assert (answer.status_code, said(answer)) == (502, "The server refuses the key.")
    assert 'value="https://models.acme.dev/v1"' in answer.text
    assert "sk-wrong" not in answer.text
    assert "OPENAI_API_KEY" not in person.vault.kept
    assert person.post("model", key="").status_code == 400


def test_a_key_that_is_set_goes_to_no_address_that_is_typed(person: Person) -> None:
    """Nothing is tried where there is a model, nor kept beside one that another server was given meanwhile."""
    person.enters().comes_back()
    person.vault.kept["OPENAI_API_KEY"] = "sk-of-another-server"
    answer = person.post("model", server="https://elsewhere.example/v1")
    assert answer.status_code == 409
    assert ("OPENAI_BASE_URL" in person.vault.kept, "OPENAI_BASE_URL" in person.server.given) == (False, False)
    person.server.has["OPENAI_API_KEY"] = "sk-of-another-server"
    person.server.tried.clear()
    answer = person.post("model", server="https://elsewhere.example/v1", key="sk-any-any-any")
    assert (answer.status_code, said(answer)) == (409, "A model is set already: another one is set in the environment.")
    assert person.server.tried == []


@pytest.mark.parametrize(
    ("server", "tried"),
    [
        ("http://models.acme.dev/v1", False),
        ("http://localhost@models.acme.dev/v1", False),
        ("http://127.0.0.1:8080/v1", True),
        ("https://models.acme.dev/v1", True),
        ("http://[", True),  # the settings say what is wrong with it
    ],
)
def test_a_key_does_not_go_out_in_the_clear(server: str, tried: bool, person: Person) -> None:
    person.enters().comes_back()
    answer = person.post("model", server=server, key="sk-any-any-any")
    assert bool(person.server.tried) is tried
    assert ("in the clear" in said(answer)) is not tried


def test_what_does_not_start_is_told_while_the_server_goes_on(person: Person) -> None:
    """With a button, and without the form: the key is kept."""
    person.enters().comes_back()
    person.server.trouble = "The database is away."
    page = person.get()
    assert said(page) == "The database is away. The server goes on as it was before, and tries again by itself."
    assert 'name="key"' not in page.text
    before = person.server.started
    assert person.post("again").status_code == 303
    assert person.server.started == before + 1


def test_what_the_environment_sets_is_not_asked_for(person: Person) -> None:
    person.server.outside = {"REVIEWER_MODEL"}
    person.enters().comes_back()
    page = person.get().text
    assert ('name="model"' in page, 'name="key"' in page) == (False, True)
    person.post("model", model="mine", server="https://elsewhere.example/v1")
    assert person.server.tried == [{"OPENAI_BASE_URL": "https://elsewhere.example/v1"}]


def test_finished_is_closed_for_good(person: Person) -> None:
    """For the one who did it too; and not before the server runs."""
    person.enters().post("finish")
    assert person.get().status_code == 200
    person.comes_back()
    answer = person.post("finish")
    assert (answer.status_code, "There is no model yet" in answer.text) == (200, True)
    for again in (
        person.get(),
        person.get(f"/setup?token={TOKEN}"),
        person.comes_back(state="x"),
        person.post("again"),
    ):
        assert again.status_code == 404
        assert "Set-up is closed" in again.text


def test_it_is_closed_where_another_process_was_set_up() -> None:
    person = Person()
    person.server.running = True
    assert person.get(f"/setup?token={TOKEN}").status_code == 404
