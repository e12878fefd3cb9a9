"""Held records (暂存记录): which of them a load may free, their way out, what they still wait for.

A held record is waiting until it is accepted, rejected, or superseded by a later batch of its platform that brought
the same DATA_KEY. Everything here is found by index, whatever the number of records that wait.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl
from psycopg import Connection, sql

from exchange_hub.core import records
from exchange_hub.core.records import Validation
from warehouse.batches import BatchRow
from warehouse.shapecache import known_shapes
from warehouse.shapes import Shape, table_name
from warehouse.timeline import CURRENT

ByBatch = Mapping[int, Sequence[int]]  # batch -> held records, both by internal number, in order


def note_waits(conn: Connection, load_id: int) -> None:
    """Make what the held records of a load wait for findable."""
    _note(conn, "h.load_id = %s", load_id)


def candidates(conn: Connection, load_id: int) -> ByBatch:
    """Waiting records that this load may concern, by batch in the order of arrival.

    Those that wait for a code it wrote, those whose key it wrote, and its own: their parents may have come while it
    was under way.
    """
    if not _any_waiting(conn):
        return {}
    found = {
        row[0] for row in conn.execute("SELECT id FROM hub.held WHERE load_id = %s AND state = 'waiting'", (load_id,))
    }
    written = {
        row[0] for row in conn.execute("SELECT DISTINCT dataset FROM hub.load_leaf WHERE load_id = %s", (load_id,))
    }
    for shape in known_shapes(conn):
        if shape.dataset in written:
            found |= _waiting_for(conn, shape, load_id)
    return by_batch(conn, found)


def all_waiting(conn: Connection) -> ByBatch:
    """Every waiting record."""
    return by_batch(conn, [row[0] for row in conn.execute("SELECT id FROM hub.held WHERE state = 'waiting'")])


def waiting_since(conn: Connection, before: datetime) -> ByBatch:
    """Records that wait since that instant or longer."""
    rows = conn.execute("SELECT id FROM hub.held WHERE state = 'waiting' AND since <= %s", (before,))
    return by_batch(conn, [row[0] for row in rows])


def by_batch(conn: Connection, ids: Collection[int]) -> ByBatch:
    """Those of these records that are waiting, by batch."""
    rows = conn.execute(
        "SELECT batch_id, array_agg(id ORDER BY id) FROM hub.held WHERE id = ANY(%s) AND state = 'waiting'"
        " GROUP BY batch_id ORDER BY batch_id",
        (list(ids),),
    )
    return dict(rows.fetchall())


def datasets_of(conn: Connection, ids: Collection[int]) -> list[str]:
    """Datasets of these records."""
    rows = conn.execute("SELECT DISTINCT dataset FROM hub.held WHERE id = ANY(%s)", (list(ids),))
    return [row[0] for row in rows]


def superseded(conn: Connection, batch: BatchRow, ids: Collection[int]) -> set[int]:
    """Those of a batch's records whose key a later batch of the same platform has stored meanwhile."""
    found: set[int] = set()
    for dataset in datasets_of(conn, ids):
        rows = conn.execute(
            sql.SQL(
                "SELECT h.id FROM hub.held h CROSS JOIN LATERAL (SELECT w.batch_id, w.platform_code FROM {table} w"
                " WHERE w.data_key = h.data_key ORDER BY w.version_no DESC LIMIT 1) w"
                " WHERE h.id = ANY(%s) AND h.dataset = %s AND w.batch_id > %s AND w.platform_code = %s"
            ).format(table=sql.Identifier("hub", table_name(dataset))),
            (list(ids), dataset, batch.id, batch.platform_code),
        )
        found |= {row[0] for row in rows}
    return found


def unmet(conn: Connection, ids: Collection[int]) -> set[int]:
    """Those of the records that wait for at least one parent that is not stored."""
    left: set[int] = set()
    pairs = conn.execute("SELECT DISTINCT dataset, field FROM hub.held_wait WHERE held_id = ANY(%s)", (list(ids),))
    for dataset, field in pairs.fetchall():
        table = sql.Identifier("hub", table_name(dataset))
        rows = conn.execute(
            sql.SQL(
                "SELECT h.held_id FROM hub.held_wait h WHERE h.held_id = ANY(%s) AND h.dataset = %s AND h.field = %s"
                " AND NOT EXISTS (SELECT FROM {table} w WHERE w.{field} = h.value AND {current})"
            ).format(field=sql.Identifier(field), table=table, current=sql.SQL(CURRENT).format(table=table)),
            (list(ids), dataset, field),
        )
        left |= {row[0] for row in rows}
    return left


def frames(conn: Connection, ids: Collection[int]) -> dict[str, pl.DataFrame]:
    """The records as they were read from their package, a frame a dataset, with _waits_for."""
    read: dict[str, pl.DataFrame] = {}
    for dataset in datasets_of(conn, ids):
        rows = conn.execute(
            'SELECT file, "row", raw::text, attachments::text, waits_for::text FROM hub.held'
            " WHERE id = ANY(%s) AND dataset = %s ORDER BY id",
            (list(ids), dataset),
        ).fetchall()
        read[dataset] = _frame(rows)
    return read


