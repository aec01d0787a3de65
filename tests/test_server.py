"""`reviewer serve`, `worker` and `receive` as processes, against a stand-in GitHub and a stand-in model."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from collector import collecting
from console import PATIENCE, reviewer, started
from standin_client import Forge, forge, key

from reviewer.commands.receive import receive_command
from reviewer.core.errors import UsageError
from reviewer.settings import load
from reviewer.standin.events import Event
from reviewer.standin.model import StandInModel
from reviewer.standin.server import serve
from reviewer.standin.state import make_key
from reviewer.standin.webhooks import deliver

TOKEN = "let-me-in"
FINDING = {
    "path": "app.py",
    "line": 3,
    "end_line": None,
    "quote": "    return sum(items[1:])",
    "severity": "high",
    "category": "correctness",
    "confidence": 0.9,
    "title": "The first item is left out",
    "body": "`total([1])` is 0.",
    "suggestion": None,
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    with forge(tmp_path_factory.mktemp("hub"), time.time) as here:  # type: ignore[arg-type]
        yield here


@pytest.fixture(scope="module")
def model() -> Iterator[str]:
    with serve(StandInModel([FINDING]).app) as url:
        yield f"{url}/v1"


def credentials(hub: Forge, **more: str) -> dict[str, str]:
    return {
        "GITHUB_APP_ID": str(hub.state.app_id),
        "GITHUB_PRIVATE_KEY": key(),
        "GITHUB_WEBHOOK_SECRET": hub.state.webhook_secret,
        "GITHUB_API_URL": f"{hub.state.url}/api/v3",
        **more,
    }


class Running:
    """A server process, what it says, and a client."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []
        self.url = ""
        self.http = httpx2.Client(trust_env=False, timeout=PATIENCE)
        assert process.stderr
        for line in process.stderr:
            self.said.append(line)
            if line.startswith("reviewer listens on ") or '"worker.started"' in line:
                self.url = line.split()[-1]
                break
        self._reader = threading.Thread(target=self.said.extend, args=(process.stderr,), daemon=True)
        self._reader.start()

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.http.get(self.url + path, headers=headers)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def close(self) -> None:
        self.http.close()
        self.process.kill()
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream
            stream.close()

    @property
    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.said if line.startswith("{")]


@contextmanager
def running(*arguments: str, at: Path, **variables: str) -> Iterator[Running]:
    program = Running(started(*arguments, at=at, **variables))
    try:
        yield program
    finally:
        program.close()


def test_without_credentials_it_is_in_set_up_mode(tmp_path: Path) -> None:
    """It lives, is not ready, says what is missing, takes no delivery, and is set up by who sees its terminal."""
    (tmp_path / ".env").write_text("GITHUB_APP_ID=7\n")
    with running("serve", "--port", "0", at=tmp_path) as server:
        assert server.get("/healthz").text == "ok\n"
        ready = server.get("/readyz")
        assert (ready.status_code, sorted(ready.json()["missing"])) == (
            503,
            ["GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET"],
        )
        assert server.get("/setup").status_code == 401
        refused = server.http.post(f"{server.url}/api/github/webhooks", json={})
        assert refused.status_code == 503
        assert refused.json()["error"].startswith("this server is not set up yet: open the address")
        until = time.monotonic() + PATIENCE
        while len(server.said) < 3 and time.monotonic() < until:
            time.sleep(0.01)
        missing = "there is no GITHUB_PRIVATE_KEY, GITHUB_WEBHOOK_SECRET (but GITHUB_APP_ID)"
        assert server.said[1] == f"Set-up mode, since {missing}\n"
        address = server.said[2].split()[-1]
        assert address.startswith(f"{server.url}/setup?token=")
        page = server.http.get(address, follow_redirects=True)
        assert (page.status_code, str(page.url)) == (200, f"{server.url}/setup")
        assert server.stop(signal.SIGINT) == 0
        token = address.partition("=")[2]
        assert [line for line in server.said if token in line] == [server.said[2]]


