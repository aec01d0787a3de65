"""The App signs in with one token for each installation, renews it in time, and says what is wrong with its credentials."""

from __future__ import annotations

import asyncio
import threading

import pytest
from forge import NAME, Forge, forge, served

from reviewer.core.errors import GitHubError
from reviewer.core.types import ReviewDraft
from reviewer.github import GitHubApp
from reviewer.github.connection import Endpoints
from reviewer.github.repository import Repository
from reviewer.github.tokens import lifetime
from reviewer.standin.state import FOREVER, make_key

TOKEN = "access_tokens"


__all__ = ["forge", "served"]


# --- tokens -------------------------------------------------------------------------------------------------------


def test_one_token_serves_all_repositories_of_an_installation(forge: Forge) -> None:
    """Also when several are used for the first time at the same moment."""
    forge.hub.add_repository("octo/other")

    async def act(app: GitHubApp) -> None:
        each = [app.repository(forge.installation, name) for name in (NAME, NAME, "octo/other")]
        await asyncio.gather(*(github.pull(1) for github in each[:2]), each[2].texts("main", ["a"]))

    forge.run(act)

    assert forge.hub.count("POST", TOKEN) == 1


def test_one_app_serves_several_event_loops(forge: Forge) -> None:
    """Jobs and web server may each have a loop of their own; connections are the loop's, the token is the App's."""
    app = forge.app()

    async def act() -> int:
        try:
            both = [app.repository(forge.installation, NAME).pull(1) for _ in range(2)]
            return sum(pull.number for pull in await asyncio.gather(*both))
        finally:
            await app.aclose()

    assert (asyncio.run(act()), asyncio.run(act())) == (2, 2)
    assert forge.hub.count("POST", TOKEN) == 1


def test_closing_reaches_the_connections_of_other_loops(forge: Forge) -> None:
    """The web server's loop asks for readiness, the jobs' loop closes the App."""
    app = forge.app()
    web = asyncio.new_event_loop()
    thread = threading.Thread(target=web.run_forever)
    thread.start()
    try:
        assert asyncio.run_coroutine_threadsafe(app.ready(), web).result(10) == ""
        (pool,) = app._pool._pools._values.values()
        assert len(pool._pool.connections) == 1
        asyncio.run(app.aclose())
        assert pool._pool.connections == []
        assert asyncio.run_coroutine_threadsafe(app.ready(), web).result(10) == ""
        asyncio.run(app.aclose())
    finally:
        web.call_soon_threadsafe(web.stop)
        thread.join()
        web.close()


def test_a_token_is_renewed_before_it_ends(forge: Forge) -> None:
    """An hour after the first use, a second token; not before."""

    async def act(github: Repository) -> list[int]:
        counts = []
        for forge.clock in (0, 3_000, 3_600, 3_700):
            await github.pull(1)
            counts.append(forge.hub.count("POST", TOKEN))
        return counts

    assert forge.act(act) == [1, 1, 2, 2]


def test_a_token_from_before_a_permission_was_granted_is_not_held_to(forge: Forge) -> None:
    """A token has what was granted when it was made: after a refusal it is used for half a minute more."""
    installation = forge.hub.installations[forge.installation]
    del installation.permissions["pull_requests"]

    async def act(github: Repository) -> list[bool]:
        allowed = []
        for forge.clock in (0, 10, 31):
            try:
                await github.pull(1)
                allowed.append(True)
            except GitHubError as error:
                allowed.append(error.needs != "pull_requests: read")
            installation.permissions["pull_requests"] = "write"
        return allowed

    assert forge.act(act) == [False, False, True]
    assert forge.hub.count("POST", TOKEN) == 2


def test_a_token_that_ends_in_mid_run_is_replaced(forge: Forge) -> None:
    """Revoked between two requests: reading and posting go on with a new one, and one review stands."""

    async def act(github: Repository) -> None:
        for _ in range(2):
            await asyncio.gather(github.pull(1), github.remembered(1))
            forge.hub.tokens.clear()
            await github.post_review(1, ReviewDraft(forge.stands.head_sha, "Said."))
            forge.hub.tokens.clear()

    forge.act(act)

    assert (len(forge.stands.reviews), forge.hub.count("POST", TOKEN)) == (2, 4)


def test_credentials_that_stay_refused_are_the_operators_to_mend(forge: Forge) -> None:
    """One fresh token, then a sentence that names the settings."""
    forge.fail("pulls", 401, "Bad credentials", times=FOREVER)

    with pytest.raises(GitHubError, match="GITHUB_PRIVATE_KEY") as raised:
        forge.act(lambda github: github.pull(1))

    assert (raised.value.status, raised.value.retryable, forge.hub.count(path="pulls")) == (401, False, 2)


@pytest.mark.parametrize(
    ("expires", "seconds"),
    [("2026-11-22T12:30:00Z", 1800), ("2026-11-22T11:00:00Z", 3600), ("soon", 3600), ("", 3600)],
)
def test_how_long_a_token_lives(expires: str, seconds: float) -> None:
    """By GitHub's own clock; an hour where that makes no sense."""
    assert lifetime(expires, "Sun, 22 Nov 2026 12:00:00 GMT") == seconds


# --- who we are ---------------------------------------------------------------------------------------------------


def test_good_credentials_are_ready_and_tell_our_name(forge: Forge) -> None:
    """`ready` says nothing, `slug` is asked once."""

    async def act(app: GitHubApp) -> tuple[str, str, str]:
        return await app.ready(), await app.slug(), await app.slug()

    assert forge.run(act) == ("", "reviewer", "reviewer")
    assert forge.hub.count("GET", "/app$") == 1


@pytest.mark.parametrize(
    ("key", "url", "word"),
    [
        (make_key(), "", "GITHUB_PRIVATE_KEY"),
        ("no key", "", "GITHUB_PRIVATE_KEY"),
        ("", "http://127.0.0.1:9/api/v3", "could not be reached"),
        ("", "ftp://127.0.0.1/api/v3", "GITHUB_API_URL"),
    ],
)
def test_bad_credentials_are_said_in_a_sentence(forge: Forge, key: str, url: str, word: str) -> None:
    """The wrong key, no key, nobody there, no address: each names what to look at."""
    sentence = forge.run(lambda app: app.ready(), key=key, url=url)

    assert word in sentence
    assert forge.run(lambda app: app.ready(), key=key, url=url) == sentence


# --- addresses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "graphql", "git"),
    [
        ("https://api.github.com", "https://api.github.com/graphql", "https://github.com"),
        ("https://api.github.com/", "https://api.github.com/graphql", "https://github.com"),
        ("https://ghe.example/api/v3", "https://ghe.example/api/graphql", "https://ghe.example"),
        ("https://api.example/api/v3", "https://api.example/api/graphql", "https://api.example"),
        ("http://127.0.0.1:1/api/v3/", "http://127.0.0.1:1/api/graphql", "http://127.0.0.1:1"),
        ("http://[::1]:1/api/v3", "http://[::1]:1/api/graphql", "http://[::1]:1"),
        ("https://in.example/github/api/v3", "https://in.example/github/api/graphql", "https://in.example/github"),
        ("https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql", "https://acme.ghe.com"),
    ],
)
def test_where_github_is(url: str, graphql: str, git: str) -> None:
    """github.com, GitHub Enterprise Server (also on a port, or behind a path), and its cloud with data residency."""
    endpoints = Endpoints.of(url)
    assert (endpoints.rest, endpoints.graphql, endpoints.git) == (url.rstrip("/"), graphql, git)
