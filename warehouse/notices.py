"""Feedback notices in the warehouse: numbered, kept, delivered, read back (反馈通知).

Every change of state is one conditional update whose row count is checked, with a row in hub.notice_event.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from exchange_hub.core.notices import Deadline, ItemState, Notice, NoticeItem, NoticeState
from exchange_hub.core.records import Counts, Finding, RefusalInfo

ISSUED_REASON = "issued"


@dataclass(frozen=True, slots=True)
class Source:
    """What a notice is about: a load event with rejections, a refused batch, or a refused second delivery."""

    batch_id: int
    load_id: int | None = None
    conflict_id: int | None = None


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One form of a notice in the evidence store."""

    name: str
    media_type: str
    uri: str
    sha256: str
    size_bytes: int


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
        " AND conflict_id IS NOT DISTINCT FROM %s",
        (source.batch_id, source.load_id, source.conflict_id),
    ).fetchone()
    return str(row[0]) if row else None


def insert(conn: Connection, notice: Notice, source: Source) -> None:
    """Keep an issued notice with all its items."""
    conn.execute(
        "INSERT INTO hub.notice (notice_no, platform_code, platform_name_zh, batch_id, load_id, conflict_id, batch_no,"
        " contract_version, items, received, accepted, rejected, held, flagged, refusal, reminders,"
        " expected_deadline, issued_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            notice.notice_no,
            notice.platform_code,
            notice.platform_name_zh,
            source.batch_id,
            source.load_id,
            source.conflict_id,
            notice.batch_no,
            notice.contract_version,
            len(notice.items),
            notice.counts.received,
            notice.counts.accepted,
            notice.counts.rejected,
            notice.counts.held,
            notice.counts.flagged,
            Jsonb(asdict(notice.refusal)) if notice.refusal else None,
            list(notice.reminders),
            Jsonb(_deadline_document(notice.expected_deadline)) if notice.expected_deadline else None,
            notice.issued_at,
        ),
    )
    statement = (
        'COPY hub.notice_item (notice_no, item_no, dataset, data_key, natural_key, label, file, "row", findings)'
        " FROM STDIN"
    )
    with conn.cursor().copy(statement) as copy:
        for item in notice.items:
            findings = Jsonb([asdict(finding) for finding in item.findings])
            place = (item.label, item.file, item.row)
            keys = (item.dataset, _plain(item.data_key), _plain(item.natural_key))
            copy.write_row((notice.notice_no, item.item_no, *keys, *map(_plain, place), findings))
    _event(conn, (notice.notice_no, None), NoticeState.ISSUED, ISSUED_REASON, notice.issued_at)


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
    return Notice(
        notice_no=row["notice_no"],
        platform_code=row["platform_code"],
        platform_name_zh=row["platform_name_zh"],
        batch_no=row["batch_no"],
        contract_version=row["contract_version"],
        issued_at=row["issued_at"],
        counts=Counts(*(row[name] for name in ("received", "accepted", "rejected", "held", "flagged"))),
        refusal=RefusalInfo(**row["refusal"]) if row["refusal"] else None,
        items=tuple(_item(item) for item in items),
        reminders=tuple(row["reminders"]),
        state=NoticeState(row["state"]),
        deadline=_deadline(due) if due else None,
        expected_deadline=_expected(row["expected_deadline"]),
        closed_at=row["closed_at"],
    )


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


