"""Batches handed in over HTTP that wait for their processing (待处理批次)."""

from datetime import datetime, timedelta

from psycopg import Connection

WAITS = (5, 30, 120, 600)  # seconds until the next attempt after the first, second, … failure; then always the last


def waiting(conn: Connection, channel: str, now: datetime) -> list[int]:
    """Ids of received batches of that channel that are due, oldest first."""
    rows = conn.execute(
        "SELECT b.id FROM hub.batch b LEFT JOIN hub.batch_work w ON w.batch_id = b.id"
        " WHERE b.state = 'received' AND b.channel = %s AND (w.next_at IS NULL OR w.next_at <= %s) ORDER BY b.id",
        (channel, now),
    )
    return [int(row[0]) for row in rows]


def claim(conn: Connection, batch_id: int) -> bool:
    """Whether no other worker is at this batch; held until the connection closes."""
    row = conn.execute("SELECT pg_try_advisory_lock(hashtextextended('hub:work', %s))", (batch_id,)).fetchone()
    return bool(row and row[0])


def release(conn: Connection, batch_id: int) -> None:
    """Give a claimed batch back."""
    conn.execute("SELECT pg_advisory_unlock(hashtextextended('hub:work', %s))", (batch_id,))


def begin(conn: Connection, batch_id: int, at: datetime) -> int:
    """Note that an attempt begins; returns which one it is."""
    row = conn.execute(
        "INSERT INTO hub.batch_work AS w (batch_id, attempts, began_at) VALUES (%s, 1, %s) ON CONFLICT (batch_id)"
        " DO UPDATE SET attempts = w.attempts + 1, began_at = excluded.began_at, failed_at = NULL, failure = NULL,"
        " next_at = NULL RETURNING attempts",
        (batch_id, at),
    ).fetchone()
    return int(row[0]) if row else 1


def fail(conn: Connection, batch_id: int, attempt: int, code: str, at: datetime) -> datetime:
    """Note that an attempt failed by our own fault; returns when the next one is due."""
    due = at + timedelta(seconds=WAITS[min(attempt, len(WAITS)) - 1])
    conn.execute(
        "UPDATE hub.batch_work SET failed_at = %s, failure = %s, next_at = %s WHERE batch_id = %s",
        (at, code, due, batch_id),
    )
    return due


def progress(conn: Connection, batch_id: int) -> str:
    """waiting, working or failed: where a batch that is not settled stands."""
    row = conn.execute("SELECT failed_at IS NOT NULL FROM hub.batch_work WHERE batch_id = %s", (batch_id,)).fetchone()
    return "waiting" if row is None else "failed" if row[0] else "working"
