"""Alarms: what an operator must look at (运维告警). One open alarm of a kind about a subject."""

import logging
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm; `subject` is what it is about, as a notice number."""

    kind: str
    subject: str
    message_zh: str
    message_en: str
    raised_at: datetime


def raise_alarm(conn: Connection, alarm: Alarm) -> bool:
    """Raise an alarm, unless one of its kind about its subject is open.

    Returns:
        Whether it is new.
    """
    made = conn.execute(
        "INSERT INTO hub.alarm (kind, subject, message_zh, message_en, raised_at) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (kind, subject) WHERE cleared_at IS NULL DO NOTHING",
        (alarm.kind, alarm.subject, alarm.message_zh, alarm.message_en, alarm.raised_at),
    )
    if made.rowcount:
        logger.error("alarm %s about %s: %s", alarm.kind, alarm.subject, alarm.message_en)
    return made.rowcount == 1


def clear(conn: Connection, kind: str, subject: str, by: str, at: datetime) -> bool:
    """Clear the open alarm of a kind about a subject; returns whether there was one."""
    cleared = conn.execute(
        "UPDATE hub.alarm SET cleared_at = %s, cleared_by = %s WHERE kind = %s AND subject = %s AND cleared_at IS NULL",
        (at, by, kind, subject),
    )
    return cleared.rowcount == 1


def open_alarms(conn: Connection) -> list[Alarm]:
    """Alarms that are not cleared, oldest first."""
    with conn.cursor(row_factory=class_row(Alarm)) as cursor:
        return cursor.execute(
            "SELECT kind, subject, message_zh, message_en, raised_at FROM hub.alarm WHERE cleared_at IS NULL"
            " ORDER BY raised_at, id"
        ).fetchall()
