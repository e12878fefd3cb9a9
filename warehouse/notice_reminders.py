"""Reminders and escalations that went out: each step once per deadline and recipient (催办记录)."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class Reminder:
    """One step that went to one recipient (platform, office, operator)."""

    notice_no: str
    due_date: date
    step: str
    recipient: str
    channel: str
    evidence: str
    at: datetime


def record(conn: Connection, reminder: Reminder) -> bool:
    """Book a step; returns whether it is the first of its kind for this deadline and recipient."""
    made = conn.execute(
        "INSERT INTO hub.notice_reminder (notice_no, due_date, step, recipient, channel, evidence, at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (
            reminder.notice_no,
            reminder.due_date,
            reminder.step,
            reminder.recipient,
            reminder.channel,
            reminder.evidence,
            reminder.at,
        ),
    )
    return made.rowcount == 1


def went_out(conn: Connection, notice_no: str) -> list[Reminder]:
    """Every step that went out for a notice, in order."""
    with conn.cursor(row_factory=class_row(Reminder)) as cursor:
        return cursor.execute(
            "SELECT notice_no, due_date, step, recipient, channel, evidence, at FROM hub.notice_reminder"
            " WHERE notice_no = %s ORDER BY at, step, recipient",
            (notice_no,),
        ).fetchall()
