"""Money as decimals: what calls cost by a table of prices."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from reviewer.core.types import Spent, Usage

Prices = Mapping[str, tuple[Decimal, Decimal, Decimal]]  # dollars per million tokens: input, cached input, output
_MILLION = Decimal(1_000_000)


def cost(usage: Usage, *, model: str, prices: Prices) -> Decimal | None:
    """Dollars, or None for a model without a price. A dated name ("gpt-6-luna-2026-09-01") has its family's price."""
    family = next(
        (name for name in sorted(prices, key=len, reverse=True) if model == name or model.startswith(f"{name}-20")),
        None,
    )
    if family is None:
        return None
    fresh, cached, output = prices[family]
    return (fresh * (usage.input - usage.cached) + cached * usage.cached + output * usage.output) / _MILLION


def bill(spent: Spent, *, prices: Prices) -> Decimal | None:
    """Dollars for all models together, or None when one of them has no price."""
    costs = [cost(usage, model=model, prices=prices) for model, usage in spent.by_model.items()]
    known = [each for each in costs if each is not None]
    return sum(known, Decimal(0)) if len(known) == len(costs) else None
