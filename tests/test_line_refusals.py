"""GitHub refuses us while we run: a permission taken away, an installation suspended, a wrong clock."""

from __future__ import annotations

import asyncio

import pytest
from world import ADDED, Servers, World, finding, servers, world

from reviewer.core.errors import GitHubError
from reviewer.doctor.watch import Health
from reviewer.github import GitHubApp

__all__ = ["servers", "world"]

FOUND = [finding(ADDED, "One", severity="high")]


@pytest.mark.parametrize(
    ("permission", "lacks"), [("contents", "contents: read"), ("pull_requests", "pull_requests: read")]
)
def test_a_permission_that_is_gone_is_named_on_the_check(world: World, permission: str, lacks: str) -> None:
    """In the title and with the cure. Once it is back, the same job reviews."""
    world.model.findings = FOUND
    opened = world.opens()
    granted = world.hub.install("octo").permissions
    level = granted.pop(permission)
    job = world.wish(opened)
    with pytest.raises(GitHubError, match="grant it in the App's settings") as raised:
        world.carries_out(job)
    assert (raised.value.retryable, raised.value.needs) == (False, lacks)
    assert world.verdict == f"neutral: Could not review: the App lacks {lacks}"
    assert world.model.calls == 0
    granted[permission] = level
    world.hub.tokens.clear()
    world.carries_out(job)
    assert world.verdict == "failure: 1 finding blocks: 1 high"


def test_without_checks_the_job_fails_and_says_nothing_elsewhere(world: World) -> None:
    """A required check that does not come blocks by itself; nobody on the pull request can mend it, so no comment."""
    world.model.findings = FOUND
    opened = world.opens()
    permissions = world.hub.install("octo").permissions
    permissions["checks"] = "read"
    with pytest.raises(GitHubError, match="the App needs `checks: write`"):
        world.carries_out(world.wish(opened), announced=False)
    assert (world.checks, world.posted, world.model.calls) == ([], [], 0)
    permissions["checks"] = "write"
    world.hub.tokens.clear()
    world.reviews(opened)
    assert world.verdict == "failure: 1 finding blocks: 1 high"


def test_a_suspended_installation_ends_quietly(world: World) -> None:
    """Nothing fails and nothing is tried again; after it was lifted the next event is reviewed."""
    opened = world.opens()
    installation = world.hub.install("octo")
    installation.suspended = True
    record = world.carries_out(world.wish(opened), announced=False)
    assert (record.title, world.checks, world.naps) == ("Gone", [], [])
    installation.suspended = False
    assert world.reviews(opened).conclusion == "success"


def test_a_wrong_clock_is_told_by_how_much_and_tried_again(world: World) -> None:
    """What was signed by it is not used again once the clock is right."""
    opened = world.opens()
    now = world.clock.now
    world.clock.now = now - 4_000
    job = world.wish(opened)
    with pytest.raises(GitHubError, match=r"this machine's clock is (3,99\d|4,00\d) s ahead of GitHub's") as raised:
        world.carries_out(job, announced=False)
    assert raised.value.put_off > 0
    world.clock.now = now
    assert world.carries_out(job).conclusion == "success"


# --- /readyz ------------------------------------------------------------------------------------------------------------


def test_what_is_not_well_is_looked_at_seldom_and_told_without_names(world: World) -> None:
    """One look for however many probes; anybody may ask /readyz, so accounts are for the operator's page only."""
    world.opens()
    world.hub.webhook_url = "https://reviews.acme.dev/api/github/webhooks"
    world.hub.install("octo").permissions["checks"] = "read"
    world.hub.install("sleepy").suspended = True
    health = Health(world.settings, world.parts.github, clock=lambda: 0.0)

    async def probes() -> list[str]:
        said = [await health.credentials() for _ in range(20)]
        await world.parts.github.aclose()
        return said

    async def look() -> tuple[list[str], str, str]:
        said = await probes()
        return said, str(health.warnings()), str(health.checks())

    said, public, own = asyncio.run(look())
    assert set(said) == {""}
    assert len(world.hub.requests) == 4
    assert "1 installation: checks: read instead of write" in public
    assert "1 installation suspended" in public
    assert "no check run: nothing can be blocked" in public
    assert ("octo:" in public, "sleepy" in public) == (False, False)
    assert ("octo: checks" in own, "sleepy has suspended it" in own) == (True, True)


def test_refused_credentials_are_looked_at_again_soon(servers: Servers, world: World) -> None:
    """A minute later, and one request each time."""
    world.opens()
    settings = servers.settings(world.hub.root, GITHUB_APP_ID="12")
    key = settings.private_key
    assert key
    github, now = GitHubApp("12", key.get_secret_value(), settings.github_api_url), [0.0]
    health = Health(settings, github, clock=lambda: now[0])

    async def look() -> list[str]:
        said = []
        for now[0] in (0.0, 30.0, 61.0):
            said.append(await health.credentials())
            if health._looking:
                await health._looking
        await github.aclose()
        return said

    assert all("GitHub knows no App" in each for each in asyncio.run(look()))
    assert world.hub.count("GET", "/app$") == 2
