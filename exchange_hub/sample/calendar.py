"""Lawful times of a tender (法定时限): every date of the chain, counted in working days where the law says so.

Source: 招标投标法 Art. 24, 46; 实施条例 Art. 16, 54; 河南省实施招标投标法办法 Art. 22, 47; 民法典 Art. 203.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

import chinese_calendar

from exchange_hub.core.clock import SHANGHAI

LONGEST_CHAIN = 130  # days from registration to the last event, holidays included
SPREAD = 210  # days over which the registrations of a sample are spread


class WorkDays:
    """Working days of a span, looked up by day. Cost: one pass over the span."""

    def __init__(self, first: date, last: date) -> None:
        self._next: dict[date, date] = {}
        coming, day = last, last
        while day >= first:
            if chinese_calendar.is_workday(day):
                coming = day
            self._next[day] = coming
            day -= timedelta(days=1)

    def on_or_after(self, day: date) -> date:
        """The day itself where it is a working day, else the next one."""
        return self._next[day]

    def after(self, day: date, days: int = 1) -> date:
        """The first working day at least `days` calendar days later."""
        return self._next[day + timedelta(days=days)]

    def working(self, day: date, count: int) -> date:
        """The `count`-th working day after the day."""
        for _ in range(count):
            day = self.after(day)
        return day


@dataclass(frozen=True, slots=True)
class Times:
    """The moments of one tender project, Beijing time, in order."""

    tender_created: datetime
    section_created: datetime
    notice_sent: datetime
    documents_from: datetime
    documents_until: datetime
    opening: datetime  # = bid deadline
    evaluated: datetime
    publicity_sent: datetime
    publicity_from: datetime
    publicity_until: datetime
    awarded: datetime
    signed: datetime
    works_begin: date


def work_days(base_date: date) -> WorkDays:
    """Working days of all that a sample of that base date can touch."""
    return WorkDays(base_date - timedelta(days=LONGEST_CHAIN + SPREAD + 20), base_date)


def plan(registered: date, days: WorkDays, rng: Random) -> Times:
    """Times of one tender whose project was registered on that day; all legal minimum periods are kept."""
    tender = days.after(registered, rng.randint(3, 9))
    notice = days.after(tender, rng.randint(1, 4))
    issue = days.after(notice)
    issue_end = max(days.after(issue, rng.randint(6, 8)), days.working(issue, 5))
    opening = days.after(issue, rng.randint(21, 26))
    while (days.after(opening) - opening).days > 3:  # candidates must be published within 3 days
        opening = days.after(opening)
    shown = days.after(opening)
    shown_until = days.after(shown, rng.randint(3, 4))
    awarded = days.after(shown_until, rng.randint(1, 2))
    signed = days.after(awarded, rng.randint(5, 19))
    opened = _at(opening, rng.randint(9, 10), 30 * rng.randint(0, 1))
    return Times(
        tender_created=_at(tender, 9, rng.randint(0, 59)),
        section_created=_at(tender, 14, rng.randint(0, 59)),
        notice_sent=_at(notice, 16, rng.randint(0, 59)),
        documents_from=_at(issue, 9),
        documents_until=_at(issue_end, 17),
        opening=opened,
        evaluated=opened + timedelta(minutes=rng.randint(200, 420)),
        publicity_sent=_at(shown, 8, 30),
        publicity_from=_at(shown, 9),
        publicity_until=_at(shown_until, 18),
        awarded=_at(awarded, 10, rng.randint(0, 59)),
        signed=_at(signed, 15, rng.randint(0, 59)),
        works_begin=signed + timedelta(days=rng.randint(5, 10)),
    )


def stamp(moment: datetime) -> str:
    """A moment in the spec's form, yyyyMMddHHmmss."""
    return moment.strftime("%Y%m%d%H%M%S")


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)
