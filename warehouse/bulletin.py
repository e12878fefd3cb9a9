"""Counts of the bulletin (通报) by month, platform and dataset, as they were known at an instant (截止时点).

Everything is asked of what is only ever added to (loads, quarantine, findings, events) or carries the instant of its
one change, so that the same question gives the same answer at any later time. A record belongs to the month in which
its batch was received, an item to the month in which its notice was issued (Asia/Shanghai).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row

from warehouse.bulletin_sql import ARRIVALS, BATCHES, CARRIED, FIRST_SENT, ITEMS, OFFERED, RECORDS, SETTLED
from warehouse.shapes import Shape, read_shapes
from warehouse.timeline import occurred

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: `since` (inclusive) and `until` (exclusive) are midnights that begin months.

    `trades` None: all datasets, refused packages included. An empty tuple of platforms gives nothing.
    """

    since: datetime
    until: datetime
    as_of: datetime
    platforms: tuple[str, ...]
    trades: tuple[str, ...] | None = None

    def values(self) -> Row:
        """Values of the queries' placeholders."""
        trades = None if self.trades is None else list(self.trades)
        bounds = {"since": self.since, "until": self.until, "as_of": self.as_of}
        return {**bounds, "platforms": list(self.platforms), "trades": trades}


def batches(conn: Connection, asked: Question) -> list[Row]:
    """month, platform_code, batches, refused, under_way, release (the newest that a loaded batch named, or None)."""
    return _rows(conn, sql.SQL(BATCHES), asked.values())


def records(conn: Connection, asked: Question) -> list[Row]:
    """month, platform_code, dataset: received, accepted, rejected, revoked, incomplete, inaccurate records."""
    return _rows(conn, sql.SQL(SETTLED + RECORDS), asked.values())


def items(conn: Connection, asked: Question) -> list[Row]:
    """month, platform_code: notices; items, repaired, revoked (first notices only); overdue items of all notices."""
    return _rows(conn, sql.SQL(ITEMS), asked.values())


def offered(conn: Connection) -> dict[tuple[str, str], dict[str, str]]:
    """(release, trade) -> datasets of the release in that trade, with their Chinese names."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for release, trade, dataset, label in conn.execute(OFFERED):
        found.setdefault((release, trade), {})[dataset] = label
    return found


def first_sent(conn: Connection, asked: Question) -> dict[str, datetime]:
    """When each platform sent its first batch of all; platforms that never did are missing."""
    return dict(conn.execute(FIRST_SENT, asked.values()).fetchall())


def carried(conn: Connection, asked: Question) -> list[tuple[str, str]]:
    """(dataset, release) of what the batches of the question brought, accepted or rejected: the tables to look into."""
    return [
        (row["dataset"], row["contract_version"])
        for row in _rows(
            conn,
            sql.SQL(SETTLED + CARRIED),
            asked.values(),
        )
    ]


def arrivals(
    conn: Connection,
    asked: Question,
    lags: Mapping[tuple[str, str], int | None],
    platform_lags: Mapping[str, int],
) -> list[Row]:
    """month, platform_code, dataset: first records (first, first_accepted) and timed ones (timed, in_time).

    Args:
        lags: (dataset, release) as of `carried` -> greatest delay in minutes; None: the platform's holds.
        platform_lags: platform -> greatest delay in minutes by its agreement.
    """
    tables = {shape.dataset: shape for shape in read_shapes(conn)}
    chosen = [tables[name] for name in sorted({dataset for dataset, _ in lags}) if name in tables]
    if not chosen:
        return []
    known = [(*pair, minutes) for pair, minutes in lags.items() if minutes is not None]
    values = {
        **asked.values(),
        "lag_datasets": [row[0] for row in known],
        "lag_releases": [row[1] for row in known],
        "lag_minutes": [row[2] for row in known],
        "lag_platforms": list(platform_lags),
        "platform_minutes": list(platform_lags.values()),
    }
    accepted = sql.SQL(" UNION ALL ").join(_first_versions(shape) for shape in chosen)
    rejected = sql.SQL(" UNION ALL ").join(_first_rejections(shape) for shape in chosen)
    return _rows(conn, sql.SQL(SETTLED + ARRIVALS).format(accepted=accepted, rejected=rejected), values)


def _first_versions(shape: Shape) -> sql.Composed:
    """First versions of one dataset brought by the settled batches. `load_id` is bounded for its block index."""
    return sql.SQL(
        "SELECT {dataset}::text AS dataset, w.data_key, w.batch_id, {occurred} AS occurred_at FROM {table} w"
        " JOIN settled b ON b.id = w.batch_id WHERE w.version_no = 1"
        " AND w.operation <> '3' AND w.recorded_at <= %(as_of)s AND w.load_id BETWEEN"
        " (SELECT min(id) FROM hub.load WHERE batch_id IN (SELECT id FROM settled))"
        " AND (SELECT max(id) FROM hub.load WHERE batch_id IN (SELECT id FROM settled))"
    ).format(
        dataset=sql.Literal(shape.dataset),
        occurred=occurred(shape, end_of_day=True),
        table=sql.Identifier("hub", shape.table),
    )


def _first_rejections(shape: Shape) -> sql.Composed:
    """Rejected records of one dataset whose key the platform had never brought before, one row per key and batch."""
    return sql.SQL(
        "SELECT r.dataset, r.batch_id, r.data_key FROM rejections r WHERE r.dataset = {dataset} AND NOT r.revoked"
        " AND r.operation IS DISTINCT FROM '3' AND NOT EXISTS (SELECT FROM {table} w WHERE w.data_key = r.data_key"
        " AND w.recorded_at <= %(as_of)s AND (w.load_id < r.load_id OR w.batch_id = r.batch_id))"
    ).format(dataset=sql.Literal(shape.dataset), table=sql.Identifier("hub", shape.table))


def _rows(conn: Connection, query: sql.SQL | sql.Composed, values: Row | Sequence[Any]) -> list[Row]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchall()
