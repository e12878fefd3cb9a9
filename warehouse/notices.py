"""Feedback notices in the warehouse: numbered, kept, read back, their own state (反馈通知).

Items are in `notice_items`, what happened in `notice_events`, receipt and clock in `notice_receipts`, what is still
to be sent in `notice_outbox`. Every change of state is one conditional update whose rows are counted, with a row in
hub.notice_event.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from exchange_hub.core.notices import HUB_ITSELF, Notice, NoticeItem, NoticeState
from warehouse import notice_events, notice_outbox
from warehouse.notice_rows import deadline_document, notice_of, plain

ISSUED_REASON = "issued"


@dataclass(frozen=True, slots=True)
class Source:
    """What a notice is about: a load with rejections, a refused batch, a refused second delivery, a dismissal, or a
    review of recordings."""

    batch_id: int
    load_id: int | None = None
    conflict_id: int | None = None
    decision_id: int | None = None  # an objection that was dismissed
    reviewed_at: datetime | None = None  # a review of recordings


def number_for(conn: Connection, short_code: str, year: int) -> int:
    """The next serial of a platform and year; without gaps, since it is given back when the transaction fails."""
    row = conn.execute(
        "INSERT INTO hub.notice_counter AS c (short_code, year, last) VALUES (%s, %s, 1)"
        " ON CONFLICT (short_code, year) DO UPDATE SET last = c.last + 1 RETURNING last",
        (short_code, year),
    ).fetchone()
    if row is None:  # cannot be: the statement always returns its row
        raise LookupError(short_code)
    return int(row[0])


def existing(conn: Connection, source: Source) -> str | None:
    """Number of the notice that was already issued for this source, if any."""
    row = conn.execute(
        "SELECT notice_no FROM hub.notice WHERE batch_id = %s AND load_id IS NOT DISTINCT FROM %s"
        " AND conflict_id IS NOT DISTINCT FROM %s AND decision_id IS NOT DISTINCT FROM %s"
        " AND reviewed_at IS NOT DISTINCT FROM %s",
        (source.batch_id, source.load_id, source.conflict_id, source.decision_id, source.reviewed_at),
    ).fetchone()
    return str(row[0]) if row else None


def source_of(conn: Connection, notice_no: str) -> Source:
    """What a notice is about.

    Raises:
        KeyError: no such notice.
    """
    row = conn.execute(
        "SELECT batch_id, load_id, conflict_id, decision_id, reviewed_at FROM hub.notice WHERE notice_no = %s",
        (notice_no,),
    ).fetchone()
    if row is None:
        raise KeyError(notice_no)
    return Source(*row)


def insert(conn: Connection, notice: Notice, source: Source) -> None:
    """Keep an issued notice with all its items, and put it into the outbox."""
    values = {
        "notice_no": notice.notice_no,
        "platform_code": notice.platform_code,
        "platform_name_zh": notice.platform_name_zh,
        "batch_no": notice.batch_no,
        "contract_version": notice.contract_version,
        "items": len(notice.items),
        "items_open": len(notice.items),
        **asdict(source),
        **asdict(notice.counts),
        "refusal": Jsonb(asdict(notice.refusal)) if notice.refusal else None,
        "reminders": list(notice.reminders),
        "expected_deadline": Jsonb(deadline_document(notice.expected_deadline)) if notice.expected_deadline else None,
        "issued_at": notice.issued_at,
    }
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in values)
    marks = sql.SQL(", ").join(sql.Placeholder(name) for name in values)
    conn.execute(sql.SQL("INSERT INTO hub.notice ({}) VALUES ({})").format(columns, marks), values)
    _insert_items(conn, notice.notice_no, notice.items)
    notice_events.record(conn, notice.notice_no, NoticeState.ISSUED, HUB_ITSELF, ISSUED_REASON, notice.issued_at)
    notice_outbox.put(conn, notice.notice_no, notice.issued_at)


def _insert_items(conn: Connection, notice_no: str, items: Sequence[NoticeItem]) -> None:
    statement = (
        'COPY hub.notice_item (notice_no, item_no, dataset, data_key, natural_key, label, file, "row", findings)'
        " FROM STDIN"
    )
    with conn.cursor().copy(statement) as copy:
        for item in items:
            findings = Jsonb([asdict(finding) for finding in item.findings])
            place = (item.label, item.file, item.row)
            keys = (item.dataset, plain(item.data_key), plain(item.natural_key))
            copy.write_row((notice_no, item.item_no, *keys, *map(plain, place), findings))


def read(conn: Connection, notice_no: str) -> Notice | None:
    """A notice with all its items, None where there is none of that number."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute("SELECT * FROM hub.notice WHERE notice_no = %s", (notice_no,)).fetchone()
        if row is None:
            return None
        items = cursor.execute(
            "SELECT * FROM hub.notice_item WHERE notice_no = %s ORDER BY item_no", (notice_no,)
        ).fetchall()
        due = cursor.execute(
            "SELECT * FROM hub.notice_deadline WHERE notice_no = %s ORDER BY seq DESC LIMIT 1", (notice_no,)
        ).fetchone()
    parents = conn.execute(
        "SELECT DISTINCT notice_no FROM hub.notice_item WHERE child_no = %s ORDER BY notice_no", (notice_no,)
    ).fetchall()
    return notice_of(row, items, due, tuple(str(parent[0]) for parent in parents))


