"""A changed rule before it is taken: old and new over the stored batches of every platform (规则试运行).

Source of the way: ask who would newly be rejected before a rule changes, never after.
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import psycopg

from contracts.loader import load_release, release_versions
from exchange_hub.core.errors import UsageError
from exchange_hub.core.records import FILE, ROW, Validation
from exchange_hub.flows.context import Hub
from exchange_hub.flows.outlook import SHOWN, rejected_places, validate_stored
from validators.candidate import load_candidate, registered
from validators.rule import Rule
from warehouse import batches
from warehouse.batches import BatchRow

LISTED = 200  # newly rejected records listed for each platform; all are counted
_PLACE = ("dataset", FILE, ROW)


@dataclass
class _Tally:
    """What is counted of one platform."""

    batches: int = 0
    records: int = 0
    newly_rejected: int = 0
    newly_accepted: int = 0
    findings_old: int = 0
    findings_new: int = 0
    listed: list[dict[str, Any]] = field(default_factory=list)


def compare_rule(
    hub: Hub, candidate: Path, platform_code: str | None = None, since: datetime | None = None
) -> dict[str, Any]:
    """Run the rule in force and a candidate over stored batches, and say who would newly be rejected.

    Args:
        candidate: a rule file that stands in for the rule of its id, or is a new rule.
        platform_code: one platform, or None for all.
        since: batches received before are left out.

    Returns:
        {rule_id, old_version, new_version, platforms: [{platform_code, batches, records, newly_rejected,
        newly_accepted, findings_old, findings_new, listed}]}; listed are findings of newly rejected records.

    Raises:
        UsageError: the candidate cannot be used, or there is no such platform.
    """
    rule = load_candidate(candidate)
    if platform_code is not None and platform_code not in hub.platforms:
        raise UsageError("UNKNOWN_PLATFORM", f"没有平台 {platform_code}", f"no platform {platform_code}")
    old = registered(rule)
    tallies: dict[str, _Tally] = {}
    with hub.database() as conn:
        for batch in _stored(conn, platform_code, since):
            _compare(hub, conn, batch, rule, tallies.setdefault(batch.platform_code, _Tally()))
    return {
        "rule_id": rule.id,
        "old_version": old.version if old else None,
        "new_version": rule.version,
        "platforms": [{"platform_code": code, **vars(tally)} for code, tally in sorted(tallies.items())],
    }


def _stored(conn: psycopg.Connection, platform_code: str | None, since: datetime | None) -> list[BatchRow]:
    found = batches.list_batches(conn, platform_code, limit=1_000_000)
    wanted = [b for b in found if b.state == "loaded" and (since is None or b.received_at >= since)]
    return [batch for batch in reversed(wanted) if batch.contract_version in release_versions()]


def _compare(hub: Hub, conn: psycopg.Connection, batch: BatchRow, rule: Rule, tally: _Tally) -> None:
    release = load_release(batch.contract_version or "")
    old = validate_stored(hub, conn, batch, release)
    new = validate_stored(hub, conn, batch, release, candidate=rule)
    before, after = rejected_places(old), rejected_places(new)
    fresh = after.join(before, on=_PLACE, how="anti")
    tally.batches += 1
    tally.records += sum(part.received for part in new.datasets.values())
    tally.newly_rejected += fresh.height
    tally.newly_accepted += before.join(after, on=_PLACE, how="anti").height
    tally.findings_old += _broken(old, rule.id).height
    tally.findings_new += _broken(new, rule.id).height
    room = LISTED - len(tally.listed)
    named = _broken(new, rule.id).join(
        fresh.select("dataset", pl.col(FILE).alias("file"), pl.col(ROW).alias("row")), on=("dataset", "file", "row")
    )
    tally.listed += [{"batch_no": batch.batch_no, **row} for row in named.head(room).iter_rows(named=True)]


def _broken(result: Validation, rule_id: str) -> pl.DataFrame:
    return result.findings.filter(pl.col("rule_id") == rule_id).select(*SHOWN)
