"""Commits, changed files, contents, trees, checks and deliveries, in GitHub's JSON."""

from __future__ import annotations

import base64
from urllib.parse import quote

from reviewer.standin.changes import Change
from reviewer.standin.records import CheckRun, Delivery, Limits, Repository
from reviewer.standin.repository import Entry
from reviewer.standin.shapes import Json, api_url, app, html_url
from reviewer.standin.state import State, stable_id, stamp

_KINDS = {"blob": "file", "tree": "dir", "commit": "submodule"}
_TYPES = {"120000": "symlink"}
_INLINE = 1_000_000  # a larger file comes without its content


def changed_file(hub: State, repo: Repository, change: Change, *, head: str) -> Json:
    """As in `GET pulls/{n}/files`: without `patch` where the file is binary or its diff too large."""
    path = quote(change.path)
    shape: Json = {
        "sha": change.sha,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{html_url(hub, repo)}/blob/{head}/{path}",
        "raw_url": f"{html_url(hub, repo)}/raw/{head}/{path}",
        "contents_url": f"{api_url(hub, repo)}/contents/{path}?ref={head}",
    }
    if change.patch and not _too_large(change.patch, hub.limits):
        shape["patch"] = change.patch
    if change.status in {"renamed", "copied"}:
        shape["previous_filename"] = change.old_path
    return shape


def _too_large(patch: str, limits: Limits) -> bool:
    return patch.count("\n") >= limits.patch_lines or len(patch.encode()) > limits.patch_bytes


def commit(hub: State, repo: Repository, sha: str) -> Json:
    lines = repo.git.fixed("show", "--no-patch", "--format=%T%n%P%n%an%n%ae%n%at%n%B", sha).decode("utf-8", "replace")
    tree, parents, name, email, at, message = lines.split("\n", 5)
    api, html = api_url(hub, repo), html_url(hub, repo)
    person = {"name": name, "email": email, "date": stamp(int(at))}
    return {
        "url": f"{api}/commits/{sha}",
        "sha": sha,
        "node_id": f"C_{sha}",
        "html_url": f"{html}/commit/{sha}",
        "comments_url": f"{api}/commits/{sha}/comments",
        "commit": {
            "url": f"{api}/git/commits/{sha}",
            "author": person,
            "committer": person,
            "message": message.rstrip("\n"),
            "comment_count": 0,
            "tree": {"sha": tree, "url": f"{api}/git/trees/{tree}"},
            "verification": {
                "verified": False,
                "reason": "unsigned",
                "payload": None,
                "signature": None,
                "verified_at": None,
            },
        },
        "author": None,
        "committer": None,
        "parents": [
            {"sha": parent, "url": f"{api}/commits/{parent}", "html_url": f"{html}/commit/{parent}"}
            for parent in parents.split()
        ],
    }


def content(hub: State, repo: Repository, entry: Entry, *, ref: str) -> Json:
    """A file or folder as an entry of a listing: without its content."""
    path = quote(entry.path)
    url = f"{api_url(hub, repo)}/contents/{path}?ref={quote(ref)}"
    kind = "trees" if entry.type == "tree" else "blobs"
    git = None if entry.type == "commit" else f"{api_url(hub, repo)}/git/{kind}/{entry.sha}"
    html = None if entry.type == "commit" else f"{html_url(hub, repo)}/blob/{quote(ref)}/{path}"
    raw = f"{html_url(hub, repo)}/raw/{quote(ref)}/{path}" if entry.type == "blob" else None
    return {
        "type": _TYPES.get(entry.mode, _KINDS[entry.type]),
        "size": entry.size,
        "name": entry.path.rsplit("/", 1)[-1],
        "path": entry.path,
        "sha": entry.sha,
        "url": url,
        "git_url": git,
        "html_url": html,
        "download_url": raw,
        "_links": {"git": git, "self": url, "html": html},
    }


