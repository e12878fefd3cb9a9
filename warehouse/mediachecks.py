"""Which media are to be checked, and what came of it (音视频核查)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row


def due(conn: Connection, limit: int) -> list[dict[str, Any]]:
    """Recordings that are files and whose newest version nothing has looked at, oldest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT r.data_key, r.hub_version_no AS version_no, r.recording_code, r.url, r.duration_seconds,"
            " r.byte_size, r.hash_algorithm, r.hash_value FROM exchange.recording r"
            " WHERE r.reference_kind = '1' AND r.url IS NOT NULL AND NOT EXISTS"
            " (SELECT FROM hub.recording_check c WHERE c.data_key = r.data_key"
            " AND c.version_no = r.hub_version_no AND c.state <> 'unreachable')"
            " ORDER BY r.record_end_time, r.data_key LIMIT %s",
            (limit,),
        ).fetchall()


def record(  # noqa: PLR0913, PLR0917 -- everything that goes on record
    conn: Connection, data_key: str, version_no: int, state: str, problems: Sequence[str], bytes_read: int, at: datetime
) -> None:
    """Keep the outcome of a check."""
    conn.execute(
        "INSERT INTO hub.recording_check (data_key, version_no, state, problems, bytes_read, checked_at)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (data_key, version_no, state, list(problems), bytes_read, at),
    )
