"""Notices still to be sent, and every attempt: nothing is sent twice, nothing is forgotten (待送达).

A notice enters the outbox in the transaction that issues it. Whoever sends it holds an advisory lock of the session,
which the database lets go when that process dies; what was begun then shows as an attempt without an outcome.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One form of a notice in the evidence store."""

    name: str
    media_type: str
    uri: str
    sha256: str
    size_bytes: int


def put(conn: Connection, notice_no: str, at: datetime) -> None:
    """Ask for delivery, from now on."""
    conn.execute("INSERT INTO hub.notice_outbox (notice_no, next_at) VALUES (%s, %s)", (notice_no, at))


def waiting_by_platform(conn: Connection, now: datetime) -> list[tuple[str, str]]:
    """Number and platform of issued notices whose receipt is not proved and whose next attempt is due, in order."""
    rows = conn.execute(
        "SELECT o.notice_no, n.platform_code FROM hub.notice_outbox o JOIN hub.notice n USING (notice_no)"
        " WHERE o.state <> 'done' AND n.state = 'issued' AND o.next_at <= %s ORDER BY o.next_at, o.notice_no",
        (now,),
    )
    return [(str(row[0]), str(row[1])) for row in rows]


def row_of(conn: Connection, notice_no: str) -> dict[str, Any] | None:
    """state, attempts, next_at and last_error of a notice in the outbox."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("SELECT * FROM hub.notice_outbox WHERE notice_no = %s", (notice_no,)).fetchone()


@contextmanager
def sending(conn: Connection, notice_no: str) -> Iterator[bool]:
    """Hold the right to send a notice; yields whether it was free. It is let go at the end, or when the session dies.

    `conn` must stay open meanwhile; its transactions may end.
    """
    key = f"hub:send:{notice_no}"
    row = conn.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 42))", (key,)).fetchone()
    free = bool(row and row[0])
    conn.commit()
    try:
        yield free
    finally:
        if free:
            conn.rollback()
            conn.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 42))", (key,))
            conn.commit()


def await_receipt(conn: Connection, notice_no: str, until: datetime) -> None:
    """It was sent by a way that proves no receipt: look again at `until`."""
    conn.execute(
        "UPDATE hub.notice_outbox SET next_at = %s, last_error = NULL, state = 'sent'"
        " WHERE notice_no = %s AND state <> 'done'",
        (until, notice_no),
    )


def settle(conn: Connection, notice_no: str) -> None:
    """Nothing is left to send."""
    conn.execute("UPDATE hub.notice_outbox SET state = 'done', last_error = NULL WHERE notice_no = %s", (notice_no,))


def postpone(conn: Connection, notice_no: str, next_at: datetime, error: str, *, undeliverable: bool) -> None:
    """A round failed on every channel: try again at `next_at`; `undeliverable` once an operator must look."""
    conn.execute(
        "UPDATE hub.notice_outbox SET attempts = attempts + 1, next_at = %s, last_error = %s, state = %s"
        " WHERE notice_no = %s AND state <> 'done'",
        (next_at, error, "undeliverable" if undeliverable else "waiting", notice_no),
    )


def record_attempt(conn: Connection, notice_no: str, outcome: str, channel: str, evidence: str, at: datetime) -> None:
    """Remember an attempt: sending (begun), sent (no proof of receipt yet), delivered or failed."""
    conn.execute(
        "INSERT INTO hub.notice_delivery (notice_no, outcome, channel, evidence, at) VALUES (%s, %s, %s, %s, %s)",
        (notice_no, outcome, channel, evidence, at),
    )


def attempts(conn: Connection, notice_no: str) -> list[dict[str, Any]]:
    """Every attempt to deliver a notice, in order: outcome, channel, evidence, at."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT outcome, channel, evidence, at FROM hub.notice_delivery WHERE notice_no = %s ORDER BY id",
            (notice_no,),
        ).fetchall()


def keep_files(conn: Connection, notice_no: str, files: Iterable[KeptFile], at: datetime) -> None:
    """Remember where the sent files lie as evidence; the same again changes nothing."""
    conn.cursor().executemany(
        "INSERT INTO hub.notice_file VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [(notice_no, f.name, f.media_type, f.uri, f.sha256, f.size_bytes, at) for f in files],
    )


def kept_files(conn: Connection, notice_no: str) -> list[KeptFile]:
    """The files of a notice as they were sent."""
    rows = conn.execute(
        "SELECT name, media_type, uri, sha256, size_bytes FROM hub.notice_file WHERE notice_no = %s ORDER BY name",
        (notice_no,),
    )
    return [KeptFile(*row) for row in rows]
