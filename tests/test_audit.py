"""`reviewer audit`: the record of who let what pass, for people at 80 columns and for programs."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from databases import database_url, store

from reviewer.commands.audit import audit_command
from reviewer.core.errors import UsageError
from reviewer.core.render.rulings import utc
from reviewer.core.types import Dismissal, Job, Override, Pause, Usage
from reviewer.ports import LastVerdict, RunRecord
from reviewer.settings import Settings, load
from reviewer.store import SqlStore

__all__ = ["database_url", "store"]

HEAD = "abc1234" + "0" * 33
OVERRIDE = Override(12, HEAD, "max", "it is meant", 1_700_000_200.0, "main", {"f1": "high · a.py:2 · Wrong"}, "run-1")
PAUSE = Pause(13, "ann", 1_700_000_100.0, HEAD, "run-2")
DISMISSAL = Dismissal(12, "f2", "b.py", "x", "c", "bug", "low", "A &lt;b>", "…", "a test", "tim", 1_700_000_000.0)


@pytest.fixture
def kept(store: SqlStore) -> SqlStore:
    """One of each."""
    asyncio.run(store.keep_override(7, "octo/app", OVERRIDE))
    asyncio.run(store.keep_pause(7, "octo/app", PAUSE))
    asyncio.run(store.keep_dismissal(7, "octo/app", DISMISSAL))
    asyncio.run(store.keep_override(8, "octo/other", replace(OVERRIDE, by="nobody")))
    return store


def settings(url: str) -> Settings:
    return load({"REVIEWER_DATABASE_URL": url}, None)


def shown(url: str, capsys: pytest.CaptureFixture[str], repository: str = "octo/app", output: str = "text") -> str:
    audit_command(settings(url), repository, output=output)
    return capsys.readouterr().out


def test_the_record_comes_back(kept: SqlStore) -> None:
    """To the letter; a later word of the same command takes the place of the first."""
    assert asyncio.run(kept.overrides(7, "octo/app", 12)) == (OVERRIDE,)
    assert asyncio.run(kept.overrides(8, "octo/app", 12)) == ()
    later = replace(OVERRIDE, run="run-3", at=1_700_000_300.0)
    for each in (later, replace(OVERRIDE, findings={})):
        asyncio.run(kept.keep_override(7, "octo/app", each))
    assert asyncio.run(kept.overrides(7, "octo/app", 12)) == (replace(OVERRIDE, findings={}), later)
    assert asyncio.run(kept.pause(7, "octo/app", 13)) == PAUSE
    assert asyncio.run(kept.pause(7, "octo/app", 12)) is None
    ended = replace(PAUSE, ended=1_700_000_150.0, ended_by="max")
    asyncio.run(kept.keep_pause(7, "octo/app", ended))
    assert asyncio.run(kept.pause(7, "octo/app", 13)) == ended
    hostile = replace(OVERRIDE, reason="\0\ud800" + "x" * 9_000, findings={"f": "\0" + "y" * 9_000})
    asyncio.run(kept.keep_override(7, "octo/app", hostile))
    [first, _] = asyncio.run(kept.overrides(7, "octo/app", 12))
    assert len(first.reason) <= 2_000
    assert len(first.findings["f"]) <= 500


def test_the_newest_verdict_is_known(store: SqlStore) -> None:
    """What blocked on which head, whatever was superseded since; of two at once that of the head that is meant."""
    job = Job("review", 7, "octo/app", 12, HEAD, "pull_request.opened", "d")
    assert asyncio.run(store.last_verdict(job, HEAD)) is None
    assert not asyncio.run(store.reviewed(job))
    for nth, (head, conclusion, prompt) in enumerate(
        [(HEAD, "neutral", ""), ("b" * 40, "failure", "p@1"), ("c" * 40, "cancelled", "")]
    ):
        run = RunRecord(job, f"r{nth}", head, conclusion, "", (), Usage(), None, "", prompt, 0.0)
        asyncio.run(store.keep_run(replace(run, blocking={"f1": "a label"} if prompt else {})))
        assert asyncio.run(store.reviewed(job)) == (nth > 0)
    assert asyncio.run(store.last_verdict(job, "b" * 40)) == LastVerdict("b" * 40, {"f1": "a label"})
    assert asyncio.run(store.last_verdict(job, HEAD)) == LastVerdict(HEAD, {})
    other = replace(job, number=13)
    assert asyncio.run(store.last_verdict(other, HEAD)) is None
    assert not asyncio.run(store.reviewed(other))


def test_people_read_who_when_what_and_why(
    kept: SqlStore, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The newest first; the repository in whatever case it is typed."""
    assert shown(database_url, capsys, "Octo/App") == (
        "2023-11-14 22:16 UTC override of octo/app#12 at abc1234 by max\n"
        "  why: it is meant\n"
        "  - high · a.py:2 · Wrong\n"
        "\n"
        "2023-11-14 22:15 UTC pause of octo/app#13 by ann\n"
        "  lasts\n"
        "\n"
        "2023-11-14 22:13 UTC dismissal of octo/app#12 by tim\n"
        "  why: a test\n"
        "  - low · b.py · A <b>\n"
    )
    asyncio.run(
        kept.keep_override(7, "octo/app", replace(OVERRIDE, reason="so \x1b[31mlong " * 60, findings={"f": ""}))
    )
    text = shown(database_url, capsys)
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    assert shown(database_url, capsys, "octo/none") == "Nothing was overridden, dismissed or paused in octo/none.\n"


