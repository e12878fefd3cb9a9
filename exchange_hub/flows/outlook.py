"""Shadow validation (影子校验): each loaded batch is also held against its platform's next release.

What comes of it is an outlook, stored apart and shown to the centre; it is never a finding and changes nothing. It is
made after the notice has gone out, and a fault of ours in it never touches the batch.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl
import psycopg

from contracts.model import Release
from exchange_hub.core.errors import Refusal
from exchange_hub.core.ports import StoredRecords
from exchange_hub.core.records import DATA_KEY, FILE, ROW, Severity, Validation
from exchange_hub.core.scratch import scratch_folder
from exchange_hub.flows.check import limits_of
from exchange_hub.flows.context import Hub
from exchange_hub.flows.reading import read_batch, validate_read
from exchange_hub.flows.receive import BatchRef
from exchange_hub.flows.releases import known_release, next_release
from exchange_hub.flows.validate import Received
from ingest.package import open_package
from validators.engine import Context
from validators.rule import Rule
from warehouse import batches, outlook
from warehouse.batches import BatchRow
from warehouse.outlook import Outlook
from warehouse.stored import PostgresStored

logger = logging.getLogger(__name__)

EXAMPLES = 100  # findings kept with an outlook
SHOWN = ("dataset", "file", "row", "data_key", "field", "rule_id", "severity", "value", "message_zh", "message_en",
         "expected_zh")  # fmt: skip
_PLACE = ("dataset", FILE, ROW)


@dataclass(frozen=True, slots=True)
class AsStored:
    """A store in which every key has just the content that is asked about: what was loaded already is no conflict."""

    stored: StoredRecords

    def current(self, dataset: str, keys: pl.Series, fields: Sequence[str]) -> pl.DataFrame:
        """As the warehouse answers, but with no hash to differ from."""
        found = self.stored.current(dataset, keys, fields)
        return found.with_columns(pl.lit(None, dtype=pl.String).alias("record_hash"))

    def holders(self, dataset: str, field: str, values: pl.Series) -> pl.DataFrame:
        """As the warehouse answers."""
        return self.stored.holders(dataset, field, values)

    def twins(self, dataset: str, values: pl.DataFrame) -> pl.DataFrame:
        """As the warehouse answers."""
        return self.stored.twins(dataset, values)


def look_ahead(hub: Hub, ref: BatchRef, now: datetime) -> None:
    """Hold a loaded batch against its platform's next release and keep the outlook; once for each release.

    Nothing is raised: the batch is done, and its way must not depend on a draft of ours.
    """
    try:
        _look_ahead(hub, ref, now)
    except Exception:  # a draft release may be wrong in any way; the batch has nothing to do with it
        logger.exception("outlook of batch %s of platform %s failed", ref.batch_no, ref.platform_code)


def _look_ahead(hub: Hub, ref: BatchRef, now: datetime) -> None:
    with hub.database() as conn:
        batch, version = _due(hub, conn, ref)
        if batch is not None:
            outlook.store(conn, batch.id, outlook_of(hub, conn, batch, version), now)
            conn.commit()


def wanted_release(hub: Hub, platform_code: str) -> str | None:
    """The release that a platform's batches are held against beside their own; None where that is not wanted."""
    platform = hub.platforms.get(platform_code)
    if platform is None or not platform.enabled or not hub.settings.shadow_validation:
        return None
    return next_release(platform)


def _due(hub: Hub, conn: psycopg.Connection, ref: BatchRef) -> tuple[BatchRow | None, str]:
    """The batch and the release by which an outlook on it is to be made; None where it is made or not wanted."""
    version = wanted_release(hub, ref.platform_code)
    if version is None:
        return None, ""
    batch = batches.find(conn, ref.platform_code, ref.batch_no)
    if batch is None or batch.state != "loaded" or batch.contract_version == version:
        return None, ""
    return (None, "") if outlook.known(conn, batch.id, version) else (batch, version)


def outlook_of(hub: Hub, conn: psycopg.Connection, batch: BatchRow, version: str) -> Outlook:
    """How a loaded batch fares under a release.

    Raises:
        ConfigurationError: the release itself is wrong.
        ServiceError: the evidence store does not answer.
    """
    received = batch.counts.received
    try:
        result = validate_stored(hub, conn, batch, known_release(version))
    except Refusal as refusal:
        words = f"{refusal.message_zh} / {refusal.message_en}"
        return Outlook(version, received, 0, received, 0, received, (), (), words)
    return compared(conn, batch, version, result)


