"""The calendar of working days by which the deadlines are counted, and a deadline worked out on request."""

import calendar as months
from datetime import date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from exchange_hub.core.clock import SHANGHAI, in_shanghai, system_now
from exchange_hub.portal.pages.calendar_files import may_publish
from exchange_hub.portal.pages.render import page
from exchange_hub.portal.pages.visits import VisitorOf
from feedback.calendar import calendar_files, calendar_in_force
from feedback.working_days import deadline

router = APIRouter(include_in_schema=False)
FIRST, LAST = 2018, 2099


@router.get("/calendar")
def show(
    request: Request,
    visitor: VisitorOf,
    year: Annotated[int | None, Query(ge=FIRST, le=LAST)] = None,
    received: Annotated[date | None, Query()] = None,
) -> Response:
    """One year, month by month."""
    today, calendar = in_shanghai(system_now()).date(), calendar_in_force()
    chosen = year or today.year
    grids = [
        [[(day, calendar.is_workday(day)) for day in week if day.month == month] for week in _weeks(chosen, month)]
        for month in range(1, 13)
    ]
    due = None
    if received is not None and FIRST <= received.year < LAST:
        due = deadline(datetime.combine(received, time(12), SHANGHAI), "asked on the calendar page", calendar)
    return page(
        request,
        "calendar.html.j2",
        visitor,
        year=chosen,
        today=today,
        grids=grids,
        official=calendar.is_official(chosen),
        calendar=calendar,
        due=due,
        received=received,
        may_publish=may_publish(visitor),
        files=[path.name for path in calendar_files()],
    )


def _weeks(year: int, month: int) -> list[list[date]]:
    return [list(week) for week in months.Calendar().monthdatescalendar(year, month)]
