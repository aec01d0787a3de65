"""`reviewer audit`: the record of who let what pass, for people at 80 columns and for programs."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from databases import database_url, store

from reviewer.commands.audit import audit_command
from reviewer.core.errors import UsageError
from reviewer.core.render.rulings import utc
from reviewer.core.types import Act, Dismissal, Job, Override, Pause, Usage
from reviewer.ports import LastVerdict, RunRecord
from reviewer.settings import Settings, load
from reviewer.store import SqlStore, Workers, recorded
from reviewer.store.dismissals import MOST
from reviewer.store.tables import DISMISSALS
from reviewer.store.tables_acts import ACTS as ACTS_TABLE

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
        [(HEAD, "neutral", "p@1"), ("b" * 40, "failure", "p@1"), ("c" * 40, "cancelled", ""), ("d" * 40, "neutral", "")]
    ):
        run = RunRecord(job, f"r{nth}", head, conclusion, "", (), Usage(), None, "", prompt, 0.0)
        asyncio.run(store.keep_run(replace(run, blocking={"f1": "a label"} if conclusion == "failure" else {})))
        assert asyncio.run(store.reviewed(job))
    assert asyncio.run(store.last_verdict(job, "b" * 40)) == LastVerdict("b" * 40, {"f1": "a label"})
    assert asyncio.run(store.last_verdict(job, HEAD)) == LastVerdict(HEAD, {})
    other = replace(job, number=13)
    assert asyncio.run(store.last_verdict(other, HEAD)) is None
    assert not asyncio.run(store.reviewed(other))


ACTS = (  # the oldest first
    Act("dismissal", 12, "tim", 1_700_000_010.0, HEAD, {"f3": "low · c.py:1 · A <b>"}, "a test", "reply", "r1", "s"),
    Act("dismissal", 12, "ann", 1_700_000_020.0, HEAD, {"f3": "low · c.py:1 · A <b>"}, "", "thumbs down", "", "s"),
    Act("forgetting", 12, "eve", 1_700_000_300.0, HEAD, {"f3": "low · c.py:1 · A <b>"}, "", "command", "r2", "s"),
    Act("resume", 13, "max", 1_700_000_400.0, HEAD, {}, "", "command", "run-2", "resume"),
)


def done(store: SqlStore, *acts: Act, repository: str = "octo/app") -> None:
    for act in acts:
        asyncio.run(store.keep_act(7, repository, act))


def test_people_read_who_when_what_and_why(
    kept: SqlStore, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The newest first, what older programs kept elsewhere among it; the repository in whatever case it is typed."""
    done(kept, *ACTS)
    assert shown(database_url, capsys, "Octo/App") == (
        "2023-11-14 22:20 UTC resume of octo/app#13 at abc1234 by max\n"
        "\n"
        "2023-11-14 22:18 UTC dismissal forgotten on octo/app#12 at abc1234 by eve\n"
        "  - low · c.py:1 · A <b> (f3)\n"
        "\n"
        "2023-11-14 22:16 UTC override of octo/app#12 at abc1234 by max\n"
        "  why: it is meant\n"
        "  - high · a.py:2 · Wrong (f1)\n"
        "\n"
        "2023-11-14 22:15 UTC pause of octo/app#13 at abc1234 by ann\n"
        "\n"
        "2023-11-14 22:13 UTC dismissal on octo/app#12 at abc1234 by ann, by 👎\n"
        "  - low · c.py:1 · A <b> (f3)\n"
        "\n"
        "2023-11-14 22:13 UTC dismissal on octo/app#12 at abc1234 by tim, by a reply\n"
        "  why: a test\n"
        "  - low · c.py:1 · A <b> (f3)\n"
        "\n"
        "2023-11-14 22:13 UTC dismissal on octo/app#12 by tim\n"
        "  why: a test\n"
        "  - low · b.py · A <b> (f2)\n"
    )
    long = replace(ACTS[0], run="r9", reason="so \x1b[31mlong " * 60, findings={"f": "", "g" * 300: "x" * 300})
    done(kept, long)
    text = shown(database_url, capsys)
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    assert shown(database_url, capsys, "octo/none") == "Nothing was overridden, dismissed or paused in octo/none.\n"
    assert json.loads(shown(database_url, capsys, "octo/none", "json")) == []


