"""What a limit and a full budget are called, each in one plain sentence for people."""

from __future__ import annotations

from decimal import Decimal

from reviewer.core.spending.windows import in_words
from reviewer.core.types import Amount, Fill, Limit

_CENT = Decimal("0.01")
USED_UP = 0.995  # of a limit, from which on nobody wants to hear about the rest
_EACH = {
    "everything": "for everything together",
    "installation": "for each installation",
    "repository": "for each repository",
    "person": "for each person",
}
_AN = {"hour": "an hour", "day": "a day", "month": "a month"}


def said(limit: Limit) -> str:
    """As it goes on from "the budget of": "$5 a day for each repository"."""
    return f"{_amount(limit)} {_AN[limit.window]} {_EACH[limit.level]}"


def over(fill: Fill, *, share: float = 1.0, wants: Amount | None = None) -> str:
    """Why a call was refused that may use a limit up to `share` of it, and when it may be made.

    `wants` is what would have been reserved for it, where known: what is larger than that share never may.
    """
    budget = f"The budget of {said(fill.limit)} is"
    part = _part(fill.limit, wants) if wants else 0.0
    only = f", and this is only done up to {_percent(share)} of it" if share < 1 else ""
    if part > share:
        return f"{budget} smaller than what this call may come to{only}; an operator can raise it."
    if fill.share >= share * USED_UP:
        state = f"{_percent(fill.share)} used{only}" if only else "used up"
    else:
        comes = f", this call may come to {_percent(part)}" if part else ""
        state = f"too full for this call ({_percent(fill.share)} of it is used{comes}{only})"
    return f"{budget} {state}; it is free again at {in_words(fill.until)}."


def fits(fill: Fill, wants: Amount, *, share: float = 1.0, free: Amount | None = None) -> bool:
    """Whether a call would be taken by a limit that is so full, were `free` of it not used."""
    there = _part(fill.limit, free) if free else 0.0
    return fill.share - there + _part(fill.limit, wants) <= share


def unpriced(model: str) -> str:
    """Why a model is not asked whose calls cannot be counted against a budget in dollars."""
    return f"There is no price for {model}, and a budget in dollars is set; an operator can add one (REVIEWER_PRICES)."


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _amount(limit: Limit) -> str:
    if limit.tokens is not None:
        return f"{limit.tokens:,} token{'' if limit.tokens == 1 else 's'}"
    dollars = limit.dollars or Decimal(0)
    whole = dollars.to_integral_value()
    if dollars == whole:
        return f"${whole:,f}"
    cents = dollars.quantize(_CENT)
    return f"${cents if cents == dollars else dollars.normalize():,f}"


def _part(limit: Limit, amount: Amount) -> float:
    """Of the whole limit: 1.0 is all of it."""
    if limit.tokens is not None:
        return amount.tokens / limit.tokens
    return float(amount.dollars / limit.dollars) if limit.dollars else 0.0
