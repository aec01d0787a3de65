"""`reviewer demo`: the whole loop on this machine, with stand-ins for GitHub and the model and nothing else faked."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.rule import Rule

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


def run(console: Console, *, open_page: bool, keep: bool) -> int:
    """Play the demo; returns the exit code. `keep` leaves the folder, `open_page` serves the page until Ctrl-C."""
    folder = Path(tempfile.mkdtemp(prefix="reviewer-demo-"))
    try:
        with stage(folder) as stands:
            started = time.monotonic()
            _play(stands)
            _show(stands, console, time.monotonic() - started)
            if open_page:
                _serve_page(stands, console)
            return 0
    finally:
        if keep:
            console.print(f"Kept: {folder}", highlight=False)
        else:
            shutil.rmtree(folder, ignore_errors=True)


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


def _play(stands: Stage) -> None:
    """Send the webhook as GitHub does, and wait for the job's end."""
    hub, pull = stands.hub, stands.hub.pull(stands.repository, stands.number)
    event = pull_event(hub, hub.repository(stands.repository), pull, "opened")
    delivery = deliver(hub, event)
    if delivery.status != 202:
        raise OutsideError(
            f"the server answered the webhook with {delivery.status}; run the demo again with LOG_LEVEL=debug"
        )
    deadline = time.monotonic() + WAIT
    with httpx.Client(trust_env=False, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        while time.monotonic() < deadline:
            status = client.get(f"{stands.server}/jobs/{delivery.guid}").json()
            if status["status"] == "done":
                return
            if status["status"] in {"failed", "cancelled"}:
                raise OutsideError(f"the demo's review {status['status']}: {status['error']}")
            time.sleep(0.05)
    raise OutsideError(f"the demo's review did not end within {WAIT:.0f} s")


def _show(stands: Stage, console: Console, seconds: float) -> None:
    """What stands on the pull request now, as the stand-in has it."""
    hub = stands.hub
    pull = hub.pull(stands.repository, stands.number)
    console.print(Rule(f"{stands.repository}#{stands.number}: {escape(pull.title)}"))
    for review in hub.reviews(stands.repository, stands.number):
        console.print(Markdown(_readable(review.body)))
    for comment in hub.comments(stands.repository, stands.number):
        console.print(f"\n[bold]{escape(comment.path)}:{comment.line}[/] ({comment.side.lower()})", highlight=False)
        console.print(Markdown(_readable(comment.body)))
    for check in hub.check_runs(pull.head_sha):
        console.print(Rule(f"check run {check.name}: {check.conclusion or check.status}"))
        console.print(Markdown(_readable(check.summary or "")))
    calls = len(stands.model.requests)
    console.print(
        f"\n[dim]The model's answers ({calls} calls) are recorded, in fixtures/demo; everything else is real. "
        f"{hub.count(path='^/api')} GitHub requests, {seconds:.1f} s from the webhook to the end of the job.[/]",
        highlight=False,
    )


def _readable(markdown: str) -> str:
    """For a terminal: without hidden marks and folds."""
    lines = (line for line in markdown.split("\n") if not line.startswith("<!--"))
    return "\n".join(lines).replace("<details><summary>", "*").replace("</summary>", ":*").replace("</details>", "")


def _serve_page(stands: Stage, console: Console) -> None:
    console.print(f"The pull request is at {stands.page} until Ctrl-C.", highlight=False)
    webbrowser.open(stands.page)
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        console.print("Closed.")
