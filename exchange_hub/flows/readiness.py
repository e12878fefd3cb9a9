"""How ready a platform is for another release: its stored current records, held against it (就绪度)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl
import psycopg

from contracts.model import DatasetContract, Release
from exchange_hub.core.errors import Refusal, UsageError
from exchange_hub.core.records import Severity, Validation
from exchange_hub.flows.context import Hub
from exchange_hub.flows.outlook import SHOWN, AsStored, rules_against
from exchange_hub.flows.reading import release_of
from exchange_hub.flows.releases import known_release
from validators.engine import Context, validate
from warehouse import outlook
from warehouse.shapes import Shape, read_shapes
from warehouse.stored import PostgresStored

STORED_RECORD = ("dataset", "data_key")  # of many batches: file and row tell them apart within one only
EXAMPLES = 3  # findings shown for each rule


@dataclass
class _Tally:
    """What is counted while pages go by; received = passing + rejected + held."""

    datasets: dict[str, dict[str, int]] = field(default_factory=dict)
    findings: list[pl.DataFrame] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, result: Validation) -> None:
        part = result.datasets[name]
        counts = self.datasets.setdefault(name, {"records": 0, "passing": 0, "rejected": 0, "held": 0})
        counts["records"] += part.received
        counts["passing"] += part.accepted.height
        counts["rejected"] += part.rejected.height
        counts["held"] += part.held.height
        against = result.findings.filter(pl.col("severity") == Severity.REJECT.value)
        self.findings.append(against.select(*SHOWN))


def readiness(hub: Hub, platform_code: str, version: str, now: datetime) -> dict[str, Any]:
    """How many of a platform's stored current records would pass a release, and which rules reject the rest.

    Args:
        now: the instant that takes the place of receipt, for rules about the future.

    Returns:
        {platform_code, to, records, passing, rejected, held, unknown_datasets, datasets, rules}; records = passing +
        rejected + held. Records of a dataset that the release does not have count as rejected.

    Raises:
        UsageError: no such platform or release.
    """
    if platform_code not in hub.platforms:
        known = "、".join(hub.platforms)
        raise UsageError(
            "UNKNOWN_PLATFORM",
            f"没有平台 {platform_code}；已登记：{known}",
            f"no platform {platform_code}; registered: {known}",
        )
    try:
        release = release_of(known_release(version), hub.platforms[platform_code])
    except Refusal as error:
        raise UsageError(error.code, error.message_zh, error.message_en) from error
    tally = _Tally()
    with hub.database() as conn:
        for shape in read_shapes(conn):
            _dataset(conn, shape, release, (platform_code, now), tally)
    return _document(platform_code, version, tally)


def _dataset(
    conn: psycopg.Connection, shape: Shape, release: Release, sender: tuple[str, datetime], tally: _Tally
) -> None:
    platform_code, now = sender
    contract = release.datasets.get(shape.dataset)
    stored = AsStored(PostgresStored(conn))
    for frame in _pages(conn, shape, contract, platform_code):
        if contract is None:
            tally.unknown[shape.dataset] = tally.unknown.get(shape.dataset, 0) + frame.height
        else:
            context = Context(platform_code, now)
            tally.add(shape.dataset, validate({shape.dataset: frame}, release, stored, context))


def _pages(
    conn: psycopg.Connection, shape: Shape, contract: DatasetContract | None, platform_code: str
) -> Iterator[pl.DataFrame]:
    fields = () if contract is None else contract.field_names
    return outlook.read_current(conn, shape, platform_code, fields)


def _document(platform_code: str, version: str, tally: _Tally) -> dict[str, Any]:
    lost = sum(tally.unknown.values())
    totals = {
        name: sum(counts[name] for counts in tally.datasets.values())
        for name in ("records", "passing", "rejected", "held")
    }
    return {
        "platform_code": platform_code,
        "to": version,
        **totals,
        "records": totals["records"] + lost,
        "rejected": totals["rejected"] + lost,
        "unknown_datasets": [{"dataset": name, "records": count} for name, count in tally.unknown.items()],
        "datasets": [{"dataset": name, **counts} for name, counts in sorted(tally.datasets.items())],
        "rules": _rules(tally.findings),
    }


def _rules(frames: list[pl.DataFrame]) -> list[dict[str, Any]]:
    if not frames:
        return []
    findings = pl.concat(frames)
    return [
        {
            **rule,
            "examples": list(
                findings.filter(pl.col("rule_id") == rule["rule_id"]).head(EXAMPLES).iter_rows(named=True)
            ),
        }
        for rule in rules_against(findings, STORED_RECORD)
    ]
