"""A pull request in GitHub's JSON: in lists, alone, and as the issue that it is too."""

from __future__ import annotations

from reviewer.standin.records import Pull, Repository
from reviewer.standin.shapes import Json, api_url, html_url, repository, user
from reviewer.standin.state import State, stable_id, stamp


def pull_simple(hub: State, repo: Repository, pull: Pull) -> Json:
    """As in a list of pull requests."""
    links = _links(hub, repo, pull)
    html = links["html"]
    return {
        "url": links["self"],
        "id": pull.id,
        "node_id": f"PR_{pull.id}",
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        **{f"{name}_url": link for name, link in links.items() if name not in {"self", "html"}},
        "number": pull.number,
        "state": "open" if pull.closed is None else "closed",
        "locked": pull.locked,
        "title": pull.title,
        "user": user(hub, pull.user),
        "body": pull.body,
        "created_at": stamp(pull.created),
        "updated_at": stamp(pull.updated),
        "closed_at": None if pull.closed is None else stamp(pull.closed),
        "merged_at": stamp(pull.closed) if pull.merged and pull.closed is not None else None,
        "merge_commit_sha": pull.head_sha if pull.merged else None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": [label(hub, repo, name) for name in pull.labels],
        "milestone": None,
        "draft": pull.draft,
        "head": _end(hub, repo, ref=pull.head_ref, sha=pull.head_sha, fork=pull.fork),
        "base": _end(hub, repo, ref=pull.base_ref, sha=pull.base_sha),
        "_links": {name: {"href": link} for name, link in links.items()},
        "author_association": association(repo, pull.user),
        "auto_merge": None,
        "active_lock_reason": None,
    }


def _links(hub: State, repo: Repository, pull: Pull) -> dict[str, str]:
    """The addresses of a pull request and of what hangs on it."""
    api, html = api_url(hub, repo), f"{html_url(hub, repo)}/pull/{pull.number}"
    url, issue = f"{api}/pulls/{pull.number}", f"{api}/issues/{pull.number}"
    return {
        "self": url,
        "html": html,
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{api}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{api}/statuses/{pull.head_sha}",
    }


def pull_request(hub: State, repo: Repository, pull: Pull) -> Json:
    """As when it is asked for alone, and in webhooks."""
    changed = hub.changes(repo, pull)
    base = repo.git.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha
    commits = int(repo.git.fixed("rev-list", "--count", f"{base}..{pull.head_sha}"))
    return {
        **pull_simple(hub, repo, pull),
        "merged": pull.merged,
        "mergeable": True if pull.closed is None else None,
        "rebaseable": True if pull.closed is None else None,
        "mergeable_state": "draft" if pull.draft else "clean",
        "merged_by": user(hub, repo.owner) if pull.merged else None,
        "comments": len(pull.issue_comments),
        "review_comments": len(pull.comments),
        "maintainer_can_modify": False,
        "commits": commits,
        "additions": sum(change.additions for change in changed),
        "deletions": sum(change.deletions for change in changed),
        "changed_files": len(changed),
    }


def _end(hub: State, repo: Repository, *, ref: str, sha: str, fork: str = "") -> Json:
    owner = (fork or repo.full_name).split("/", 1)[0]
    return {
        "label": f"{owner}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user(hub, owner),
        "repo": repository(hub, repo, fork=fork),
    }


def association(repo: Repository, login: str) -> str:
    """GitHub shows private members as CONTRIBUTOR: nobody should decide on this."""
    if login == repo.owner:
        return "OWNER"
    return "COLLABORATOR" if login in repo.roles else "NONE" if login.endswith("[bot]") else "CONTRIBUTOR"


_SHARED = (  # what the issue says as the pull request does
    *("html_url", "number", "state", "locked", "title", "user", "body", "created_at", "updated_at", "closed_at"),
    *("assignee", "assignees", "labels", "milestone", "draft", "author_association", "active_lock_reason"),
)


def issue(hub: State, repo: Repository, pull: Pull) -> Json:
    """The pull request as an issue, in webhooks of its conversation."""
    simple = pull_simple(hub, repo, pull)
    url = simple["issue_url"]
    urls = {name: simple[name] for name in ("html_url", "diff_url", "patch_url")}
    return {
        "url": url,
        "repository_url": api_url(hub, repo),
        **{f"{name}_url": f"{url}/{name}" for name in ("comments", "events", "timeline")},
        "labels_url": f"{url}/labels{{/name}}",
        "id": pull.id,
        "node_id": simple["node_id"],
        **{name: simple[name] for name in _SHARED},
        "comments": len(pull.issue_comments),
        "pull_request": {"url": simple["url"], **urls, "merged_at": simple["merged_at"]},
        "performed_via_github_app": None,
        "state_reason": None,
    }


def label(hub: State, repo: Repository, name: str) -> Json:
    number = stable_id(f"{repo.full_name}/{name}")
    return {
        "id": number,
        "node_id": f"LA_{number}",
        "url": f"{api_url(hub, repo)}/labels/{name}",
        "name": name,
        "description": "",
        "color": "ededed",
        "default": False,
    }
