"""Who and where, in GitHub's JSON: users, repositories, the App, its installations and tokens."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from reviewer.standin.records import Installation, Repository, Token
from reviewer.standin.state import State, stable_id, stamp

Json = dict[str, Any]


def user(hub: State, login: str) -> Json:
    api = f"{hub.url}/api/v3/users/{quote(login)}"  # the brackets of a bot are no part of an address
    lists = ("followers", "subscriptions", "repos", "received_events")
    words = login.removesuffix("[bot]")
    return {
        "login": login,
        "id": stable_id(login),
        "node_id": f"U_{stable_id(login)}",
        "avatar_url": f"{hub.url}/avatars/{words}",
        "gravatar_id": "",
        "url": api,
        "html_url": f"{hub.url}/{words}",
        **{f"{name if name != 'orgs' else 'organizations'}_url": f"{api}/{name}" for name in (*lists, "orgs")},
        "following_url": f"{api}/following{{/other_user}}",
        "gists_url": f"{api}/gists{{/gist_id}}",
        "starred_url": f"{api}/starred{{/owner}}{{/repo}}",
        "events_url": f"{api}/events{{/privacy}}",
        "type": "Bot" if login.endswith("[bot]") else "User",
        "user_view_type": "public",
        "site_admin": False,
    }


# The addresses of a repository that only name what lies under it.
_UNDER = {
    "archive": "{archive_format}{/ref}",
    "assignees": "assignees{/user}",
    "blobs": "git/blobs{/sha}",
    "branches": "branches{/branch}",
    "collaborators": "collaborators{/collaborator}",
    "comments": "comments{/number}",
    "commits": "commits{/sha}",
    "compare": "compare/{base}...{head}",
    "contents": "contents/{+path}",
    "contributors": "contributors",
    "deployments": "deployments",
    "downloads": "downloads",
    "events": "events",
    "forks": "forks",
    "git_commits": "git/commits{/sha}",
    "git_refs": "git/refs{/sha}",
    "git_tags": "git/tags{/sha}",
    "hooks": "hooks",
    "issue_comment": "issues/comments{/number}",
    "issue_events": "issues/events{/number}",
    "issues": "issues{/number}",
    "keys": "keys{/key_id}",
    "labels": "labels{/name}",
    "languages": "languages",
    "merges": "merges",
    "milestones": "milestones{/number}",
    "notifications": "notifications{?since,all,participating}",
    "pulls": "pulls{/number}",
    "releases": "releases{/id}",
    "stargazers": "stargazers",
    "statuses": "statuses/{sha}",
    "subscribers": "subscribers",
    "subscription": "subscription",
    "tags": "tags",
    "teams": "teams",
    "trees": "git/trees{/sha}",
}
_COUNTS = ("forks", "forks_count", "open_issues", "open_issues_count", "size", "stargazers_count", "watchers")
_ABSENT = ("description", "homepage", "language", "license", "mirror_url")


def api_url(hub: State, repository: Repository) -> str:
    return f"{hub.url}/api/v3/repos/{repository.full_name}"


def html_url(hub: State, repository: Repository) -> str:
    return f"{hub.url}/{repository.full_name}"


def repository(hub: State, record: Repository, *, fork: str = "") -> Json:
    """The repository, or its fork of that full name."""
    full_name = fork or record.full_name
    owner, name = full_name.split("/", 1)
    api, html = f"{hub.url}/api/v3/repos/{full_name}", f"{hub.url}/{full_name}"
    number = stable_id(full_name) if fork else record.id
    when = stamp(record.created)
    return {
        "id": number,
        "node_id": f"R_{number}",
        "name": name,
        "full_name": full_name,
        "private": record.private,
        "visibility": "private" if record.private else "public",
        "owner": user(hub, owner),
        "html_url": html,
        "url": api,
        "fork": bool(fork),
        **{f"{key}_url": f"{api}/{rest}" for key, rest in _UNDER.items()},
        **dict.fromkeys(_COUNTS, 0),
        "watchers_count": 0,
        **dict.fromkeys(_ABSENT),
        **{f"has_{what}": what == "issues" for what in ("issues", "projects", "wiki", "pages", "downloads")},
        "has_discussions": False,
        **dict.fromkeys(("created_at", "updated_at", "pushed_at"), when),
        "git_url": f"git://{full_name}.git",
        "ssh_url": f"git@127.0.0.1:{full_name}.git",
        "clone_url": f"{html}.git",
        "svn_url": html,
        "archived": False,
        "disabled": False,
        "is_template": False,
        "topics": [],
        "web_commit_signoff_required": False,
        "allow_forking": True,
        "default_branch": record.default_branch,
    }


def full_repository(hub: State, record: Repository) -> Json:
    return {**repository(hub, record), "network_count": 0, "subscribers_count": 0}


def app(hub: State) -> Json:
    return {
        "id": hub.app_id,
        "client_id": hub.client_id,
        "slug": hub.slug,
        "node_id": f"A_{hub.app_id}",
        "owner": user(hub, "reviewer-makers"),
        "name": hub.app_name,
        "description": "",
        "external_url": hub.url,
        "html_url": f"{hub.url}/apps/{hub.slug}",
        "created_at": stamp(0),
        "updated_at": stamp(0),
        "permissions": hub.app_permissions,
        "events": hub.app_events,
        "installations_count": len(hub.installations),
    }


def installation(hub: State, record: Installation) -> Json:
    api = f"{hub.url}/api/v3/app/installations/{record.id}"
    return {
        "id": record.id,
        "client_id": hub.client_id,
        "account": user(hub, record.account),
        "repository_selection": "all" if record.repositories is None else "selected",
        "access_tokens_url": f"{api}/access_tokens",
        "repositories_url": f"{hub.url}/api/v3/installation/repositories",
        "html_url": f"{hub.url}/settings/installations/{record.id}",
        "app_id": hub.app_id,
        "app_slug": hub.slug,
        "target_id": stable_id(record.account),
        "target_type": "User",
        "permissions": record.permissions,
        "events": hub.app_events if record.events is None else record.events,
        "created_at": stamp(0),
        "updated_at": stamp(0),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": user(hub, record.account) if record.suspended else None,
        "suspended_at": stamp(0) if record.suspended else None,
    }


def token(hub: State, record: Token) -> Json:
    shape: Json = {
        "token": record.value,
        "expires_at": stamp(record.expires),
        "permissions": record.permissions,
        "repository_selection": "all" if record.repositories is None else "selected",
    }
    if record.repositories is not None:
        account = record.installation.account
        shape["repositories"] = [
            repository(hub, hub.repository(f"{account}/{name}")) for name in sorted(record.repositories)
        ]
    return shape