def test_programs_read_json(kept: SqlStore, database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The same, whole, with times as ISO 8601 has them; ids beside labels."""
    asyncio.run(kept.keep_pause(7, "octo/app", replace(PAUSE, ended=1_700_000_150.0, ended_by="max")))
    override, resume, pause, dismissal = json.loads(shown(database_url, capsys, output="json"))
    assert override == {
        "what": "override",
        "repository": "octo/app",
        "number": 12,
        "by": "max",
        "at": "2023-11-14T22:16:40Z",
        "head": HEAD,
        "how": "command",
        "reason": "it is meant",
        "findings": [{"id": "f1", "label": "high · a.py:2 · Wrong"}],
    }
    assert (pause["what"], pause["by"]) == ("pause", "ann")
    assert (resume["what"], resume["at"], resume["by"]) == ("resume", "2023-11-14T22:15:50Z", "max")
    assert (dismissal["what"], dismissal["how"]) == ("dismissal", "")
    assert dismissal["findings"] == [{"id": "f2", "label": "low · b.py · A <b>"}]


def told(url: str) -> list[tuple[str, str, str]]:
    return [(each.act.what, each.act.by, each.act.reason) for each in recorded(url, "octo/app")]


def test_nobody_wipes_the_record(kept: SqlStore, database_url: str) -> None:
    """What an older program kept stays told when it is forgotten, dismissed by another, or one of too many; and what
    had been forgotten before is told without its words.
    """
    asyncio.run(kept.forget_dismissal(7, "octo/app", 12, "f2"))
    assert told(database_url)[-1] == ("dismissal", "tim", "a test")
    asyncio.run(kept.keep_dismissal(7, "octo/app", replace(DISMISSAL, name="f9")))
    asyncio.run(
        kept.keep_dismissal(7, "octo/app", replace(DISMISSAL, name="f9", by="ann", reason="b", at=1_700_000_001.0))
    )
    assert told(database_url)[-3:-1] == [("dismissal", "ann", "b"), ("dismissal", "tim", "a test")]
    with kept.transaction() as connection:
        connection.execute(sa.delete(ACTS_TABLE))
    assert told(database_url)[-1] == ("dismissal", "", "")


def test_the_oldest_of_too_many_is_told(kept: SqlStore, database_url: str) -> None:
    """The memory has room for so many of a repository; the record is not struck with it."""
    row = asdict(DISMISSAL) | {"installation": 7, "repository": "octo/app", "command": 0, "forgotten": 0}
    with kept.transaction() as connection:
        connection.execute(
            sa.insert(DISMISSALS), [row | {"number": n, "at": DISMISSAL.at + n} for n in range(20, MOST + 20)]
        )
    asyncio.run(kept.keep_dismissal(7, "octo/app", replace(DISMISSAL, number=11, at=DISMISSAL.at + 9_000)))
    assert len(asyncio.run(kept.dismissals(7, "octo/app"))) == MOST
    assert len([what for what, *_ in told(database_url) if what == "dismissal"]) == MOST + 2


def test_an_act_is_written_once(store: SqlStore, database_url: str) -> None:
    """The first word of a run's step stands; what is read from GitHub is new only where nothing tells of it."""
    act, button, *_ = ACTS
    done(store, act, replace(act, reason="changed", at=5.0), button, button)
    assert told(database_url) == [("dismissal", "ann", ""), ("dismissal", "tim", "a test")]
    done(store, replace(act, run="", how="", step="read back"), replace(button, step="another"))
    assert len(told(database_url)) == 2
    done(store, replace(button, step="b", findings={"f4": ""}), replace(act, run="r8"), repository="octo/app")
    assert len(told(database_url)) == 4
    done(store, replace(act, number=1), repository="octo/other")
    assert len(told(database_url)) == 4


def test_an_older_database_is_read(kept: SqlStore, database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the tables and columns that came later; reading makes none."""
    with kept.transaction() as connection:
        connection.execute(sa.schema.DropTable(ACTS_TABLE))
        connection.exec_driver_sql("ALTER TABLE dismissals DROP COLUMN command")
    asked = json.loads(shown(database_url, capsys, output="json"))
    assert [each["what"] for each in asked] == ["override", "pause", "dismissal"]
    assert not sa.inspect(kept.engine).has_table("acts")


def test_the_record_stays_for_two_years(store: SqlStore, database_url: str) -> None:
    """Upkeep strikes what is older, and nothing else."""
    with store.transaction() as connection:
        now = store.time(connection)
    done(store, *(replace(ACTS[0], run=f"r{days}", reason=str(days), at=now - days * 86_400) for days in (730, 732)))
    assert Workers(store).prune(at_most=10) == 1
    assert [reason for _, _, reason in told(database_url)] == ["730"]


def test_the_record_has_bounds(store: SqlStore, database_url: str) -> None:
    """Hostile words are cut and mended."""
    bad = "\0\ud800" + "🦀" * 9_000
    done(store, Act("dismissal", 1, bad, 1.0, bad, {bad: bad}, bad, "command", bad, bad))
    [each] = recorded(database_url, "octo/app")
    texts = [each.act.by, each.act.reason, *each.act.findings, *each.act.findings.values()]
    assert [len(text) for text in texts] == [200, 2_000, 200, 500]


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
