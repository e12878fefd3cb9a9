"""Numbers for Prometheus (指标): the warehouse asked once per look, written by `prometheus_client`.

Platforms are those of the cards, everything else is `other`, so that nobody can blow the number of series up. Nothing
here names a batch, a person or a value.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from exchange_hub.core.breaker import OPENS_AFTER
from exchange_hub.core.errors import ServiceError
from exchange_hub.core.notices import NoticeState
from exchange_hub.flows.context import Hub
from warehouse import watching
from warehouse.watching import BOUNDS, Watched

DATABASE_UP = "1 while the warehouse answers"
OTHER = "other"
UNDER_WAY = "under_way"
OPEN_STATES = tuple(state.value for state in NoticeState if state is not NoticeState.CLOSED)
OUTBOX_STATES = ("waiting", "sent", "undeliverable")


def metrics_text(hub: Hub, now: datetime) -> bytes:
    """The exposition as of `now`."""
    return exposition(families_of(hub, now))


def families_of(hub: Hub, now: datetime) -> list[Metric]:
    """Everything as of `now`. Where the database does not answer, only that is said."""
    try:
        with hub.database() as conn:
            seen = watching.watch(conn, now)
    except ServiceError:
        return [_gauge("database_up", DATABASE_UP, 0)]
    return list(families(seen, frozenset(hub.platforms), now))


def exposition(metrics: Iterable[Metric]) -> bytes:
    """Metrics in the text format of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(list(metrics)))
    return generate_latest(registry)


class _Collected(Collector):
    def __init__(self, metrics: list[Metric]) -> None:
        self.metrics = metrics

    def collect(self) -> list[Metric]:
        return self.metrics


def families(seen: Watched, known: frozenset[str], now: datetime) -> Iterator[Metric]:
    """Everything as metrics; `known` platforms are named, the others are `other`."""
    yield _gauge("database_up", DATABASE_UP, 1)
    yield from _batches(seen, known)
    yield from _ages(seen, now)
    yield from _notices(seen)
    yield from _stages(seen)
    yield from _channels(seen, known)
    yield from _evidence(seen)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"exchange_hub_{name}", text, value=value)


def _labelled(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"exchange_hub_{name}", text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _batches(seen: Watched, known: frozenset[str]) -> Iterator[Metric]:
    batches: Counter[tuple[str, str]] = Counter()
    records: Counter[tuple[str, str]] = Counter()
    last: dict[str, float] = {}
    for row in seen.batches:
        platform = row["platform_code"] if row["platform_code"] in known else OTHER
        batches[platform, row["verdict"]] += row["batches"]
        for outcome in ("accepted", "rejected", "held"):
            records[platform, outcome] += row[outcome]
        last[platform] = max(last.get(platform, 0.0), row["last_received_at"].timestamp())
    settled = {key: count for key, count in batches.items() if key[1] != UNDER_WAY}
    yield _counter("batches", "Batches settled, by platform and verdict", ("platform", "verdict"), settled)
    yield _counter("records", "Records by platform and outcome, as reported", ("platform", "outcome"), records)
    yield _labelled("last_arrival_timestamp_seconds", "When a platform last sent something", "platform", last)


def _counter(name: str, text: str, labels: tuple[str, str], values: Mapping[tuple[str, str], int]) -> Metric:
    family = CounterMetricFamily(f"exchange_hub_{name}", text, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(list(key), value)
    return family


def _ages(seen: Watched, now: datetime) -> Iterator[Metric]:
    yield _gauge("batches_under_way", "Batches received and not settled", seen.under_way)
    age = _age(seen.oldest_received_at, now)
    yield _gauge("oldest_unvalidated_batch_age_seconds", "Age of the oldest batch not settled; 0: none", age)
    yield _gauge("held_records", "Records that wait for their parent", seen.held)
    age = _age(seen.oldest_held_since, now)
    yield _gauge("oldest_held_record_age_seconds", "Age of the oldest record that waits; 0: none", age)


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _notices(seen: Watched) -> Iterator[Metric]:
    counts = dict.fromkeys(OPEN_STATES, 0.0) | {row["state"]: row["notices"] for row in seen.notices}
    yield _labelled("notices_open", "Notices not closed, by state", "state", counts)
    items = sum(row["items_open"] for row in seen.notices)
    yield _gauge("notice_items_open", "Items of notices not settled", items)
    soon = sum(row["due_soon"] for row in seen.notices)
    yield _gauge("notices_due_within_a_day", "Open notices whose deadline lies within 24 hours", soon)
    answered = NoticeState.ANSWERED.value
    over = sum(row["past_due"] for row in seen.notices if row["state"] != answered)
    yield _gauge("notices_overdue", "Open notices past their deadline and not answered", over)
    outbox = dict.fromkeys(OUTBOX_STATES, 0.0) | seen.outbox
    yield _labelled("notice_deliveries", "Notices whose receipt is not proved, by state of delivery", "state", outbox)
    yield _labelled("alarms_open", "Alarms an operator must look at, by kind", "kind", seen.alarms)


def _stages(seen: Watched) -> Iterator[Metric]:
    taken = CounterMetricFamily(
        "exchange_hub_stage_packages", "Packages that went through a stage", labels=["stage", "outcome"]
    )
    times = HistogramMetricFamily(
        "exchange_hub_stage_duration_seconds",
        "How long a stage took for a package or a group of packages",
        labels=["stage", "outcome"],
    )
    for row in seen.stages:
        labels = [row["stage"], row["outcome"]]
        taken.add_metric(labels, row["packages"])
        times.add_metric(labels, _buckets(row["slots"]), row["seconds"])
    yield taken
    yield times


def _buckets(slots: Iterable[int]) -> list[tuple[str, float]]:
    return list(zip([*map(str, BOUNDS), "+Inf"], accumulate(map(float, slots)), strict=True))


def _channels(seen: Watched, known: frozenset[str]) -> Iterator[Metric]:
    rows = [row for row in seen.channels if row["platform_code"] in known]
    is_open = {row["platform_code"]: float(row["failures"] >= OPENS_AFTER) for row in rows}
    yield _labelled("channel_open", "1 while a platform's channel fails again and again and rests", "platform", is_open)
    for name, text in (("packages", "Packages"), ("bytes", "Bytes of packages")):
        left = {row["platform_code"]: float(row[f"waiting_{name}"]) for row in rows}
        yield _labelled(f"channel_waiting_{name}", f"{text} left at their source, over the quota", "platform", left)


def _evidence(seen: Watched) -> Iterator[Metric]:
    if seen.verified is None:
        return
    row = seen.verified
    yield _gauge("evidence_verified_ok", "1 where the last verification found no difference", float(row["ok"]))
    yield _gauge("evidence_differences", "Differences that the last verification found", row["differences"])
    moment = row["at"].timestamp()
    yield _gauge("evidence_verified_timestamp_seconds", "When the whole evidence was last verified", moment)