def test_programs_read_json(kept: SqlStore, database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The same, whole, with times as ISO 8601 has them."""
    asyncio.run(kept.keep_pause(7, "octo/app", replace(PAUSE, ended=1_700_000_150.0, ended_by="max")))
    override, pause, dismissal = json.loads(shown(database_url, capsys, output="json"))
    assert override == {
        "what": "override",
        "repository": "octo/app",
        "number": 12,
        "by": "max",
        "at": "2023-11-14T22:16:40Z",
        "head": HEAD,
        "reason": "it is meant",
        "findings": ["high · a.py:2 · Wrong"],
        "ended": None,
        "ended_by": None,
    }
    assert (pause["what"], pause["ended"], pause["ended_by"]) == ("pause", "2023-11-14T22:15:50Z", "max")
    assert (dismissal["what"], dismissal["findings"]) == ("dismissal", ["low · b.py · A <b>"])


def test_what_was_forgotten_is_not_shown(kept: SqlStore, database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its words are gone."""
    asyncio.run(kept.forget_dismissal(7, "octo/app", 12, "f2"))
    assert "dismissal" not in shown(database_url, capsys)


def test_nothing_to_read_is_one_sentence(tmp_path: Path) -> None:
    """No file is made by looking for it; an empty one is no record."""
    file = tmp_path / "gone.db"
    with pytest.raises(UsageError, match=r"There is no database .*gone\.db: run this where `reviewer serve` runs"):
        audit_command(settings(f"sqlite:///{file}"), "octo/app", output="text")
    assert not file.exists()
    file.touch()
    with pytest.raises(UsageError, match="The database is empty"):
        audit_command(settings(f"sqlite:///{file}"), "octo/app", output="text")


@pytest.mark.parametrize(
    ("repository", "output", "sentence"),
    [
        ("app", "text", "--repo takes a repository on GitHub, as OWNER/NAME."),
        ("https://github.com/octo/app", "text", "--repo takes a repository"),
        ("octo/app", "yaml", "--format yaml is not known: use one of text, json."),
    ],
)
def test_a_slip_is_told(repository: str, output: str, sentence: str) -> None:
    """Before anything is read."""
    with pytest.raises(UsageError, match=sentence):
        audit_command(settings("sqlite:///gone.db"), repository, output=output)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01 00:00 UTC"),
        (951_782_399, "2000-02-28 23:59 UTC"),
        (951_868_799, "2000-02-29 23:59 UTC"),
        (1_709_251_200, "2024-03-01 00:00 UTC"),
        (4_107_542_399, "2100-02-28 23:59 UTC"),
        (4_107_542_400, "2100-03-01 00:00 UTC"),
        (1_735_689_599, "2024-12-31 23:59 UTC"),
    ],
)
def test_a_time_is_told_in_utc(seconds: int, text: str) -> None:
    """Leap years too."""
    assert utc(float(seconds)) == text
