"""From the review to the comparison: which prompt said what, what became of it, and how well the model worked."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner
from world import ADDED, ADDED_TOO, CHANGED, World, finding, servers, world

from reviewer import __main__ as command_line
from reviewer.core.errors import UsageError
from reviewer.core.prompts import parse_split
from reviewer.metrics import Metrics
from reviewer.standin import events
from reviewer.store.tables_fates import FATES, LOOKS

__all__ = ["servers", "world"]

MENDED = {"shop.py": CHANGED.replace(ADDED, "    subtotal = sum(items or [])")}


def fates(world: World) -> list[tuple[str, str, str]]:
    with world.parts.store.transaction() as connection:
        rows = connection.execute(sa.select(FATES).order_by(FATES.c.severity, FATES.c.name))
        return [(row.severity, row.prompt, row.fate) for row in rows]


def looks(world: World) -> list[sa.RowMapping]:
    with world.parts.store.transaction() as connection:
        return list(connection.execute(sa.select(LOOKS).order_by(LOOKS.c.at)).mappings())


def types(world: World, *words: str) -> str:
    environment = {"REVIEWER_DATABASE_URL": world.settings.database_url}
    answer = CliRunner().invoke(command_line.cli, ["prompts", *words], env=environment)
    if answer.exception:
        raise answer.exception
    return answer.stdout


def test_a_finding_s_fate_is_kept_with_its_prompt(world: World) -> None:
    """Said, fixed by a push, back again; what people dismiss by a button; what the cache repeats is not said twice."""
    world.model.findings = [finding(ADDED, severity="high"), finding(ADDED_TOO, severity="low")]
    world.reviews(world.opens())
    assert fates(world) == [("high", "review@2", "open"), ("low", "review@2", "open")]
    (first,) = looks(world)
    assert (first["answers"], first["unread"], first["findings"], first["astray"]) == (2, 0, 2, 0)
    assert (first["checked"], first["refuted"], first["number"]) == (1, 0, 1)
    assert first["tokens"] > 0
    world.reviews(world.pushes(MENDED))
    assert fates(world)[0] == ("high", "review@2", "fixed")
    world.reviews(world.pushes({"shop.py": CHANGED}))
    assert fates(world) == [("high", "review@2", "open"), ("low", "review@2", "open")]
    assert [(each["answers"], each["findings"]) for each in looks(world)][-1] == (0, 0)
    low = next(each.id for each in world.pull.comments if each.original_line == 3)
    world.reviews(events.resolve(world.hub, world.name, 1, comment=low, user="ann"))
    assert fates(world)[1] == ("low", "review@2", "dismissed")


def test_who_mends_and_closes_the_thread_has_fixed_it(world: World) -> None:
    """A closed thread whose lines have changed is no dismissal."""
    world.model.findings = [finding(ADDED, severity="high")]
    world.reviews(world.opens())
    comment = world.pull.comments[0].id
    pushed = world.pushes(MENDED)
    events.resolve(world.hub, world.name, 1, comment=comment, user="ann")
    world.reviews(pushed)
    assert fates(world) == [("high", "review@2", "fixed")]


def test_a_variant_s_label_is_everywhere(world: World) -> None:
    """In the run, in the ledger, on the check, with the answer that is kept; another variant asks anew."""
    terse = replace(world.tools.prompts["review"], name="review.terse", version="1")
    world.tools.prompts["review.terse"] = terse
    world.model.findings = [finding(ADDED)]
    event = world.opens()
    world.tools = replace(world.tools, split=parse_split("terse 100%"))
    record = world.reviews(event)
    assert record.prompt_version == "review.terse@1"
    assert "review.terse@1" in (world.check.summary or "")
    assert fates(world) == [("medium", "review.terse@1", "open")]
    with world.parts.store.transaction() as connection:
        asked = connection.execute(sa.text("SELECT DISTINCT prompt FROM calls WHERE purpose = 'report_findings'"))
        kept = connection.execute(sa.text("SELECT DISTINCT prompt FROM answers WHERE kind = 'chunk'"))
        assert (asked.scalars().all(), kept.scalars().all()) == (["review.terse@1"],) * 2
    asked_before = len(world.model.requests)
    world.tools = replace(world.tools, split=parse_split(""))
    world.reviews(world.pushes({"other.py": "x = 1\n"}))
    assert len(world.model.requests) > asked_before
    assert [each["prompt"] for each in looks(world)] == ["review.terse@1", "review@2"]
    assert fates(world) == [("medium", "review.terse@1", "open")]


def test_what_the_model_does_badly_is_counted(world: World) -> None:
    """An answer of another shape, an entry that cannot be read, a finding off the diff, one that is refuted."""
    strange = {**finding(ADDED), "path": "elsewhere.py", "line": 7, "quote": "nothing like it"}
    grave = finding(ADDED_TOO, severity="high")
    world.model.verdicts = {grave["title"]: {"holds": False, "reason": "It cannot be empty"}}
    world.model.said = ['{"findings": 7}', json.dumps({"findings": [strange, grave]})]
    record = world.reviews(world.opens())
    (look,) = looks(world)
    assert (look["answers"], look["unread"], look["malformed"]) == (3, 1, 1)
    assert (look["findings"], look["astray"], look["checked"], look["refuted"]) == (2, 1, 1, 1)
    metrics = Metrics()
    metrics.ended(record)
    unreadable = 'reviewer_model_unreadable_total{model="gpt-6.1-terra",purpose="report_findings"} 1.0'
    assert unreadable in metrics.text()[0].decode()


def test_the_operator_reads_it(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What is in use, two prompts beside one another, the quality by day; what is not known is told."""
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    world.model.findings = [finding(ADDED)]
    world.reviews(world.opens())
    assert types(world, "list").split() == ["review@2", "100.00%", "1", "review", "in", "30", "days"]
    assert json.loads(types(world, "quality", "--format", "json"))[0]["schema"] == {"good": 1, "total": 1}
    assert "100.0% of 1" in types(world, "quality", "--days", "2")
    with pytest.raises(UsageError, match=r"No review with the prompt 'terse' in the last 30 days: known are review@2"):
        types(world, "compare", "review", "terse")
    with pytest.raises(UsageError, match="Both are review@2"):
        types(world, "compare", "review", "review@2")
    row = dict(looks(world)[0])
    with world.parts.store.transaction() as connection:
        connection.execute(sa.insert(LOOKS), {**row, "run": "two", "number": 2, "prompt": "review.terse@1"})
    assert "too few to judge" in types(world, "compare", "review", "terse", "--days", "7")
    told = json.loads(types(world, "compare", "terse", "review", "--format", "json"))
    assert (told["prompts"], told["pull_requests"]) == (["review.terse@1", "review@2"], [1, 1])
