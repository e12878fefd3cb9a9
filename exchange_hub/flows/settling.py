"""What a notice's state becomes when its items, its receipt or its clock have changed. The caller commits."""

from collections.abc import Iterable
from datetime import datetime

import psycopg

from exchange_hub.core.notices import NoticeState
from feedback.configuration import configuration_in_force
from feedback.states import next_notice_state
from warehouse import notice_items, notice_links, notice_outbox, notice_receipts, notices

REASONS = {
    NoticeState.DELIVERED: "the clock runs",
    NoticeState.RECEIVED: "the centre has it; the clock runs",
    NoticeState.ANSWERED: "every item has a result",
    NoticeState.OVERDUE: "the deadline passed with items unanswered",
    NoticeState.CLOSED: "every item is settled",
}


def settle(conn: psycopg.Connection, notice_nos: Iterable[str], now: datetime) -> list[str]:
    """Bring these notices, and those above them, into the state that follows; returns those closed now."""
    touched = sorted(set(notice_nos))
    above = notice_links.settle_parents(conn, touched, now)
    return [number for number in sorted({*touched, *above}) if settle_one(conn, number, now) is NoticeState.CLOSED]


def settle_one(conn: psycopg.Connection, notice_no: str, now: datetime, reason: str = "") -> NoticeState | None:
    """Bring one notice into the state that follows; returns the new state, None where it stays as it is."""
    row = notices.row_of(conn, notice_no)
    held = notices.lock(conn, [notice_no])
    if row is None or notice_no not in held:
        return None
    current = held[notice_no]
    due = notice_receipts.deadline_in_force(conn, notice_no)
    after = next_notice_state(
        current,
        notice_items.tally(conn, notice_no),
        now,
        due.due_at if due else None,
        fetched=notice_receipts.was_received_by_a_person(conn, notice_no),
        sent_again_counts=configuration_in_force().clock_of(row["platform_code"]).sent_again_counts,
    )
    if after is current or not notices.move(conn, notice_no, current, after, reason or REASONS[after], now):
        return None
    if after is NoticeState.CLOSED:
        notice_outbox.settle(conn, notice_no)
    return after
