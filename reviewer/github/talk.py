"""The conversation on a repository's pull requests: satisfies `ports.Talk`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args
from urllib.parse import quote

from pydantic import TypeAdapter

from reviewer.core.errors import GitHubError, Gone
from reviewer.core.render.rulings import overrides_in
from reviewer.core.types import Override, Thread
from reviewer.github.connection import Connection, read
from reviewer.github.graphql import change
from reviewer.github.shapes import Permission, Said, User
from reviewer.github.slug import Slug
from reviewer.ports import Place, Reaction, Role, Spoken, Talked, Words

NOT_THERE = (404, 410)

_PERMISSION = TypeAdapter(Permission)
_SAID = TypeAdapter(Said)
_ALL_SAID = TypeAdapter(list[Said])
_ROLES: dict[str, Role] = {role: role for role in get_args(Role)}
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

    async def _ours(self, said: Sequence[Said]) -> list[Said]:
        """What our App wrote: a person's quotation of our mark, or another bot's, does not count.

        Any bot's words are ours only on a server that tells our name nowhere.
        """
        bots = [(each, each.user.login) for each in said if each.user and each.user.type == "Bot"]
        name = await self._slug.told() if bots else ""
        return [each for each, login in bots if not name or login == f"{name}[bot]"]

    async def role(self, login: str) -> Role:
        """A role of an organisation's own making counts as the one that it is built on."""
        if not login:  # a deleted account
            return "none"
        try:
            url = f"/repos/{self.name}/collaborators/{quote(login, safe='')}/permission"
            told = read(_PERMISSION, await self._connection.get(url))
        except Gone as gone:
            if gone.status == 404:
                return "none"
            raise
        return _ROLES.get(told.role_name or "") or _ROLES.get(told.permission or "", "none")

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
        return Spoken(at, user.login, bot, said.body or "", root)

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
        said = [*await self._said(number, "issues"), *await self._said(number, "pulls")]
        untouched = [each for each in said if each.created_at and each.created_at == each.updated_at]
        found = [override for each in untouched for override in overrides_in(each.body or "", number)]
        return tuple(sorted(found, key=lambda override: override.at))

    async def _said(self, number: int, what: str) -> list[Said]:
        """Our own comments: `issues` in the conversation, `pulls` on lines."""
        return await self._ours(await self._connection.pages(f"/repos/{self.name}/{what}/{number}/comments", _ALL_SAID))

    async def react(self, at: Place, reaction: Reaction) -> None:
        """Done twice, it stands once."""
        await self._post(f"{self._comment(at)}/reactions", {"content": reaction}, repeat=True)

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


def _known(node: str, name: str) -> str:
    if not node:
        raise GitHubError(f"{name} could not be asked for: GitHub did not tell of this thread; try again later.")
    return node
