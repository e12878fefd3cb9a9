"""Pages of notices, items and batches for people and programs: bounded, by index, whatever the number stored.

A reach is the list of platform codes an asker may see; None is all of them.
"""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

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
) -> list[dict[str, Any]]:
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
