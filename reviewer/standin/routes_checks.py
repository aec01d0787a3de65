"""Routes of check runs and commit statuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from reviewer.standin import shapes
from reviewer.standin.calls import Call, Endpoint, Refusal, answer, invalid, not_found, paged
from reviewer.standin.git_shapes import check_run
from reviewer.standin.records import CheckRun
from reviewer.standin.rules import check_check_run
from reviewer.standin.state import stable_id, stamp


def create_check(call: Call) -> Response:
    repo, body = call.repository(), call.body
    for name in ("name", "head_sha"):
        if not body.get(name):
            raise invalid("CheckRun", name, code="missing_field")
    check_check_run(body, call.hub.limits, new=True)
    head = repo.git.resolve(body["head_sha"])
    if head is None:
        raise Refusal(422, f"No commit found for SHA: {body['head_sha']}")
    at = call.hub.clock()
    run = CheckRun(call.hub.next_id(), repo.full_name, body["name"], head, started=stamp(at), created=at)
    _apply(call, run)
    repo.checks.append(run)
    return answer(check_run(call.hub, repo, run), 201)


def _apply(call: Call, run: CheckRun) -> None:
    """Take over what the body says; annotations add up over updates."""
    body = call.body
    for ours, theirs in _FIELDS.items():
        if theirs in body:
            setattr(run, ours, body[theirs])
    output = body.get("output") or {}
    for name in ("title", "summary", "text"):
        if name in output:
            setattr(run, name, output[name])
    run.annotations.extend(output.get("annotations") or ())
    if run.conclusion and "conclusion" in body:
        run.status = "completed"
    if run.status == "completed":
        run.completed = run.completed or call.hub.now()
    else:
        run.conclusion = run.completed = None  # a run that starts again has no outcome
    run.history.append("/".join(word for word in (run.status, run.conclusion) if word))


_FIELDS = {
    "name": "name",
    "status": "status",
    "conclusion": "conclusion",
    "external_id": "external_id",
    "details_url": "details_url",
    "started": "started_at",
    "completed": "completed_at",
    "actions": "actions",
}


def _find(call: Call) -> CheckRun:
    number = call.number("check_run_id")
    found = next((run for run in call.repository().checks if run.id == number), None)
    if found is None:
        raise not_found()
    return found


def get_check(call: Call) -> Response:
    return answer(check_run(call.hub, call.repository(), _find(call)))


def update_check(call: Call) -> Response:
    run = _find(call)
    check_check_run(call.body, call.hub.limits, new=False)
    _apply(call, run)
    return answer(check_run(call.hub, call.repository(), run))


def list_annotations(call: Call) -> Response:
    repo, run = call.repository(), _find(call)
    blob = f"{shapes.html_url(call.hub, repo)}/blob/{run.head_sha}"
    return paged(call, run.annotations, lambda each: {**_ANNOTATION, **each, "blob_href": f"{blob}/{each['path']}"})


_ANNOTATION: dict[str, Any] = dict.fromkeys(("start_column", "end_column", "title", "raw_details"))


def list_checks(call: Call) -> Response:
    """The check runs on a commit, newest first; by default only the latest of each name."""
    repo = call.repository()
    head = repo.git.resolve(call.params["ref"])
    if head is None:
        raise Refusal(422, f"No commit found for SHA: {call.params['ref']}")
    runs = [run for run in reversed(repo.checks) if run.head_sha == head and call.hub.shown(run.created)]
    if call.query.get("filter", "latest") == "latest":
        runs = _latest(runs)
    for key, name in (("check_name", "name"), ("status", "status")):
        if key in call.query:
            runs = [run for run in runs if getattr(run, name) == call.query[key]]
    if app := call.query.get("app_id"):
        runs = [run for run in runs if app == str(stable_id(run.by) if run.by else call.hub.app_id)]
    return paged(call, runs, lambda run: check_run(call.hub, repo, run), under="check_runs")


def _latest(runs: Sequence[CheckRun]) -> list[CheckRun]:
    newest: dict[str, CheckRun] = {}
    for run in runs:
        newest.setdefault(run.name, run)
    return list(newest.values())


def create_status(call: Call) -> Response:
    repo, body, now = call.repository(), call.body, call.hub.now()
    if body.get("state") not in {"error", "failure", "pending", "success"}:
        raise invalid("Status", "state", code="invalid")
    sha = repo.git.resolve(call.params["sha"])
    if sha is None:
        raise Refusal(422, f"No commit found for SHA: {call.params['sha']}")
    number = call.hub.next_id()
    status = {
        "url": f"{shapes.api_url(call.hub, repo)}/statuses/{sha}",
        "avatar_url": None,
        "id": number,
        "node_id": f"SC_{number}",
        "state": body["state"],
        "description": body.get("description"),
        "target_url": body.get("target_url"),
        "context": body.get("context") or "default",
        "created_at": now,
        "updated_at": now,
        "creator": shapes.user(call.hub, call.hub.bot),
    }
    repo.statuses.append({**status, "sha": sha})
    return answer(status, 201)


_RUNS = "/repos/{owner}/{repo}/check-runs"

ENDPOINTS = (
    Endpoint("POST", _RUNS, create_check, needs="checks:write"),
    Endpoint("GET", f"{_RUNS}/{{check_run_id}}", get_check, needs="checks:read"),
    Endpoint("PATCH", f"{_RUNS}/{{check_run_id}}", update_check, needs="checks:write"),
    Endpoint("GET", f"{_RUNS}/{{check_run_id}}/annotations", list_annotations, needs="checks:read"),
    Endpoint("GET", "/repos/{owner}/{repo}/commits/{ref:path}/check-runs", list_checks, needs="checks:read"),
    Endpoint("POST", "/repos/{owner}/{repo}/statuses/{sha}", create_status, needs="statuses:write"),
)