def test_with_credentials_it_is_ready(hub: Forge, model: str, tmp_path: Path) -> None:
    """The status pages; the operator token is told once, on the terminal, and is in no line of the log."""
    with running("serve", "--port", "0", at=tmp_path, **credentials(hub, OPENAI_BASE_URL=model)) as server:
        ready = server.get("/readyz")
        told = {**ready.json(), "warnings": []}  # the stand-in has no webhook address
        assert (ready.status_code, told) == (200, {"ready": True, "missing": {}, "warnings": []})
        assert server.get("/healthz").status_code == 200
        assert server.get("/nothing").status_code == 404
        assert server.http.post(f"{server.url}/api/github/webhooks", json={}).status_code == 401
        metrics = metrics_of(server)
        assert "reviewer_jobs_failed_total 0.0" in metrics
        assert 'reviewer_webhook_requests_total{status="401"} 1.0' in metrics
        assert 'reviewer_readings_failed{reading="budgets"} 0.0' in metrics
        assert any(line.startswith('reviewer_github_requests_remaining{kind="core"}') for line in metrics)
        assert server.get("/jobs/x").status_code == 401
        assert server.get("/jobs/x", authorization="Bearer wrong").status_code == 401
        until = time.monotonic() + PATIENCE
        while len(server.said) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        sentence, token = server.said[1].strip().rsplit(": ", 1)
        assert sentence == "Operator token of this start (set REVIEWER_OPERATOR_TOKEN to choose it)"
        assert server.get("/jobs/x", authorization=f"Bearer {token}").status_code == 404
        assert "Operator token" in server.get("/").text
        assert "Ready for the first review" in server.get("/", authorization=f"Bearer {token}").text
        assert server.stop() == 0
        assert [line for line in server.said if token in line] == [server.said[1]]
        assert server.log[-1]["event"] == "server.stopped"


def metrics_of(server: Running) -> list[str]:
    """The lines, once the queue was looked at: that is shown by the next scrape where it takes a moment."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = server.get("/metrics").text.splitlines()
        if 'reviewer_queue_jobs{state="waiting"} 0.0' in found:
            return found
        time.sleep(0.02)
    return []


def test_what_is_missing_is_told_by_readyz(hub: Forge, tmp_path: Path) -> None:
    """A wrong key and no model: 503 with a sentence for each, while the process lives."""
    wrong = credentials(hub, GITHUB_PRIVATE_KEY=make_key(), REVIEWER_OPERATOR_TOKEN=TOKEN)
    with running("serve", "--port", "0", at=tmp_path, **wrong) as server:
        ready = server.get("/readyz")
        assert (ready.status_code, sorted(ready.json()["missing"])) == (503, ["github", "model"])
        assert "OPENAI_API_KEY" in ready.json()["missing"]["model"]
        assert server.get("/healthz").status_code == 200
        assert server.stop() == 0
        assert [line for line in server.said if TOKEN in line] == []


SERVE, STATUS = ("serve", "--port", "0"), ("db", "status")


@pytest.mark.parametrize(
    ("words", "variables", "code", "sentence"),
    [
        (
            SERVE,
            {"GITHUB_PRIVATE_KEY": "sesame"},
            2,
            "GITHUB_PRIVATE_KEY does not work: it is neither a PEM nor base64",
        ),
        (SERVE, {"REVIEWER_DATABASE_URL": "sqlite:///bad.db"}, 2, "REVIEWER_DATABASE_URL: bad.db cannot be written"),
        # `serve` waits for it first: see test_db_commands.
        (STATUS, {"REVIEWER_DATABASE_URL": "postgresql://u:hush@127.0.0.1:1/x"}, 3, "the database did not answer"),
    ],
)
def test_a_start_that_fails_is_told(
    *, words: tuple[str, ...], variables: dict[str, str], code: int, sentence: str, hub: Forge, tmp_path: Path
) -> None:
    """One sentence and the exit code of whose fault it is; no traceback, no password."""
    (tmp_path / "bad.db").write_text("no database at all, only words")
    done = reviewer(*words, at=tmp_path, **credentials(hub, **variables))
    assert done.err.startswith(f"reviewer: {sentence}")
    assert (done.code, done.out, done.err.count("\n")) == (code, "", 1)
    assert "hush" not in done.err


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    """Nothing else tells a newcomer that yesterday's server still runs."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = reviewer("serve", "--port", str(port), at=tmp_path)
    sentence = f"Cannot listen on 127.0.0.1:{port}: Address already in use. Choose another with --host and --port."
    assert (done.code, done.err) == (2, f"reviewer: {sentence}\n")


