"""The calendar and the deadlines that rest on it: recomputed when it changes, never silently (working-day rule, 4)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from exchange_hub.core.clock import in_shanghai
from exchange_hub.core.notices import Deadline
from exchange_hub.flows.context import Hub
from exchange_hub.flows.settling import settle_one
from feedback.calendar import calendar_files, calendar_in_force, load_calendar
from feedback.configuration import configuration_in_force
from feedback.policy import ClockPolicy, EarlierDate
from feedback.working_days import deadline
from warehouse import alarms, notice_receipts
from warehouse.alarms import Alarm

CALENDAR_MISSING = "calendar_missing"
ALARM_FROM = (12, 15)  # month and day from which next year's schedule is missed


@dataclass(frozen=True, slots=True)
class Moved:
    """A deadline that another calendar changes; `kept` where the earlier date does not apply."""

    notice_no: str
    before: date
    after: date
    kept: bool
    reason: str


def recompute(hub: Hub, now: datetime) -> list[Moved]:
    """Bring the deadlines of open notices to the calendar in force, each change a new row with its reason.

    A later date applies. An earlier one does not: the communicated date is kept, unless agreed otherwise. A deadline
    whose date stays is confirmed where it was provisional.

    Returns:
        The notices whose computed date differs from the one communicated.
    """
    calendar = calendar_in_force()
    moved = []
    with hub.database() as conn:
        for row in notice_receipts.running(conn):
            due = notice_receipts.deadline_in_force(conn, row["notice_no"])
            if due is None or due.calendar_version == calendar.version:
                continue
            policy = configuration_in_force().clock_of(row["platform_code"])
            computed = deadline(due.received_at, due.evidence, calendar, policy)
            fresh, reason = _fresh(due, computed, policy)
            if _facts(computed) != _facts(due):
                notice_receipts.change_deadline(conn, row["notice_no"], fresh, reason, now)
                settle_one(conn, row["notice_no"], now, reason)
            if computed.due_date != due.due_date:
                kept = fresh.due_date != computed.due_date
                moved.append(Moved(row["notice_no"], due.due_date, computed.due_date, kept, reason))
        conn.commit()
    return moved


def preview(hub: Hub, path: Path) -> list[Moved]:
    """What a calendar file would change, were it added to the folder; nothing is stored.

    Raises:
        ConfigurationError: the file is wrong.
    """
    calendar = load_calendar(*calendar_files(), path)
    moved = []
    with hub.database() as conn:
        for row in notice_receipts.running(conn):
            due = notice_receipts.deadline_in_force(conn, row["notice_no"])
            if due is None:
                continue
            policy = configuration_in_force().clock_of(row["platform_code"])
            computed = deadline(due.received_at, due.evidence, calendar, policy)
            fresh, reason = _fresh(due, computed, policy)
            if computed.due_date != due.due_date:
                kept = fresh.due_date != computed.due_date
                moved.append(Moved(row["notice_no"], due.due_date, computed.due_date, kept, reason))
    return moved


def provisional_notices(hub: Hub) -> list[dict[str, Any]]:
    """Open notices whose deadline rests on a year that is not published yet, the earliest due first."""
    with hub.database() as conn:
        return [row for row in notice_receipts.running(conn) if row["provisional"]]


def watch_calendar(hub: Hub, now: datetime) -> bool:
    """Call an operator from 15 December while next year's schedule is missing; stand down once it is there.

    Returns:
        Whether it is missing and missed.
    """
    today, calendar = in_shanghai(now).date(), calendar_in_force()
    year = today.year + 1
    missing = (today.month, today.day) >= ALARM_FROM and not calendar.is_official(year)
    with hub.database() as conn:
        if missing:
            zh = f"{year} 年放假安排尚未录入工作日历，涉及该年的时限均为暂定；请在日历文件夹中补充"
            en = f"the schedule of {year} is missing: deadlines that reach it are provisional; add a calendar file"
            alarms.raise_alarm(conn, Alarm(CALENDAR_MISSING, str(year), zh, en, now))
        for known in (today.year, year):
            if calendar.is_official(known):
                alarms.clear(conn, CALENDAR_MISSING, str(known), "hub", now)
        conn.commit()
    return missing


def _facts(due: Deadline) -> tuple[object, ...]:
    """What a person would see of a deadline."""
    return due.due_at, due.counted_days, due.provisional


def _fresh(due: Deadline, computed: Deadline, policy: ClockPolicy) -> tuple[Deadline, str]:
    """The deadline that holds where another calendar computes `computed`, and why it is written."""
    if computed.due_at > due.due_at:
        return computed, f"calendar changed: later, {due.due_date} becomes {computed.due_date}"
    if computed.due_at < due.due_at and policy.earlier_date is EarlierDate.KEEP:
        kept = replace(
            due, calendar_version=computed.calendar_version, provisional=computed.provisional, policy=computed.policy
        )
        return kept, f"calendar changed: would be earlier ({computed.due_date}), the communicated date is kept"
    if computed.due_at < due.due_at:
        return computed, f"calendar changed: earlier by agreement, {due.due_date} becomes {computed.due_date}"
    return computed, "calendar changed: the date stays"
