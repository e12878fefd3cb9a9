"""The working-day clock of Art. 10 and Art. 14 of 豫公管办〔2018〕28号.

Five working days (5个工作日): the day of receipt is never counted, whatever the hour, working day or not (民法典
Art. 201); then five working days are counted; the deadline is 24:00 of the fifth. All in Asia/Shanghai.
Pure: the same receipt and calendar always give the same deadline. Source: working-day rule, sections 1 to 7.
"""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from exchange_hub.core.clock import SHANGHAI, in_shanghai
from exchange_hub.core.notices import Deadline
from feedback.calendar import Calendar, calendar_in_force
from feedback.policy import STATUTE, ClockPolicy, DayZero

__all__ = [
    "Calendar",
    "deadline",
    "is_workday",
    "later_workday",
    "latest_letter_date",
    "overdue_working_days",
    "resume",
]

_LETTER_DAYS = 3
_DAY = timedelta(days=1)


def is_workday(day: date, calendar: Calendar | None = None) -> bool:
    """Whether `day` is a working day of the State calendar; None is the calendar in force.

    Raises:
        ConfigurationError: a year that neither the official data nor the provisional rule covers.
    """
    return (calendar or calendar_in_force()).is_workday(day)


def deadline(
    received_at: datetime, evidence: str, calendar: Calendar | None = None, policy: ClockPolicy = STATUTE
) -> Deadline:
    """When the answer to a notice received at `received_at` is due.

    Args:
        received_at: instant of receipt, with a zone.
        evidence: how and where receipt is known (file placed, log line, acknowledgement).
        calendar: None is the calendar in force (library and operator's file).
        policy: the choices agreed with the platform; the statute's reading by default.

    Returns:
        The deadline with the days counted. `provisional` where a year between receipt and due date has no
        official schedule yet.

    Raises:
        ValueError: an instant without a zone.
        ConfigurationError: a year that neither the official data nor the provisional rule covers.
    """
    chosen = calendar or calendar_in_force()
    received = in_shanghai(received_at)
    day0 = _day_zero(received, chosen, policy)
    counted = _next_workdays(day0, policy.working_days, chosen)
    due = counted[-1]
    return Deadline(
        received_at=received,
        due_date=due,
        due_at=_end_of(due, policy),
        counted_days=counted,
        provisional=_provisional(received.date() + _DAY, due, chosen),
        calendar_version=chosen.version,
        policy=str(policy),
        evidence=evidence,
    )


def overdue_working_days(due: Deadline, now: datetime, calendar: Calendar | None = None) -> int:
    """Working days since the due date: 0 until `due_at`, then those in (due_date, date of `now`].

    Zero may also mean "overdue, but only days off have passed": ask `now >= due.due_at` for that.
    """
    if now < due.due_at:
        return 0
    chosen = calendar or calendar_in_force()
    today = in_shanghai(now).date()
    span = (today - due.due_date).days
    return sum(1 for n in range(1, span + 1) if chosen.is_workday(due.due_date + n * _DAY))


def resume(
    due: Deadline,
    stopped_at: datetime,
    resumed_at: datetime,
    calendar: Calendar | None = None,
    policy: ClockPolicy = STATUTE,
) -> Deadline:
    """The deadline after a clock that stood still from `stopped_at` to `resumed_at` (O5 by agreement).

    The working days that were left after the day it stopped, at least one, are counted from the day after it goes on.
    """
    chosen = calendar or calendar_in_force()
    stopped, resumed = in_shanghai(stopped_at).date(), in_shanghai(resumed_at).date()
    used = tuple(day for day in due.counted_days if day <= stopped)
    left = max(1, len(due.counted_days) - len(used))
    counted = (*due.counted_days[: len(due.counted_days) - left], *_next_workdays(resumed, left, chosen))
    return replace(
        due,
        due_date=counted[-1],
        due_at=_end_of(counted[-1], policy),
        counted_days=counted,
        provisional=_provisional(due.received_at.date() + _DAY, counted[-1], chosen),
        calendar_version=chosen.version,
        policy=str(policy),
    )


def later_workday(now: datetime, days: int, calendar: Calendar | None = None) -> datetime:
    """The beginning of the working day `days` working days after `now`; `now` itself where days is 0."""
    if days < 1:
        return now
    day = _next_workdays(in_shanghai(now).date(), days, calendar or calendar_in_force())[-1]
    return datetime.combine(day, time(0), SHANGHAI)


def latest_letter_date(transfer_date: date, calendar: Calendar | None = None) -> date:
    """Last day for the letter to the provincial 公管办 before an account holder's transfer (Art. 14).

    The third working day before `transfer_date`, which itself is not counted.
    """
    chosen = calendar or calendar_in_force()
    day, left = transfer_date, _LETTER_DAYS
    while left:
        day -= _DAY
        if chosen.is_workday(day):
            left -= 1
    return day


def _provisional(first: date, last: date, calendar: Calendar) -> bool:
    """Whether a year from `first` to `last` has no official schedule."""
    return not all(calendar.is_official(year) for year in range(first.year, last.year + 1))


def _day_zero(received: datetime, calendar: Calendar, policy: ClockPolicy) -> date:
    """The day that is not counted: the day of receipt, or by agreement the next working day (O1)."""
    day = received.date()
    if policy.day_zero is DayZero.STATUTE:
        return day
    late = policy.office_closes is not None and received.time() >= policy.office_closes
    if calendar.is_workday(day) and not late:
        return day
    return _next_workdays(day, 1, calendar)[0]


def _end_of(due: date, policy: ClockPolicy) -> datetime:
    """24:00 of the last day, or by agreement the end of office hours (O2); exclusive."""
    if policy.cut_off is not None:
        return datetime.combine(due, policy.cut_off, SHANGHAI)
    return datetime.combine(due + _DAY, time(0), SHANGHAI)


@lru_cache(maxsize=4096)
def _next_workdays(day0: date, days: int, calendar: Calendar) -> tuple[date, ...]:
    counted: list[date] = []
    day = day0
    while len(counted) < days:
        day += _DAY
        if calendar.is_workday(day):
            counted.append(day)
    return tuple(counted)
