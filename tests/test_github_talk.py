"""The GitHub adapter talks with people: it asks who they are, answers once, and says what it may not do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from forge import NAME, Forge, comment
from kept_forge import forge, served

from reviewer.core.errors import GitHubError, Gone, Unprocessable
from reviewer.core.types import Thread
from reviewer.github.repository import Repository
from reviewer.ports import Place, Role, Spoken, Talked, Words
from reviewer.standin import events
from reviewer.standin.records import Reaction
from reviewer.standin.state import FOREVER

__all__ = ["forge", "served"]


def inline(forge: Forge, line: int = 3) -> int:
    """A comment of ours on a line; gives its id."""
    forge.act(lambda github: github.post_comment(1, commit=forge.stands.head_sha, comment=comment(line)))
    return forge.stands.comments[-1].id


def said(forge: Forge, body: str = "/review") -> int:
    events.comment(forge.hub, NAME, 1, body, user="ada")
    return forge.stands.issue_comments[-1].id


def refused(forge: Forge, do: Callable[[Repository], Awaitable[object]]) -> GitHubError:
    with pytest.raises(GitHubError) as raised:
        forge.act(do)
    return raised.value


# --- people -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["read", "triage", "write", "maintain", "admin"])
def test_the_finer_role_counts(forge: Forge, role: str) -> None:
    """`permission` calls a maintainer a writer, and a triager a reader."""
    events.set_role(forge.hub, NAME, "ada", role)

    assert forge.act(lambda github: github.role("ada")) == role


@pytest.mark.parametrize(
    ("body", "role"),
    [
        ({"permission": "write", "role_name": "security-team"}, "write"),
        ({"permission": "admin"}, "admin"),
        (
            {"permission": "write", "role_name": "x", "user": {"permissions": {"push": True, "maintain": True}}},
            "maintain",
        ),
        ({"permission": "read", "role_name": "x", "user": {"permissions": {"pull": True, "triage": True}}}, "triage"),
        (
            {"permission": "write", "role_name": "admin", "user": {"permissions": {"push": True, "admin": False}}},
            "write",
        ),
        ({"permission": "read", "role_name": "x", "user": {"permissions": {}}}, "none"),
        ({"permission": "none", "role_name": "admin"}, "none"),
        ({"permission": "write", "role_name": "maintain", "user": None}, "maintain"),
        ({"permission": None, "role_name": None}, "none"),
        ({"permission": "of our own", "role_name": "of our own"}, "none"),
    ],
)
def test_a_role_of_their_own_counts_as_its_base(forge: Forge, body: dict[str, Any], role: Role) -> None:
    """What nobody knows is no permission."""
    forge.hub.fail("GET", "permission", status=200, body=body)

    assert forge.act(lambda github: github.role("ada")) == role


def test_who_is_no_user_may_do_nothing(forge: Forge) -> None:
    """Deleted accounts; a server in trouble is another thing."""
    assert forge.act(lambda github: github.role("who/../ever")) == "none"
    assert forge.act(lambda github: github.role("")) == "none"

    forge.fail("permission", 503, "Unicorn!", times=FOREVER)
    assert refused(forge, lambda github: github.role("ada")).retryable


# --- comments -----------------------------------------------------------------------------------------------------


def test_what_was_said_is_read(forge: Forge) -> None:
    """In the conversation, on a line, and in the thread there."""
    talk, root = said(forge), inline(forge)
    events.reply(forge.hub, NAME, 1, "/dismiss no", user="eve", to=root)
    reply = forge.stands.comments[-1].id
    places = [Place(1, talk, inline=False), Place(1, root, inline=True), Place(1, reply, inline=True)]

    async def read(github: Repository) -> list[Spoken | None]:
        return [await github.spoken(place) for place in places]

    said_now = [each for each in forge.act(read) if each]
    assert [each.written for each in said_now] == [each.edited for each in said_now]
    assert all(abs(each.written - forge.hub.clock()) < 60 for each in said_now)
    assert [replace(each, written=0.0, edited=0.0) for each in said_now] == [
        Spoken(places[0], "ada", bot=False, body="/review"),
        Spoken(places[1], forge.hub.bot, bot=True, body=forge.stands.comments[0].body, root=root),
        Spoken(places[2], "eve", bot=False, body="/dismiss no", root=root),
    ]


def test_a_thread_is_read_whole(forge: Forge) -> None:
    """Where it stands and who said what, oldest first, ours known from a quotation; of one that is gone nothing."""
    root = inline(forge)
    inline(forge, line=2)
    events.reply(forge.hub, NAME, 1, "Why?", user="eve", to=root)
    first, reply = forge.stands.comments[0], forge.stands.comments[-1]

    assert forge.act(lambda github: github.talked(1, root)) == Talked(
        first.path,
        3,
        (Words(root, forge.hub.bot, ours=True, body=first.body), Words(reply.id, "eve", ours=False, body="Why?")),
    )
    assert forge.act(lambda github: github.talked(1, 999_999)) == Talked()


@pytest.mark.parametrize("at_line", [True, False])
def test_what_is_gone_is_nothing(forge: Forge, at_line: bool) -> None:
    """Deleted before we came; and one by a deleted account is nobody's."""
    place = Place(1, 999, inline=at_line)
    assert forge.act(lambda github: github.spoken(place)) is None

    forge.hub.fail("GET", "comments/999", status=410, body={"message": "Gone"})
    assert forge.act(lambda github: github.spoken(place)) is None

    forge.hub.fail("GET", "comments/999", status=200, body={"id": 999, "user": None, "body": None})
    expected = Spoken(place, "", bot=False, body="", root=999 if at_line else 0)
    assert forge.act(lambda github: github.spoken(place)) == expected


