"""What `reviewer review` keeps and spends: one cache, one ledger and the budgets, also when it is cut short."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from console import PATIENCE, interruptible, reviewer, started
from counter import small
from local_git import a_repository, commit, git
from structlog.testing import capture_logs
from test_local import FINDING

from reviewer.commands.named import named, pushed_range
from reviewer.commands.prompt import prompt_command
from reviewer.commands.review import review_command
from reviewer.core.errors import ModelError, Superseded, UsageError
from reviewer.core.types import Answer, Lost, Prompt
from reviewer.git import Part
from reviewer.local import Stop, Stoppable
from reviewer.settings import load
from reviewer.standin.model import StandInModel
from reviewer.standin.model_shapes import Fault
from reviewer.standin.server import serve

__all__ = ["interruptible"]

LONG = "".join(f"value_{number} = compute({number}, {number * 7})\n" for number in range(1_800))


class Local:
    """A repository, a stand-in model, and the folder where the person's cache is."""

    def __init__(self, folder: Path, model: StandInModel, url: str) -> None:
        self.repo = a_repository(folder / "repo")
        self.model = model
        self.variables = {"OPENAI_API_KEY": "sk-one", "OPENAI_BASE_URL": f"{url}/v1"}
        self.cache = folder / "cache" / "reviewer"

    def review(self, budgets: str = "", *, cache: bool = True) -> int:
        """In this process; the exit code, or what it raises."""
        with capture_logs():
            settings = load(self.variables | {"REVIEWER_BUDGETS": budgets})
            return review_command(settings, None, repo=self.repo, diff=None, output="text", fail_on=None, cache=cache)

    def kept(self, query: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.cache / "local.db") as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Local]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("REVIEWER_DATABASE_URL", raising=False)
    monkeypatch.setenv("GITHUB_ACTOR", "octocat")
    model = StandInModel([FINDING])
    with serve(model.app) as url:
        yield Local(tmp_path, model, url)


