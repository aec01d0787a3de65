"""The conversation on a repository's pull requests: satisfies `ports.Talk`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args
from urllib.parse import quote

from pydantic import TypeAdapter

from reviewer.core.errors import GitHubError, Gone
from reviewer.core.render.rulings import overrides_in
from reviewer.core.types import Override, Thread
from reviewer.github import shapes
from reviewer.github.connection import PAGE, Connection, read
from reviewer.github.graphql import change
from reviewer.github.shapes import Permission, Said, User
from reviewer.github.slug import Slug
from reviewer.ports import Place, Reaction, Role, Spoken, Talked, Words

NOT_THERE = (404, 410)
AT_ONCE = 5.0  # seconds in which GitHub itself may still touch a comment that it has just taken

_PERMISSION = TypeAdapter(Permission)
_SAID = TypeAdapter(Said)
_ALL_SAID = TypeAdapter(list[Said])
_REACTIONS = TypeAdapter(list[shapes.Reaction])
_RANKS: tuple[Role, ...] = get_args(Role)
_ROLES: dict[str, Role] = {role: role for role in _RANKS}
_GRANTS: dict[str, Role] = {
    "admin": "admin",
    "maintain": "maintain",
    "push": "write",
    "triage": "triage",
    "pull": "read",
}
_COARSE: dict[str, Role] = {"write": "maintain", "read": "triage", "none": "none"}  # the highest that it is said of
_RESOLVE = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { id } } }"
_UNRESOLVE = "mutation($id: ID!) { unresolveReviewThread(input: {threadId: $id}) { thread { id } } }"
_MINIMIZE = (
    "mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: RESOLVED}) "
    "{ minimizedComment { isMinimized } } }"
)
_UNMINIMIZE = "mutation($id: ID!) { unminimizeComment(input: {subjectId: $id}) { unminimizedComment { isMinimized } } }"


class Talk:
    def __init__(self, connection: Connection, name: str, slug: Slug) -> None:
        self.name = name
        self._connection = connection
        self._slug = slug
        self._counts: dict[int, tuple[int | None, int | None]] = {}  # by pull request; those on lines last

    async def _ours(self, said: Sequence[Said]) -> list[Said]:
        """What our App wrote: a person's quotation of our mark, or another bot's, does not count.

        Any bot's words are ours only on a server that tells our name nowhere.
        """
        bots = [(each, each.user.login) for each in said if each.user and each.user.type == "Bot"]
        name = await self._slug.told() if bots else ""
        return [each for each, login in bots if not name or login == f"{name}[bot]"]

    async def role(self, login: str) -> Role:
        """A role of an organisation's own making counts as what it may do, or as the one that it is built on."""
        if not login:  # a deleted account
            return "none"
        try:
            url = f"/repos/{self.name}/collaborators/{quote(login, safe='')}/permission"
            told = read(_PERMISSION, await self._connection.get(url))
        except Gone as gone:
            if gone.status == 404:
                return "none"
            raise
        return _role(told)

    async def spoken(self, at: Place) -> Spoken | None:
        try:
            said = read(_SAID, await self._connection.get(self._comment(at)))
        except Gone as gone:
            if gone.status in NOT_THERE:
                return None
            raise
        user = said.user or User()  # a deleted account
        bot = user.type == "Bot" or user.login.endswith("[bot]")
        root = (said.in_reply_to_id or said.id) if at.inline else 0
        return Spoken(at, user.login, bot, said.body or "", root, _when(said.created_at), _when(said.updated_at))

    async def talked(self, number: int, root: int) -> Talked:
        every = await self._connection.pages(f"/repos/{self.name}/pulls/{number}/comments", _ALL_SAID)
        thread = sorted((each for each in every if root in {each.id, each.in_reply_to_id}), key=lambda each: each.id)
        ours = {each.id for each in await self._ours(thread)}
        words = [Words(each.id, (each.user or User()).login, each.id in ours, each.body or "") for each in thread]
        first = thread[0] if thread else Said(id=0)
        line = (first.line or 0) if first.side != "LEFT" else 0
        return Talked(first.path or "", line, tuple(words))

    async def answered(self, at: Place, mark: str) -> bool:
        return any(
            mark in (each.body or "") for each in await self._said(at.number, "pulls" if at.inline else "issues")
        )

    async def overrides(self, number: int) -> tuple[Override, ...]:
        """Whoever may write can edit what we said, but an edit is told by its time."""
        places = dict(zip(("issues", "pulls"), self._counts.get(number, (None, None)), strict=True))
        said = [each for what, count in places.items() if count != 0 for each in await self._said(number, what)]
        untouched = [each for each in said if each.created_at and _took(each) <= AT_ONCE]
        found = [override for each in untouched for override in overrides_in(each.body or "", number)]
        return tuple(sorted(found, key=lambda override: override.at))

    async def _said(self, number: int, what: str) -> list[Said]:
        """Our own comments: `issues` in the conversation, `pulls` on lines."""
        return await self._ours(await self._connection.pages(f"/repos/{self.name}/{what}/{number}/comments", _ALL_SAID))

    async def react(self, at: Place, reaction: Reaction) -> None:
        """Done twice, it stands once."""
        await self._post(f"{self._comment(at)}/reactions", {"content": reaction}, repeat=True)

    async def unreact(self, at: Place, reaction: Reaction) -> None:
        url = f"{self._comment(at)}/reactions?content={reaction}&per_page={PAGE}"
        found = read(_REACTIONS, await self._connection.get(url))
        name = await self._slug.told() if found else ""
        for each in found:
            if name and each.user and each.user.login == f"{name}[bot]" and each.content == reaction:
                await self._connection.send("DELETE", f"{self._comment(at)}/reactions/{each.id}", repeat=True)

    async def say(self, number: int, body: str) -> None:
        await self._post(f"/repos/{self.name}/issues/{number}/comments", {"body": body})

    async def reply(self, number: int, comment: int, body: str) -> None:
        await self._post(f"/repos/{self.name}/pulls/{number}/comments/{comment}/replies", {"body": body})

    async def resolve(self, thread: Thread, *, resolved: bool) -> None:
        name, mutation = ("resolveReviewThread", _RESOLVE) if resolved else ("unresolveReviewThread", _UNRESOLVE)
        await change(self._connection, name, mutation, _known(thread.id, name), needs="contents: write")

    async def hide(self, thread: Thread, *, hidden: bool) -> None:
        name, mutation = ("minimizeComment", _MINIMIZE) if hidden else ("unminimizeComment", _UNMINIMIZE)
        await change(self._connection, name, mutation, _known(thread.node, name), needs="pull_requests: write")

    def _comment(self, at: Place) -> str:
        return f"/repos/{self.name}/{'pulls' if at.inline else 'issues'}/comments/{at.comment}"

    async def _post(self, url: str, body: dict[str, Any], *, repeat: bool = False) -> None:
        await self._connection.send("POST", url, body=body, repeat=repeat)


def _role(told: Permission) -> Role:
    """The lowest that its parts agree on: `permission` is coarse, and a role's name may be of people's own making."""
    name = _ROLES.get(told.role_name or "") or _ROLES.get(told.permission or "", "none")
    if told.user and told.user.permissions:
        granted = told.user.permissions
        name = next((_GRANTS[each] for each in _GRANTS if getattr(granted, each)), "none")
    most = _COARSE.get(told.permission or "", "admin")
    return min(name, most, key=_RANKS.index)


def _when(stamp: str | None) -> float:
    """Seconds since the epoch; 0 for what is no time."""
    try:
        return datetime.fromisoformat(stamp or "").timestamp()
    except ValueError:
        return 0.0


def _took(said: Said) -> float:
    return abs(_when(said.updated_at) - _when(said.created_at))


def _known(node: str, name: str) -> str:
    if not node:
        raise GitHubError(f"{name} could not be asked for: GitHub did not tell of this thread; try again later.")
    return node
