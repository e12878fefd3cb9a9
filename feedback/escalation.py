"""Which step of the escalation a notice has come to (催办): pure, by working days before and after its due date."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from exchange_hub.core.clock import in_shanghai
from exchange_hub.core.notices import Deadline
from feedback.calendar import Calendar
from feedback.configuration import Step
from feedback.working_days import overdue_working_days

_DAY = timedelta(days=1)


def due_steps(steps: Sequence[Step], due: Deadline, now: datetime, calendar: Calendar) -> list[Step]:
    """Steps whose time has come, in their order; a reminder before the due date is not caught up afterwards.

    Args:
        now: the instant; nothing is due before the clock has started.
    """
    left = working_days_left(due, now, calendar)
    late = overdue_working_days(due, now, calendar)
    over = now >= due.due_at
    return [
        step
        for step in steps
        if (step.before is not None and not over and left <= step.before)
        or (step.after is not None and over and late >= step.after)
    ]


def working_days_left(due: Deadline, now: datetime, calendar: Calendar) -> int:
    """Working days after today up to the due date; 0 on the due date itself and after it."""
    today: date = in_shanghai(now).date()
    span = (due.due_date - today).days
    return sum(1 for n in range(1, span + 1) if calendar.is_workday(today + n * _DAY))
