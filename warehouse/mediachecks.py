"""Which media are to be checked, and what came of it (音视频核查)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import dict_row

Medium = tuple[str, str, int]  # dataset, data key, version of the recording


class Outcome(NamedTuple):
    """What came of a check: state as in hub.recording_check, what differs, bytes that were read for it."""

    state: str
    problems: Sequence[str]
    bytes_read: int


def due(conn: Connection, limit: int) -> list[dict[str, Any]]:
    """Recordings that are files and whose newest version nothing has looked at, oldest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT r.dataset, r.data_key, r.version_no, r.recording_code, r.uri, r.duration_seconds,"
            " r.byte_size, r.hash_algorithm, r.hash_value FROM audit.recording r"
            " WHERE r.reference_kind = '1' AND r.uri IS NOT NULL AND NOT EXISTS"
            " (SELECT FROM hub.recording_check c WHERE c.dataset = r.dataset AND c.data_key = r.data_key"
            " AND c.version_no = r.version_no AND c.state <> 'unreachable')"
            " ORDER BY r.ended_at, r.data_key LIMIT %s",
            (limit,),
        ).fetchall()


def record(conn: Connection, medium: Medium, found: Outcome, at: datetime) -> None:
    """Keep the outcome of a check."""
    conn.execute(
        "INSERT INTO hub.recording_check (dataset, data_key, version_no, state, problems, bytes_read, checked_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (*medium, found.state, list(found.problems), found.bytes_read, at),
    )