@pytest.mark.parametrize("at_line", [True, False])
def test_only_our_own_reaction_is_taken_back(forge: Forge, at_line: bool) -> None:
    """That of its kind; where there is none, nothing is asked for."""
    place = Place(1, inline(forge) if at_line else said(forge), inline=at_line)
    [stands] = forge.stands.comments if at_line else forge.stands.issue_comments
    stands.reactions.append(Reaction(900, "ada", "confused", 0.0))

    async def react(github: Repository) -> None:
        await github.react(place, "eyes")
        await github.react(place, "confused")
        for _ in range(2):
            await github.unreact(place, "confused")

    forge.act(react)
    assert [(each.user, each.content) for each in stands.reactions] == [("ada", "confused"), (forge.hub.bot, "eyes")]
    assert forge.hub.count("DELETE", "reactions") == 1


def test_reacting_twice_is_reacting_once(forge: Forge) -> None:
    """GitHub answers 201, then 200; a lost answer is asked for again."""
    talk, root = said(forge), inline(forge)
    forge.hub.fail("POST", "reactions", status=502, after=True)

    async def react(github: Repository) -> None:
        for _ in range(2):
            await github.react(Place(1, talk, inline=False), "eyes")
            await github.react(Place(1, root, inline=True), "hooray")

    forge.act(react)
    assert [
        [each.content for each in found[0].reactions] for found in (forge.stands.issue_comments, forge.stands.comments)
    ] == [
        ["eyes"],
        ["hooray"],
    ]


def test_we_say_and_reply(forge: Forge) -> None:
    """In the conversation, and in the thread of a line."""
    root = inline(forge)

    async def talk(github: Repository) -> None:
        await github.say(1, "Paused.")
        await github.reply(1, root, "Fixed in abc.")

    forge.act(talk)
    assert [each.body for each in forge.stands.issue_comments] == ["Paused."]
    assert [(each.body, each.in_reply_to) for each in forge.stands.comments[1:]] == [("Fixed in abc.", root)]


@pytest.mark.parametrize("path", ["issues/1/comments", "replies"])
def test_what_may_have_been_said_is_not_said_again(forge: Forge, path: str) -> None:
    """Done, but answered 500: the caller may look."""
    root = inline(forge)
    forge.hub.fail("POST", path, status=500, after=True)

    lost = refused(forge, lambda github: github.say(1, "A") if "issues" in path else github.reply(1, root, "A"))

    assert (lost.retryable, forge.hub.count("POST", path)) == (True, 1)


# --- threads ------------------------------------------------------------------------------------------------------


