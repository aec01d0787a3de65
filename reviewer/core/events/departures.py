"""The App leaves an account or a repository, is suspended, or comes: what is kept goes with it."""

from __future__ import annotations

from reviewer.core.events.parts import Action, FullName, Id, Login, Part, no_use
from reviewer.core.types import Ignored, Job

_TOLD = {
    "created": "installation.created: from now on its pull requests are reviewed",
    "new_permissions_accepted": "installation.new_permissions_accepted: they count from the next request on",
    "suspend": "installation.suspend: GitHub lets us in no more, and what runs for it ends",
    "unsuspend": "installation.unsuspend: what was missed is looked for within some minutes",
}


class _Account(Part):
    login: Login


class _Installation(Part):
    id: Id
    account: _Account | None = None


class _Installed(Part):
    action: str
    installation: _Installation


class _Removed(Part):
    full_name: FullName


class _Changed(_Installed):
    repositories_removed: tuple[_Removed, ...] = ()


def installation(delivery: str, payload: object) -> Job | Ignored:
    """Its number never comes back: whoever installs the App again has another one."""
    action = Action.model_validate(payload).action
    if told := _TOLD.get(action):
        return Ignored(told)
    if action != "deleted":
        return no_use("installation", action)
    return _job(_Installed.model_validate(payload), "installation.deleted", delivery)


def installation_repositories(delivery: str, payload: object) -> Job | Ignored:
    action = Action.model_validate(payload).action
    if action == "added":
        return Ignored("installation_repositories.added: from now on their pull requests are reviewed")
    if action != "removed":
        return no_use("installation_repositories", action)
    event = _Changed.model_validate(payload)
    names = " ".join(each.full_name for each in event.repositories_removed)
    if not names:
        return Ignored("installation_repositories.removed: it names no repository")
    return _job(event, "installation_repositories.removed", delivery, names)


def _job(event: _Installed, trigger: str, delivery: str, names: str = "") -> Job:
    account = event.installation.account
    return Job(
        kind="leave" if names else "uninstall",
        installation=event.installation.id,
        repository=account.login if account else "",
        number=0,
        head="",
        trigger=trigger,
        delivery=delivery,
        commands=names,
    )
