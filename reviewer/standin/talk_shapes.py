"""What is said on a pull request, in GitHub's JSON: reviews, comments, reactions."""

from __future__ import annotations

from typing import Any

from reviewer.standin.pull_shapes import association
from reviewer.standin.records import IssueComment, Reaction, Repository, Review, ReviewComment
from reviewer.standin.shapes import Json, api_url, html_url, user
from reviewer.standin.state import State, stamp

_REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")


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
