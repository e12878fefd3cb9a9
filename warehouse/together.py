"""Several small batches of one platform loaded in one go (小批次合并入库): asked and written once, booked one by one.

Each batch has its own load, counts, evidence and seal, as if it had gone alone (`warehouse.loader`). That holds only
where none of them meets what another one brings: `Entangled` is raised where they do, and nothing is done.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from psycopg import Connection

from exchange_hub.core.records import Validation
from exchange_hub.core.settings import settings
from warehouse import held, loader
from warehouse.batches import BatchRow
from warehouse.evidence import Sealing, Written, seal_many
from warehouse.held import note_waits
from warehouse.loader import LoadResult, lock_datasets, total
from warehouse.rejects import store_all_findings, store_held, store_rejected
from warehouse.versions import Target, append_many

Validated = Sequence[tuple[BatchRow, Validation]]


class Entangled(Exception):
    """These batches do not load together: each is to go alone. Nobody's fault."""


def lock(conn: Connection, batches: Sequence[BatchRow], datasets: Sequence[str]) -> None:
    """The locks of a load, for all of them.

    Raises:
        Entangled: one is settled already, or another batch of the platform lies between them.
    """
    lock_datasets(conn, datasets)
    ids = [batch.id for batch in batches]
    rows = conn.execute(
        "SELECT id FROM hub.batch WHERE id = ANY(%s) AND state = 'received' ORDER BY id FOR UPDATE", (ids,)
    ).fetchall()
    if [row[0] for row in rows] != sorted(ids):
        raise Entangled("settled meanwhile")
    between = conn.execute(
        "SELECT count(*) FROM hub.batch WHERE platform_code = %s AND id BETWEEN %s AND %s",
        (batches[0].platform_code, min(ids), max(ids)),
    ).fetchone()
    if between != (len(ids),):
        raise Entangled("another batch between")


def load_together(
    conn: Connection, validated: Validated, recorded_at: datetime, before_seal: Callable[[Sequence[int]], None]
) -> list[LoadResult]:
    """As `loader.load` for each of them, in their order; the caller holds `lock` and owns the transaction.

    Args:
        validated: of one platform and one contract release, in the order of receipt.
        before_seal: books what else follows from the loads and is sealed with them.

    Raises:
        Entangled: one changes a stored record, or frees held records of another batch.
        ServiceError: a key was taken by another platform meanwhile.
    """
    loads = _open_loads(conn, validated, recorded_at)
    written = _write(conn, validated, loads, recorded_at)
    _no_release_between(conn, validated, loads)
    before_seal(loads)
    proofs = seal_many(
        conn,
        [Sealing(batch, load, written[load]) for (batch, _), load in zip(validated, loads, strict=True)],
        sm3=settings().evidence_sm3,
    )
    results = []
    for (_, validation), load, proof in zip(validated, loads, proofs, strict=True):
        counts = total(validation)
        unchanged = counts.accepted - proof.inserted
        results.append(LoadResult(counts, proof.inserted, unchanged, load, proof.root, proof.chain))
    loader.book(conn, [(batch.id, one.counts) for (batch, _), one in zip(validated, results, strict=True)], recorded_at)
    return results


def _open_loads(conn: Connection, validated: Validated, recorded_at: datetime) -> list[int]:
    rows = [(batch, total(validation)) for batch, validation in validated]
    made = conn.execute(
        "INSERT INTO hub.load (batch_id, kind, accepted, rejected, held, flagged, recorded_at)"
        " SELECT b, 'ingest', a, r, h, f, %s FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],"
        " %s::bigint[]) WITH ORDINALITY AS s (b, a, r, h, f, n) ORDER BY n RETURNING id, batch_id",
        (
            recorded_at,
            [batch.id for batch, _ in rows],
            *([getattr(c, name) for _, c in rows] for name in ("accepted", "rejected", "held", "flagged")),
        ),
    ).fetchall()
    by_batch = {batch_id: load_id for load_id, batch_id in made}
    return [by_batch[batch.id] for batch, _ in rows]


def _write(
    conn: Connection, validated: Validated, loads: Sequence[int], recorded_at: datetime
) -> dict[int, list[Written]]:
    """Versions, quarantine, held records and findings; what each load wrote for the seal."""
    written: dict[int, list[Written]] = {load: [] for load in loads}
    platform, version = validated[0][0].platform_code, validated[0][1].contract_version
    for dataset in sorted({name for _, validation in validated for name in validation.datasets}):
        parts = [
            (batch, load, validation.datasets[dataset])
            for (batch, validation), load in zip(validated, loads, strict=True)
            if dataset in validation.datasets
        ]
        target = Target(dataset, platform, version, recorded_at)
        made = append_many(conn, target, [(batch.id, load, result.accepted) for batch, load, result in parts])
        if any((one.versions["_number"] != 1).any() for one in made.values()):
            raise Entangled("a stored record changes")
        for load, one in made.items():
            written[load].append(one)
        for batch, load, result in parts:
            store_rejected(conn, batch.id, load, result)
            store_held(conn, batch.id, load, version, result, recorded_at)
    for (_, validation), load in zip(validated, loads, strict=True):
        if any(result.held.height for result in validation.datasets.values()):
            note_waits(conn, load)
    conn.execute("INSERT INTO hub.release_due SELECT unnest(%s::bigint[])", (list(loads),))
    store_all_findings(conn, [(b.id, load, v.findings) for (b, v), load in zip(validated, loads, strict=True)])
    return written


def _no_release_between(conn: Connection, validated: Validated, loads: Sequence[int]) -> None:
    ours = {batch.id for batch, _ in validated}
    for load in loads[:-1]:  # what the last one frees comes after all of them
        if set(held.candidates(conn, load)) - ours:
            raise Entangled("held records are freed")
