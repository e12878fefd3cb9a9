"""The data engineer's board as data: what came today, what did not, what failed and why, what is due.

Read in one go from one connection, so that its parts agree. `board_page` makes a page of it, the Airflow plugin
serves that page behind Airflow's sign-in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from exchange_hub.core.clock import end_of_day
from exchange_hub.core.platforms import Platform
from exchange_hub.flows.channels import list_channels
from exchange_hub.flows.context import Hub
from feedback.working_days import is_workday
from warehouse import board as asked
from warehouse.arrivals import open_alerts

DAY = timedelta(days=1)
TREND_DAYS = 14
RULE_DAYS = 7
LISTED = 30  # batches and notices on the board; the portal and SQL have all


class Arrival(StrEnum):
    """Whether a platform sends as agreed (Art. 8: at a set frequency)."""

    ON_TIME = "on_time"
    LATE = "late"  # nothing for longer than its frequency and its greatest lag together
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class PlatformToday:
    """One platform: its card, whether it is late, the counts of today, how its channel does."""

    platform: Platform
    arrival: Arrival
    last_received_at: datetime | None
    counts: Mapping[str, int]  # batches, refused, under_way, received, accepted, rejected, held, flagged
    channel: Mapping[str, Any]  # an entry of `channels.list_channels`


@dataclass(frozen=True, slots=True)
class Due:
    """A notice not closed. `days_left`: working days until the deadline, negative when over; None: not received yet."""

    row: Mapping[str, Any]
    days_left: int | None


@dataclass(frozen=True, slots=True)
class TrendDay:
    """Records of one day of receipt."""

    day: date
    accepted: int
    rejected: int
    held: int


@dataclass(frozen=True, slots=True)
class Board:
    """All that the board shows, as of `made_at`."""

    made_at: datetime
    platforms: tuple[PlatformToday, ...]
    batches: tuple[Mapping[str, Any], ...]
    alerts: tuple[Mapping[str, Any], ...]  # timeliness alerts that stand
    due: tuple[Due, ...]
    rules: tuple[Mapping[str, Any], ...]
    trend: tuple[TrendDay, ...]
    portal_url: str | None


COUNTED = ("batches", "refused", "under_way", "received", "accepted", "rejected", "held", "flagged")


def read_board(hub: Hub, now: datetime) -> Board:
    """The board as of `now`; the day is the Shanghai day of `now`."""
    midnight = end_of_day(now) - DAY
    with hub.database() as conn:
        seen = {row["platform_code"]: row for row in asked.platforms(conn, midnight)}
        batches = asked.newest_batches(conn, LISTED)
        alerts = open_alerts(conn)
        due = asked.notices_due(conn, LISTED)
        rules = asked.failing_rules(conn, midnight - (RULE_DAYS - 1) * DAY, 12)
        trend = asked.trend(conn, midnight - (TREND_DAYS - 1) * DAY)
    ways = {one["platform_code"]: one for one in list_channels(hub, now)}
    cards = (card for card in hub.platforms.values() if card.enabled)
    platforms = (_platform(card, seen.get(card.code), ways[card.code], now) for card in cards)
    today = sorted(platforms, key=_most_urgent_first)
    return Board(
        made_at=now,
        platforms=tuple(today),
        batches=tuple(batches),
        alerts=tuple(alerts),
        due=tuple(Due(row, days_left(row["due_date"], midnight.date())) for row in due),
        rules=tuple(rules),
        trend=_every_day(trend, midnight.date()),
        portal_url=hub.settings.portal_url,
    )


def days_left(due_date: date | None, today: date) -> int | None:
    """Working days from today (not counted) to a due date: 0 on that day, negative when it is over; None if unknown."""
    if due_date is None:
        return None
    if today <= due_date:
        return _workdays(today, due_date)
    return -max(1, _workdays(due_date, today))


def _workdays(after: date, until: date) -> int:
    return sum(is_workday(after + n * DAY) for n in range(1, (until - after).days + 1))


def _platform(card: Platform, row: Mapping[str, Any] | None, way: Mapping[str, Any], now: datetime) -> PlatformToday:
    if row is None:
        return PlatformToday(card, Arrival.NEVER, None, dict.fromkeys(COUNTED, 0), way)
    patience = timedelta(minutes=card.exchange_minutes + card.max_lag_minutes)
    late = now - row["last_received_at"] > patience
    arrival = Arrival.LATE if late else Arrival.ON_TIME
    return PlatformToday(card, arrival, row["last_received_at"], {name: row[name] for name in COUNTED}, way)


def _most_urgent_first(today: PlatformToday) -> tuple[int, int, str]:
    order = (Arrival.LATE, Arrival.NEVER, Arrival.ON_TIME)
    return order.index(today.arrival), -today.counts["rejected"] - today.counts["refused"], today.platform.code


def _every_day(rows: list[dict[str, Any]], today: date) -> tuple[TrendDay, ...]:
    found = {row["day"]: row for row in rows}
    days = (today - n * DAY for n in reversed(range(TREND_DAYS)))
    nothing = {"accepted": 0, "rejected": 0, "held": 0}
    return tuple(TrendDay(day, *(found.get(day, nothing)[name] for name in nothing)) for day in days)
