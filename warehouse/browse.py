"""Pages of notices, items and batches for people and programs: bounded, by index, whatever the number stored.

A reach is the list of platform codes an asker may see; None is all of them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

Row = dict[str, Any]
NOTICE = (
    "SELECT notice_no, platform_code, batch_no, issued_at, received_at, due_date, due_at, provisional, state, items,"
    " items_open, closed_at, platform_name_zh, refusal_code FROM audit.notice"
)


def notices(
    conn: Connection,
    reach: Sequence[str] | None,
    *,
    state: str | None = None,
    batch_no: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[Row]:
    """Rows of audit.notice, newest first.

    Args:
        after: number of the last notice of the page before; one that is unknown or out of reach gives no rows.
    """
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            f"{NOTICE} n WHERE (%(reach)s::text[] IS NULL OR n.platform_code = ANY(%(reach)s))"  # noqa: S608 -- a constant
            " AND (%(state)s::text IS NULL OR n.state = %(state)s)"
            " AND (%(batch)s::text IS NULL OR n.batch_no = %(batch)s)"
            " AND (%(after)s::text IS NULL OR (n.issued_at, n.notice_no) <"
            " (SELECT a.issued_at, a.notice_no FROM hub.notice a WHERE a.notice_no = %(after)s"
            " AND (%(reach)s::text[] IS NULL OR a.platform_code = ANY(%(reach)s))))"
            " ORDER BY n.issued_at DESC, n.notice_no DESC LIMIT %(limit)s",
            {"reach": _list(reach), "state": state, "batch": batch_no, "after": after, "limit": limit},
        ).fetchall()


def notice_owner(conn: Connection, notice_no: str) -> str | None:
    """Platform of a notice; None where there is no such notice."""
    row = conn.execute("SELECT platform_code FROM hub.notice WHERE notice_no = %s", (notice_no,)).fetchone()
    return str(row[0]) if row else None


def _list(reach: Sequence[str] | None) -> list[str] | None:
    return None if reach is None else list(reach)


def due_first(conn: Connection, reach: Sequence[str], limit: int) -> list[Row]:
    """Rows of audit.notice that are not closed: the earliest due first, those without a deadline last."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            f"{NOTICE} n WHERE n.platform_code = ANY(%s) AND n.state <> 'closed'"
            " ORDER BY n.due_at NULLS LAST, n.issued_at, n.notice_no LIMIT %s",
            (list(reach), limit),
        ).fetchall()


def notice_row(conn: Connection, notice_no: str) -> Row | None:
    """The row of audit.notice, with the counts of its batch and the refusal."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT a.*, n.batch_id, n.contract_version, n.received, n.accepted, n.rejected, n.held, n.flagged,"
            " n.refusal, n.reminders, n.expected_deadline FROM audit.notice a JOIN hub.notice n USING (notice_no)"
            " WHERE a.notice_no = %s",
            (notice_no,),
        ).fetchone()


def rules_of(conn: Connection, notice_no: str, most_items: int = 5_000) -> list[Row]:
    """Rules broken on a notice with how many of its first `most_items` items break each, the most frequent first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT f ->> 'rule_id' AS rule_id, f ->> 'severity' AS severity, count(DISTINCT i.item_no) AS items,"
            " count(DISTINCT i.item_no) FILTER (WHERE i.state = 'open') AS open, min(f ->> 'message_zh') AS message_zh"
            " FROM hub.notice_item i, jsonb_array_elements(i.findings) f"
            " WHERE i.notice_no = %s AND i.item_no <= %s GROUP BY 1, 2 ORDER BY 2 DESC, 3 DESC, 1",
            (notice_no, most_items),
        ).fetchall()


def states_of(conn: Connection, notice_no: str) -> dict[str, int]:
    """How many items of a notice are in which state."""
    rows = conn.execute(
        "SELECT state, count(*) FROM hub.notice_item WHERE notice_no = %s GROUP BY state", (notice_no,)
    ).fetchall()
    return {str(state): int(count) for state, count in rows}


def overview(conn: Connection, reach: Sequence[str], now: datetime) -> dict[str, Row]:
    """By platform: notices not closed, overdue, with objections; items open; the next due date."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "SELECT platform_code, count(*) AS notices,"
            " count(*) FILTER (WHERE due_at <= %(now)s AND state <> 'answered') AS overdue,"
            " sum(items_open)::bigint AS items_open, min(due_date) FILTER (WHERE due_at > %(now)s) AS next_due"
            " FROM audit.notice WHERE platform_code = ANY(%(reach)s) AND state <> 'closed' GROUP BY platform_code",
            {"reach": list(reach), "now": now},
        ).fetchall()
        objected = cursor.execute(
            "SELECT n.platform_code, count(*) AS objected FROM hub.notice_item i JOIN hub.notice n USING (notice_no)"
            " WHERE i.state = 'objected' AND n.platform_code = ANY(%s) GROUP BY n.platform_code",
            (list(reach),),
        ).fetchall()
    found = {str(row["platform_code"]): {**row, "objected": 0} for row in rows}
    for row in objected:
        found.get(str(row["platform_code"]), {})["objected"] = row["objected"]
    return found


def objections(conn: Connection, reach: Sequence[str], limit: int = 200) -> list[Row]:
    """Items whose objection awaits a decision, the oldest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT i.*, n.platform_code, n.platform_name_zh, n.contract_version"
            " FROM hub.notice_item i JOIN hub.notice n USING (notice_no)"
            " WHERE i.state = 'objected' AND n.platform_code = ANY(%s)"
            " ORDER BY i.answered_at, i.notice_no, i.item_no LIMIT %s",
            (list(reach), limit),
        ).fetchall()


def batches(conn: Connection, reach: Sequence[str], *, before: int | None = None, limit: int = 50) -> list[Row]:
    """Rows of hub.batch without manifest and report, newest first; `before` is the id to go on from."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT id, platform_code, batch_no, state, verdict, received, accepted, rejected, held, flagged, channel,"
            " size_bytes, contract_version, received_at, settled_at, refusal_zh FROM hub.batch"
            " WHERE platform_code = ANY(%(reach)s) AND (%(before)s::bigint IS NULL OR id < %(before)s)"
            " ORDER BY id DESC LIMIT %(limit)s",
            {"reach": list(reach), "before": before, "limit": limit},
        ).fetchall()


def sent_record(conn: Connection, batch_id: int, dataset: str, file: str, row: int | None) -> Row | None:
    """A rejected record as it was sent: raw (field to text), attachments."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT raw, attachments FROM hub.quarantine"
            ' WHERE batch_id = %s AND dataset = %s AND file = %s AND "row" = %s',
            (batch_id, dataset, file, row),
        ).fetchone()


def events(conn: Connection, notice_no: str, limit: int) -> list[Row]:
    """The newest transitions of a notice and its items; many items moved at once by one person are one row."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT max(id) AS id, min(at) AS at, actor, to_state, item_no IS NULL AS whole, count(*) AS moved,"
            " min(item_no) AS item_no, min(reason) AS reason FROM hub.notice_event WHERE notice_no = %s"
            " GROUP BY date_trunc('second', at), actor, to_state, item_no IS NULL, reason"
            " ORDER BY 1 DESC LIMIT %s",
            (notice_no, limit),
        ).fetchall()
