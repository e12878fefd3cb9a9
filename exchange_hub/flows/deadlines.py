"""What the daily run does: notices that wait for delivery, and those that are overdue."""

from datetime import datetime

from exchange_hub.flows.context import Hub
from exchange_hub.flows.notify import deliver
from warehouse import notices


def deliver_pending(hub: Hub, now: datetime) -> list[str]:
    """Try every undelivered notice again; returns the numbers that arrived."""
    with hub.database() as conn:
        waiting = notices.undelivered(conn)
    return [number for number in waiting if deliver(hub, number, now)]


def mark_overdue(hub: Hub, now: datetime) -> list[str]:
    """Mark delivered notices whose deadline has passed; returns their numbers."""
    with hub.database() as conn:
        marked = notices.mark_overdue(conn, now)
        conn.commit()
    return marked
