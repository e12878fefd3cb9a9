"""The calendar of working days (工作日): official data of the `chinesecalendar` library, and what is laid over it.

Pure: the same calendar always gives the same answer. An operator's file is read by `feedback.calendar`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.metadata import version as distribution_version

from chinese_calendar.constants import holidays as published_days_off
from chinese_calendar.constants import workdays as published_make_up_days

from exchange_hub.core.provisional import provisional_days_off

LIBRARY = "chinesecalendar"
FIRST_YEAR = 2004  # of the library's data
_SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are working days.

    `official_years`, `days_off` and `make_up_days` are those of the operator's file; the library's own data stand
    behind them. Asking never changes it, so a deadline is a pure function of receipt and calendar.
    """

    version: str
    official_years: frozenset[int] = frozenset()
    days_off: frozenset[date] = frozenset()
    make_up_days: frozenset[date] = frozenset()

    def is_official(self, year: int) -> bool:
        """Whether an official schedule of that year is known."""
        return year in self.official_years or _library_knows(year)

    def is_workday(self, day: date) -> bool:
        """Whether `day` is worked: Monday to Friday unless off, Saturday and Sunday only if a make-up day.

        Raises:
            ConfigurationError: a year without official data and without festival dates for the provisional rule.
        """
        if day in self.days_off:
            return False
        if day in self.make_up_days:
            return True
        weekday = day.weekday() < _SATURDAY
        if day.year in self.official_years:
            return weekday
        if _library_knows(day.year):
            return day in published_make_up_days or (weekday and day not in published_days_off)
        return weekday and day not in provisional_days_off(day.year)


@cache
def published_calendar() -> Calendar:
    """The library's data alone."""
    return Calendar(version=f"{LIBRARY} {distribution_version(LIBRARY)}")


def official_workdays(calendar: Calendar) -> Iterator[tuple[date, bool]]:
    """Every day from 2004 on and whether it is worked, to the end of the last official year without a gap before."""
    year = FIRST_YEAR
    while calendar.is_official(year):
        day = date(year, 1, 1)
        while day.year == year:
            yield day, calendar.is_workday(day)
            day += _DAY
        year += 1


@lru_cache(maxsize=1)
def _library_years() -> range:
    return range(min(published_days_off).year, max(published_days_off).year + 1)


def _library_knows(year: int) -> bool:
    return year in _library_years()
