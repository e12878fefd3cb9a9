"""Versions of records: accepted frames into the append-only tables.

Keys and hashes travel first; the warehouse says which records it has and whether they differ. Only what is new or
changed travels whole, once, straight into its table: a package sent again costs little, and nothing is staged twice.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from psycopg import Connection, sql

from exchange_hub.core import records
from exchange_hub.core.errors import ServiceError
from exchange_hub.core.records import DatasetResult
from warehouse.batches import BatchRow
from warehouse.copying import copy_frame
from warehouse.evidence import Written, version_leaves
from warehouse.reading import Page, text_pages
from warehouse.sealed import VERSION_PARTS, dataset_kind
from warehouse.shapes import field_order, table_name

STAGING = sql.Identifier("hub_incoming")
# The newest version of each incoming record: one index probe per record, whatever the size of the table. A withdrawal
# closes what is open; anything else revives what was withdrawn, or differs. Most of a package sent again is the same:
# of that only the places come back, thousands in a row.
KNOWN = """
    WITH known AS MATERIALIZED (
        SELECT s.n, v.version_no, v.platform_code <> {platform} AS foreign,
               CASE WHEN s.operation = '3' THEN v.operation <> '3'
                    ELSE v.operation = '3' OR v.record_hash <> s.record_hash
                         OR v.attachments IS DISTINCT FROM s.attachments END AS changed,
               (extract(epoch FROM v.recorded_at) * 1000000)::bigint AS recorded_us, s.attachments::text
        FROM hub_incoming s LEFT JOIN LATERAL (
            SELECT w.version_no, w.record_hash, w.operation, w.recorded_at, w.platform_code, w.attachments
            FROM {table} w WHERE w.data_key = s.data_key ORDER BY w.version_no DESC LIMIT 1) v ON true
        WHERE v.version_no IS NOT NULL OR s.attachments IS NOT NULL)
    SELECT *, NULL FROM known WHERE version_no IS NULL OR "foreign" OR changed
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, string_agg(n::text, ',')
    FROM known WHERE NOT (version_no IS NULL OR "foreign" OR changed) GROUP BY n / 5000
