"""What the daily run does: notices that wait for delivery, new calendars, overdue ones, reminders and escalation."""

from datetime import datetime
from typing import Any

from exchange_hub.core.notices import NoticeState
from exchange_hub.flows.calendars import recompute, watch_calendar
from exchange_hub.flows.context import Hub
from exchange_hub.flows.notify import deliver
from exchange_hub.flows.reminders import send_reminders
from exchange_hub.flows.settling import settle_one
from warehouse import notice_outbox, notice_receipts


def deliver_pending(hub: Hub, now: datetime) -> list[str]:
    """Try every undelivered notice whose next attempt is due; returns the numbers that arrived.

    A platform none of whose channels took a notice is left for the next round: a dead one delays nobody else.
    """
    arrived: list[str] = []
    silent: set[str] = set()
    with hub.database() as conn:
        waiting = notice_outbox.waiting_by_platform(conn, now)
    for number, platform in waiting:
        if platform in silent:
            continue
        if deliver(hub, number, now):
            arrived.append(number)
        elif _has_failed(hub, number):
            silent.add(platform)
    return arrived


def _has_failed(hub: Hub, notice_no: str) -> bool:
    """Whether its last round failed on every channel (it may as well wait for somebody to open it)."""
    with hub.database() as conn:
        row = notice_outbox.row_of(conn, notice_no)
    return row is not None and row["last_error"] is not None


def mark_overdue(hub: Hub, now: datetime) -> list[str]:
    """Mark notices whose deadline has passed with items unanswered; returns their numbers."""
    with hub.database() as conn:
        late = [str(row["notice_no"]) for row in notice_receipts.overdue(conn, now)]
        marked = [number for number in late if settle_one(conn, number, now) is NoticeState.OVERDUE]
        conn.commit()
    return marked


def keep_time(hub: Hub, now: datetime) -> dict[str, Any]:
    """All that the clock asks for: recompute by a new calendar, mark what is overdue, remind and escalate.

    Returns:
        What was done, for the log: numbers of notices and steps.
    """
    moved = [move.notice_no for move in recompute(hub, now)]
    watch_calendar(hub, now)
    overdue = mark_overdue(hub, now)
    steps = [f"{r.notice_no} {r.step} {r.recipient}" for r in send_reminders(hub, now)]
    return {"recomputed": moved, "overdue": overdue, "reminders": steps}
