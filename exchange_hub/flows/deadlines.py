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
    """Try every undelivered notice whose next attempt is due; returns the numbers that arrived."""
    with hub.database() as conn:
        waiting = notice_outbox.waiting(conn, now)
    return [number for number in waiting if deliver(hub, number, now)]


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
