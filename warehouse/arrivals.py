"""Arrivals (到达情况): what came from the platforms, and the timeliness alerts that stand (时效性预警)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

Row = dict[str, Any]
Key = tuple[str, str, str]  # kind, platform, dataset

PLATFORMS = """
SELECT p.code AS platform_code, p.known_since, max(b.received_at) AS last_received_at
FROM hub.platform p LEFT JOIN hub.batch b ON b.platform_code = p.code AND b.received_at <= %(now)s
GROUP BY p.code, p.known_since
"""
DATASETS = """
SELECT b.platform_code, l.dataset, array_agg(DISTINCT b.received_at ORDER BY b.received_at) AS arrivals
FROM hub.batch b JOIN hub.load o ON o.batch_id = b.id AND o.kind = 'ingest'
JOIN hub.load_leaf l ON l.load_id = o.id AND l.chunk = 0 AND NOT starts_with(l.dataset, '~')
WHERE b.received_at > %(since)s AND b.received_at <= %(now)s GROUP BY b.platform_code, l.dataset
"""
DAYS = """
SELECT platform_code, (received_at AT TIME ZONE 'Asia/Shanghai')::date AS day, sum(received)::bigint AS received,
       sum(rejected)::bigint AS rejected
FROM audit.batch WHERE received_at > %(since)s AND received_at <= %(now)s GROUP BY 1, 2 ORDER BY 1, 2
"""


def platforms_seen(conn: Connection, now: datetime) -> list[Row]:
    """Each recorded platform: platform_code, known_since, last_received_at (None: never)."""
    return _ask(conn, PLATFORMS, now=now)


def datasets_seen(conn: Connection, since: datetime, now: datetime) -> list[Row]:
    """Times at which accepted records of a dataset came: platform_code, dataset, arrivals in order."""
    return _ask(conn, DATASETS, since=since, now=now)


def days_seen(conn: Connection, since: datetime, now: datetime) -> list[Row]:
    """Records by platform and day of receipt: platform_code, day, received, rejected."""
    return _ask(conn, DAYS, since=since, now=now)


def lock(conn: Connection) -> None:
    """Let no other look write until the transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('hub:arrivals', 42))")


def standing(conn: Connection) -> dict[Key, int]:
    """Open alerts by key: internal number."""
    rows = conn.execute("SELECT kind, platform_code, dataset, id FROM hub.arrival_alert WHERE closed_at IS NULL")
    return {(kind, platform, dataset): number for kind, platform, dataset, number in rows}


def open_alert(conn: Connection, alert: Row, at: datetime) -> None:
    """Keep a new alert: kind, platform_code, dataset, owner, message_zh, message_en."""
    conn.execute(
        "INSERT INTO hub.arrival_alert (kind, platform_code, dataset, owner, message_zh, message_en, raised_at)"
        " VALUES (%(kind)s, %(platform_code)s, %(dataset)s, %(owner)s, %(message_zh)s, %(message_en)s, %(at)s)",
        {**alert, "at": at},
    )


def close_alerts(conn: Connection, numbers: Iterable[int], at: datetime) -> None:
    """Close alerts whose cause is gone."""
    conn.execute("UPDATE hub.arrival_alert SET closed_at = %s WHERE id = ANY(%s)", (at, list(numbers)))


def open_alerts(conn: Connection, platform_code: str | None = None) -> list[Row]:
    """Rows of audit.arrival_alert that stand, oldest first."""
    return _ask(
        conn,
        "SELECT platform_code, kind, dataset, owner, message_zh, message_en, raised_at FROM audit.arrival_alert"
        " WHERE closed_at IS NULL AND (%(p)s::text IS NULL OR platform_code = %(p)s)"
        " ORDER BY raised_at, platform_code, kind, dataset",
        p=platform_code,
    )


def _ask(conn: Connection, statement: str, **values: Any) -> list[Row]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, values).fetchall()
