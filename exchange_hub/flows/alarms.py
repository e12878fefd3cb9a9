"""What an operator must look at (运维告警), for `hub status`, `hub alarms` and the portal."""

from datetime import datetime
from typing import Any

from exchange_hub.core.errors import UsageError
from exchange_hub.core.notices import Actor
from exchange_hub.flows.context import Hub
from warehouse import alarms


def list_alarms(hub: Hub) -> list[dict[str, Any]]:
    """Open alarms, oldest first: kind, subject, message_zh, message_en, raised_at."""
    with hub.database() as conn:
        return [{name: getattr(found, name) for name in found.__slots__} for found in alarms.open_alarms(conn)]


def clear_alarm(hub: Hub, kind: str, subject: str, actor: Actor, now: datetime) -> None:
    """Clear an alarm by hand; it comes again where its cause goes on.

    Raises:
        UsageError: no such alarm is open.
    """
    with hub.database() as conn:
        if not alarms.clear(conn, kind, subject, str(actor), now):
            raise UsageError("NO_ALARM", f"没有这条告警：{kind} {subject}", f"no open alarm {kind} about {subject}")
        conn.commit()
