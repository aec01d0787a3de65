"""The dashboard and the alert rules that are shipped can be loaded, and ask for what there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import promql_parser as promql
import pytest
from readme import ROOT
from ruamel.yaml import YAML

from reviewer.metrics import Metrics
from reviewer.metrics.readings import Gauges

FOLDER = ROOT / "fixtures" / "monitoring"
ALERTS: list[dict[str, Any]] = YAML(typ="safe").load(FOLDER / "alerts.yml")["groups"][0]["rules"]
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "grafana.json").read_text(encoding="utf-8"))
PANELS: list[dict[str, Any]] = [each for each in DASHBOARD["panels"] if each["type"] != "row"]
EXPRESSIONS = {
    **{rule["alert"]: rule["expr"] for rule in ALERTS},
    **{f"{each['title']} {nth}": target["expr"] for each in PANELS for nth, target in enumerate(each["targets"])},
}
BY_PROMETHEUS = {"job", "instance", "le"}  # labels that are not ours


def exposed() -> dict[str, set[str]]:
    """Each name that a query may use with its labels."""
    metrics, found = Metrics(), {}
    for metric in metrics._registry._collector_to_names:
        labels = set(getattr(metric, "_labelnames", ()))
        for name in metrics._registry._collector_to_names[metric]:
            found[name] = labels
    lines = metrics.text()[0].decode().splitlines()
    found |= {line.split()[2]: set() for line in lines if line.startswith("# TYPE process_")}
    gauges = Gauges(str, clock=lambda: 0.0, now=lambda: 0.0)
    return found | {family.name: set(family._labelnames) for family in gauges.collect()}  # type: ignore[attr-defined]


NAMES = exposed()


def selectors(expression: str) -> Iterator[promql.VectorSelector]:
    """Raises ValueError for what is no PromQL."""
    found: list[promql.VectorSelector] = []

    def visit(node: promql.Expr) -> None:
        if isinstance(node, promql.VectorSelector):
            found.append(node)

    promql.walk(promql.parse(expression), visit)
    yield from found


@pytest.mark.parametrize("about", EXPRESSIONS)
def test_an_expression_asks_for_what_there_is(about: str) -> None:
    """PromQL that parses, over names and labels that are exposed: a panel with a mistyped one is empty for ever."""
    text = EXPRESSIONS[about]
    asked = list(selectors(text))
    assert asked
    for selector in asked:
        name = selector.name
        assert name in NAMES, f"{name} is not exposed"
        used = {matcher.name for matcher in selector.matchers.matchers}
        assert used <= NAMES[name] | BY_PROMETHEUS
    known = {label for selector in asked for label in NAMES[selector.name or ""]} | BY_PROMETHEUS
    grouped = {label.strip() for labels in re.findall(r"\bby \(([^)]*)\)", text) for label in labels.split(",")}
    assert grouped <= known


def test_the_expressions_are_looked_through() -> None:
    """The test above would let nothing wrong pass because it saw nothing."""
    with pytest.raises(ValueError, match=r"\w"):
        list(selectors("sum(rate(reviewer_jobs_total[5m])"))
    assert [each.name for each in selectors("max(a) > 1.5 * rate(b_total[5m])")] == ["a", "b_total"]
    assert [each.name for each in selectors("avg_over_time(sum(rate(c[1h]))[7d:1h] offset 1h)")] == ["c"]
    assert NAMES["reviewer_model_seconds_bucket"] == {"model"}
    assert NAMES["reviewer_queue_jobs"] == {"state"}


def test_there_is_an_alert_for_what_costs_people() -> None:
    """Slow, dear, failing, a budget nearly used, a model left alone, a queue that stands; each says what to do."""
    alerts = {rule["alert"]: rule for rule in ALERTS}
    assert len(alerts) == len(ALERTS)
    thresholds = {
        "ReviewerModelSlow": "> 10",
        "ReviewerTokensOverBaseline": "1.5 *",
        "ReviewerModelErrors": "> 0.02",
        "ReviewerBudgetNearlyUsed": ">= 0.8",
        "ReviewerModelCircuitOpen": "== 1",
        "ReviewerQueueOld": "> 900",
    }
    assert {name for name, said in thresholds.items() if said in alerts[name]["expr"]} == set(thresholds)
    assert alerts["ReviewerBudgetNearlyUsed"]["for"] == "5m"
    baseline = alerts["ReviewerTokensOverBaseline"]["expr"]
    assert ("[7d:1h] offset 1h" in baseline, "offset 7d]" in baseline or "[1h] offset 7d" in baseline) == (True, True)
    for rule in ALERTS:
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["description"].endswith(".")
        assert rule["labels"]["severity"] in {"warning", "critical"}


def test_a_summary_shows_labels_that_its_expression_keeps() -> None:
    """What is not grouped by is empty in the alert's text."""
    for rule in ALERTS:
        shown = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        grouped = {
            label.strip() for found in re.findall(r"\bby \(([^)]*)\)", rule["expr"]) for label in found.split(",")
        }
        assert shown <= grouped, rule["alert"]


def test_every_metric_is_on_the_dashboard() -> None:
    """What is worth counting is worth a panel, but for what others are made of."""
    text = json.dumps(DASHBOARD)
    ours = {re.sub("_(bucket|sum|count|created)$", "", name) for name in NAMES if name.startswith("reviewer_")}
    unseen = {
        name for name in ours if name not in text and f"{name}_total" not in ours and f"{name}_bucket" not in text
    }
    assert unseen == {"reviewer_readings_failed"}


def test_the_dashboard_s_panels_lie_beside_one_another() -> None:
    """Within Grafana's 24 columns, none over another, each with an id of its own."""
    ids = [each["id"] for each in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
