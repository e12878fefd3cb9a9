"""Batches: what was received, what became of it, the report that was given (批次)."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from exchange_hub.core.records import Counts, Manifest, ReceivedBatch, RefusalInfo, Verdict

COLUMNS = (
    "id, platform_code, batch_no, state, verdict, received, accepted, rejected, held, flagged, refusal_code,"
    " refusal_zh, refusal_en, refusal_where, channel, sha256, content_digest, raw_uri, size_bytes, contract_version,"
    " sent_at, corrects, received_at, settled_at"
)


class Arrival(StrEnum):
    """What a received package is to the batches known already."""

    NEW = "new"
    REPEAT = "repeat"  # same number, same content: the first result is given again
    CONFLICT = "conflict"  # same number, other content: to be refused; kept in hub.delivery_conflict


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One row of hub.batch. `state` is received, loaded or refused; `verdict` is None until settled."""

    id: int
    platform_code: str
    batch_no: str
    state: str
    verdict: Verdict | None
    counts: Counts
    refusal: RefusalInfo | None
    channel: str
    sha256: str
    content_digest: str
    raw_uri: str
    size_bytes: int
    contract_version: str | None
    sent_at: datetime | None
    corrects: tuple[str, ...]
    received_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reception:
    """The batch that holds the number, what the package is to it, and the kept conflict where it is one."""

    batch: BatchRow
    arrival: Arrival
    conflict_id: int | None = None


def find(conn: Connection, platform_code: str, batch_no: str) -> BatchRow | None:
    """The batch of that platform and number, if it was ever received."""
    rows = _select(conn, "WHERE platform_code = %s AND batch_no = %s", (platform_code, batch_no))
    return rows[0] if rows else None


def find_all(conn: Connection, platform_code: str, batch_nos: Collection[str]) -> dict[str, BatchRow]:
    """Those of a platform's batches that were received, by number."""
    rows = _select(conn, "WHERE platform_code = %s AND batch_no = ANY(%s)", (platform_code, list(batch_nos)))
    return {row.batch_no: row for row in rows}


def get(conn: Connection, batch_id: int) -> BatchRow:
    """The batch of that internal number.

    Raises:
        KeyError: no such batch.
    """
    rows = _select(conn, "WHERE id = %s", (batch_id,))
    if not rows:
        raise KeyError(batch_id)
    return rows[0]


def lock(conn: Connection, batch_id: int) -> BatchRow:
    """The batch, its row locked until the transaction ends: the first lock of whoever loads something of it.

    Raises:
        KeyError: no such batch.
    """
    conn.execute("SELECT 1 FROM hub.batch WHERE id = %s FOR UPDATE", (batch_id,))
    return get(conn, batch_id)


def list_batches(
    conn: Connection, platform_code: str | None = None, limit: int = 100, offset: int = 0
) -> list[BatchRow]:
    """Batches, newest first; of one platform or of all."""
    return _select(
        conn,
        "WHERE (%s::text IS NULL OR platform_code = %s) ORDER BY received_at DESC, id DESC LIMIT %s OFFSET %s",
        (platform_code, platform_code, limit, offset),
    )


def chosen(conn: Connection, wanted: Mapping[str, Any], limit: int) -> list[tuple[str, str]]:
    """Platform and number of batches, in the order of receipt.

    Args:
        wanted: platform_code, batch_no, since and until (days of receipt in Shanghai, both included), each None where
            it does not matter; only_unfinished.
    """
    rows = conn.execute(
        "SELECT platform_code, batch_no FROM hub.batch"
        " WHERE (%(platform_code)s::text IS NULL OR platform_code = %(platform_code)s)"
        " AND (%(batch_no)s::text IS NULL OR batch_no = %(batch_no)s)"
        " AND (%(since)s::date IS NULL OR received_at >= %(since)s::date::timestamp AT TIME ZONE 'Asia/Shanghai')"
        " AND (%(until)s::date IS NULL"
        " OR received_at < (%(until)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')"
        " AND (NOT %(only_unfinished)s OR state = 'received') ORDER BY id LIMIT %(limit)s",
        {**wanted, "limit": limit},
    )
    return [(row[0], row[1]) for row in rows]