def settle(conn: Connection, batch_id: int, validation: Validation, load_id: int, at: datetime) -> None:
    """Book the records that an event accepted or rejected."""
    for dataset, result in validation.datasets.items():
        for state, frame in (("accepted", result.accepted), ("rejected", result.rejected)):
            rows = conn.execute(
                "UPDATE hub.held h SET state = %s, settled_by = %s, settled_at = %s"
                ' FROM unnest(%s::text[], %s::bigint[]) AS s (file, "row") WHERE h.batch_id = %s AND h.dataset = %s'
                ' AND h.file = s.file AND h."row" = s."row" AND h.state = \'waiting\' RETURNING h.id',
                (state, load_id, at, *_places(frame), batch_id, dataset),
            )
            _forget_waits(conn, [row[0] for row in rows])


def settle_superseded(conn: Connection, ids: Collection[int], load_id: int, at: datetime) -> None:
    """Book records whose key a later batch has brought."""
    conn.execute(
        "UPDATE hub.held SET state = 'superseded', settled_by = %s, settled_at = %s"
        " WHERE id = ANY(%s) AND state = 'waiting'",
        (load_id, at, list(ids)),
    )
    _forget_waits(conn, ids)


def wait_again(conn: Connection, batch_id: int, validation: Validation) -> None:
    """Note what the records that stay held wait for now."""
    for dataset, result in validation.datasets.items():
        rows = conn.execute(
            "UPDATE hub.held h SET waits_for = s.waits::jsonb"
            ' FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS s (file, "row", waits) WHERE h.batch_id = %s'
            ' AND h.dataset = %s AND h.file = s.file AND h."row" = s."row" AND h.state = \'waiting\' RETURNING h.id',
            (*_places(result.held), result.held[records.WAITS_FOR].to_list(), batch_id, dataset),
        )
        ids = [row[0] for row in rows]
        _forget_waits(conn, ids)
        _note(conn, "h.id = ANY(%s)", ids)


def known_findings(conn: Connection, batch_id: int, ids: Collection[int]) -> pl.DataFrame:
    """What was found about these records of a batch before: dataset, file, row, field, rule_id."""
    rows = conn.execute(
        'SELECT f.dataset, f.file, f."row", f.field, f.rule_id FROM hub.finding f WHERE f.batch_id = %s AND'
        ' (f.dataset, f.file, f."row") IN (SELECT dataset, file, "row" FROM hub.held WHERE id = ANY(%s))',
        (batch_id, list(ids)),
    ).fetchall()
    schema = {"dataset": pl.String, "file": pl.String, "row": pl.Int64, "field": pl.String, "rule_id": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def list_waiting(conn: Connection, platform_code: str | None = None) -> list[dict[str, Any]]:
    """Rows of audit.held that still wait, oldest first."""
    cursor = conn.execute(
        "SELECT platform_code, batch_no, dataset, data_key, source_file, source_row, since, waits_for FROM audit.held"
        " WHERE state = 'waiting' AND (%(p)s::text IS NULL OR platform_code = %(p)s)"
        " ORDER BY since, platform_code, batch_no, dataset, source_file, source_row",
        {"p": platform_code},
    )
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _any_waiting(conn: Connection) -> bool:
    return conn.execute("SELECT 1 FROM hub.held WHERE state = 'waiting' LIMIT 1").fetchone() is not None


def _waiting_for(conn: Connection, shape: Shape, load_id: int) -> set[int]:
    table = sql.Identifier("hub", shape.table)
    rows = conn.execute(
        sql.SQL(
            "SELECT h.id FROM {table} w JOIN hub.held h ON h.dataset = %s AND h.data_key = w.data_key"
            " AND h.state = 'waiting' WHERE w.load_id = %s"
        ).format(table=table),
        (shape.dataset, load_id),
    )
    found = {row[0] for row in rows}
    for field in shape.lookups:
        rows = conn.execute(
            sql.SQL(
                "SELECT h.held_id FROM hub.held_wait h WHERE h.dataset = %s AND h.field = %s AND md5(h.value) IN"
                " (SELECT md5(w.{field}) FROM {table} w WHERE w.load_id = %s AND w.operation <> '3')"
            ).format(field=sql.Identifier(field), table=table),
            (shape.dataset, field, load_id),
        )
        found |= {row[0] for row in rows}
    return found


def _note(conn: Connection, which: str, value: object) -> None:
    conn.execute(
        sql.SQL(
            "INSERT INTO hub.held_wait (held_id, dataset, field, value) SELECT h.id, w ->> 0, w ->> 1, w ->> 2"
            " FROM hub.held h CROSS JOIN jsonb_array_elements(h.waits_for) w WHERE h.state = 'waiting' AND {}"
        ).format(sql.SQL(which)),
        (value,),
    )


def _forget_waits(conn: Connection, ids: Collection[int]) -> None:
    conn.execute("DELETE FROM hub.held_wait WHERE held_id = ANY(%s)", (list(ids),))


def _places(frame: pl.DataFrame) -> tuple[list[str], list[int]]:
    return frame[records.FILE].to_list(), frame[records.ROW].to_list()


def _frame(rows: Sequence[tuple[str, int, str, str | None, str]]) -> pl.DataFrame:
    """All records of one dataset of a batch were kept from one frame: each has the same names."""
    files, numbers, raw, attachments, waits = zip(*rows, strict=True)
    sent = pl.Struct(dict.fromkeys(json.loads(raw[0]), pl.String))
    fields = pl.Series("raw", raw, dtype=pl.String).str.json_decode(sent).struct.unnest()
    return fields.with_columns(
        pl.Series(records.FILE, files, dtype=pl.String),
        pl.Series(records.ROW, numbers, dtype=pl.Int64),
        pl.Series(records.ATTACHMENTS, attachments, dtype=pl.String),
        pl.Series(records.WAITS_FOR, waits, dtype=pl.String),
    )
