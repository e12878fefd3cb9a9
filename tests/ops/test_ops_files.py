"""Alert rules and dashboard speak the query language and name only what the hub really shows."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.flows.metrics import exposition, families
from warehouse.watching import BOUNDS, Watched

OPS = Path(__file__).resolve().parents[2] / "ops"
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI)
RULES = [
    r for g in yaml.safe_load((OPS / "prometheus" / "alerts.yaml").read_text("utf-8"))["groups"] for r in g["rules"]
]
DASHBOARD = json.loads((OPS / "grafana" / "exchange-hub.json").read_text("utf-8"))
QUERIES = [
    *((rule["alert"], rule["expr"]) for rule in RULES),
    *((panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel["targets"]),
]


@pytest.fixture(scope="module")
def shown() -> dict[str, set[str]]:
    """Name of every sample that the hub shows -> its labels, by a warehouse in which everything occurs."""
    batch = {"platform_code": "P1", "batches": 2, "accepted": 7, "rejected": 2, "held": 1, "last_received_at": NOW}
    notice = {"state": "overdue", "notices": 1, "items_open": 3, "due_soon": 0, "past_due": 1}
    stage = {"stage": "load", "outcome": "done", "runs": 1, "packages": 3, "seconds": 0.2}
    seen = Watched(
        batches=[{**batch, "verdict": "accepted"}, {**batch, "verdict": "under_way"}],
        under_way=1,
        oldest_received_at=NOW,
        held=1,
        oldest_held_since=NOW,
        notices=[notice],
        outbox={"waiting": 1},
        alarms={"undeliverable": 1},
        stages=[{**stage, "slots": [0, 1] + [0] * (len(BOUNDS) - 1)}],
        channels=[{"platform_code": "P1", "failures": 3, "waiting_packages": 1, "waiting_bytes": 1}],
        verified={"ok": True, "loads": 1, "differences": 0, "at": NOW},
    )
    text = exposition(families(seen, frozenset({"P1"}), NOW)).decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    names: dict[str, set[str]] = {"up": {"job"}}
    for sample in samples:
        names.setdefault(sample.name, set()).update(sample.labels)
    return names


def selectors(node: Any) -> Iterator[Any]:
    """Every vector selector of a query."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    for name in ("expr", "lhs", "rhs", "args", "vector_selector", "param"):
        below = getattr(node, name, None)
        for one in below if isinstance(below, list) else [below] if below is not None else []:
            yield from selectors(one)


@pytest.mark.parametrize(("title", "query"), QUERIES)
def test_every_query_is_promql_over_metrics_and_labels_that_exist(
    shown: dict[str, set[str]], title: str, query: str
) -> None:
    found = list(selectors(promql_parser.parse(query)))

    assert found, title
    for selector in found:
        assert selector.name in shown, title
        labels = {matcher.name for matcher in selector.matchers.matchers}
        assert labels <= shown[selector.name] | {"job", "instance"}, title


def test_every_metric_stands_in_a_query_or_in_the_guide(shown: dict[str, set[str]]) -> None:
    guide = (OPS.parent / "docs" / "how-to" / "watch-with-prometheus.md").read_text("utf-8")

    families_shown = {re.sub("_(bucket|count|sum)$", "", name) for name in shown} - {"up"}
    assert {name for name in families_shown if f"`{name}`" not in guide} == set()


def test_every_alert_says_what_and_what_to_do_in_both_languages() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert re.search("[\u4e00-\u9fff]", rule["annotations"]["summary"])
        assert re.search("[A-Za-z]{3}", rule["annotations"]["summary"])
        assert rule["annotations"]["description"]


def test_labels_in_alert_texts_are_those_of_their_query() -> None:
    for rule in RULES:
        used = set(re.findall(r"\$labels\.(\w+)", json.dumps(rule["annotations"])))
        assert all(label in rule["expr"] or label in ("stage", "platform") for label in used)


def test_the_dashboards_panels_lie_beside_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
