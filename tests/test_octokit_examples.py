"""The door stands up to every payload that Octokit has collected from GitHub."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from reviewer.core.types import Job
from reviewer.webhook import WEBHOOK_PATH, webhook_route

PACKAGE = "@octokit/webhooks-examples"
VERSION = "7.6.1"
SECRET = "octokit"

# Read off the package's payloads. Those with such an action but no installation came from a repository's webhook, and
# the two check_run.rerequested are of another App's checks.
JOBS = {
    "check_suite.rerequested": 2,
    "installation.deleted": 2,
    "installation_repositories.removed": 1,
    "merge_group.checks_requested": 2,
    "pull_request.closed": 2,
    "pull_request.converted_to_draft": 1,
    "pull_request.opened": 3,
    "pull_request.ready_for_review": 1,
    "pull_request.reopened": 2,
    "pull_request.synchronize": 1,
}


@pytest.fixture(scope="module")
def examples() -> list[tuple[str, dict[str, Any]]]:
    """All (event, payload) pairs of github.com, fetched once into a cache folder."""
    root = Path(__file__).parent.parent
    folder = Path(os.environ.get("REVIEWER_TEST_CACHE") or root / ".cache")
    package = folder / "node_modules" / PACKAGE
    if not fetched(package):
        fetch(folder)
    index = json.loads((package / "api.github.com" / "index.json").read_text(encoding="utf-8"))
    return [(entry["name"], payload) for entry in index for payload in entry["examples"]]


def fetched(package: Path) -> bool:
    try:
        manifest = json.loads((package / "package.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(manifest.get("version") == VERSION) and (package / "api.github.com" / "index.json").is_file()


def fetch(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"npm is not installed, so {PACKAGE} cannot be fetched")
    folder.mkdir(parents=True, exist_ok=True)
    flags = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts"]
    command = [npm, "install", "--prefix", str(folder), *flags, f"{PACKAGE}@{VERSION}"]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"npm could not fetch {PACKAGE}@{VERSION}: {error.stderr.strip()[-300:]}")
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not fetch {PACKAGE}@{VERSION} within 120 s")


def test_every_example_is_answered_and_the_process_lives(examples: list[tuple[str, dict[str, Any]]]) -> None:
    """Signed and posted, each of the 329 is a job or a reason; which become jobs is a fact that should not drift."""
    jobs: list[Job] = []

    async def enqueue(job: Job) -> str:
        jobs.append(job)
        return str(len(jobs))

    statuses: Counter[int] = Counter()
    with TestClient(Starlette(routes=[webhook_route(secrets=[SECRET], enqueue=enqueue)])) as client:
        for number, (event, payload) in enumerate(examples):
            body = json.dumps(payload).encode()
            signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            headers = {
                "X-GitHub-Event": event,
                "X-GitHub-Delivery": f"example-{number}",
                "X-Hub-Signature-256": f"sha256={signature}",
            }
            statuses[client.post(WEBHOOK_PATH, content=body, headers=headers).status_code] += 1
    assert len(examples) == 329
    assert Counter(job.trigger for job in jobs) == JOBS
    assert statuses == {200: 312, 202: 17}
