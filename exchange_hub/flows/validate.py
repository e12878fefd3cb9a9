"""Step 2, validate: the kept bytes read into frames and held against the contract; the result waits in the work bucket.

What validation learned of the warehouse may be out of date when the batch is loaded: `seen_load` says how far it
looked, and loading validates again under its locks where that matters.
"""

import uuid
from dataclasses import asdict, dataclass
from typing import Any

import psycopg

from exchange_hub.core.errors import Refusal
from exchange_hub.core.records import Validation
from exchange_hub.core.scratch import scratch_folder
from exchange_hub.flows.check import limits_of
from exchange_hub.flows.context import Hub
from exchange_hub.flows.handover import load_validation, save_validation
from exchange_hub.flows.reading import read_batch, validate_read
from exchange_hub.flows.releases import release_for
from ingest.package import open_package
from validators.engine import Context
from warehouse.batches import BatchRow
from warehouse.stored import PostgresStored


@dataclass(frozen=True, slots=True)
class Validated:
    """A validation in the work bucket. `refusal` is set when reading showed that the package cannot be used."""

    uri: str | None
    seen_load: int
    refusal: tuple[str, str, str, str] | None = None

    def as_dict(self) -> dict[str, Any]:
        """For hand-over between tasks."""
        return asdict(self)


def validate_batch(hub: Hub, conn: psycopg.Connection, batch: BatchRow) -> tuple[Validation | Refusal, int]:
    """Read and validate a received batch by what `conn` sees now.

    Returns:
        The validation, or the refusal that reading raised; and the newest load event seen before it began.
    """
    seen = newest_load(conn)
    with scratch_folder("validate") as folder:
        raw = folder / "package"
        hub.evidence.get_file(batch.raw_uri, raw)
        try:
            package = open_package(raw, folder / "open", limits_of(hub.settings))
            platform = hub.platforms.get(batch.platform_code)
            release, _ = release_for(package.manifest.contract_version, batch.received_at, platform)
            read = read_batch(package, release, platform, folder / "spool")
        except Refusal as refusal:
            return refusal, seen
        context = Context(batch.platform_code, batch.received_at, package.members)
        return validate_read(read, PostgresStored(conn, (batch.platform_code, batch.id)), context), seen


def hand_over(hub: Hub, result: Validation | Refusal, seen: int) -> Validated:
    """Keep a validation for the task that loads it."""
    if isinstance(result, Refusal):
        return Validated(None, seen, (result.code, result.message_zh, result.message_en, result.where))
    return Validated(save_validation(hub.work, f"validated/{uuid.uuid4()}", result), seen)


def take_over(hub: Hub, validated: Validated) -> Validation | Refusal:
    """The validation that `hand_over` kept."""
    if validated.uri is None:
        return Refusal(*(validated.refusal or ("UNREADABLE", "", "", "")))
    return load_validation(hub.work, validated.uri)


def newest_load(conn: psycopg.Connection) -> int:
    """Number of the newest load event; 0 where there is none."""
    row = conn.execute("SELECT coalesce(max(id), 0) FROM hub.load").fetchone()
    return int(row[0]) if row else 0
