"""Receipt of notices and the clock that it starts: proofs, deadlines, what is overdue (送达、签收与期限)."""

from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from exchange_hub.core.notices import Deadline, Receipt
from warehouse.notice_rows import deadline_of


def record_receipt(conn: Connection, notice_no: str, receipt: Receipt, at: datetime) -> None:
    """Keep a proof of receipt; the caller decides whether it starts the clock."""
    conn.execute(
        "INSERT INTO hub.notice_receipt (notice_no, kind, channel, evidence, actor, received_at, recorded_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (notice_no, receipt.kind, receipt.channel, receipt.evidence, str(receipt.actor), receipt.received_at, at),
    )


def receipts(conn: Connection, notice_no: str) -> list[dict[str, Any]]:
    """Every proof of receipt of a notice, in the order they were recorded."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT kind, channel, evidence, actor, received_at, recorded_at FROM hub.notice_receipt"
            " WHERE notice_no = %s ORDER BY id",
            (notice_no,),
        ).fetchall()


def has(conn: Connection, notice_no: str, kind: str) -> bool:
    """Whether a proof of that kind is kept."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM hub.notice_receipt WHERE notice_no = %s AND kind = %s)", (notice_no, kind)
    ).fetchone()
    return bool(row and row[0])


def was_received_by_a_person(conn: Connection, notice_no: str) -> bool:
    """Whether somebody of the centre has fetched, acknowledged or answered the notice."""
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM hub.notice_receipt WHERE notice_no = %s"
        " AND kind IN ('portal_fetch', 'acknowledgement', 'answer'))",
        (notice_no,),
    ).fetchone()
    return bool(row and row[0])


def start_clock(conn: Connection, notice_no: str, due: Deadline, at: datetime) -> bool:
    """Write the first deadline of a notice; a clock that runs is never restarted.

    Returns:
        Whether the clock started now.
    """
    return _write(conn, notice_no, 1, due, "receipt", at)


def change_deadline(conn: Connection, notice_no: str, due: Deadline, reason: str, at: datetime) -> None:
    """A new deadline, as a new row with its reason; the earlier ones stay. The caller holds the notice."""
    row = conn.execute("SELECT max(seq) FROM hub.notice_deadline WHERE notice_no = %s", (notice_no,)).fetchone()
    _write(conn, notice_no, (row[0] if row and row[0] else 0) + 1, due, reason, at)


def deadline_in_force(conn: Connection, notice_no: str) -> Deadline | None:
    """The deadline that holds; None while receipt is not proved."""
    found = deadlines(conn, notice_no)
    return deadline_of(found[-1]) if found else None


def deadlines(conn: Connection, notice_no: str) -> list[dict[str, Any]]:
    """Every deadline of a notice in order, with reason and recorded_at; the last one holds."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT * FROM hub.notice_deadline WHERE notice_no = %s ORDER BY seq", (notice_no,)
        ).fetchall()


def running(conn: Connection) -> list[dict[str, Any]]:
    """Rows of audit.notice that are not closed and whose clock runs, the earliest due first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT * FROM audit.notice n WHERE n.state NOT IN ('closed', 'issued') AND n.due_at IS NOT NULL"
            " ORDER BY n.due_at, n.notice_no"
        ).fetchall()


def overdue(conn: Connection, as_of: datetime) -> list[dict[str, Any]]:
    """Rows of audit.notice with unanswered items whose deadline has passed at that instant, latest due last."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT * FROM audit.notice n WHERE n.state <> 'closed' AND n.due_at <= %s AND EXISTS"
            " (SELECT FROM hub.notice_item i WHERE i.notice_no = n.notice_no AND i.state = 'open'"
            " AND i.child_no IS NULL) ORDER BY n.due_at, n.notice_no",
            (as_of,),
        ).fetchall()


def _write(conn: Connection, notice_no: str, seq: int, due: Deadline, reason: str, at: datetime) -> bool:
    written = conn.execute(
        "INSERT INTO hub.notice_deadline (notice_no, seq, received_at, due_date, due_at, counted_days, provisional,"
        " calendar_version, policy, evidence, reason, recorded_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (
            notice_no,
            seq,
            due.received_at,
            due.due_date,
            due.due_at,
            list(due.counted_days),
            due.provisional,
            due.calendar_version,
            due.policy,
            due.evidence,
            reason,
            at,
        ),
    )
    return written.rowcount == 1
