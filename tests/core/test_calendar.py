"""The published calendar agrees, day by day, with the library that its data come from."""

from datetime import date

import chinese_calendar
import pytest

from exchange_hub.core.calendar import official_workdays, published_calendar


def test_every_published_day_is_what_the_library_says() -> None:
    days = list(official_workdays(published_calendar()))

    assert days[0][0] == date(2004, 1, 1)
    assert all(worked == chinese_calendar.is_workday(day) for day, worked in days)
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(date(days[-1][0].year + 1, 7, 1))
