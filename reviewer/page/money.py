"""What was spent, by day and by repository, against what may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from markupsafe import Markup

from reviewer.core.spending import FALLBACK_ONLY, LAST_ONLY
from reviewer.core.types import Limit
from reviewer.page import charts, words
from reviewer.page.charts import Column
from reviewer.ports import Account
from reviewer.ports.overview import DAYS, Spender, Sum

SPENDERS, ACCOUNTS = 12, 12  # rows


class Day(NamedTuple):
    dollars: Decimal = Decimal(0)
    tokens: int = 0
    calls: int = 0
    unpriced: int = 0  # tokens


def chart(asked: Sequence[Sum], accounts: Sequence[Account], today: int) -> Markup:
    """Dollars by day, with the budget of a day where there is one."""
    found = _by_day(asked)
    data = [_column(day, found[day]) for day in range(today - DAYS + 1, today + 1)]
    whole = sum((day.dollars for day in found.values()), Decimal(0))
    most = max(data, key=lambda column: column.value)
    budget = budget_of_the_day(accounts)
    line = float(budget.fill.limit.dollars or 0) if budget else None
    beside = f" The dashed line is the budget of a day, {_axis(line)}." if line else ""
    said = f"{words.dollars(whole)} in all; the most on {most.said}.{beside}"
    title = f"Dollars spent on the model by day, the last {DAYS} days"
    return charts.columns(data, title=title, said=said, axis=_axis, every=7, line=line)


def _column(day: int, of: Day) -> Column:
    label = words.day(day)
    calls = f"{of.calls:,} call{'' if of.calls == 1 else 's'}"
    said = f"{label}: {words.spent(of.dollars, of.unpriced)}, {words.count(of.tokens)} tokens, {calls}"
    return Column(label, float(of.dollars), said)


def _axis(value: float) -> str:
    return f"${value:,.0f}" if value == int(value) else f"${value:,.2f}"


def days(asked: Iterable[Sum], today: int) -> list[dict[str, str]]:
    """The chart's figures as rows, today first; days without a call are left out."""
    return [
        {
            "day": words.day(number),
            "dollars": words.spent(day.dollars, day.unpriced),
            "tokens": words.count(day.tokens),
            "calls": words.count(day.calls),
        }
        for number, day in sorted(_by_day(asked).items(), reverse=True)
        if number > today - DAYS
    ]


def _by_day(asked: Iterable[Sum]) -> dict[int, Day]:
    found: dict[int, Day] = defaultdict(Day)
    for each in asked:
        old = found[each.day]
        sums = old.dollars + each.dollars, old.tokens + each.tokens, old.calls + each.calls
        found[each.day] = Day(*sums, old.unpriced + each.unpriced)
    return found


def spenders(found: Sequence[Spender], accounts: Sequence[Account]) -> list[dict[str, Any]]:
    """Who spent the most comes first; each with the fullest of its own budgets."""
    most = max((each.dollars for each in found), default=Decimal(0))
    budgets: dict[str, Account] = {}
    for each in accounts:  # the fullest first
        if each.fill.limit.level == "repository":
            budgets.setdefault(each.who.lower(), each)
    return [
        {
            "name": each.repository,
            "dollars": words.spent(each.dollars, each.unpriced),
            "tokens": words.count(each.tokens),
            "calls": words.count(each.calls),
            "bar": charts.meter(float(each.dollars / most) if most else 0.0),
            "budget": _of_its_budget(budgets.get(each.repository.lower())),
        }
        for each in found[:SPENDERS]
    ]


def _of_its_budget(account: Account | None) -> str:
    return f"{words.share(account.fill.share, 1)} of the {account.fill.limit.window}" if account else "–"


def budget_of_the_day(accounts: Sequence[Account]) -> Account | None:
    """Of everything together, in dollars."""
    of = ((each.fill.limit.level, each.fill.limit.window, each) for each in accounts if each.fill.limit.dollars)
    return next((each for level, window, each in of if (level, window) == ("everything", "day")), None)


def budgets(accounts: Sequence[Account], now: float) -> list[dict[str, Any]]:
    """What all share comes first, then the fullest."""
    shared = sorted(accounts, key=lambda each: each.fill.limit.level != "everything")
    return [_account(each, now) for each in shared[:ACCOUNTS]]


def _account(each: Account, now: float) -> dict[str, Any]:
    limit, share = each.fill.limit, each.fill.share
    who = each.who or (f"installation {each.installation}" if each.installation else "everything")
    used = words.count(each.used.tokens) if limit.dollars is None else words.dollars(each.used.dollars)
    return {
        "who": who,
        "said": _said(limit),
        "used": used,
        "share": words.share(share, 1),
        "meter": meter(each),
        "tone": _tone(share),
        "until": words.span(each.fill.until - now),
    }


def _said(limit: Limit) -> str:
    much = f"{words.count(limit.tokens or 0)} tokens" if limit.dollars is None else words.dollars(limit.dollars)
    return f"{much.removesuffix('.00')} {'an' if limit.window == 'hour' else 'a'} {limit.window}"


def meter(each: Account | None) -> Markup:
    return charts.meter(each.fill.share, kind=_tone(each.fill.share)) if each else Markup("")


def _tone(share: float) -> str:
    return "full" if share >= LAST_ONLY else "warn" if share >= FALLBACK_ONLY else ""
