"""Routes of pull requests: lists, the diff, files, commits, reviews and inline comments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from reviewer.standin import pull_shapes, talk_shapes
from reviewer.standin.calls import Call, Endpoint, Refusal, answer, cache_headers, invalid, not_found, paged
from reviewer.standin.changes import Change, diff_text
from reviewer.standin.git_shapes import changed_file, commit
from reviewer.standin.outdated import carry
from reviewer.standin.records import Pull, Review, ReviewComment
from reviewer.standin.rules import EVENTS, OffTheDiff, check_body, check_review, find_spot
from reviewer.standin.threads import answer_in_thread, new_comment

_RESOURCE = "PullRequestReviewComment"


def list_pulls(call: Call) -> Response:
    repo, wanted = call.repository(), call.query.get("state", "open")
    found = [
        pull
        for pull in reversed(repo.pulls.values())
        if wanted == "all" or (pull.closed is None) == (wanted == "open")
        if call.query.get("base", pull.base_ref) == pull.base_ref
        if call.query.get("head", "").rpartition(":")[2] in {"", pull.head_ref}
    ]
    if call.query.get("sort") == "updated":
        found.sort(key=lambda pull: pull.updated, reverse=call.query.get("direction") == "desc")
    return paged(call, found, lambda pull: pull_shapes.pull_simple(call.hub, repo, pull))


def get_pull(call: Call) -> Response:
    pull = call.pull()
    if call.wants("diff"):
        base = call.repository().git.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha
        return send_diff(call, base, pull.head_sha, files=call.hub.changes(call.repository(), pull))
    return answer(pull_shapes.pull_request(call.hub, call.repository(), pull))


def send_diff(call: Call, base: str, head: str, *, files: Sequence[Change]) -> Response:
    """The bytes of git itself, or 406 when it is more than GitHub shows."""
    limits, diff = call.hub.limits, diff_text(call.repository().git, base, head)
    too_large = {"resource": "PullRequest", "field": "diff", "code": "too_large"}
    if len(files) > limits.diff_files:
        more = "Consider using 'List pull requests files' API or locally cloning the repository instead."
        sentence = f"Sorry, the diff exceeded the maximum number of files ({limits.diff_files}). {more}"
        raise Refusal(406, sentence, errors=[too_large])
    if diff.count(b"\n") > limits.diff_lines:
        sentence = f"Sorry, the diff exceeded the maximum number of lines ({limits.diff_lines})"
        raise Refusal(406, sentence, errors=[too_large])
    return Response(diff, headers=cache_headers(diff), media_type="application/vnd.github.diff; charset=utf-8")


def list_files(call: Call) -> Response:
    repo, pull = call.repository(), call.pull()
    listed = call.hub.changes(repo, pull)[: call.hub.limits.listed_files]
    return paged(call, listed, lambda each: changed_file(call.hub, repo, each, head=pull.head_sha))


def list_commits(call: Call) -> Response:
    repo, pull = call.repository(), call.pull()
    shas = repo.git.fixed("rev-list", "--reverse", f"{pull.base_sha}..{pull.head_sha}").decode().split()
    return paged(call, shas[:250], lambda sha: commit(call.hub, repo, sha))


def list_reviews(call: Call) -> Response:
    repo = call.repository()
    shown = [each for each in call.pull().reviews if call.hub.shown(each.submitted)]
    return paged(call, shown, lambda each: talk_shapes.review(call.hub, repo, each))


def create_review(call: Call) -> Response:
    repo, pull, body = call.repository(), call.unlocked_pull(), call.body
    head = _commit(call, pull)
    spots = check_review(body, call.hub.changes(repo, pull, head), call.hub.limits)
    state = EVENTS.get(body.get("event") or "", "PENDING")
    review = Review(
        id=call.hub.next_id(),
        number=pull.number,
        user=call.hub.bot,
        body=body.get("body") or "",
        state=state,
        commit_id=head,
        submitted=call.hub.clock(),
    )
    pull.reviews.append(review)
    for spot, comment in zip(spots, body.get("comments") or (), strict=True):
        words = {"body": comment["body"], "user": call.hub.bot}
        _stand(call, pull, new_comment(call.hub, pull, spot, **words, head=head, review=review.id))
    return answer(talk_shapes.review(call.hub, repo, review))


def _stand(call: Call, pull: Pull, comment: ReviewComment) -> None:
    """Put it on the pull request; what was said of an earlier commit is carried to the head at once."""
    if comment.commit_id != pull.head_sha:
        repo = call.repository()
        carry(repo.git, comment, pull.head_sha, call.hub.changes(repo, pull))
    pull.comments.append(comment)


def _commit(call: Call, pull: Pull) -> str:
    """The commit that a review is about: the head, or an earlier one of the same pull request."""
    wanted = call.body.get("commit_id") or pull.head_sha
    git = call.repository().git
    if wanted != pull.head_sha:
        known = git.resolve(wanted) == wanted and git.merge_base(wanted, pull.head_sha) == wanted
        if not known:
            raise invalid(_RESOURCE, "commit_id", "commit_id is not part of the pull request")
    return str(wanted)


def list_comments(call: Call) -> Response:
    repo = call.repository()
    shown = [each for each in call.pull().comments if call.hub.shown(each.created)]
    return paged(call, shown, lambda each: talk_shapes.review_comment(call.hub, repo, each))


def create_comment(call: Call) -> Response:
    """One inline comment; GitHub makes a review of its own around it."""
    repo, pull = call.repository(), call.unlocked_pull()
    body = check_body(call.body.get("body"), call.hub.limits, resource=_RESOURCE)
    if "in_reply_to" in call.body:
        return _reply(call, call.body["in_reply_to"], body)
    if not call.body.get("commit_id"):
        raise invalid(_RESOURCE, "commit_id", code="missing_field")
    head = _commit(call, pull)
    try:
        spot = find_spot(call.hub.changes(repo, pull, head), call.body)
    except OffTheDiff as off:
        name = f"pull_request_review_thread.{off.field}"
        sentence = off.sentence.replace("Pull request review thread", name, 1)
        raise invalid(_RESOURCE, name, sentence) from None
    review = Review(call.hub.next_id(), pull.number, call.hub.bot, "", "COMMENTED", head, call.hub.clock())
    comment = new_comment(call.hub, pull, spot, body=body, user=call.hub.bot, head=head, review=review.id)
    pull.reviews.append(review)
    _stand(call, pull, comment)
    return answer(talk_shapes.review_comment(call.hub, repo, comment), 201)


def create_reply(call: Call) -> Response:
    body = check_body(call.body.get("body"), call.hub.limits, resource=_RESOURCE)
    return _reply(call, call.number("comment_id"), body)


def _reply(call: Call, to: Any, body: str) -> Response:  # noqa: ANN401 - as the client sent it
    pull = call.unlocked_pull()
    top = next((each for each in pull.comments if each.id == to), None)
    if top is None or top.in_reply_to is not None:  # replies go to top-level comments only
        raise not_found()
    comment = answer_in_thread(call.hub, pull, body, user=call.hub.bot, to=top.id)
    return answer(talk_shapes.review_comment(call.hub, call.repository(), comment), 201)


def find_comment(call: Call) -> tuple[Pull, ReviewComment]:
    number = call.number("comment_id")
    for pull in call.repository().pulls.values():
        for comment in pull.comments:
            if comment.id == number:
                return pull, comment
    raise not_found()


def get_comment(call: Call) -> Response:
    return answer(talk_shapes.review_comment(call.hub, call.repository(), find_comment(call)[1]))


def update_comment(call: Call) -> Response:
    _, comment = find_comment(call)
    comment.body = check_body(call.body.get("body"), call.hub.limits, resource=_RESOURCE)
    comment.updated = call.hub.clock()
    return answer(talk_shapes.review_comment(call.hub, call.repository(), comment))


def delete_comment(call: Call) -> Response:
    pull, comment = find_comment(call)
    pull.comments.remove(comment)
    return Response(status_code=204)


def list_pulls_at(call: Call) -> Response:
    """The pull requests that a commit belongs to, forks' too; here none for what the default branch has."""
    repo = call.repository()
    sha = repo.git.resolve(call.params["ref"])
    if sha is None:
        raise Refusal(422, f"No commit found for SHA: {call.params['ref']}")
    merged = repo.git.merge_base(sha, repo.git.resolve(repo.default_branch) or sha) == sha
    found = [pull for pull in repo.pulls.values() if not merged and repo.git.merge_base(sha, pull.head_sha) == sha]
    return paged(call, found, lambda pull: pull_shapes.pull_simple(call.hub, repo, pull))


