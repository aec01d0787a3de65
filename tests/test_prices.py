"""What the operator says of money is read at the door: budgets, and prices that go before the packaged ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from reviewer import resources, watched
from reviewer.core.errors import UsageError
from reviewer.core.types import Limit
from reviewer.metrics import Metrics
from reviewer.prices import OLD, price_list, prices
from reviewer.settings import load

PACKAGED = resources.prices()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "prices.toml"


def complaint(file: Path) -> str:
    with pytest.raises(UsageError) as raised:
        prices(file)
    start = f"REVIEWER_PRICES names {str(file)!r}, which "
    said = str(raised.value)
    assert said.startswith(start)
    return said.removeprefix(start)


def test_budgets_are_read_when_the_program_starts() -> None:
    """A mistake in them is told at once, with the variable's name."""
    settings = load({"REVIEWER_BUDGETS": "repository $5/day", "REVIEWER_PRICES": "p.toml"})
    assert settings.budgets == (Limit("repository", "day", dollars=Decimal(5)),)
    assert settings.prices_path == Path("p.toml")
    assert (load({}).budgets, load({}).prices_path) == ((), None)
    with pytest.raises(
        UsageError, match=r"REVIEWER_BUDGETS does not work: 'repo \$5/day' has no level that is known: "
    ):
        load({"REVIEWER_BUDGETS": "person 5k/hour, repo $5/day"})


def test_budgets_may_stand_in_the_env_file(tmp_path: Path) -> None:
    """A text with commas and dollars is no JSON there either."""
    env = tmp_path / ".env"
    env.write_text('REVIEWER_BUDGETS="everything $50/day, person 2M/hour"\n', "utf-8")
    assert [limit.level for limit in load({}, env).budgets] == ["everything", "person"]


def test_the_operators_prices_go_first(file: Path) -> None:
    """One of ours is replaced, another one is added, the others stay; a number is as good as a text."""
    file.write_text(
        '\ufeffdate = 2026-12-01\n[models]\n"gpt-6-luna" = { input = 0.3, output = "2" }\n'
        'mine = { input = "1.25", cached = 0, output = 10 }\n',
        "utf-8",
    )
    luna = (Decimal("0.3"), Decimal("0.3"), Decimal(2))
    assert prices(file) == {**PACKAGED, "gpt-6-luna": luna, "mine": (Decimal("1.25"), Decimal(0), Decimal(10))}
    assert prices(None) == PACKAGED


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ('date = "2026-11-01"', date(2026, 11, 1)),
        ("date = 2026-11-01", date(2026, 11, 1)),
        ("date = 2026-11-01T08:00:00Z", date(2026, 11, 1)),
        ("", None),
    ],
)
def test_a_file_may_say_of_which_day_it_is(file: Path, written: str, day: date | None) -> None:
    """The age of prices is counted from there; those that travel with the program have a day."""
    file.write_text(f"{written}\n[models]\nmine = {{ input = 1, output = 1 }}\n", "utf-8")
    assert price_list(file).own_day == day
    assert price_list(file).oldest(["mine"]) == day
    assert price_list().own_day is None


@pytest.mark.parametrize(
    ("own", "later", "told"),
    [
        (None, OLD, []),  # days after the day of the packaged prices
        (None, OLD + 1, ["prices.old"]),
        ("gpt-6-luna", OLD + 1, []),
        ("home-made", OLD + 1, ["prices.old"]),
    ],
)
def test_an_operator_hears_at_the_start_of_old_prices(
    file: Path, monkeypatch: pytest.MonkeyPatch, own: str | None, later: int, told: list[str]
) -> None:
    """Only of those that are used: a newer file with a price of each model is nothing to warn of."""
    packaged = resources.price_table()[1]
    today = packaged + timedelta(days=later)
    file.write_text(f'date = {today}\n[models]\n"{own}" = {{ input = 1, output = 1 }}\n', "utf-8")
    heard: list[str] = []

    class Log:
        def warning(self, event: str, **about: object) -> None:
            heard.append(event)
            assert (about["date"], about["days"]) == (str(packaged), later)

    monkeypatch.setattr(watched, "_log", Log())
    models = {"REVIEWER_MODEL": "gpt-6-luna", "REVIEWER_PRICES": str(file) if own else ""}
    at = datetime(today.year, today.month, today.day, tzinfo=UTC).timestamp()
    watched.spending(load(models), Metrics(), now=lambda: at)
    assert heard == told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[models]\nmine = {\n", "is not TOML: "),
        ("", "has no prices: write a line [models]"),
        ("models = 1", "has no prices: "),
        ("[models]", "has no prices: "),
        (
            '[models]\nm = { input = "1", output = "1" }\n[mine]\n',
            "has 'mine' outside of [models]: put the models below",
        ),
        ("[models]\nmine = 1.25", "does not say the prices of 'mine' in full"),
        (
            "[models]\ngpt-6.1-x = {input = 1, output = 1}",
            "says '1-x' of 'gpt-6': a model has input, cached and output (",
        ),
        ('[models]\nmine = {input = "1", outputs = "1"}', "says 'outputs' of 'mine': did you mean output?"),
        ('[models]\nmine = {input = "1"}', "does not say what output costs of 'mine': write a line like "),
        (
            '[models]\nmine = {input = "1,25", output = "1"}',
            "has a price of 'mine' that is none: input must be dollars",
        ),
        ("[models]\nmine = {input = true, output = 1}", "has a price of 'mine' that is none: input"),
        ("[models]\nmine = {input = 1, output = -1}", "has a price of 'mine' that is none: output"),
        ("[models]\nmine = {input = nan, output = 1}", "has a price of 'mine' that is none: input"),
        ("[models]\nmine = {input = inf, output = 1}", "has a price of 'mine' that is none: input"),
        ('date = "May"\n[models]\nmine = {input = 1, output = 1}', "has a date that is none: write it as date = "),
        ("[models]\nmine = {input = 1, output = [1]}", "has a price of 'mine' that is none: output"),
    ],
)
def test_a_bad_file_is_one_sentence_that_names_the_place(file: Path, text: str, said: str) -> None:
    """The line, or the model."""
    file.write_text(text, "utf-8")
    assert complaint(file).startswith(said)


def test_the_line_of_a_slip_is_named(file: Path) -> None:
    """Files of prices are long."""
    file.write_text('[models]\na = { input = "1", output = "1" }\nb = { input = "1" output = "1" }\n', "utf-8")
    assert "line 3" in complaint(file)


def test_a_file_that_cannot_be_read_is_named(file: Path) -> None:
    """Missing, a folder, no text."""
    assert complaint(file) == "cannot be read (No such file or directory): name a file that this user can read."
    assert complaint(file.parent) == "cannot be read (Is a directory): name a file that this user can read."
    file.write_bytes(b"\xff\xfe")
    assert complaint(file) == "is no text in UTF-8."
