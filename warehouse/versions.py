"""Versions of records: accepted frames into the append-only tables."""

from datetime import datetime

import polars as pl
from psycopg import Connection, sql

from exchange_hub.core import records
from exchange_hub.core.errors import ServiceError
from exchange_hub.core.records import DatasetResult
from warehouse.batches import BatchRow
from warehouse.copying import copy_frame
from warehouse.shapes import field_orders, table_name

STAGING = "hub_incoming"
# The newest version of each incoming record: one index probe per record, whatever the size of the table.
NEWEST = (
    " FROM {staging} s LEFT JOIN LATERAL (SELECT w.version_no, w.record_hash, w.operation, w.recorded_at,"
    " w.platform_code, w.attachments FROM {table} w WHERE w.data_key = s.data_key"
    " ORDER BY w.version_no DESC LIMIT 1) v ON true"
)
# A withdrawal closes what is open; anything else is new, or revives what was withdrawn, or differs.
CHANGES = (
    " WHERE CASE WHEN s.operation = '3' THEN v.operation IS DISTINCT FROM '3'"
    " ELSE v.version_no IS NULL OR v.operation = '3' OR v.record_hash <> s.record_hash"
    " OR v.attachments IS DISTINCT FROM s.attachments END"
)


def append(
    conn: Connection, batch: BatchRow, load_id: int, contract_version: str, result: DatasetResult, recorded_at: datetime
) -> int:
    """Append a version for each accepted record that differs from its newest one.

    Args:
        result: `accepted` is typed, see core.records.DatasetResult.
        recorded_at: instant of the new versions; a version is at least a microsecond later than the one before.

    Returns:
        Number of versions written.

    Raises:
        ServiceError: a key belongs to another platform by now.
    """
    if result.accepted.is_empty():
        return 0
    table = sql.Identifier("hub", table_name(result.dataset))
    fields = [c.name for c in field_orders(conn)[result.dataset, contract_version] if c.name in result.accepted.columns]
    _stage(conn, table, result.accepted, fields)
    places = {"staging": sql.Identifier(STAGING), "table": table}
    _refuse_foreign_keys(conn, batch, result.dataset, places)
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in fields)
    incoming = sql.SQL(", ").join(sql.SQL("s.{}").format(sql.Identifier(name)) for name in fields)
    written = conn.execute(
        sql.SQL(
            "INSERT INTO {table} (data_key, version_no, operation, platform_code, batch_id, load_id, source_file,"
            " source_row, contract_version, record_hash, recorded_at, attachments, {columns})"
            " SELECT DISTINCT ON (s.data_key) s.data_key, coalesce(v.version_no, 0) + 1, s.operation,"
            " %(platform)s, %(batch)s, %(load)s, s.source_file, s.source_row, %(version)s, s.record_hash,"
            " greatest(%(at)s, v.recorded_at + interval '1 microsecond'), s.attachments, {incoming}"
            + NEWEST
            + CHANGES
            + " ORDER BY s.data_key, s.source_file, s.source_row"
        ).format(columns=columns, incoming=incoming, **places),
        {
            "platform": batch.platform_code,
            "batch": batch.id,
            "load": load_id,
            "version": contract_version,
            "at": recorded_at,
        },
    ).rowcount
    conn.execute(sql.SQL("DROP TABLE {}").format(places["staging"]))
    return written


def _stage(conn: Connection, table: sql.Identifier, accepted: pl.DataFrame, fields: list[str]) -> None:
    """Copy the accepted records into a temporary table with the columns of the target."""
    listed = sql.SQL(", ").join(sql.Identifier(name) for name in fields)
    conn.execute(
        sql.SQL(
            "CREATE TEMPORARY TABLE {staging} ON COMMIT DROP AS SELECT data_key, operation, source_file, source_row,"
            " record_hash, attachments, {fields} FROM {table} WITH NO DATA"
        ).format(staging=sql.Identifier(STAGING), fields=listed, table=table)
    )
    frame = accepted.select(
        pl.col(records.DATA_KEY).alias("data_key"),
        pl.col(records.DATA_TYPE).alias("operation"),
        pl.col(records.FILE).alias("source_file"),
        pl.col(records.ROW).cast(pl.Int64).alias("source_row"),
        pl.col(records.RECORD_HASH).str.decode("hex").alias("record_hash"),
        pl.col(records.ATTACHMENTS).alias("attachments"),
        *(name for name in fields if name not in records.ENVELOPE),
    )
    copy_frame(conn, sql.Identifier(STAGING), frame, json=("attachments",))
    conn.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(STAGING)))


def _refuse_foreign_keys(conn: Connection, batch: BatchRow, dataset: str, places: dict[str, sql.Identifier]) -> None:
    """Validation rejects keys of other platforms; one may have been taken since it looked."""
    taken = conn.execute(
        sql.SQL("SELECT s.data_key" + NEWEST + " WHERE v.platform_code <> %s LIMIT 1").format(**places),
        (batch.platform_code,),
    ).fetchone()
    if taken:
        raise ServiceError(
            "STORED_CHANGED",
            f"数据集 {dataset} 的主键 {taken[0]} 已属其他平台，请重新校验该批次",
            f"key {taken[0]} of {dataset} belongs to another platform by now: validate the batch again",
            dataset,
        )
