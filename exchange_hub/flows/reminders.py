"""Reminders before the due date and escalation after it, by configuration (催办), each step once per deadline.

Who hears of a step: the platform by its own channel, the supervising office and the operator by the posts configured
for them. Where no post is configured or none takes it, the step becomes an alarm, so that nobody is forgotten.
"""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg

from exchange_hub.core.clock import in_shanghai
from exchange_hub.core.errors import HubError
from exchange_hub.core.notices import Deadline
from exchange_hub.core.platforms import Channel, Platform
from exchange_hub.flows.context import Hub
from exchange_hub.flows.notify import name_of
from feedback.calendar import calendar_in_force
from feedback.channels.base import Enclosure, Parcel
from feedback.configuration import Configuration, Step, configuration_in_force
from feedback.delivery import open_channel
from feedback.escalation import due_steps, working_days_left
from feedback.mail import reminder_text
from feedback.working_days import overdue_working_days
from warehouse import alarms, notice_items, notice_receipts, notice_reminders
from warehouse.alarms import Alarm
from warehouse.notice_reminders import Reminder

logger = logging.getLogger(__name__)

UNSENT = "escalation_unsent"


def send_reminders(hub: Hub, now: datetime) -> list[Reminder]:
    """Send every step whose time has come and which did not go out yet; returns those that went out now.

    A notice whose every item has a result gets none. A step that fails is tried again by the next run.
    """
    sent: list[Reminder] = []
    with hub.database() as conn:
        for row in notice_receipts.running(conn):
            due = notice_receipts.deadline_in_force(conn, row["notice_no"])
            if due is not None and notice_items.tally(conn, row["notice_no"]).unanswered:
                sent += _remind(hub, conn, row, due, now)
        conn.commit()
    return sent


def _remind(
    hub: Hub, conn: psycopg.Connection, row: dict[str, Any], due: Deadline, now: datetime
) -> Iterator[Reminder]:
    """The steps of one notice, each committed by itself."""
    configured = configuration_in_force()
    known = {(r.due_date, r.step, r.recipient) for r in notice_reminders.went_out(conn, row["notice_no"])}
    platform = hub.platforms.get(row["platform_code"])
    for step in due_steps(configured.escalation, due, now, calendar_in_force()):
        for recipient in step.to:
            if (due.due_date, step.name, recipient) in known:
                continue
            ways = _ways(configured, platform, recipient)
            evidence = _send(conn, ways, _parcel(row, due, step, recipient, now), now)
            if evidence is not None:
                reminder = Reminder(row["notice_no"], due.due_date, step.name, recipient, *evidence, now)
                notice_reminders.record(conn, reminder)
                conn.commit()
                yield reminder


def _ways(configured: Configuration, platform: Platform | None, recipient: str) -> tuple[Channel, ...]:
    if recipient == "platform":
        return (platform.delivery, *platform.fallbacks) if platform else ()
    post = configured.operator if recipient == "operator" else None
    if recipient == "office" and platform is not None:
        post = configured.office_of(platform.region)
    return (post.channel(),) if post else ()


def _send(conn: psycopg.Connection, ways: tuple[Channel, ...], parcel: Parcel, now: datetime) -> tuple[str, str] | None:
    """Channel and evidence of the first way that takes it; an alarm counts where there is no way at all."""
    for channel in ways:
        try:
            return name_of(channel), open_channel(channel).send(parcel, now, now).evidence
        except HubError as error:
            logger.warning("reminder %s by %s failed: %s", parcel.reference, name_of(channel), error)
    zh, en = f"催办未能送出：{parcel.subject}", f"a step of the escalation could not be sent: {parcel.reference}"
    alarms.raise_alarm(conn, Alarm(UNSENT, parcel.reference, zh, en, now))
    return None if ways else ("alarm", f"alarm {UNSENT} {parcel.reference}")


def _parcel(row: dict[str, Any], due: Deadline, step: Step, recipient: str, now: datetime) -> Parcel:
    calendar = calendar_in_force()
    late = overdue_working_days(due, now, calendar)
    subject, text = reminder_text(row, due, now, working_days_left(due, now, calendar), late)
    reference = f"{row['notice_no']}-{step.name}-{in_shanghai(due.due_at):%Y%m%d}-{recipient}"
    return Parcel(reference, subject, text, (Enclosure(f"{reference}.txt", text.encode("utf-8")),))
