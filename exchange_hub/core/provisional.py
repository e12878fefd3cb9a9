"""Days off of a year whose official schedule is not published yet (working-day rule, section 4).

Days off on weekdays are the festivals of 全国年节及纪念日放假办法 (2024) Art. 2 and, by its Art. 6, one substitute
weekday after the block for each festival day that falls on a Saturday or Sunday (or on another festival). No make-up
weekend is assumed. A deadline that rests on these days is provisional and says so.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from chinese_calendar import get_solar_terms

from exchange_hub.core.errors import ConfigurationError

_SATURDAY = 5

# Lunar New Year's Day (正月初一), Dragon Boat (五月初五), Mid-Autumn (八月十五) by the Gregorian calendar.
_LUNAR: dict[int, tuple[str, str, str]] = {
    2025: ("01-29", "05-31", "10-06"),
    2026: ("02-17", "06-19", "09-25"),
    2027: ("02-06", "06-09", "09-15"),
    2028: ("01-26", "05-28", "10-03"),
    2029: ("02-13", "06-16", "09-22"),
    2030: ("02-03", "06-05", "09-12"),
    2031: ("01-23", "06-24", "10-01"),
    2032: ("02-11", "06-12", "09-19"),
    2033: ("01-31", "06-01", "09-08"),
    2034: ("02-19", "06-20", "09-27"),
    2035: ("02-08", "06-10", "09-16"),
    2036: ("01-28", "05-30", "10-04"),
    2037: ("02-15", "06-18", "09-24"),
    2038: ("02-04", "06-07", "09-13"),
    2039: ("01-24", "05-27", "10-02"),
    2040: ("02-12", "06-14", "09-20"),
}
FIRST_YEAR, LAST_YEAR = min(_LUNAR), max(_LUNAR)


@lru_cache(maxsize=32)
def provisional_days_off(year: int) -> frozenset[date]:
    """Weekdays of `year` that are taken as days off until the State Council's notice is published.

    Raises:
        ConfigurationError: the festival dates of that year are not known here.
    """
    if year not in _LUNAR:
        raise ConfigurationError(
            "NO_CALENDAR",
            f"没有 {year} 年的节假日数据；请更新 chinesecalendar 或补充日历文件",
            f"no holiday data for {year}: update chinesecalendar or add a calendar file",
            str(year),
        )
    off: set[date] = set()
    for block in _festivals(year):
        owed = sum(1 for day in block if day in off or day.weekday() >= _SATURDAY)
        off.update(block)
        substitute = block[-1]
        while owed:
            substitute += timedelta(days=1)
            if substitute.weekday() < _SATURDAY and substitute not in off:
                off.add(substitute)
                owed -= 1
    return frozenset(day for day in off if day.weekday() < _SATURDAY)


def _festivals(year: int) -> Iterator[tuple[date, ...]]:
    """Festival blocks of Art. 2 in the order of their dates."""
    new_year, dragon_boat, mid_autumn = (date.fromisoformat(f"{year}-{day}") for day in _LUNAR[year])
    qingming, _ = get_solar_terms(date(year, 4, 3), date(year, 4, 7))[0]
    blocks = [
        (date(year, 1, 1),),
        _run(new_year - timedelta(days=1), 4),  # New Year's Eve to the third day
        (qingming,),
        _run(date(year, 5, 1), 2),
        (dragon_boat,),
        (mid_autumn,),
        _run(date(year, 10, 1), 3),
    ]
    return iter(sorted(blocks))


def _run(first: date, days: int) -> tuple[date, ...]:
    return tuple(first + timedelta(days=n) for n in range(days))