def record_received(conn: Connection, received: ReceivedBatch, manifest: Manifest | None) -> Reception:
    """Record that a package came in; the same package again changes nothing.

    A package with a number in use and another content is kept in `hub.delivery_conflict` and does not touch the
    first batch; the caller refuses it. Two receivers at once: one makes the batch, the other sees it.

    Args:
        manifest: None where it could not be read.
    """
    values = {
        **_package(received),
        "contract_version": manifest.contract_version if manifest else None,
        "sent_at": manifest.created_at if manifest else None,
        "corrects": list(manifest.corrects) if manifest else [],
        "manifest": Jsonb(_plain(manifest)) if manifest else None,
    }
    made = conn.execute(
        "INSERT INTO hub.batch (platform_code, batch_no, channel, sha256, content_digest, raw_uri, size_bytes,"
        " received_at, contract_version, sent_at, corrects, manifest) VALUES (%(platform_code)s, %(batch_no)s,"
        " %(channel)s, %(sha256)s, %(content_digest)s, %(raw_uri)s, %(size_bytes)s, %(received_at)s,"
        " %(contract_version)s, %(sent_at)s, %(corrects)s, %(manifest)s)"
        " ON CONFLICT (platform_code, batch_no) DO NOTHING RETURNING id",
        values,
    ).fetchone()
    batch = find(conn, received.platform_code, received.batch_no)
    if batch is None:  # cannot be: inserted above, or there before
        raise KeyError(received.batch_no)
    if made:
        return Reception(batch, Arrival.NEW)
    if batch.content_digest == received.content_digest:
        return Reception(batch, Arrival.REPEAT)
    return Reception(batch, Arrival.CONFLICT, _record_conflict(conn, batch.id, received))


def record_refused(conn: Connection, batch_id: int, refusal: RefusalInfo, at: datetime) -> bool:
    """Settle a received batch as refused as a whole (整批退回).

    Returns:
        Whether it was still open; a batch already loaded or refused is not touched.
    """
    changed = conn.execute(
        "UPDATE hub.batch SET state = 'refused', verdict = 'refused', refusal_code = %s, refusal_zh = %s,"
        " refusal_en = %s, refusal_where = %s, settled_at = %s WHERE id = %s AND state = 'received'",
        (refusal.code, refusal.message_zh, refusal.message_en, refusal.where, at, batch_id),
    )
    return changed.rowcount == 1


def store_report(conn: Connection, batch_id: int, report: Mapping[str, Any]) -> None:
    """Keep the report as it was given to the sender (interfaces: section 4, a JSON document)."""
    conn.execute("UPDATE hub.batch SET report = %s WHERE id = %s", (Jsonb(dict(report)), batch_id))


def accepted_by_dataset(conn: Connection, platform_code: str, batch_nos: Collection[str]) -> dict[str, int]:
    """Records that were accepted of a platform's batches, by dataset; those without any are left out."""
    rows = conn.execute(
        "SELECT e ->> 'dataset', sum((e ->> 'accepted')::bigint)::bigint FROM hub.batch b,"
        " jsonb_array_elements(b.report -> 'datasets') WITH ORDINALITY d (e, n)"
        " WHERE b.platform_code = %s AND b.batch_no = ANY(%s) GROUP BY 1"
        " HAVING sum((e ->> 'accepted')::bigint) > 0 ORDER BY min(d.n), 1",
        (platform_code, list(batch_nos)),
    )
    return dict(rows.fetchall())


def read_report(conn: Connection, batch_id: int) -> dict[str, Any] | None:
    """The report of a batch, None while it has none."""
    row = conn.execute("SELECT report FROM hub.batch WHERE id = %s", (batch_id,)).fetchone()
    return row[0] if row else None


def _record_conflict(conn: Connection, batch_id: int, received: ReceivedBatch) -> int:
    values = {**_package(received), "batch_id": batch_id}
    conn.execute(
        "INSERT INTO hub.delivery_conflict (batch_id, channel, sha256, content_digest, raw_uri, size_bytes,"
        " received_at) VALUES (%(batch_id)s, %(channel)s, %(sha256)s, %(content_digest)s, %(raw_uri)s,"
        " %(size_bytes)s, %(received_at)s) ON CONFLICT (batch_id, content_digest) DO NOTHING",
        values,
    )
    row = conn.execute(
        "SELECT id FROM hub.delivery_conflict WHERE batch_id = %(batch_id)s AND content_digest = %(content_digest)s",
        values,
    ).fetchone()
    return int(row[0]) if row else 0


def _package(received: ReceivedBatch) -> dict[str, Any]:
    return asdict(received)


def _plain(manifest: Manifest) -> dict[str, Any]:
    return {**asdict(manifest), "created_at": manifest.created_at.isoformat()}


def _select(conn: Connection, rest: str, values: tuple[Any, ...]) -> list[BatchRow]:
    with conn.cursor(row_factory=dict_row) as cursor:
        cursor.execute(sql.SQL("SELECT {} FROM hub.batch {}").format(sql.SQL(COLUMNS), sql.SQL(rest)), values)
        return [_row(row) for row in cursor]


def _row(row: dict[str, Any]) -> BatchRow:
    counts = Counts(*(row.pop(name) for name in ("received", "accepted", "rejected", "held", "flagged")))
    code, zh, en, where = (row.pop(f"refusal_{name}") for name in ("code", "zh", "en", "where"))
    refusal = RefusalInfo(code, zh or "", en or "", where or "") if code else None
    verdict = row.pop("verdict")
    corrects = tuple(row.pop("corrects"))
    return BatchRow(
        **row, verdict=Verdict(verdict) if verdict else None, counts=counts, refusal=refusal, corrects=corrects
    )
