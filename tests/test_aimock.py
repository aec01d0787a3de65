"""The model's two languages against a server that is not ours: npm's @copilotkit/aimock, in a pinned version."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from asker import BOTH, Api, Asker, review
from console import reviewer
from forge import NAME, Forge, a_key, forge_at
from local_git import commit, git

from reviewer.core.findings import parse_report
from reviewer.standin.events import push

HERE = Path(__file__).parent / "aimock"
KEPT = Path(__file__).parent.parent / ".cache" / "aimock"
WRONG = "def area(w, h):\n    return w - h\n"
OLDEST = 20  # node
PATIENCE = 60.0  # seconds

pytestmark = pytest.mark.slow  # node, and at first the npm registry


def installed() -> Path:
    """The program, under `.cache/`; skips where there is no node or no registry."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        pytest.skip("node and npm are not here: the model is not tried against aimock")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").partition(".")[0]) < OLDEST:
        pytest.skip(f"node is {version}, and aimock needs {OLDEST}: the model is not tried against it")
    program = KEPT / "node_modules" / "@copilotkit" / "aimock"
    lock = (HERE / "package-lock.json").read_bytes()
    if not program.exists() or (KEPT / "package-lock.json").read_bytes() != lock:
        KEPT.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, KEPT / name)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=KEPT, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            shutil.rmtree(KEPT / "node_modules", ignore_errors=True)
            pytest.skip(f"npm could not install aimock: {done.stderr.strip()[-300:]}")
    return program


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where it answers, with our fixtures: what it has no answer for is an error."""
    program = installed()
    main = json.loads((program / "package.json").read_text(encoding="utf-8"))["bin"]["llmock"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["node", str(program / main), "-p", str(port), "-f", str(HERE / "fixtures.json"), "--strict"]
    with subprocess.Popen([*command, "--validate-on-load"], stdout=subprocess.DEVNULL) as server:
        try:
            answers(server, f"http://127.0.0.1:{port}/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def answers(server: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail("aimock does not answer")


def variables(url: str, api: Api) -> dict[str, str]:
    return {"OPENAI_API_KEY": "sk-aimock", "OPENAI_BASE_URL": f"{url}/v1", "REVIEWER_MODEL_API": api}


@pytest.mark.parametrize("api", BOTH)
def test_the_local_tool(url: str, api: Api, tmp_path: Path) -> None:
    """`reviewer review` finds what the server says, on its line."""
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "-q", "-b", "main")
    commit(repo, area__py="def area(w, h):\n    return w * h\n")
    (repo / "area.py").write_text(WRONG)
    done = reviewer("review", "--format", "json", at=repo, **variables(url, api))
    assert (done.code, done.err) == (0, "")
    assert "The area is a difference" in done.out


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    with forge_at(tmp_path_factory.mktemp("forge")) as forge:
        yield forge


@pytest.mark.parametrize("api", BOTH)
def test_the_servers_line(url: str, api: Api, forge: Forge, tmp_path: Path) -> None:
    """A pull request's webhook becomes a review with a comment on the line, and a check that has ended."""
    forge.reset()
    hub = forge.hub
    hub.repositories[NAME].git.commit({"area.py": WRONG}, branch="topic")
    event = push(hub, NAME, 1)
    (tmp_path / "event.json").write_text(json.dumps(event.payload), encoding="utf-8")
    more = {
        "GITHUB_APP_ID": str(hub.app_id),
        "GITHUB_PRIVATE_KEY": a_key(),
        "GITHUB_WEBHOOK_SECRET": "it-is-only-a-stand-in",
        "GITHUB_API_URL": f"{forge.url}/api/v3",
        "LOG_LEVEL": "error",
    }
    done = reviewer("receive", "event.json", "--event", "pull_request", at=tmp_path, **variables(url, api), **more)
    assert done.code == 0, done.err
    [check] = hub.check_runs(forge.stands.head_sha)
    assert (check.status, check.conclusion) == ("completed", "success"), check.summary
    [said] = forge.stands.comments
    assert (said.path, said.line, "The area is a difference" in said.body) == ("area.py", 2, True)


@pytest.mark.parametrize("api", BOTH)
@pytest.mark.parametrize(
    ("model", "retryable", "word"),
    [
        ("limited", True, "answered 429"),
        ("broken", True, "500"),
        ("broke", False, "OPENAI_API_KEY"),
        ("garbled", True, "JSON"),
        ("gone", True, "cannot be reached"),
    ],
)
def test_its_faults_are_told(url: str, api: Api, model: str, retryable: bool, word: str) -> None:
    """What passes is tried again, within limits; what a person has to mend is said at once."""
    asker = Asker(url, api=api)
    asker.model = asker.model.sibling(model)
    error = asker.fails(review())
    assert (error.retryable, word in str(error)) == (retryable, True), str(error)


@pytest.mark.parametrize("api", BOTH)
def test_an_object_in_the_text_is_taken(url: str, api: Api) -> None:
    """From a server that writes what it should have called; and what is none is a fault."""
    for model, fault in (("chatty", ""), ("silent", "text")):
        asker = Asker(url, api=api)
        asker.model = asker.model.sibling(model)
        [answer] = asker.ask(review())
        assert answer.fault == fault
        assert fault or parse_report(answer.arguments).findings == ()