def compared(conn: psycopg.Connection, batch: BatchRow, version: str, result: Validation) -> Outlook:
    """The outlook on a batch from its validation by that release: what it would be rejected for, and what anew."""
    counts = [(part.received, part.accepted.height, part.held.height) for part in result.datasets.values()]
    total, passing, held = (sum(column) for column in zip(*counts, strict=True))
    rejected = rejected_places(result)
    if rejected.is_empty():
        return Outlook(version, total, passing, 0, held, 0, (), ())
    new = rejected.join(outlook.rejected_places(conn, batch.id), on=_PLACE, how="anti")
    against = result.findings.filter(pl.col("severity") == Severity.REJECT.value)
    return Outlook(
        release=version,
        received=total,
        passing=passing,
        rejected=rejected.height,
        held=held,
        newly_rejected=new.height,
        rules=_rules(against, new),
        examples=tuple(_newly_first(against, new).select(SHOWN).head(EXAMPLES).iter_rows(named=True)),
    )


def _rules(against: pl.DataFrame, new: pl.DataFrame) -> tuple[dict[str, Any], ...]:
    """The rules with how many of the newly rejected records break each."""
    newly = {rule["rule_id"]: rule["records"] for rule in rules_against(_of(against, new, "semi"))}
    return tuple({**rule, "newly": newly.get(rule["rule_id"], 0)} for rule in rules_against(against))


def _newly_first(against: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([_of(against, new, "semi"), _of(against, new, "anti")])


def _of(findings: pl.DataFrame, places: pl.DataFrame, how: Literal["semi", "anti"]) -> pl.DataFrame:
    """Findings about the records of these places, or about all others."""
    there = places.select("dataset", pl.col(FILE).alias("file"), pl.col(ROW).alias("row"))
    return findings.join(there, on=("dataset", "file", "row"), how=how, maintain_order="left")


def validate_stored(
    hub: Hub, conn: psycopg.Connection, batch: BatchRow, release: Release, candidate: Rule | None = None
) -> Validation:
    """Validate the kept bytes of a loaded batch again, by another release or with a rule on trial.

    Raises:
        Refusal: the release does not know a dataset of the batch.
    """
    with scratch_folder("outlook") as folder:
        received = read_stored(hub, batch, release, folder)
        return validated(received, AsStored(PostgresStored(conn)), candidate)


def read_stored(hub: Hub, batch: BatchRow, release: Release, folder: Path) -> Received:
    """The kept bytes of a batch as that release has them read; `folder` must stay until they are validated."""
    raw = folder / "package"
    hub.evidence.get_file(batch.raw_uri, raw)
    package = open_package(raw, folder / "open", limits_of(hub.settings))
    read = read_batch(package, release, hub.platforms.get(batch.platform_code), folder / "spool")
    return Received(batch, read, package.members)


def validated(received: Received, stored: StoredRecords, candidate: Rule | None = None) -> Validation:
    """A batch as read, validated by the release it was read by; of a large one only places and keys are kept."""
    batch = received.batch
    context = Context(batch.platform_code, batch.received_at, received.members, candidate=candidate)
    return validate_read(received.read, stored, context, (FILE, ROW, DATA_KEY))


def rejected_places(result: Validation) -> pl.DataFrame:
    """Where the rejected records stand: rows of (dataset, _file, _row, DATA_KEY)."""
    schema = {"dataset": pl.String(), FILE: pl.String(), ROW: pl.Int64(), DATA_KEY: pl.String()}
    frames = [
        part.rejected.select(pl.lit(name).alias("dataset"), FILE, ROW, DATA_KEY)
        for name, part in result.datasets.items()
    ]
    return pl.concat([pl.DataFrame(schema=schema), *frames])


def rules_against(findings: pl.DataFrame, record: Sequence[str] = ("dataset", "file", "row")) -> list[dict[str, Any]]:
    """Rules of a findings frame with the number of records that break each, most first, and one message each.

    Args:
        record: columns that tell records apart; the default does so within one batch.
    """
    counted = findings.group_by("rule_id", "severity").agg(
        pl.struct(*record).n_unique().alias("records"), pl.col("message_zh").first()
    )
    return list(counted.sort("records", "rule_id", descending=[True, False]).iter_rows(named=True))


def list_outlooks(hub: Hub, platform_code: str, limit: int = 20, release: str | None = None) -> list[dict[str, Any]]:
    """A platform's outlooks, newest batch first; only those on a release, where one is named.

    Raises:
        HubError: no such platform.
    """
    hub.platform(platform_code)
    with hub.database() as conn:
        return outlook.list_outlooks(conn, platform_code, limit, release)
