"""Sets the demo's stage: the stand-ins, the real server, a pull request; and plays the webhook on it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from reviewer import resources
from reviewer.app import web_app
from reviewer.core.errors import OutsideError
from reviewer.settings import Settings, load
from reviewer.standin.events import open_pull, pull_event
from reviewer.standin.github import StandIn
from reviewer.standin.model import StandInModel
from reviewer.standin.repository import GitRepository
from reviewer.standin.server import serve
from reviewer.standin.webhooks import deliver
from reviewer.tokens import O200k
from reviewer.webhook import WEBHOOK_PATH

WAIT = 60.0  # seconds for a review that takes about two
TOKEN = "demo"  # noqa: S105 - opens the demo's own job page, on loopback, while it runs
AGAIN = "run it again with LOG_LEVEL=debug, or with --keep to look at its folder"


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything of a demo stands."""

    hub: StandIn
    repository: str
    number: int
    server: str  # base URL
    model: StandInModel

    @property
    def page(self) -> str:
        return f"{self.hub.url}/{self.repository}/pull/{self.number}"


@contextmanager
def stage(folder: Path, *, latency: float = 0.0) -> Iterator[Stage]:
    """The stand-ins and the real server, with the pull request opened but not yet told."""
    source = resources.demo_folder()
    pull = json.loads((source / "pull.json").read_text(encoding="utf-8"))
    name = f"{pull['owner']}/{pull['name']}"
    model = StandInModel.from_file(source / "answers.json", latency=latency, count=O200k().count)
    hub = StandIn(folder)
    git = GitRepository.create(folder / "parcel.git")
    git.commit_folder(source / "base", message="What is there")
    git.commit_folder(source / "head", branch="express", message=pull["title"])
    hub.add_repository(name, git, roles={pull["author"]: "write"})
    with ExitStack() as stack:
        stack.enter_context(hub.serve())
        model_url = stack.enter_context(serve(model.app))
        settings = _settings(hub, model_url, folder)
        server = stack.enter_context(serve(web_app(settings, token=TOKEN)))
        hub.webhook_url = server + WEBHOOK_PATH
        event = open_pull(hub, name, head="express", title=pull["title"], body=pull["body"], user=pull["author"])
        yield Stage(hub, name, int(event.payload["number"]), server, model)


def _settings(hub: StandIn, model_url: str, folder: Path) -> Settings:
    """The demo's own settings: nothing of the environment or a `.env` is read."""
    return load(
        {
            "GITHUB_APP_ID": str(hub.app_id),
            "GITHUB_PRIVATE_KEY": hub.private_key_pem,
            "GITHUB_WEBHOOK_SECRET": hub.webhook_secret,
            "GITHUB_API_URL": f"{hub.url}/api/v3",
            "OPENAI_API_KEY": "recorded",
            "OPENAI_BASE_URL": f"{model_url}/v1",
            "REVIEWER_DATABASE_URL": f"sqlite:///{folder / 'reviewer.db'}",
            "REVIEWER_OPERATOR_TOKEN": TOKEN,
        }
    )


def play(stands: Stage) -> float:
    """Send the webhook as GitHub does, wait for the job's end; returns the seconds. Raises OutsideError."""
    hub, pull = stands.hub, stands.hub.pull(stands.repository, stands.number)
    event = pull_event(hub, hub.repository(stands.repository), pull, "opened")
    started = time.monotonic()
    delivery = deliver(hub, event)
    if delivery.status != 202:
        raise OutsideError(f"The server answered the demo's webhook with {delivery.status}: {AGAIN}.")
    with httpx.Client(trust_env=False, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        while time.monotonic() < started + WAIT:
            job = client.get(f"{stands.server}/jobs/{delivery.guid}").json()
            if job["status"] == "done":
                return time.monotonic() - started
            if job["status"] in {"failed", "cancelled"}:
                raise OutsideError(f"The demo's review {job['status']}: {job['error']}")
            time.sleep(0.02)
    raise OutsideError(f"The demo's review did not end within {WAIT:.0f} s: {AGAIN}.")
