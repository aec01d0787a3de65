"""Every way in which GitHub can fail gives the right error, the right number of requests, and no leaked token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from forge import NAME, Forge, comment, forge_at, report
from kept_forge import forge, served

from reviewer.core.errors import GitHubError, Gone, Unprocessable
from reviewer.core.types import ReviewDraft
from reviewer.github import GitHubApp
from reviewer.github.repository import Repository
from reviewer.standin.state import FOREVER

__all__ = ["forge", "served"]


def error(forge: Forge, do: str = "pull") -> GitHubError:
    """What reading the pull request, or posting a review, raises. Its text never holds a token."""

    async def post(github: Repository) -> None:
        await github.post_review(1, ReviewDraft(forge.stands.head_sha, "Said.", (comment(),)))

    with pytest.raises(GitHubError) as raised:
        forge.act(post if do == "post" else lambda github: github.pull(1))
    assert not any(value in str(raised.value) for value in ("ghs_", "Bearer", "PRIVATE KEY-----"))
    return raised.value


# --- repetition ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503])
def test_reading_is_repeated(forge: Forge, status: int) -> None:
    """Two failures in a row are sat out."""
    forge.fail("pulls", status, "Server Error", times=2)

    assert forge.act(lambda github: github.pull(1)).number == 1
    assert forge.hub.count("GET", "pulls") == 3


def test_a_server_that_stays_down_may_be_asked_later(forge: Forge) -> None:
    """Three requests, then an error that says it may pass."""
    forge.fail("pulls", 503, "Unicorn!", times=FOREVER)

    failed = error(forge)

    assert (failed.retryable, failed.status, forge.hub.count("GET", "pulls")) == (True, 503, 3)


def test_progress_of_a_check_is_repeated(forge: Forge) -> None:
    """PATCH without annotations gives the same twice as once."""

    async def act(github: Repository) -> None:
        check = await github.open_check(head=forge.stands.head_sha, external_id="e", report=report(status="queued"))
        forge.fail("check-runs", 502, "Bad gateway", method="PATCH")
        await github.update_check(check, report())

    forge.act(act)

    assert forge.hub.check_runs(forge.stands.head_sha)[0].status == "in_progress"


def test_nobody_there_is_retryable(forge: Forge) -> None:
    """A refused connection is no answer, for posting too."""

    async def act(app: GitHubApp) -> None:
        await app.repository(1, NAME).pull(1)

    with pytest.raises(GitHubError, match="could not be reached") as raised:
        forge.run(act, url="http://127.0.0.1:9/api/v3")
    assert (raised.value.retryable, raised.value.status) == (True, 0)


def test_a_slow_answer_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading is repeated after a timeout; posting is not, and says that it may be looked after."""
    monkeypatch.setattr("reviewer.github.connection.TIMEOUT", 0.5)
    with forge_at(tmp_path) as forge:  # of its own: what was too late must not land in another test
        forge.hub.fail("GET", "pulls", status=504, delay=1.5)
        assert forge.act(lambda github: github.pull(1)).number == 1

        forge.hub.fail("POST", "reviews", status=504, delay=1.5, times=2)
        late = error(forge, "post")

        assert (late.retryable, late.status, forge.hub.faults[-1].left) == (True, 0, 1)


# --- limits -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [403, 429])
def test_a_short_rate_limit_is_sat_out(forge: Forge, status: int) -> None:
    """For posting too: GitHub did nothing."""
    forge.fail("reviews", status, "You have exceeded a secondary rate limit", retry_after="0")

    forge.act(lambda github: github.post_review(1, ReviewDraft(forge.stands.head_sha, "Said.")))

    assert (len(forge.stands.reviews), forge.hub.count("POST", "reviews")) == (1, 2)


@pytest.mark.parametrize(
    ("status", "message", "headers", "wait"),
    [
        (403, "You have exceeded a secondary rate limit", {"retry_after": "900"}, "900 s"),
        (429, "Too many requests", {"retry_after": "900"}, "900 s"),
        (403, "API rate limit exceeded", {"x_ratelimit_remaining": "0", "x_ratelimit_reset": "9999999999"}, " s"),
    ],
)
def test_a_long_rate_limit_is_the_callers_to_wait_for(
    forge: Forge, status: int, message: str, headers: dict[str, str], wait: str
) -> None:
    """No minutes asleep inside a request: an error that says for how long."""
    forge.fail("pulls", status, message, times=FOREVER, **headers)

    limited = error(forge)

    assert (limited.retryable, limited.status, forge.hub.count(path="pulls")) == (True, status, 1)
    assert wait in str(limited)
    assert limited.wait >= 900


