"""Working days (工作日) as polars expressions: a running count over the official calendar, looked up by day."""

from functools import lru_cache

import polars as pl

from exchange_hub.core.calendar import Calendar, official_workdays


def working_days(start: pl.Expr, end: pl.Expr, calendar: Calendar) -> pl.Expr:
    """Working days in (day of `start`, day of `end`], make-up weekends included (Int32).

    Null where one is null, where the end is not after the start (another rule's fault), or where the State has not
    published the calendar of a year in between.
    """
    counts, first = _running_count(calendar)
    return pl.when(start < end).then(_at(end, counts, first) - _at(start, counts, first))


def is_working_day(moment: pl.Expr, calendar: Calendar) -> pl.Expr:
    """Is the day of that moment worked? Null where the calendar does not know it."""
    counts, first = _running_count(calendar)
    return _at(moment, counts, first) != _at(moment.dt.offset_by("-1d"), counts, first)


def _at(moment: pl.Expr, counts: pl.Series, first: int) -> pl.Expr:
    index = moment.dt.date().cast(pl.Int32) - first
    known = pl.when((index >= 0) & (index < counts.len())).then(index)
    return pl.lit(counts).gather(known)


@lru_cache(maxsize=4)
def _running_count(calendar: Calendar) -> tuple[pl.Series, int]:
    """Working days from the first day on to each day, and the number of the first day since 1970."""
    days = list(official_workdays(calendar))
    worked = pl.Series("worked", [worked for _, worked in days], dtype=pl.Int32)
    return worked.cum_sum(), pl.Series([days[0][0]]).cast(pl.Int32)[0]
