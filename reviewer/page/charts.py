"""Charts as SVG, from numbers to markup: no script, no style attribute, each with a title and a description.

Widths are in percent and heights in pixels, so that a chart fits any screen while its letters keep their size. Colours
come from the style sheet, by class.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

HIGH = 168  # pixels of a column chart's plot
FAR = 2.5  # times the highest column: a bound beyond that would press the columns flat
STEPS = (1, 2, 2.5, 5, 10)  # what an axis may count in, times a power of ten

_TICK = Markup('<text class="tick" x="{:.2f}%" y="{}" text-anchor="{}">{}</text>')
_BOUND = Markup(
    '<line class="bound" x1="0" x2="100%" y1="{0:.1f}" y2="{0:.1f}"/>'
    '<text class="tick of-bound" x="100%" y="{1:.1f}" text-anchor="end">{2}</text>'
)
_RULE = Markup(
    '<line class="rule" x1="0" x2="100%" y1="{0:.1f}" y2="{0:.1f}"/>'
    '<text class="tick" x="-8" y="{1:.1f}" text-anchor="end">{2}</text>'
)
_COLUMN = Markup(  # the whole height can be pointed at, also where the column is low
    '<g><rect class="area" x="{left:.2f}%" y="0" width="{wide:.2f}%" height="{all}"/>'
    '<rect class="bar {marked}" x="{x:.2f}%" y="{y:.1f}" width="{width:.2f}%" height="{high:.1f}" rx="1.5"/>'
    "<title>{said}</title></g>"
)
_PART = Markup('<rect class="{}" x="{:.2f}%" y="0" width="{:.2f}%" height="14"><title>{}</title></rect>')
_METER = Markup(
    '<svg class="meter" height="6" aria-hidden="true"><rect class="ground" width="100%" height="6" rx="3"/>'
    '<rect class="fill {}" width="{:.1f}%" height="6" rx="3"/></svg>'
)
_SPREAD = Markup(
    '<svg class="spread" height="14" aria-hidden="true"><line class="thin" x1="{1:.1f}%" x2="{2:.1f}%" y1="7" y2="7"/>'
    '<line class="thick" x1="{0:.1f}%" x2="{1:.1f}%" y1="7" y2="7"/>'
    '<circle class="dot" cx="{0:.1f}%" cy="7" r="3.5"/></svg>'
)
_CHART = Markup(
    '<svg class="{name}" height="{high}" role="img" aria-labelledby="{name}-title {name}-desc">'
    '<title id="{name}-title">{title}</title><desc id="{name}-desc">{said}</desc>{inner}</svg>'
)


@dataclass(frozen=True, slots=True)
class Column:
    label: str  # under the axis
    value: float
    said: str  # when pointed at, and read aloud


@dataclass(frozen=True, slots=True)
class Part:
    kind: str  # names its colour
    value: float
    said: str


def columns(
    data: Sequence[Column],
    *,
    title: str,
    said: str,
    axis: Callable[[float], str],
    every: int,
    line: float | None = None,
) -> Markup:
    """A column for each value, the last one marked; labels under each `every`th, counted from the last. `line` is a
    bound to compare with; it is drawn where it is not far beyond what there is.
    """
    most = max((column.value for column in data), default=0.0)
    line = line if line and line <= FAR * most else None
    step = _step(max(most, line or 0.0))
    steps = max(1, math.ceil(max(most, line or 0.0) / step))
    up = HIGH / (steps * step)  # pixels for a unit
    drawn = [_RULE.format(HIGH - at * step * up, HIGH - at * step * up + 4, axis(at * step)) for at in range(steps + 1)]
    wide = 100 / max(1, len(data))
    for index, column in enumerate(data):
        last = index == len(data) - 1
        drawn.append(_column(column, index * wide, wide, column.value * up, marked="last" if last else ""))
        if (len(data) - 1 - index) % every == 0:
            place = (100.0, HIGH + 18, "end") if last else ((index + 0.5) * wide, HIGH + 18, "middle")
            drawn.append(_TICK.format(*place, column.label))
    drawn += [_BOUND.format(HIGH - line * up, HIGH - line * up - 5, f"budget {axis(line)}")] if line else []
    return _chart("columns", HIGH + 24, title, said, drawn)


def _column(column: Column, left: float, wide: float, high: float, *, marked: str) -> Markup:
    high = max(high, 1.5) if column.value else 0.0  # pixels; what is more than nothing is seen
    place = {"left": left, "wide": wide, "x": left + wide * 0.14, "width": wide * 0.72}
    return _COLUMN.format(**place, all=HIGH, y=HIGH - high, high=high, marked=marked, said=column.said)


def _step(most: float) -> float:
    """Between three and five lines over the axis."""
    if most <= 0:
        return 1.0
    power = 10.0**-9
    while power * 50 < most:
        power *= 10
    return next(step * power for step in STEPS if step * power * 5 >= most)


def stacked(parts: Sequence[Part], *, title: str, said: str) -> Markup:
    """One bar, divided by the parts' shares of the whole."""
    whole = sum(part.value for part in parts)
    left, drawn = 0.0, []
    for part in parts:
        wide = 100 * part.value / whole if whole else 0.0
        drawn += [_PART.format(part.kind, left, wide, part.said)] if wide else []
        left += wide
    return _chart("stacked", 14, title, said, drawn)


def meter(share: float, *, kind: str = "") -> Markup:
    """How much of something is full; for the eye only, beside the number itself."""
    return _METER.format(kind, 100 * min(1.0, max(0.0, share)))


def spread(low: float, high: float, last: float, *, top: float) -> Markup:
    """P50, P95 and P99 on a line from 0 to `top`; for the eye only, beside the numbers themselves."""
    return _SPREAD.format(*(min(100.0, 100 * value / top) if top else 0.0 for value in (low, high, last)))


def _chart(name: str, high: int, title: str, said: str, drawn: Sequence[Markup]) -> Markup:
    return _CHART.format(name=name, high=high, title=title, said=said, inner=Markup("").join(drawn))