"""
KNOWN_COLUMNS = ("n", "version_no", "foreign", "changed", "recorded_us", "attachments", "same")


@dataclass(frozen=True, slots=True)
class Target:
    """Where and as what the versions of one dataset are written."""

    dataset: str
    platform_code: str
    contract_version: str
    recorded_at: datetime

    @property
    def table(self) -> sql.Identifier:
        """Table of the dataset."""
        return sql.Identifier("hub", table_name(self.dataset))


def append(
    conn: Connection, batch: BatchRow, load_id: int, contract_version: str, result: DatasetResult, recorded_at: datetime
) -> Written | None:
    """Append a version for each accepted record that differs from its newest one.

    Args:
        result: `accepted` is typed, see core.records.DatasetResult. Of several records of one key the first counts.
        recorded_at: instant of the new versions; a version is at least a microsecond later than the one before.

    Returns:
        What was written, for the seal; None where nothing was.

    Raises:
        ServiceError: a key belongs to another platform by now.
    """
    target = Target(result.dataset, batch.platform_code, contract_version, recorded_at)
    return append_many(conn, target, [(batch.id, load_id, result.accepted)]).get(load_id)


def append_many(conn: Connection, target: Target, parts: Sequence[tuple[int, int, pl.DataFrame]]) -> dict[int, Written]:
    """As `append`, for records of one dataset that several loads bring: asked and written once for all.

    Args:
        parts: batch, load and accepted records of each; no two of them have a DATA_KEY in common.

    Returns:
        What each load wrote, by load; those that wrote nothing have no entry.
    """
    parts = [part for part in parts if part[2].height]
    if not parts:
        return {}
    whole = pl.concat([frame for _, _, frame in parts])
    owners = pl.concat([_owner(batch_id, load_id, frame.height) for batch_id, load_id, frame in parts])
    fields = [c.name for c in field_order(conn, target.dataset, target.contract_version) if c.name in whole.columns]
    order = _in_order(whole)
    changes = _changes(order, _known(conn, target, whole, order), target.recorded_at)
    if changes.is_empty():
        return {}
    accepted, owners = _taken(whole, changes["n"]), _taken(owners, changes["n"])
    rows = _rows(target, accepted, changes, owners)
    content = accepted.select(name for name in fields if name not in records.ENVELOPE)
    versions = _leaf_parts(rows)
    with ThreadPoolExecutor(1) as beside:  # hashing here while the server writes
        leaves = beside.submit(version_leaves, versions, dataset_kind(target.dataset))
        copy_frame(conn, target.table, rows.hstack(content), json=("attachments",))
    everything = Written(target.dataset, versions, accepted.select(fields), fields, leaves.result())
    return _by_load(everything, owners["load_id"])


def _owner(batch_id: int, load_id: int, height: int) -> pl.DataFrame:
    numbers = {"batch_id": batch_id, "load_id": load_id}
    return pl.DataFrame([pl.Series(k, [v], dtype=pl.Int64).new_from_index(0, height) for k, v in numbers.items()])


def _by_load(everything: Written, loads: pl.Series) -> dict[int, Written]:
    """What was written, split by load; the order of the keys stays."""
    different = loads.unique().to_list()
    if len(different) == 1:
        return {different[0]: everything}
    split = {}
    for load_id in different:
        mine = (loads == load_id).arg_true()
        leaves = [everything.leaves[n] for n in mine.to_list()]
        split[load_id] = Written(
            everything.dataset, everything.versions[mine], everything.records[mine], everything.fields, leaves
        )
    return split


def _in_order(accepted: pl.DataFrame) -> pl.DataFrame:
    """Places `n` of the records by key, each key once."""
    small = accepted.select(records.DATA_KEY, records.FILE, records.ROW).with_row_index("n")
    ordered = small.sort(records.DATA_KEY, records.FILE, records.ROW)
    return ordered.unique(subset=records.DATA_KEY, keep="first", maintain_order=True).select("n")


def _taken(accepted: pl.DataFrame, places: pl.Series) -> pl.DataFrame:
    whole = len(places) == accepted.height and bool((places == pl.int_range(accepted.height, eager=True)).all())
    return accepted if whole else accepted[places]


def _known(conn: Connection, target: Target, accepted: pl.DataFrame, order: pl.DataFrame) -> pl.DataFrame:
    """What the warehouse has of the incoming records: KNOWN_COLUMNS, text; those it does not know have no row.

    A row with `same` has nothing else: the places of records that are stored as they come, joined by commas.
    """
    nothing = pl.DataFrame(schema=dict.fromkeys(KNOWN_COLUMNS, pl.String()))
    attached = accepted[records.ATTACHMENTS].null_count() < accepted.height
    stored = conn.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(target.table)).fetchone()
    if not attached and stored == (False,):
        return nothing
    _stage(conn, _taken(accepted, order["n"]), order["n"])
    query = sql.SQL(KNOWN).format(table=target.table, platform=sql.Literal(target.platform_code))
    pages = [page.frame for page in text_pages(conn, query, KNOWN_COLUMNS)]
    known = pl.concat(pages) if pages else nothing
    _refuse_foreign_keys(target, accepted, known)
    return known.with_columns(Page(known).plain("attachments"))


def _stage(conn: Connection, accepted: pl.DataFrame, places: pl.Series) -> None:
    conn.execute(
        sql.SQL(
            "CREATE TEMPORARY TABLE IF NOT EXISTS {} (n bigint, data_key text, operation text, record_hash bytea,"
            " attachments jsonb) ON COMMIT DROP"
        ).format(STAGING)
    )
    conn.execute(sql.SQL("TRUNCATE {}").format(STAGING))
    frame = accepted.select(
        places.cast(pl.Int64).alias("n"),
        pl.col(records.DATA_KEY).alias("data_key"),
        pl.col(records.DATA_TYPE).alias("operation"),
        pl.col(records.RECORD_HASH).str.decode("hex").alias("record_hash"),
        pl.col(records.ATTACHMENTS).alias("attachments"),
    )
    copy_frame(conn, STAGING, frame, json=("attachments",))


def _refuse_foreign_keys(target: Target, accepted: pl.DataFrame, known: pl.DataFrame) -> None:
    """Validation rejects keys of other platforms; one may have been taken since it looked."""
    taken = known.filter(pl.col("foreign") == "t")
    if taken.height:
        key = accepted[records.DATA_KEY][int(taken["n"][0])]
        raise ServiceError(
            "STORED_CHANGED",
            f"数据集 {target.dataset} 的主键 {key} 已属其他平台，请重新校验该批次",
            f"key {key} of {target.dataset} belongs to another platform by now: validate the batch again",
            target.dataset,
        )


def _changes(order: pl.DataFrame, known: pl.DataFrame, recorded_at: datetime) -> pl.DataFrame:
    """Places `n` of what is to be written, by key, with version_no, recorded_us and attachments as stored."""
    now = pl.lit(recorded_at).dt.cast_time_unit("us").dt.timestamp("us")
    numbers = [pl.col(name).cast(pl.Int64) for name in ("n", "version_no", "recorded_us")]
    same = known.select(pl.col("same").drop_nulls().str.split(",").explode().cast(pl.Int64).alias("n"))
    return (
        order.with_columns(pl.col("n").cast(pl.Int64))
        .join(same, on="n", how="anti", maintain_order="left")
        .join(known.with_columns(numbers), on="n", how="left", maintain_order="left")
        .select(
            "n",
            (pl.col("version_no").fill_null(0) + 1).cast(pl.Int32).alias("version_no"),
            pl.max_horizontal(now, pl.col("recorded_us") + 1).alias("recorded_us"),
            "attachments",
        )
    )


def _rows(target: Target, accepted: pl.DataFrame, changes: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """Header columns of the new versions (warehouse.tables.HEADER)."""
    return accepted.select(
        pl.col(records.DATA_KEY).alias("data_key"),
        changes["version_no"],
        pl.col(records.DATA_TYPE).alias("operation"),
        pl.lit(target.platform_code).alias("platform_code"),
        owners["batch_id"],
        owners["load_id"],
        pl.col(records.FILE).alias("source_file"),
        pl.col(records.ROW).cast(pl.Int64).alias("source_row"),
        pl.lit(target.contract_version).alias("contract_version"),
        pl.col(records.RECORD_HASH).str.decode("hex").alias("record_hash"),
        changes["recorded_us"].cast(pl.Datetime("us", "UTC")).alias("recorded_at"),
        changes["attachments"],
    )


def _leaf_parts(rows: pl.DataFrame) -> pl.DataFrame:
    """The versions as parts of their leaves, in the order of the keys."""
    texts: Sequence[pl.Expr] = [
        pl.col("recorded_at").dt.timestamp("us").cast(pl.String).alias("recorded_us"),
        pl.col("record_hash").bin.encode("hex"),
        *(pl.col(name).cast(pl.String) for name in ("version_no", "batch_id", "source_row")),
    ]
    places = [pl.col("data_key").alias("_key"), pl.col("version_no").cast(pl.Int32).alias("_number")]
    return rows.with_columns(places).with_columns(texts).select("_key", "_number", *(p.name for p in VERSION_PARTS))
