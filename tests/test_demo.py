"""`reviewer demo` as a newcomer runs it: offline, behind a proxy, twice at once, with the browser."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from console import PATIENCE, interruptible, reviewer, started

from reviewer import resources

__all__ = ["interruptible"]

# Port 9 discards: whoever asks a proxy here gets no answer.
PROXIES = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"), "http://127.0.0.1:9")
RECORDED = json.loads((resources.demo_folder() / "answers.json").read_text(encoding="utf-8"))["findings"]


def test_the_demo_plays_the_whole_loop(tmp_path: Path) -> None:
    """It needs no key and no network, prints review, comments and check, and leaves nothing behind."""
    done = reviewer("demo", at=tmp_path, **PROXIES)
    assert (done.code, done.err) == (0, "")
    shown = " ".join(done.out.split())
    assert f"{len(RECORDED)} new findings: 1 critical" in shown
    titles = [found["title"].replace("`", "") for found in RECORDED]
    assert [title for title in titles if title not in shown] == []
    assert '28 + f"SELECT * FROM parcels' in shown
    assert "45 - session.rollback()" in shown
    assert "15 sums[parcel.country] += quote(parcel)" in shown
    assert "suggested instead: + sums[parcel.country] += quote(parcel).total" in shown
    assert "check run reviewer: failure" in shown
    assert "are recorded, everything else is real" in shown
    assert max(map(len, done.out.splitlines())) <= 80
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow  # two demos: six seconds
@pytest.mark.usefixtures("interruptible")
def test_two_at_once(tmp_path: Path) -> None:
    """Nothing is shared between two demos on one machine. `--keep` says where the folder is; `--open` shows the pull
    request's page in the browser until Ctrl-C, which is the way to end it.
    """
    with started("demo", "--open", at=tmp_path, BROWSER="echo opened %s") as process:
        assert process.stdout
        assert process.stderr
        opened = next(line for line in process.stdout if line.startswith("opened "))
        other = reviewer("demo", "--keep", at=tmp_path)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == ""
    assert opened.startswith("opened http://127.0.0.1:")
    assert opened.endswith("/acme/parcel/pull/1\n")
    assert (other.code, other.err) == (0, "")
    kept = Path(other.out.splitlines()[-1].removeprefix("Kept: "))
    assert list(tmp_path.iterdir()) == [kept]
    assert (kept / "reviewer.db").exists()


def test_without_git(tmp_path: Path) -> None:
    """A bare container reads what to install."""
    done = reviewer("demo", at=tmp_path, PATH="/nowhere")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith("reviewer: The demo needs git")
