"""Step 2, validate: the kept bytes read into frames and held against the contract; the result waits in the work bucket.

What validation learned of the warehouse may be out of date when the batch is loaded: `seen_load` says how far it
looked, and what it asked is kept beside it, so that loading can see whether it still holds.
"""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from exchange_hub.core.errors import Refusal
from exchange_hub.core.records import Validation
from exchange_hub.core.scratch import scratch_folder, subfolder
from exchange_hub.flows.asked import Asked
from exchange_hub.flows.carried import Carried, save_carried
from exchange_hub.flows.check import limits_of
from exchange_hub.flows.context import Hub
from exchange_hub.flows.handover import Parcel, load_parcel, save_parcel
from exchange_hub.flows.reading import ReadBatch, read_batch, validate_read
from exchange_hub.flows.releases import release_for
from ingest.package import open_package
from validators.engine import Context
from validators.together import Together, marked, validate_marked
from warehouse.batches import BatchRow
from warehouse.stored import PostgresStored


@dataclass(frozen=True, slots=True)
class Received:
    """A received batch as read: frames and the paths in its package."""

    batch: BatchRow
    read: ReadBatch
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Checked:
    """A validation or the refusal that reading raised, and by what it holds: the newest load seen, the questions."""

    result: Validation | Together | Refusal
    seen: int
    questions: list[list[Any]] | None = None
    carried: Carried | None = None  # what several batches were validated from, where their outlook is still to be made


@dataclass(frozen=True, slots=True)
class Validated:
    """A validation in the work bucket. `refusal` is set when reading showed that the package cannot be used.

    Batches that were validated together have one `uri`; `part` is the batch's number there, `carried` where they lie as
    read.
    """

    uri: str | None
    seen_load: int
    refusal: tuple[str, str, str, str] | None = None
    part: int = 0
    carried: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For hand-over between tasks."""
        return asdict(self)


def validate_batch(hub: Hub, conn: psycopg.Connection, batch: BatchRow) -> Checked:
    """Read and validate a received batch by what `conn` sees now."""
    with scratch_folder("validate") as folder:
        received = read_received(hub, batch, folder)
        if isinstance(received, Refusal):
            return Checked(received, newest_load(conn))
        return validate_received(conn, received)


def read_received(hub: Hub, batch: BatchRow, folder: Path) -> Received | Refusal:
    """The kept bytes of a batch as frames, or why they cannot be read.

    Args:
        folder: empty; must stay until the batch is validated, since a large one has its records there.
    """
    raw = folder / "package"
    hub.evidence.get_file(batch.raw_uri, raw)
    try:
        package = open_package(raw, folder / "open", limits_of(hub.settings))
        platform = hub.platforms.get(batch.platform_code)
        release, _ = release_for(package.manifest.contract_version, batch.received_at, platform)
        return Received(batch, read_batch(package, release, platform, folder / "spool"), package.members)
    except Refusal as refusal:
        return refusal


def validate_received(conn: psycopg.Connection, received: Received) -> Checked:
    """Validate a batch as read, by what `conn` sees now."""
    seen, batch = newest_load(conn), received.batch
    asked = Asked(PostgresStored(conn, (batch.platform_code, batch.id)))
    context = Context(batch.platform_code, batch.received_at, received.members)
    return Checked(validate_read(received.read, asked, context), seen, asked.noted())


def validate_run(conn: psycopg.Connection, run: Sequence[Received], *, carry: bool = False) -> Checked:
    """Validate several batches of a run (`flows.grouping.runs_of`) in one go.

    Args:
        carry: keep what they were validated from for the outlook.
    """
    seen, last = newest_load(conn), run[-1].batch
    asked = Asked(PostgresStored(conn, (last.platform_code, last.id)))
    context = Context(last.platform_code, last.received_at)
    release, frames = run[0].read.release, marked([one.read.frames for one in run])
    received = [{name: frame.height for name, frame in one.read.frames.items()} for one in run]
    found = Together(validate_marked(frames, release, asked, context), received)
    return Checked(found, seen, asked.noted(), Carried(frames, received, release.version) if carry else None)


def validate_run_again(hub: Hub, conn: psycopg.Connection, batches: Sequence[BatchRow]) -> Checked:
    """Read and validate batches that were a run before, by what `conn` sees now."""
    with scratch_folder("validate") as folder:
        read = [read_received(hub, batch, subfolder(folder, batch.id)) for batch in batches]
        run = [one for one in read if isinstance(one, Received)]
        return validate_run(conn, run)


def hand_over(hub: Hub, checked: Checked) -> list[Validated]:
    """Keep a validation for the task that loads it: one entry for each batch of it."""
    result = checked.result
    if isinstance(result, Refusal):
        return [Validated(None, checked.seen, (result.code, result.message_zh, result.message_en, result.where))]
    whole, received = (result.whole, result.received) if isinstance(result, Together) else (result, None)
    uri = save_parcel(hub.work, f"validated/{uuid.uuid4()}", Parcel(whole, checked.questions, received))
    carried = save_carried(hub.work, checked.carried) if checked.carried else None
    return [Validated(uri, checked.seen, None, number, carried) for number in range(len(received or [0]))]


def take_over(hub: Hub, validated: Validated) -> Checked:
    """What `hand_over` kept; a validation of several batches is not split."""
    if validated.uri is None:
        return Checked(Refusal(*(validated.refusal or ("UNREADABLE", "", "", ""))), validated.seen_load)
    parcel = load_parcel(hub.work, validated.uri)
    whole = parcel.validation if parcel.received is None else Together(parcel.validation, parcel.received)
    return Checked(whole, validated.seen_load, parcel.questions)


def take_one(hub: Hub, validated: Validated) -> Checked:
    """As `take_over`, only the batch's own part of a validation of several."""
    checked = take_over(hub, validated)
    if isinstance(checked.result, Together):
        return replace(checked, result=checked.result.split()[validated.part])
    return checked


def newest_load(conn: psycopg.Connection) -> int:
    """Number of the newest load event; 0 where there is none."""
    row = conn.execute("SELECT coalesce(max(id), 0) FROM hub.load").fetchone()
    return int(row[0]) if row else 0
