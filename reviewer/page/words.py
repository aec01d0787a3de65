"""How figures read on the page: money, times, shares and counts, each in one way."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

DAY = 86_400
EPOCH = date(1970, 1, 1)


def dollars(amount: Decimal | None, *, digits: int = 2) -> str:
    """`$1,204.50`; what is more than nothing never reads as nothing."""
    if amount is None:
        return "–"
    least = Decimal(1).scaleb(-digits)
    if 0 < amount < least:
        return f"<${least}"
    return f"${amount:,.{digits}f}"


def spent(amount: Decimal, unpriced: int, *, digits: int = 2) -> str:
    """`–` where nothing but tokens without a price was spent: it is not known, and not nothing."""
    return "–" if unpriced and not amount else dollars(amount, digits=digits)


def without_price(tokens: int) -> str:
    """`5.0 M tokens of models without a price`; nothing where there are none."""
    return f"{count(tokens)} tokens of models without a price" if tokens else ""


def count(number: int) -> str:
    """`980`, `12,400`, `965 k`, `3.1 M`, `2.4 G`."""
    for size, sign in ((10**9, "G"), (10**6, "M")):
        if number >= size:
            return f"{number / size:.1f} {sign}"
    return f"{number / 1_000:.0f} k" if number >= 10**5 else f"{number:,}"


def share(part: float, whole: float) -> str:
    """`43 %`, `0.8 %`; `–` of nothing; what is more than nothing never reads as nothing."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    if 0 < percent < 0.05:
        return "<0.1 %"
    return f"{percent:.1f} %" if 0 < percent < 9.95 else f"{percent:.0f} %"


def seconds(took: float) -> str:
    """`0.84 s`, `12.3 s`, `4 min 20 s`."""
    if took < 60:
        return f"{took:.2f} s" if took < 9.995 else f"{took:.1f} s"
    minutes, rest = divmod(round(took), 60)
    return f"{minutes} min {rest} s"


def span(took: float) -> str:
    """A length of time, roughly: `12 s`, `4 min`, `3 h`, `5 d`."""
    for size, unit in ((DAY, "d"), (3_600, "h"), (60, "min")):
        if took >= size:
            return f"{int(took // size)} {unit}"
    return f"{max(0, int(took))} s"


def moment(at: float) -> str:
    """`2031-05-04 13:20 UTC`."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def machine(at: float) -> str:
    """For `<time datetime>`."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def day(number: int) -> str:
    """`4 May`, of days since the epoch."""
    at = EPOCH + timedelta(days=number)
    return f"{at.day} {at:%b}"
