"""Routes of the repository itself: contents, trees, blobs, commits, comparisons."""

from __future__ import annotations

from starlette.responses import Response

from reviewer.standin import shapes
from reviewer.standin.calls import Call, Endpoint, Refusal, answer, cache_headers, not_found
from reviewer.standin.changes import changes
from reviewer.standin.git_shapes import base64_lines, changed_file, commit, content, file_content, tree_entry
from reviewer.standin.records import Repository
from reviewer.standin.repository import Entry, GitFailed
from reviewer.standin.routes_pulls import send_diff

_COMPARED_FILES = 300
_COMPARED_COMMITS = 250


def get_repository(call: Call) -> Response:
    return answer(shapes.full_repository(call.hub, call.repository()))


def get_contents(call: Call) -> Response:
    repo = call.repository()
    ref = call.query.get("ref") or repo.default_branch
    sha = repo.git.resolve(ref)
    if sha is None:
        raise Refusal(404, f"No commit found for the ref {ref}")
    path = call.params.get("path", "").strip("/")
    entry = next((each for each in repo.git.tree(sha, path) if each.path == path), None) if path else None
    if path and entry is None:
        raise not_found()
    if entry is not None and entry.type != "tree":
        return _file(call, repo, entry, ref=ref)
    inside = repo.git.tree(sha, f"{path}/" if path else "")
    return answer([content(call.hub, repo, each, ref=ref) for each in inside])


def _file(call: Call, repo: Repository, entry: Entry, *, ref: str) -> Response:
    if call.wants("raw") and entry.type == "blob":
        return _raw(repo.git.blob(entry.sha))
    return answer(file_content(call.hub, repo, entry, ref=ref))


def _raw(data: bytes) -> Response:
    return Response(data, headers=cache_headers(data), media_type="application/vnd.github.raw; charset=utf-8")


def get_blob(call: Call) -> Response:
    repo, sha = call.repository(), call.params["file_sha"]
    if not _is_sha(sha):
        raise Refusal(422, "The sha parameter must be exactly 40 characters and contain only [0-9a-f].")
    try:
        data = repo.git.blob(sha)
    except GitFailed:
        raise not_found() from None
    if call.wants("raw"):
        return _raw(data)
    return answer(
        {
            "sha": sha,
            "node_id": f"B_{sha}",
            "size": len(data),
            "url": f"{shapes.api_url(call.hub, repo)}/git/blobs/{sha}",
            "content": base64_lines(data),
            "encoding": "base64",
        }
    )


def _is_sha(text: str) -> bool:
    return len(text) == 40 and not set(text) - set("0123456789abcdef")


def get_tree(call: Call) -> Response:
    repo, wanted = call.repository(), call.params["tree_sha"]
    sha = wanted if _is_sha(wanted) else repo.git.resolve(wanted)
    try:
        entries = repo.git.tree(sha or "", recursive="recursive" in call.query, trees=True)
    except GitFailed:
        raise not_found() from None
    return answer(
        {
            "sha": sha,
            "url": f"{shapes.api_url(call.hub, repo)}/git/trees/{sha}",
            "tree": [tree_entry(call.hub, repo, entry) for entry in entries],
            "truncated": False,
        }
    )


def get_commit(call: Call) -> Response:
    repo = call.repository()
    sha = repo.git.resolve(call.params["ref"])
    if sha is None:
        raise Refusal(422, f"No commit found for SHA: {call.params['ref']}")
    return answer(commit(call.hub, repo, sha))


def compare(call: Call) -> Response:
    """`BASE...HEAD`, from their merge base: the commits page by page, the files on the first page alone."""
    repo = call.repository()
    names = call.params["basehead"].split("...")
    ends = [repo.git.resolve(name.rpartition(":")[2]) for name in names]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        raise not_found()
    start, head = ends[0], ends[1]
    base = repo.git.merge_base(start, head)
    if base is None:
        raise Refusal(404, f"No common ancestor between {names[0]} and {names[1]}.")
    files = changes(repo.git, base, head)
    if call.wants("diff"):
        return send_diff(call, base, head, files=files)
    ahead = repo.git.fixed("rev-list", "--reverse", f"{start}..{head}").decode().split()
    behind = int(repo.git.fixed("rev-list", "--count", f"{head}..{start}"))
    size = min(call.whole("per_page", _COMPARED_COMMITS), _COMPARED_COMMITS)
    skipped = (call.whole("page", 1) - 1) * size
    shown = () if skipped else files[:_COMPARED_FILES]
    html = f"{shapes.html_url(call.hub, repo)}/compare/{call.params['basehead']}"
    return answer(
        {
            "url": f"{shapes.api_url(call.hub, repo)}/compare/{call.params['basehead']}",
            "html_url": html,
            "permalink_url": html,
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            "base_commit": commit(call.hub, repo, start),
            "merge_base_commit": commit(call.hub, repo, base),
            "status": _status(len(ahead), behind),
            "ahead_by": len(ahead),
            "behind_by": behind,
            "total_commits": len(ahead),
            "commits": [commit(call.hub, repo, sha) for sha in ahead[skipped : skipped + size]],
            "files": [changed_file(call.hub, repo, each, head=head) for each in shown],
        }
    )


def _status(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    return "ahead" if ahead else "behind" if behind else "identical"


_REPO = "/repos/{owner}/{repo}"
_READ = "contents:read"

ENDPOINTS = (
    Endpoint("GET", _REPO, get_repository, needs="metadata:read"),
    Endpoint("GET", f"{_REPO}/contents", get_contents, needs=_READ),
    Endpoint("GET", f"{_REPO}/contents/{{path:path}}", get_contents, needs=_READ),
    Endpoint("GET", f"{_REPO}/git/blobs/{{file_sha}}", get_blob, needs=_READ),
    Endpoint("GET", f"{_REPO}/git/trees/{{tree_sha:path}}", get_tree, needs=_READ),
    Endpoint("GET", f"{_REPO}/compare/{{basehead:path}}", compare, needs=_READ),
    Endpoint("GET", f"{_REPO}/commits/{{ref:path}}", get_commit, needs=_READ),
)
