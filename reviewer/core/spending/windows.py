"""Hours, days and months of the calendar in UTC, as seconds since the epoch (which knows no leap seconds)."""

from __future__ import annotations

import math

from reviewer.core.types import Window

HOUR, DAY = 3_600, 86_400


def begin(window: Window, at: float) -> int:
    """When the window that holds `at` began; `at` may be its first moment."""
    second = math.floor(at)
    match window:
        case "hour":
            return second - second % HOUR
        case "day":
            return second - second % DAY
        case "month":
            year, month, _ = _date(second // DAY)
            return _days(year, month) * DAY


def end(window: Window, at: float) -> int:
    """When the window that holds `at` ends: the first moment of the next one."""
    start = begin(window, at)
    match window:
        case "hour":
            return start + HOUR
        case "day":
            return start + DAY
        case "month":
            return begin("month", start + 31 * DAY)  # no month is longer, and no two are that short


def in_words(at: float) -> str:
    """To the minute: 2026-11-23 00:00 UTC."""
    minutes = math.floor(at) // 60
    year, month, day = _date(minutes // (24 * 60))
    return f"{year:04}-{month:02}-{day:02} {minutes // 60 % 24:02}:{minutes % 60:02} UTC"


# The civil calendar in whole numbers. A year is taken to begin in March, so that the odd day of a leap year is its
# last; then the lengths of the months repeat in fives (31 30 31 30 31), 153 days each. 400 years, an era, have 146,097
# days; the one that counts here began on 0000-03-01, 719,468 days before 1970-01-01.


def _date(days: int) -> tuple[int, int, int]:
    """Year, month and day, so many days after 1970-01-01."""
    era, left = divmod(days + 719_468, 146_097)
    years = (left - left // 1_460 + left // 36_524 - left // 146_096) // 365
    left -= 365 * years + years // 4 - years // 100
    months = (5 * left + 2) // 153
    month = months + 3 if months < 10 else months - 9
    return era * 400 + years + (month <= 2), month, left - (153 * months + 2) // 5 + 1


def _days(year: int, month: int) -> int:
    """From 1970-01-01 to the first day of the month."""
    year -= month <= 2
    era, years = divmod(year, 400)
    months = month - 3 if month > 2 else month + 9
    return era * 146_097 + years * 365 + years // 4 - years // 100 + (153 * months + 2) // 5 - 719_468