def file_content(hub: State, repo: Repository, entry: Entry, *, ref: str) -> Json:
    """A file with its content, or what a symlink or a submodule points at."""
    shape = content(hub, repo, entry, ref=ref)
    if entry.type == "commit":
        return {**shape, "submodule_git_url": f"{hub.url}/{quote(entry.path)}.git"}
    data = repo.git.blob(entry.sha)
    if entry.mode == "120000":
        return {**shape, "target": data.decode("utf-8", "replace")}
    if entry.size > _INLINE:
        return {**shape, "content": "", "encoding": "none"}
    return {**shape, "content": base64_lines(data), "encoding": "base64"}


def base64_lines(data: bytes) -> str:
    """Base64 with a line end after 60 characters, as GitHub writes it."""
    text = base64.b64encode(data).decode()
    return "".join(f"{text[at : at + 60]}\n" for at in range(0, len(text), 60))


def tree_entry(hub: State, repo: Repository, entry: Entry) -> Json:
    kind = "trees" if entry.type == "tree" else "blobs"
    shape: Json = {"path": entry.path, "mode": entry.mode, "type": entry.type, "sha": entry.sha}
    if entry.type == "blob":
        shape["size"] = entry.size
    if entry.type != "commit":
        shape["url"] = f"{api_url(hub, repo)}/git/{kind}/{entry.sha}"
    return shape


def check_run(hub: State, repo: Repository, run: CheckRun) -> Json:
    url = f"{api_url(hub, repo)}/check-runs/{run.id}"
    html = f"{html_url(hub, repo)}/runs/{run.id}"
    return {
        "id": run.id,
        "name": run.name,
        "node_id": f"CR_{run.id}",
        "head_sha": run.head_sha,
        "external_id": run.external_id,
        "url": url,
        "html_url": html,
        "details_url": run.details_url or html,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": run.started,
        "completed_at": run.completed,
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": stable_id(run.head_sha)},
        "app": {**app(hub), **({"slug": run.by, "id": stable_id(run.by)} if run.by else {})},
        "pull_requests": _pulls_at(hub, repo, run.head_sha),
    }


def check_suite(hub: State, repo: Repository, sha: str, *, branch: str | None) -> Json:
    """What GitHub tells of all of the App's check runs on a head, as far as anybody reads it."""
    number = stable_id(sha)
    return {
        "id": number,
        "node_id": f"CS_{number}",
        "head_branch": branch,
        "head_sha": sha,
        "status": "queued",
        "conclusion": None,
        "url": f"{api_url(hub, repo)}/check-suites/{number}",
        "app": app(hub),
        "pull_requests": _pulls_at(hub, repo, sha),
    }


def _pulls_at(hub: State, repo: Repository, sha: str) -> list[Json]:
    """The open pull requests of that head; GitHub never lists those from forks."""
    return [
        _pull_minimal(hub, repo, number)
        for number, pull in repo.pulls.items()
        if pull.head_sha == sha and not pull.fork and pull.closed is None
    ]


def _pull_minimal(hub: State, repo: Repository, number: int) -> Json:
    pull = repo.pulls[number]
    here = {"id": repo.id, "url": api_url(hub, repo), "name": repo.name}
    return {
        "url": f"{api_url(hub, repo)}/pulls/{number}",
        "id": pull.id,
        "number": number,
        "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": here},
        "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": here},
    }


def delivery(record: Delivery) -> Json:
    return {
        "id": record.id,
        "guid": record.guid,
        "delivered_at": stamp(record.at),
        "redelivery": record.redelivery,
        "duration": record.seconds,
        "status": "OK" if record.status in range(200, 300) else "Invalid HTTP Response",
        "status_code": record.status,
        "event": record.event,
        "action": record.payload.get("action"),
        "installation_id": record.payload.get("installation", {}).get("id"),
        "repository_id": record.payload.get("repository", {}).get("id"),
        "throttled_at": None,
    }
