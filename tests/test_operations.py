"""The page for operators says for how long things are kept, and it is so."""

from __future__ import annotations

import re

from readme import ROOT, code, table

from reviewer.jobs.pruning import KEEP_DAYS
from reviewer.store import SqlStore
from reviewer.store.lives import LIVES
from reviewer.store.old import DAY, OLD
from reviewer.store.purge import RECORD
from reviewer.store.tables import METADATA

TEXT = (ROOT / ".github" / "OPERATIONS.md").read_text(encoding="utf-8")
ROWS = table("kept in", TEXT)
assert SqlStore.__module__  # it brings in all files of tables
UNTOLD = {"reservations", "signed_out"}  # their time is a moment, not an age


def days(until: str) -> list[float]:
    return [float(number) for number in re.findall(r"\b\d+\b", until)]


def test_every_table_is_named() -> None:
    """With the engine's own; nothing else is."""
    assert {name for kept, *_ in ROWS for name in code(kept)} == {*METADATA.tables, "jobs"}


def test_the_ages_are_those_of_the_rounds() -> None:
    """What goes by age is told with that age, and nothing that does not."""
    expected = {old.table.name: old.seconds / DAY for old in OLD if old.table.name not in UNTOLD} | {"jobs": KEEP_DAYS}
    told = {name: days(until) for kept, _, until in ROWS for name in code(kept) if name != "answers" and days(until)}
    assert told == {name: [age] for name, age in expected.items()}


def test_the_lives_of_answers_are_those_that_they_have() -> None:
    told = {kind: days(until) for kept, what, until in ROWS if code(kept) == ["answers"] for kind in code(what)}
    assert told == {kind: [bound / DAY for bound in dict.fromkeys(life)] for kind, life in LIVES.items()}


def test_what_is_spared_when_a_repository_goes_is_named() -> None:
    [line] = re.findall(r"^- \*\*It is taken off repositories\*\*.*?(?=^- )", TEXT, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`(\w+)`", line)) == RECORD