def test_a_thread_is_resolved_and_opened_again(forge: Forge) -> None:
    """With contents: write; twice does no harm."""
    forge.hub.installations[forge.installation].permissions["contents"] = "write"
    root = inline(forge)

    async def turn(github: Repository, *, resolved: bool) -> None:
        thread = (await github.remembered(1)).told[0].thread
        await github.resolve(thread, resolved=resolved)
        await github.resolve(thread, resolved=resolved)

    forge.act(lambda github: turn(github, resolved=True))
    assert forge.stands.resolved == {root: forge.hub.bot}
    forge.act(lambda github: turn(github, resolved=False))
    assert forge.stands.resolved == {}


def test_resolving_says_which_permission_it_takes(forge: Forge) -> None:
    """An App with the least privileges: GraphQL's own words name none. An HTTP 403 is told so too."""
    root = inline(forge)
    thread = Thread(id=f"PRRT_{root}", node=f"PRRC_{root}")
    for _ in range(2):
        error = refused(forge, lambda github: github.resolve(thread, resolved=True))
        assert (error.status, error.retryable, type(error)) == (403, False, GitHubError)
        assert "resolveReviewThread" in str(error)
        assert "`contents: write`" in str(error)
        forge.fail("graphql", 403, "Resource not accessible by integration")


def test_a_comment_is_hidden_and_shown_again(forge: Forge) -> None:
    """As resolved, which needs no more than we have."""
    root = inline(forge)
    thread = Thread(id=f"PRRT_{root}", node=f"PRRC_{root}")

    forge.act(lambda github: github.hide(thread, hidden=True))
    assert forge.stands.comments[0].minimized == "resolved"
    forge.act(lambda github: github.hide(thread, hidden=False))
    assert forge.stands.comments[0].minimized == ""


@pytest.mark.parametrize(
    ("body", "kind", "status", "retryable"),
    [
        ({"errors": [{"type": "NOT_FOUND", "message": "Could not resolve to a node"}]}, Gone, 404, False),
        ({"errors": [{"type": "UNPROCESSABLE", "message": "Nope"}]}, Unprocessable, 422, False),
        ({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}, GitHubError, 200, True),
        ({"errors": [{"message": "Something went wrong while executing your query."}]}, GitHubError, 200, True),
        ({"errors": [{"message": "Field 'x' doesn't exist"}], "data": None}, GitHubError, 200, False),
        ({"errors": [{}]}, GitHubError, 200, False),
        ({"data": None}, GitHubError, 200, True),
        ({"hello": "world"}, GitHubError, 200, True),
    ],
)
def test_errors_of_graphql_are_errors(
    forge: Forge, body: dict[str, Any], kind: type[GitHubError], status: int, retryable: bool
) -> None:
    """GitHub answers 200 all the same."""
    forge.hub.fail("POST", "graphql", status=200, body=body)

    error = refused(forge, lambda github: github.hide(Thread(node="N"), hidden=True))
    assert (type(error), error.status, error.retryable) == (kind, status, retryable)
    assert "minimizeComment" in str(error)


def test_a_lost_answer_is_asked_for_again(forge: Forge) -> None:
    """Resolving and hiding may be done twice; a limit of GraphQL's says for how long."""
    root = inline(forge)
    forge.hub.fail("POST", "graphql", status=502, after=True)
    forge.act(lambda github: github.hide(Thread(node=f"PRRC_{root}"), hidden=True))
    assert forge.hub.count("POST", "graphql") == 2

    limited = {"errors": [{"message": "You have exceeded a secondary rate limit"}]}
    forge.hub.fail("POST", "graphql", status=200, body=limited, headers={"retry-after": "90"})
    assert refused(forge, lambda github: github.hide(Thread(node="N"), hidden=True)).wait == 90


def test_an_unknown_thread_is_not_asked_for(forge: Forge) -> None:
    """GitHub did not tell of it: one sentence, no request."""
    assert "resolveReviewThread" in str(refused(forge, lambda github: github.resolve(Thread(), resolved=True)))
    assert "minimizeComment" in str(refused(forge, lambda github: github.hide(Thread(), hidden=True)))
    assert not forge.hub.requests


def test_mutations_count_as_writes(forge: Forge) -> None:
    """They wait for the same budget as comments; reading threads does not."""
    root = inline(forge)

    async def act(github: Repository) -> int:
        await github.remembered(1)
        before = len(github._connection.content._made)
        await github.hide(Thread(node=f"PRRC_{root}"), hidden=True)
        return len(github._connection.content._made) - before

    assert forge.act(act) == 1
