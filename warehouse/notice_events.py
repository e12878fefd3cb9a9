"""What happened to notices and their items: append-only, each with actor, reason and time (状态变更)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from exchange_hub.core.notices import Actor


@dataclass(frozen=True, slots=True)
class Event:
    """One transition. `item_no` is None for the notice itself, `from_state` when it was issued."""

    notice_no: str
    item_no: int | None
    from_state: str | None
    to_state: str
    actor: str
    reason: str
    at: datetime


def record(  # noqa: PLR0913 -- the columns of an event
    conn: Connection, notice_no: str, after: str, actor: Actor, reason: str, at: datetime, *, before: str | None = None
) -> None:
    """Record a transition of a notice itself."""
    record_items(conn, [(notice_no, None, before, after, reason)], actor, at)


def record_items(conn: Connection, moved: Iterable[tuple[Any, ...]], actor: Actor, at: datetime) -> None:
    """Record transitions: rows of (notice_no, item_no, from_state, to_state, reason)."""
    statement = "COPY hub.notice_event (notice_no, item_no, from_state, to_state, reason, actor, at) FROM STDIN"
    with conn.cursor().copy(statement) as copy:
        for row in moved:
            copy.write_row((*row, str(actor), at))


def history(conn: Connection, notice_no: str, item_no: int | None = None, limit: int = 10_000) -> list[Event]:
    """Transitions of a notice with its items, or of one item, in the order they happened; the first `limit`."""
    with conn.cursor(row_factory=class_row(Event)) as cursor:
        return cursor.execute(
            "SELECT notice_no, item_no, from_state, to_state, actor, reason, at FROM hub.notice_event"
            " WHERE notice_no = %s AND (%s::integer IS NULL OR item_no = %s) ORDER BY id LIMIT %s",
            (notice_no, item_no, item_no, limit),
        ).fetchall()


def history_of_notice(conn: Connection, notice_no: str) -> list[Event]:
    """Transitions of the notice itself, without those of its items."""
    return [event for event in history(conn, notice_no) if event.item_no is None]
