"""A pull request and what is said on it, in GitHub's JSON: reviews, comments, reactions."""

from __future__ import annotations

from typing import Any

from reviewer.standin.records import IssueComment, Pull, Reaction, Repository, Review, ReviewComment
from reviewer.standin.shapes import Json, api_url, html_url, repository, user
from reviewer.standin.state import State, stable_id, stamp

_REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")


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
        "locked": False,
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


def review(hub: State, repo: Repository, record: Review) -> Json:
    pull = f"{api_url(hub, repo)}/pulls/{record.number}"
    html = f"{html_url(hub, repo)}/pull/{record.number}#pullrequestreview-{record.id}"
    return {
        "id": record.id,
        "node_id": f"PRR_{record.id}",
        "user": user(hub, record.user),
        "body": record.body,
        "state": record.state,
        "html_url": html,
        "pull_request_url": pull,
        "author_association": association(repo, record.user),
        "_links": {"html": {"href": html}, "pull_request": {"href": pull}},
        "submitted_at": stamp(record.submitted),
        "commit_id": record.commit_id,
    }


def review_comment(hub: State, repo: Repository, record: ReviewComment) -> Json:
    api = api_url(hub, repo)
    url, pull = f"{api}/pulls/comments/{record.id}", f"{api}/pulls/{record.number}"
    html = f"{html_url(hub, repo)}/pull/{record.number}#discussion_r{record.id}"
    shape: dict[str, Any] = {
        "url": url,
        "pull_request_review_id": record.review_id,
        "id": record.id,
        "node_id": f"PRRC_{record.id}",
        "diff_hunk": record.diff_hunk,
        "path": record.path,
        "commit_id": record.commit_id,
        "original_commit_id": record.original_commit_id,
        "user": user(hub, record.user),
        "body": record.body,
        "created_at": stamp(record.created),
        "updated_at": stamp(record.updated),
        "html_url": html,
        "pull_request_url": pull,
        "author_association": association(repo, record.user),
        "_links": {"self": {"href": url}, "html": {"href": html}, "pull_request": {"href": pull}},
        "reactions": reaction_rollup(url, record.reactions),
        "start_line": record.start_line,
        "original_start_line": record.original_start_line,
        "start_side": record.start_side,
        "line": record.line,
        "original_line": record.original_line,
        "side": record.side,
        "subject_type": "line",
    }
    if record.in_reply_to is not None:
        shape["in_reply_to_id"] = record.in_reply_to
    return shape


def issue_comment(hub: State, repo: Repository, record: IssueComment) -> Json:
    api = api_url(hub, repo)
    url = f"{api}/issues/comments/{record.id}"
    return {
        "url": url,
        "html_url": f"{html_url(hub, repo)}/pull/{record.number}#issuecomment-{record.id}",
        "issue_url": f"{api}/issues/{record.number}",
        "id": record.id,
        "node_id": f"IC_{record.id}",
        "user": user(hub, record.user),
        "created_at": stamp(record.created),
        "updated_at": stamp(record.updated),
        "author_association": association(repo, record.user),
        "body": record.body,
        "reactions": reaction_rollup(url, record.reactions),
        "performed_via_github_app": None,
    }


def reaction(hub: State, record: Reaction) -> Json:
    return {
        "id": record.id,
        "node_id": f"REA_{record.id}",
        "user": user(hub, record.user),
        "content": record.content,
        "created_at": stamp(record.created),
    }


def reaction_rollup(url: str, reactions: list[Reaction]) -> Json:
    counts = {name: sum(each.content == name for each in reactions) for name in _REACTIONS}
    return {"url": f"{url}/reactions", "total_count": len(reactions), **counts}