def list_rows(
    conn: Connection, platform_code: str | None = None, state: str | None = None, batch_no: str | None = None
) -> list[dict[str, Any]]:
    """Rows of audit.notice, newest first, by platform, state and batch where given."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT * FROM audit.notice WHERE (%(platform)s::text IS NULL OR platform_code = %(platform)s)"
            " AND (%(state)s::text IS NULL OR state = %(state)s)"
            " AND (%(batch)s::text IS NULL OR batch_no = %(batch)s) ORDER BY issued_at DESC, notice_no DESC",
            {"platform": platform_code, "state": state, "batch": batch_no},
        ).fetchall()


def issued_for(conn: Connection, platform_code: str, batch_nos: Collection[str]) -> dict[str, list[str]]:
    """Numbers of issued, undelivered notices of a platform's batches, by batch number, oldest first."""
    rows = conn.execute(
        "SELECT batch_no, array_agg(notice_no ORDER BY issued_at, notice_no) FROM hub.notice"
        " WHERE platform_code = %s AND batch_no = ANY(%s) AND state = 'issued' GROUP BY batch_no",
        (platform_code, list(batch_nos)),
    )
    return {str(batch_no): list(numbers) for batch_no, numbers in rows}


def row_of(conn: Connection, notice_no: str) -> dict[str, Any] | None:
    """The row of audit.notice of that number."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("SELECT * FROM audit.notice WHERE notice_no = %s", (notice_no,)).fetchone()


def lock(conn: Connection, notice_nos: Sequence[str]) -> dict[str, NoticeState]:
    """Hold these notices until the transaction ends, always in order of number; returns their states."""
    rows = conn.execute(
        "SELECT notice_no, state FROM hub.notice WHERE notice_no = ANY(%s) ORDER BY notice_no FOR UPDATE",
        (list(notice_nos),),
    ).fetchall()
    return {str(number): NoticeState(state) for number, state in rows}


def move(conn: Connection, notice_no: str, before: NoticeState, after: NoticeState, reason: str, at: datetime) -> bool:
    """Change a notice's own state, if it is still `before`; one conditional update.

    Returns:
        Whether it changed.
    """
    changed = conn.execute(
        "UPDATE hub.notice SET state = %s, closed_at = %s WHERE notice_no = %s AND state = %s",
        (after, at if after is NoticeState.CLOSED else None, notice_no, before),
    )
    if changed.rowcount != 1:
        return False
    notice_events.record(conn, notice_no, after, HUB_ITSELF, reason, at, before=before)
    return True
