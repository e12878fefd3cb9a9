"""Sessions of the portal (会话): only the hash of a cookie is kept."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class Session:
    """One row of hub.account_session. `passed` false: the second factor is still due."""

    token_hash: bytes
    account_id: int
    csrf: str
    passed: bool
    began_at: datetime
    seen_at: datetime
    ends_at: datetime
    ended_at: datetime | None


def insert(conn: Connection, session: Session) -> None:
    """Keep a new session."""
    conn.execute(
        "INSERT INTO hub.account_session (token_hash, account_id, csrf, passed, began_at, seen_at, ends_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (
            *(session.token_hash, session.account_id, session.csrf, session.passed),
            *(session.began_at, session.seen_at, session.ends_at),
        ),
    )


def find(conn: Connection, token_hash: bytes) -> Session | None:
    """The session of that cookie."""
    with conn.cursor(row_factory=class_row(Session)) as cursor:
        return cursor.execute("SELECT * FROM hub.account_session WHERE token_hash = %s", (token_hash,)).fetchone()


def touch(conn: Connection, token_hash: bytes, at: datetime) -> None:
    """Note a request, at most once a minute."""
    conn.execute(
        "UPDATE hub.account_session SET seen_at = %(at)s WHERE token_hash = %(hash)s"
        " AND seen_at < %(at)s - interval '1 minute'",
        {"at": at, "hash": token_hash},
    )


def end(conn: Connection, token_hash: bytes, at: datetime) -> None:
    """End one session."""
    conn.execute(
        "UPDATE hub.account_session SET ended_at = %s WHERE token_hash = %s AND ended_at IS NULL", (at, token_hash)
    )


def end_all(conn: Connection, account_id: int, at: datetime) -> None:
    """End every session of an account."""
    conn.execute(
        "UPDATE hub.account_session SET ended_at = %s WHERE account_id = %s AND ended_at IS NULL", (at, account_id)
    )
