"""Loading: one validated batch into the warehouse, all or nothing (入库).

The caller owns the transaction. Locks are taken in one order everywhere (the batch's row, the datasets by name, the
rules across datasets, the evidence chain), so that loaders at work together wait for each other and never deadlock.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from exchange_hub.core.records import Counts, Validation
from exchange_hub.core.settings import settings
from warehouse import evidence
from warehouse.batches import BatchRow
from warehouse.held import note_waits
from warehouse.rejects import store_findings, store_held, store_rejected
from warehouse.release_due import note_due
from warehouse.versions import append

logger = logging.getLogger(__name__)
BeforeSeal = Callable[[int], None]  # called with the load event's number when its rows are written


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What one load event did. `inserted` versions were written, `unchanged` accepted records changed nothing."""

    counts: Counts
    inserted: int
    unchanged: int
    load_id: int
    root: bytes
    chain: bytes
    already: bool = False  # the batch was loaded before: nothing was done now


def load(
    conn: Connection,
    batch: BatchRow,
    validation: Validation,
    recorded_at: datetime,
    before_seal: BeforeSeal | None = None,
) -> LoadResult:
    """Load a batch: accepted records as versions, rejected to the quarantine, held ones aside, every finding.

    The same batch a second time changes nothing. A record whose content is that of its newest version adds none.

    Args:
        recorded_at: instant of loading; a record's versions never run backwards, whatever it says.
        before_seal: books what else follows from the load and is sealed with it.

    Returns:
        What was done, or (already=True) what the first load of this batch did.

    Raises:
        ServiceError: a record's key was taken by another platform since the batch was validated: validate again.
        ValueError: the batch was refused.
    """
    state = _lock_batch(conn, batch.id)
    if state == "refused":
        raise ValueError(f"batch {batch.id} was refused")
    if state == "loaded":
        return _first_result(conn, batch.id)
    counts = total(validation)
    result = load_event(conn, batch, "ingest", validation, recorded_at, before_seal=before_seal)
    book(conn, [(batch.id, counts)], recorded_at)
    logger.info(
        "loaded batch %s of %s (contract %s): %s", batch.batch_no, batch.platform_code, batch.contract_version, counts
    )
    return result


def book(conn: Connection, loaded: Sequence[tuple[int, Counts]], at: datetime) -> None:
    """Book batches, by internal number, as loaded with these counts."""
    conn.cursor().executemany(
        "UPDATE hub.batch SET state = 'loaded', verdict = %s, received = %s, accepted = %s, rejected = %s, held = %s,"
        " flagged = %s, settled_at = %s WHERE id = %s AND state = 'received'",
        [(counts.verdict(), *_five(counts), at, batch_id) for batch_id, counts in loaded],
    )


def lock_datasets(conn: Connection, datasets: Iterable[str]) -> None:
    """Let no other loader write these datasets until the transaction ends.

    `load` takes the same locks. Take them before validating to be sure that what validation asked of the warehouse
    still holds when the batch is loaded.
    """
    for dataset in sorted(set(datasets)):
        conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 42))", (f"hub:wh:{dataset}",))


def total(validation: Validation) -> Counts:
    """Counts of a validation over all its datasets."""
    counts = Counts()
    for result in validation.datasets.values():
        split = (result.accepted.height, result.rejected.height, result.held.height)
        counts += Counts(result.received, *split, result.flagged)
    return counts


def load_event(  # noqa: PLR0913 -- what a load is made of
    conn: Connection,
    batch: BatchRow,
    kind: str,
    validation: Validation,
    recorded_at: datetime,
    *,
    superseded: int = 0,
    before_seal: BeforeSeal | None = None,
) -> LoadResult:
    """One load event with its evidence: versions, quarantine, held records (of an ingest), findings.

    Args:
        kind: ingest, held_release or held_expiry.
        superseded: held records that this event settles without a version, since a later batch brought their key:
            accepted, and nothing changed.
        before_seal: see `load`.
    """
    lock_datasets(conn, validation.datasets)
    counts = total(validation) + Counts(superseded, superseded)
    row = conn.execute(
        "INSERT INTO hub.load (batch_id, kind, accepted, rejected, held, flagged, recorded_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (batch.id, kind, counts.accepted, counts.rejected, counts.held, counts.flagged, recorded_at),
    ).fetchone()
    load_id = int(row[0]) if row else 0
    written = []
    for dataset in sorted(validation.datasets):
        result = validation.datasets[dataset]
        made = append(conn, batch, load_id, validation.contract_version, result, recorded_at)
        written += [made] if made else []
        store_rejected(conn, batch.id, load_id, result)
        if kind == "ingest":
            store_held(conn, batch.id, load_id, validation.contract_version, result, recorded_at)
    note_waits(conn, load_id)
    note_due(conn, load_id)
    store_findings(conn, batch.id, load_id, validation.findings)
    if before_seal is not None:
        before_seal(load_id)
    proof = evidence.seal(conn, batch, load_id, written, sm3=settings().evidence_sm3)
    unchanged = counts.accepted - proof.inserted
    return LoadResult(counts, proof.inserted, unchanged, load_id, proof.root, proof.chain)


def _lock_batch(conn: Connection, batch_id: int) -> str:
    row = conn.execute("SELECT state FROM hub.batch WHERE id = %s FOR UPDATE", (batch_id,)).fetchone()
    if row is None:
        raise KeyError(batch_id)
    return str(row[0])


def _first_result(conn: Connection, batch_id: int) -> LoadResult:
    row = conn.execute(
        "SELECT l.accepted, l.rejected, l.held, l.flagged, p.inserted, l.id, p.root, p.chain FROM hub.load l"
        " JOIN hub.load_proof p ON p.load_id = l.id WHERE l.batch_id = %s AND l.kind = 'ingest'",
        (batch_id,),
    ).fetchone()
    if row is None:
        raise KeyError(batch_id)
    accepted, rejected, held, flagged, inserted, load_id, root, chain = row
    counts = Counts(accepted + rejected + held, accepted, rejected, held, flagged)
    return LoadResult(counts, inserted, accepted - inserted, load_id, root, chain, already=True)


def _five(counts: Counts) -> tuple[int, int, int, int, int]:
    return counts.received, counts.accepted, counts.rejected, counts.held, counts.flagged
