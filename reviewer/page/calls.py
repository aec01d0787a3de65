"""How the calls of the model went: how long they took, what the cache spared, and which ones failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reviewer.page import charts, words
from reviewer.page.charts import Part
from reviewer.ports.overview import Sum

P95 = 0.95
SHARES = (0.50, P95, 0.99)
KEPT = ("exact", "structural")  # tiers of the cache that answer a hunk
TIERS = {  # of hunks; what is known by its meaning are findings
    "exact": "the same hunk again",
    "structural": "the same code, laid out otherwise",
    "miss": "the model was asked",
}
OUTCOMES = {
    "circuit_open": "not asked, after many failures",
    "connection": "could not be reached",
    "keys_refused": "every key was refused",
    "lost": "no answer came back, counted as reserved",
    "refused": "the model refused",
    "text": "answered in prose",
    "timeout": "no answer in time",
    "truncated": "answer cut off",
}
ERRORS, MODELS = 10, 12  # rows


def percentile(ordered: Sequence[float], share: float) -> float:
    """By the nearest rank; `ordered` is not empty."""
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def models(seconds: Mapping[str, Sequence[float]]) -> list[dict[str, Any]]:
    """Latencies by model, all drawn on one scale; who is asked most comes first."""
    ordered = {model: sorted(values) for model, values in seconds.items() if values}
    figures = {model: [percentile(values, share) for share in SHARES] for model, values in ordered.items()}
    top = max((of[-1] for of in figures.values()), default=0.0)
    return [
        {
            "name": model,
            "calls": words.count(len(ordered[model])),
            "figures": [words.seconds(each) for each in figures[model]],
            "spread": charts.spread(*figures[model], top=top),
        }
        for model in sorted(ordered, key=lambda each: -len(ordered[each]))[:MODELS]
    ]


def hits(recent: Iterable[Sum]) -> tuple[int, int]:
    """Hunks that the cache answered, and all that were looked at: as the dashboard counts them."""
    answered = whole = 0
    for each in recent:
        whole += each.count if each.tier in TIERS else 0
        answered += each.count if each.tier in KEPT else 0
    return answered, whole


def cache(recent: Sequence[Sum]) -> dict[str, Any]:
    """Who answered for the hunks, as a bar and as rows, and how many findings were known by their meaning; nothing of
    that where nothing was looked at.
    """
    known = sum(each.count for each in recent if each.tier == "meaning")
    counts = {tier: sum(each.count for each in recent if each.tier == tier) for tier in TIERS}
    whole = sum(counts.values())
    if not whole:
        return {"bar": "", "rows": [], "known": known}
    rows = [
        {
            "kind": "asked" if tier == "miss" else tier,
            "said": TIERS[tier],
            "count": words.count(count),
            "share": words.share(count, whole),
        }
        for tier, count in counts.items()
    ]
    said = "; ".join(f"{row['said']}: {row['share']}" for row in rows)
    parts = [
        Part(row["kind"], count, f"{row['said']}: {row['count']}")
        for row, count in zip(rows, counts.values(), strict=True)
    ]
    return {
        "bar": charts.stacked(parts, title="Who answered for the hunks, the last 7 days", said=said),
        "rows": rows,
        "known": known,
    }


def made(recent: Iterable[Sum]) -> tuple[int, int]:
    """Calls of the model, and those of them that failed."""
    count = failed = 0
    for each in recent:
        if not each.tier:
            count += each.calls
            failed += each.calls if each.outcome != "ok" else 0
    return count, failed


def errors(recent: Sequence[Sum]) -> list[dict[str, str]]:
    """By outcome and model, the most frequent first."""
    whole, _ = made(recent)
    found: dict[tuple[str, str], int] = defaultdict(int)
    for each in recent:
        if not each.tier and each.outcome != "ok":
            found[OUTCOMES.get(each.outcome, each.outcome), each.model] += each.calls
    rows = sorted(found.items(), key=lambda item: -item[1])[:ERRORS]
    return [
        {"said": said, "model": model, "count": words.count(count), "share": words.share(count, whole)}
        for (said, model), count in rows
    ]
