"""What an operator must look at (运维告警), for `hub status`, `hub alarms` and the portal."""

from datetime import datetime
from typing import Any

from exchange_hub.core.errors import UsageError
from exchange_hub.core.notices import Actor
from exchange_hub.flows.context import Hub
from warehouse import alarms
from warehouse.alarms import Alarm

TASK_FAILED = "task_failed"


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


def task_failed(hub: Hub, subject: str, what: str, error: tuple[str, str], now: datetime) -> None:
    """A task of a flow gave up: an operator is called, once as long as it is open.

    Args:
        subject: DAG and task, as `exchange_41010001.package.load`.
        what: which run and which packages.
        error: what went wrong, in Chinese and in English.
    """
    with hub.database() as conn:
        raised = Alarm(
            TASK_FAILED,
            subject,
            f"流程任务 {subject}（{what}）失败：{error[0]}；处理后清除任务状态即可重跑",
            f"task {subject} ({what}) failed: {error[1]}; clear it once the cause is mended",
            now,
        )
        alarms.raise_alarm(conn, raised)
        conn.commit()


def task_went_well(hub: Hub, subject: str, now: datetime) -> None:
    """The task has succeeded since: its alarm is over."""
    with hub.database() as conn:
        if alarms.clear(conn, TASK_FAILED, subject, "hub", now):
            conn.commit()
