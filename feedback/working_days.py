"""The working-day clock of Art. 10 and Art. 14 of 豫公管办〔2018〕28号.

Five working days (5个工作日): the day of receipt is never counted, whatever the hour, working day or not (民法典
Art. 201); then five working days are counted; the deadline is 24:00 of the fifth. All in Asia/Shanghai.
Pure: the same receipt and calendar always give the same deadline. Source: working-day rule, sections 1 to 7.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from exchange_hub.core.clock import SHANGHAI, in_shanghai
from exchange_hub.core.notices import Deadline
from feedback.calendar import Calendar, calendar_in_force

__all__ = [
    "POLICY",
    "Calendar",
    "deadline",
    "is_workday",
    "latest_letter_date",
    "overdue_working_days",
]

# The reading of the law chosen where the measure is silent (working-day rule, section 6: O1, O2).
POLICY = "day of receipt is day 0 whatever the hour; until 24:00 of the due date (O1 statute, O2 24:00)"
_LETTER_DAYS = 3
_DAY = timedelta(days=1)


def is_workday(day: date, calendar: Calendar | None = None) -> bool:
    """Whether `day` is a working day of the State calendar; None is the calendar in force.

    Raises:
        ConfigurationError: a year that neither the official data nor the provisional rule covers.
    """
    return (calendar or calendar_in_force()).is_workday(day)


def deadline(received_at: datetime, evidence: str, calendar: Calendar | None = None, days: int = 5) -> Deadline:
    """When the answer to a notice received at `received_at` is due.

    Args:
        received_at: instant of receipt, with a zone.
        evidence: how and where receipt is known (file placed, log line, acknowledgement).
        calendar: None is the calendar in force (library and operator's file).
        days: working days to count, at least 1.

    Returns:
        The deadline with the days counted. `provisional` where a year between receipt and due date has no
        official schedule yet.

    Raises:
        ValueError: an instant without a zone, or fewer than one day.
        ConfigurationError: a year that neither the official data nor the provisional rule covers.
    """
    if days < 1:
        raise ValueError("at least one working day must be counted")
    chosen = calendar or calendar_in_force()
    received = in_shanghai(received_at)
    counted = _next_workdays(received.date(), days, chosen)
    due = counted[-1]
    first = received.date() + _DAY
    return Deadline(
        received_at=received,
        due_date=due,
        due_at=datetime.combine(due + _DAY, time(0), SHANGHAI),
        counted_days=counted,
        provisional=not all(chosen.is_official(year) for year in range(first.year, due.year + 1)),
        calendar_version=chosen.version,
        policy=POLICY,
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


@lru_cache(maxsize=4096)
def _next_workdays(day0: date, days: int, calendar: Calendar) -> tuple[date, ...]:
    counted: list[date] = []
    day = day0
    while len(counted) < days:
        day += _DAY
        if calendar.is_workday(day):
            counted.append(day)
    return tuple(counted)