def overdue(conn: Connection, as_of: datetime) -> list[dict[str, Any]]:
    """Rows of audit.notice with unanswered items whose deadline has passed at that instant, latest due last."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT * FROM audit.notice n WHERE n.state <> 'closed' AND n.due_at <= %s AND EXISTS"
            " (SELECT FROM hub.notice_item i WHERE i.notice_no = n.notice_no AND i.state = 'open')"
            " ORDER BY n.due_at, n.notice_no",
            (as_of,),
        ).fetchall()


def undelivered(conn: Connection) -> list[str]:
    """Numbers of notices without proved receipt that are not closed, oldest first."""
    rows = conn.execute("SELECT notice_no FROM hub.notice WHERE state = 'issued' ORDER BY issued_at, notice_no")
    return [str(row[0]) for row in rows]


def keep_files(conn: Connection, notice_no: str, files: Iterable[KeptFile], at: datetime) -> None:
    """Remember where the sent files lie as evidence; the same again changes nothing."""
    conn.cursor().executemany(
        "INSERT INTO hub.notice_file VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [(notice_no, f.name, f.media_type, f.uri, f.sha256, f.size_bytes, at) for f in files],
    )


def record_delivered(conn: Connection, notice_no: str, channel: str, due: Deadline, at: datetime) -> bool:
    """The notice is in the platform's inbox: the clock starts. A second delivery does not restart it.

    Returns:
        Whether the clock started now.
    """
    _attempt(conn, notice_no, "delivered", channel, due.evidence, at)
    started = _move(conn, notice_no, (NoticeState.ISSUED,), NoticeState.DELIVERED, due.evidence, at)
    if started:
        conn.execute(
            "INSERT INTO hub.notice_deadline VALUES (%s, 1, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                notice_no,
                due.received_at,
                due.due_date,
                due.due_at,
                list(due.counted_days),
                due.provisional,
                due.calendar_version,
                due.policy,
                due.evidence,
                "receipt",
                at,
            ),
        )
    return started


def record_failed(conn: Connection, notice_no: str, channel: str, why: str, at: datetime) -> None:
    """A delivery failed: no receipt, no clock."""
    _attempt(conn, notice_no, "failed", channel, why, at)


def mark_overdue(conn: Connection, now: datetime) -> list[str]:
    """Mark delivered notices whose deadline has passed with items unanswered; returns their numbers."""
    due = [row["notice_no"] for row in overdue(conn, now) if row["state"] == NoticeState.DELIVERED]
    return [no for no in due if _move(conn, no, (NoticeState.DELIVERED,), NoticeState.OVERDUE, "deadline passed", now)]


def close_items_for(
    conn: Connection,
    platform_code: str,
    batch_no: str,
    accepted: Sequence[tuple[str, str | None, str | None]],
    at: datetime,
) -> list[str]:
    """Close open items whose record has now been accepted from this platform, then notices with nothing open.

    An item is met by its dataset and DATA_KEY, or by its business code where its own DATA_KEY was unusable.

    Args:
        batch_no: the batch that brought the corrections; items of that same batch stay open.
        accepted: (dataset, DATA_KEY, business code) of the accepted records.

    Returns:
        Numbers of the notices that were closed.
    """
    datasets, keys, codes = (list(column) for column in zip(*accepted, strict=True)) if accepted else ([], [], [])
    closed = conn.execute(
        "UPDATE hub.notice_item i SET state = 'corrected', corrected_batch_no = %(batch)s, answered_at = %(at)s"
        " FROM hub.notice n,"
        " unnest(%(datasets)s::text[], %(keys)s::text[], %(codes)s::text[]) AS a (dataset, key, code)"
        " WHERE n.notice_no = i.notice_no AND n.platform_code = %(platform)s AND n.batch_no <> %(batch)s"
        " AND i.state IN ('open', 'objected', 'cannot_correct', 'confirmed_true') AND i.dataset = a.dataset"
        " AND (i.data_key = a.key OR (i.natural_key = a.code"
        " AND (i.data_key IS NULL OR i.data_key !~ '^[0-9A-Za-z]{22}$')))"
        " RETURNING i.notice_no, i.item_no",
        {"batch": batch_no, "at": at, "platform": platform_code, "datasets": datasets, "keys": keys, "codes": codes},
    ).fetchall()
    for notice_no, item_no in closed:
        _event(conn, (notice_no, item_no), ItemState.CORRECTED, f"corrected by batch {batch_no}", at)
    return _close(conn, sorted({row[0] for row in closed}), at)


def close_refusals(
    conn: Connection, platform_code: str, batch_no: str, corrects: Sequence[str], at: datetime
) -> list[str]:
    """Close notices of refused packages that a later, usable batch of the platform names in `corrects`."""
    closed = conn.execute(
        "UPDATE hub.notice_item i SET state = 'corrected', corrected_batch_no = %s, answered_at = %s FROM hub.notice n"
        " WHERE n.notice_no = i.notice_no AND n.platform_code = %s AND n.notice_no = ANY(%s) AND n.refusal IS NOT NULL"
        " AND i.state = 'open' RETURNING i.notice_no, i.item_no",
        (batch_no, at, platform_code, list(corrects)),
    ).fetchall()
    for notice_no, item_no in closed:
        _event(conn, (notice_no, item_no), ItemState.CORRECTED, f"corrected by batch {batch_no}", at)
    return _close(conn, sorted({row[0] for row in closed}), at)


def _close(conn: Connection, notice_nos: Sequence[str], at: datetime) -> list[str]:
    settled = conn.execute(
        "SELECT n.notice_no FROM hub.notice n WHERE n.notice_no = ANY(%s) AND NOT EXISTS (SELECT FROM hub.notice_item i"
        " WHERE i.notice_no = n.notice_no AND i.state IN ('open', 'objected', 'cannot_correct'))",
        (list(notice_nos),),
    ).fetchall()
    before = tuple(state for state in NoticeState if state is not NoticeState.CLOSED)
    return [row[0] for row in settled if _move(conn, row[0], before, NoticeState.CLOSED, "every item is settled", at)]


def _move(
    conn: Connection, notice_no: str, before: Sequence[NoticeState], after: NoticeState, reason: str, at: datetime
) -> bool:
    row = conn.execute("SELECT state FROM hub.notice WHERE notice_no = %s FOR UPDATE", (notice_no,)).fetchone()
    if row is None or row[0] not in before:
        return False
    conn.execute(
        "UPDATE hub.notice SET state = %s, closed_at = %s WHERE notice_no = %s",
        (after, at if after is NoticeState.CLOSED else None, notice_no),
    )
    conn.execute(
        "INSERT INTO hub.notice_event (notice_no, from_state, to_state, actor, reason, at)"
        " VALUES (%s, %s, %s, 'hub', %s, %s)",
        (notice_no, row[0], after, reason, at),
    )
    return True


def _event(conn: Connection, item: tuple[str, int | None], state: str, reason: str, at: datetime) -> None:
    conn.execute(
        "INSERT INTO hub.notice_event (notice_no, item_no, to_state, actor, reason, at)"
        " VALUES (%s, %s, %s, 'hub', %s, %s)",
        (*item, state, reason, at),
    )


def _attempt(conn: Connection, notice_no: str, outcome: str, channel: str, evidence: str, at: datetime) -> None:
    conn.execute(
        "INSERT INTO hub.notice_delivery (notice_no, outcome, channel, evidence, at) VALUES (%s, %s, %s, %s, %s)",
        (notice_no, outcome, channel, evidence, at),
    )


def _plain(value: Any) -> Any:
    return value.replace("\x00", "␀") if isinstance(value, str) else value


def _item(row: dict[str, Any]) -> NoticeItem:
    return NoticeItem(
        item_no=row["item_no"],
        dataset=row["dataset"],
        data_key=row["data_key"],
        natural_key=row["natural_key"],
        label=row["label"],
        file=row["file"],
        row=row["row"],
        findings=tuple(Finding(**finding) for finding in row["findings"]),
        state=ItemState(row["state"]),
        answer=row["answer"],
        answered_at=row["answered_at"],
        corrected_batch_no=row["corrected_batch_no"],
    )


def _deadline(row: dict[str, Any]) -> Deadline:
    return Deadline(
        received_at=row["received_at"],
        due_date=row["due_date"],
        due_at=row["due_at"],
        counted_days=tuple(row["counted_days"]),
        provisional=row["provisional"],
        calendar_version=row["calendar_version"],
        policy=row["policy"],
        evidence=row["evidence"],
    )


def _deadline_document(due: Deadline) -> dict[str, Any]:
    return {
        **asdict(due),
        "received_at": due.received_at.isoformat(),
        "due_date": due.due_date.isoformat(),
        "due_at": due.due_at.isoformat(),
        "counted_days": [day.isoformat() for day in due.counted_days],
    }


def _expected(document: dict[str, Any] | None) -> Deadline | None:
    if document is None:
        return None
    return Deadline(
        **{
            **document,
            "received_at": datetime.fromisoformat(document["received_at"]),
            "due_date": date.fromisoformat(document["due_date"]),
            "due_at": datetime.fromisoformat(document["due_at"]),
            "counted_days": tuple(date.fromisoformat(day) for day in document["counted_days"]),
        }
    )