@pytest.mark.parametrize(
    ("status", "message", "headers"),
    [
        (403, "You have exceeded a secondary rate limit", {}),
        (429, "Too many requests", {}),
        (429, "Too many requests", {"retry_after": "Wed, 21 Oct 2026 07:28:00 GMT"}),  # trips githubkit
    ],
)
def test_a_limit_that_names_no_time_lasts_a_minute(
    forge: Forge, status: int, message: str, headers: dict[str, Any]
) -> None:
    """GitHub's rule. A second minute is the caller's to plan."""
    forge.fail("pulls", status, message, **headers)
    assert forge.act(lambda github: github.pull(1)).number == 1
    assert forge.naps == [60]

    forge.fail("pulls", status, message, times=2, **headers)
    assert error(forge).wait == 60


def test_a_pause_that_github_asks_for_is_kept_by_all(forge: Forge) -> None:
    """Whoever goes on asking while limited may lose access: other requests of the installation wait too."""
    forge.fail("pulls", 403, "You have exceeded a secondary rate limit", retry_after="30")

    async def act(app: GitHubApp) -> None:
        first, second = (app.repository(forge.installation, NAME) for _ in range(2))
        await first.pull(1)
        forge.clock = 0.0  # the pause has only begun
        await second.pull(1)

    forge.run(act)
    assert forge.naps == [30, 30]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_conflict_passes(forge: Forge, method: str) -> None:
    """409: something else changed the same thing at that moment, so nothing was done."""
    forge.fail("pulls", 409, "Conflict", method=method)

    async def act(github: Repository) -> None:
        await github.pull(1)
        await github.post_review(1, ReviewDraft(forge.stands.head_sha, "Said."))

    forge.act(act)
    assert len(forge.stands.reviews) == 1


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410, 451])
def test_what_is_not_there_is_gone(forge: Forge, status: int) -> None:
    """The job can end quietly."""
    forge.fail("pulls", status, "Not Found")

    assert type(error(forge)) is Gone


def test_an_installation_that_is_gone_or_suspended_is_gone(forge: Forge) -> None:
    """Before a token was fetched and after."""

    async def act(github: Repository) -> None:
        await github.pull(1)
        forge.hub.installations[forge.installation].suspended = True
        with pytest.raises(Gone):
            await github.pull(1)

    forge.act(act)
    assert type(error(forge)) is Gone

    async def unknown(app: GitHubApp) -> None:
        await app.repository(999, NAME).pull(1)

    with pytest.raises(Gone):
        forge.run(unknown)


def test_a_missing_permission_is_named(forge: Forge) -> None:
    """The operator learns which one to grant."""
    forge.fail(
        "reviews",
        403,
        "Resource not accessible by integration",
        x_accepted_github_permissions="pull_requests=write",
    )

    refused = error(forge, "post")

    assert (refused.status, refused.retryable) == (403, False)
    assert "`pull_requests: write`" in str(refused)


def test_another_403_keeps_githubs_words(forge: Forge) -> None:
    """The permissions header is on every answer and says nothing about this reason."""
    words = "Resource protected by organization SAML enforcement"
    forge.fail("pulls", 403, words, x_accepted_github_permissions="pull_requests=read")

    assert str(error(forge)).endswith(words)


def test_unprocessable_tells_why(forge: Forge) -> None:
    """Both forms of `errors`: sentences, and objects with a field and a code."""
    body = {
        "message": "Validation Failed",
        "errors": [{"resource": "R", "field": "body", "code": "missing"}, "Why not"],
    }
    forge.hub.fail("POST", "reviews", status=422, body=body)

    refused = error(forge, "post")

    assert type(refused) is Unprocessable
    assert str(refused).endswith("Validation Failed · R body missing · Why not")


def test_a_renamed_repository_is_followed(forge: Forge) -> None:
    """GitHub redirects reading with 301 and posting with 307; the review stands once."""
    pulls = f"{forge.url}/api/v3/repos/{NAME}/pulls/1"
    forge.hub.fail("GET", "pulls", status=301, headers={"location": pulls})
    forge.hub.fail("POST", "reviews", status=307, headers={"location": f"{pulls}/reviews"})

    assert forge.act(lambda github: github.pull(1)).number == 1
    forge.act(lambda github: github.post_review(1, ReviewDraft(forge.stands.head_sha, "Said.")))
    assert len(forge.stands.reviews) == 1


def test_what_is_no_text_is_posted_all_the_same(forge: Forge) -> None:
    """Half a surrogate pair, as models sometimes write, costs one character and not the review."""
    forge.act(lambda github: github.post_review(1, ReviewDraft(forge.stands.head_sha, "a \ud83d b")))

    assert [each.body for each in forge.stands.reviews] == ["a ? b"]


def test_a_page_of_a_proxy_is_not_an_answer(forge: Forge) -> None:
    """200 with something else than GitHub's JSON."""
    forge.hub.fail("GET", "pulls", status=200, body={"hello": "world"})

    assert "not GitHub's" in str(error(forge))