def test_what_was_answered_is_not_asked_again(local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    """The second run costs nothing and says so; each call and each answer of the cache has its row in the ledger."""
    assert (local.review(), local.review()) == (1, 1)
    assert len(local.model.requests) == 2  # the review and the second look
    first, second = capsys.readouterr().out.split("a.py\n\n")[1:]
    assert "1 reviewed · gpt-6.1-terra · " in first
    assert second.endswith("1 hunk in 1 file: 1 from cache · nothing was asked · $0\n")
    rows = local.kept("select purpose, repository, person, tier from calls where tier in ('', 'exact')")
    assert sorted(rows) == [
        ("confirm_findings", "repo", "octocat", ""),
        ("report_findings", "repo", "octocat", ""),
        *[("report_findings", "repo", "octocat", "exact")] * 2,
    ]
    assert local.kept("select * from reservations") == []
    assert local.cache.stat().st_mode & 0o777 == 0o700
    assert list(local.cache.glob("*.lock")) == []


def test_without_the_cache_all_is_asked_anew(local: Local) -> None:
    """Nor is anything kept; what it costs is written down all the same."""
    assert (local.review(cache=False), local.review(cache=False)) == (1, 1)
    assert len(local.model.requests) == 4
    assert local.kept("select * from answers") == []
    assert len(local.kept("select * from calls where tier = ''")) == 4


def test_another_branch_has_answers_of_its_own(local: Local) -> None:
    """As each pull request has on the server: what one author wrote answers for nobody else's change."""
    local.review()
    git(local.repo, "checkout", "-qb", "other")
    local.review()
    assert len(local.model.requests) == 4


def test_budgets_hold_here_too(local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    """With the server's sentence; nothing is sent, and it is no service's fault. What is kept is given in any case."""
    with pytest.raises(
        UsageError, match=r"Nothing could be reviewed: The budget of 10 tokens a day for each person is"
    ):
        local.review("person 10/day")
    assert local.model.requests == []
    local.review()
    capsys.readouterr()
    assert local.review("person 10/day") == 1
    assert "nothing was asked" in capsys.readouterr().out


@pytest.mark.parametrize("trouble", ["corrupt", "locked", "unwritable"])
def test_a_cache_that_cannot_be_used_stops_nothing(
    local: Local, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    """It is said, and the review goes on without; the budgets still hold for it alone."""
    monkeypatch.setattr("reviewer.commands.kept.PATIENCE", 0.01)
    local.cache.mkdir(parents=True)
    file = local.cache / "local.db"
    said = {"corrupt": "delete it, and the next review", "locked": "database is locked", "unwritable": "be written"}
    with sqlite3.connect(file, isolation_level=None) as holder:
        if trouble == "corrupt":
            file.write_bytes(b"This is no database, but a text that is long enough to be one." * 20)
        elif trouble == "locked":
            holder.execute("BEGIN EXCLUSIVE")
        else:
            file.unlink()
            local.cache.rmdir()
            local.cache.write_text("a file where the folder should be")
        assert local.review() == 1
        shown = " ".join(capsys.readouterr().out.split())
        assert "- Nothing is kept of this review: " in shown
        assert said[trouble] in shown
        with pytest.raises(UsageError, match="The budget of 10 tokens an hour"):
            local.review("everything 10/hour")


def test_the_operator_s_database_is_used_where_it_is_named(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    """But never what a stranger's project calls DATABASE_URL: that is its own."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{local.repo.parent}/theirs.db")
    local.review()
    assert not (local.repo.parent / "theirs.db").exists()
    monkeypatch.setenv("REVIEWER_DATABASE_URL", f"sqlite:///{local.repo.parent}/ours.db")
    local.review()
    assert (local.repo.parent / "ours.db").exists()
    assert len(local.model.requests) == 4


@pytest.mark.slow
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("signalled", [signal.SIGINT, signal.SIGTERM])
def test_what_was_answered_before_the_end_is_kept(local: Local, signalled: int) -> None:
    """Interrupted in the middle: one line, nothing reserved, no call open; the next run goes on from there."""
    commit(local.repo, b__py=LONG, c__py=LONG.replace("compute", "measure"))
    local.model.faults_on = {"measure(": Fault("slow", 600.0)}
    cache = Path(f"{local.repo}-cache") / "reviewer"
    with started("review", at=local.repo, **local.variables) as process:
        try:
            until = time.monotonic() + PATIENCE
            while not _count(cache / "local.db", "answers") and process.poll() is None and time.monotonic() < until:
                time.sleep(0.02)
            os.kill(process.pid, signalled)
            out, err = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (130, "", "reviewer: Interrupted.\n")
    assert (_count(cache / "local.db", "reservations"), _count(cache / "local.db", "open_calls")) == (0, 0)
    local.model.faults_on = {}
    again = reviewer("review", at=local.repo, **local.variables)
    assert "3 hunks in 3 files: 1 reviewed, 2 from cache" in again.out


def test_a_call_under_way_is_given_up_and_none_begun() -> None:
    """Once somebody wants the end: the call fails as cancelled, with what it may have cost, and nobody goes on."""

    class Waits:
        name = "m"

        def __init__(self) -> None:
            self.asked = asyncio.Event()

        async def call(self, prompt: Prompt) -> Answer:
            self.asked.set()
            await asyncio.sleep(3600)
            raise AssertionError(prompt)

    async def story() -> None:
        stop, model = Stop(), Waits()
        await stop.wanted()
        call = asyncio.create_task(Stoppable(model, stop).call(small()))
        await model.asked.wait()
        stop()
        with pytest.raises(ModelError) as ended:
            await call
        assert (ended.value.code, ended.value.lost) == ("cancelled", Lost(1))
        with pytest.raises(Superseded):
            await stop.wanted()

    asyncio.run(story())


def test_who_was_killed_keeps_nobody_waiting(local: Local) -> None:
    """What a process that is gone had reserved is free for the next one; that of one that is alive is not."""
    local.review()
    taken = "update reservations set holder = 'gone'"
    with sqlite3.connect(local.cache / "local.db") as connection:
        rows = connection.execute("select key, repository, number from answers").fetchall()
        connection.execute("delete from answers")
        scope = f"{rows[0][1]}#{rows[0][2]}"
        until = time.time() + 300
        connection.executemany(
            "insert into reservations (installation, key, holder, until, scope) values (0, ?, 'gone', ?, ?)",
            [(row[0], until, scope) for row in rows],
        )
        connection.execute(taken)
    assert local.review() == 1
    assert len(local.model.requests) == 4


def _count(file: Path, table: str) -> int:
    if not file.exists():
        return 0
    with sqlite3.connect(file) as connection:
        try:
            return int(connection.execute(f"select count(*) from {table}").fetchone()[0])
        except sqlite3.Error:
            return 0


def test_staged_and_unstaged_for_the_prompt(local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    """`prompt` shows for each what `review` would send."""
    (local.repo / "a.py").write_text("staged = 1\n")
    git(local.repo, "add", "a.py")
    (local.repo / "b.py").write_text("unstaged = 1\n")
    shown = {}
    for part in Part:
        assert prompt_command(load({}), part, repo=local.repo, diff=None) == 0
        shown[part] = capsys.readouterr().out
    assert {part: "unstaged = 1" in text for part, text in shown.items()} == {Part.STAGED: False, Part.UNSTAGED: True}
    assert "staged = 1" in shown[Part.STAGED]


def test_one_change_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of them are a mistake, with the cure."""
    monkeypatch.setenv("PRE_COMMIT", "1")
    for name in ("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF", "PRE_COMMIT_SOURCE", "PRE_COMMIT_ORIGIN"):
        monkeypatch.delenv(name, raising=False)
    assert [named(None, None), named("a..b", None), named(None, None, pushed=True)] == [None, "a..b", None]
    assert [named(None, None, staged=True), named(None, None, unstaged=True)] == [Part.STAGED, Part.UNSTAGED]
    with pytest.raises(UsageError, match="together are the range `HEAD`"):
        named(None, None, staged=True, unstaged=True)
    with pytest.raises(UsageError, match=r"`?a\.\.b`? and --staged name two changes"):
        named("a..b", None, staged=True)


def test_what_is_pushed_is_what_pre_commit_tells() -> None:
    assert pushed_range({"PRE_COMMIT_FROM_REF": "a", "PRE_COMMIT_TO_REF": "b"}) == "a...b"
    assert pushed_range({"PRE_COMMIT_SOURCE": "a", "PRE_COMMIT_ORIGIN": "b"}) == "a...b"
    assert pushed_range({"PRE_COMMIT": "1", "PRE_COMMIT_TO_REF": "b"}) is None
    with pytest.raises(UsageError, match="is for pre-commit"):
        pushed_range({"PRE_COMMIT_HOME": "/home/somebody"})