@pytest.mark.slow  # three processes
def test_a_door_without_worker_and_a_worker(hub: Forge, model: str, tmp_path: Path) -> None:
    """`serve --no-worker` takes the job; a `worker` process on the same SQLite file carries it out, and can be watched."""
    variables = credentials(hub, OPENAI_BASE_URL=model, REVIEWER_OPERATOR_TOKEN=TOKEN)
    with (
        collecting() as collector,
        running("serve", "--no-worker", "--port", "0", at=tmp_path, **variables) as door,
    ):
        delivery = deliver(hub.state, hub.opened, f"{door.url}/api/github/webhooks")
        assert delivery.status == 202

        def job() -> dict[str, Any]:
            found: dict[str, Any] = door.get(f"/jobs/{delivery.guid}", authorization=f"Bearer {TOKEN}").json()
            return found

        assert job()["status"] == "queued"
        seen = {"REVIEWER_METRICS_PORT": "0", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        with running("worker", at=tmp_path, **seen, **variables) as worker:
            until = time.monotonic() + PATIENCE
            while job()["status"] in {"queued", "running"} and time.monotonic() < until:
                time.sleep(0.05)
            assert job()["status"] == "done"
            worker.url = next(line["metrics"] for line in worker.log if line["event"] == "worker.started")
            assert worker.get("/healthz").text == "ok\n"
            assert worker.get(f"/jobs/{delivery.guid}").status_code == 404
            assert 'reviewer_reviews_total{conclusion="failure"} 1.0' in worker.get("/metrics").text.splitlines()
            assert worker.stop() == 0
            assert [line["conclusion"] for line in worker.log if line["event"] == "review.done"] == ["failure"]
        assert door.stop() == 0
    assert collector.spans["job review"].facts["reviewer.delivery"] == delivery.guid
    comments = hub.state.comments("octo/demo", 1)
    assert [(comment.path, comment.line) for comment in comments] == [("app.py", 3)]


@pytest.mark.slow  # two processes
def test_receive_plays_a_payload(hub: Forge, model: str, tmp_path: Path) -> None:
    """A saved payload goes through the real line, and the gate's verdict is the exit code."""
    (tmp_path / "opened.json").write_text(json.dumps(hub.opened.payload))
    variables = credentials(hub, OPENAI_BASE_URL=model)
    done = reviewer("receive", "opened.json", "--event", "pull_request", at=tmp_path, **variables)
    assert (done.code, done.out) == (1, "failure: 1 finding blocks: 1 high\n")
    assert hub.state.check_runs(hub.head)[-1].conclusion == "failure"
    closed = Event("pull_request", {**hub.opened.payload, "action": "closed"})
    (tmp_path / "closed.json").write_text(json.dumps(closed.payload))
    done = reviewer("receive", "closed.json", "--event", "pull_request", at=tmp_path, **variables)
    assert (done.code, done.out) == (0, "octo/demo#1 is closed: what ran for it is stopped\n")


def test_receive_says_what_it_cannot_play(hub: Forge, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What asks for nothing is no error; a broken file and missing credentials are."""
    files = {"ping": '{"zen": "Design for failure."}', "broken": '{"action":', "opened": json.dumps(hub.opened.payload)}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert receive_command(load({}), tmp_path / "ping", "ping") == 0
    assert capsys.readouterr().out.startswith("Nothing to do: ")
    with pytest.raises(UsageError, match="broken is not JSON: "):
        receive_command(load({}), tmp_path / "broken", "ping")
    with pytest.raises(UsageError, match="Set GITHUB_APP_ID, GITHUB_PRIVATE_KEY, GITHUB_WEBHOOK_SECRET first"):
        receive_command(load({}), tmp_path / "opened", "pull_request")
