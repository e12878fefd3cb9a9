"""Decisions of the office on objections (异议处理决定)."""

from collections.abc import Sequence

from psycopg import Connection

from exchange_hub.core.notices import Act


def record(conn: Connection, notice_no: str, decision: str, item_nos: Sequence[int], act: Act) -> int:
    """Keep a decision (upheld, dismissed); returns its internal number."""
    row = conn.execute(
        "INSERT INTO hub.notice_decision (notice_no, decision, items, reason, actor, at)"
        " VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
        (notice_no, decision, sorted(item_nos), act.reason, str(act.actor), act.at),
    ).fetchone()
    if row is None:  # cannot be: the statement always returns its row
        raise LookupError(notice_no)
    return int(row[0])