_PULL = "/repos/{owner}/{repo}/pulls/{pull_number}"
_COMMENT = "/repos/{owner}/{repo}/pulls/comments/{comment_id}"
_READ, _WRITE = "pull_requests:read", "pull_requests:write"

ENDPOINTS = (
    Endpoint("GET", _COMMENT, get_comment, needs=_READ),
    Endpoint("PATCH", _COMMENT, update_comment, needs=_WRITE),
    Endpoint("DELETE", _COMMENT, delete_comment, needs=_WRITE),
    Endpoint("GET", "/repos/{owner}/{repo}/commits/{ref}/pulls", list_pulls_at, needs=_READ),
    Endpoint("GET", "/repos/{owner}/{repo}/pulls", list_pulls, needs=_READ),
    Endpoint("GET", _PULL, get_pull, needs=_READ),
    Endpoint("GET", f"{_PULL}/files", list_files, needs=_READ),
    Endpoint("GET", f"{_PULL}/commits", list_commits, needs=_READ),
    Endpoint("GET", f"{_PULL}/reviews", list_reviews, needs=_READ),
    Endpoint("POST", f"{_PULL}/reviews", create_review, needs=_WRITE),
    Endpoint("GET", f"{_PULL}/comments", list_comments, needs=_READ),
    Endpoint("POST", f"{_PULL}/comments", create_comment, needs=_WRITE),
    Endpoint("POST", f"{_PULL}/comments/{{comment_id}}/replies", create_reply, needs=_WRITE),
)
