"""Expected arrivals: when a platform is late, when a dataset has stopped, what a sudden change is."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.platforms import Channel, Platform
from feedback.arrivals import Day, Kind, Seen, concerns

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CARD = Platform(
    "12411300MA3DEM035H", "41130001", "南阳", "Nanyang", "411300", (), "2.0.0", Channel("folder", "x"),
    Channel("portal", None), exchange_minutes=60, max_lag_minutes=120, contact="技术科",
)  # fmt: skip
NORMAL = tuple(Day((NOW - n * DAY).date(), 1000, 20) for n in range(8, 0, -1))
STEADY = Seen(NOW - 90 * DAY, NOW - HOUR, {}, NORMAL)


def kinds(seen: Seen, now: datetime = NOW, wait: timedelta = DAY) -> list[Kind]:
    return [one.kind for one in concerns(CARD, lambda _: wait, seen, now)]


def last_day(received: int, rejected: int) -> Seen:
    return replace(STEADY, days=(*NORMAL[:-1], Day(NORMAL[-1].day, received, rejected)))


@given(minutes=st.integers(0, 60 * 24 * 60))
def test_a_platform_is_late_after_frequency_and_lag_and_silent_after_three_times_that(minutes: int) -> None:
    gap = timedelta(minutes=minutes)
    wanted = [] if gap <= 3 * HOUR else [Kind.LATE] if gap <= 9 * HOUR else [Kind.SILENT]

    assert kinds(replace(STEADY, last_received_at=NOW - gap, days=())) == wanted
    assert kinds(Seen(NOW - gap, None, {}, ())) == wanted


@given(every=st.integers(1, 96), gap=st.integers(1, 600))
def test_a_dataset_has_stopped_after_its_contracts_wait_and_three_usual_gaps(every: int, gap: int) -> None:
    last = NOW - gap * HOUR
    arrivals = [last - n * every * HOUR for n in range(5, -1, -1)]

    found = kinds(replace(STEADY, datasets={"SECTION": arrivals}, days=()))

    assert found == ([Kind.STOPPED] if gap > max(24, 3 * every) else [])


def test_a_dataset_of_a_silent_platform_is_not_named_beside_it() -> None:
    arrivals = [NOW - (10 - n) * DAY for n in range(6)]

    assert kinds(Seen(NOW - 90 * DAY, NOW - 5 * DAY, {"SECTION": arrivals}, ())) == [Kind.SILENT]


@pytest.mark.parametrize(
    ("received", "rejected", "wanted"),
    [
        (1000, 20, []),
        (190, 4, [Kind.DROP]),
        (210, 4, []),
        (5100, 100, [Kind.JUMP]),
        (4900, 100, []),
        (1000, 110, [Kind.FAULTS_JUMP]),
        (1000, 95, []),
        (49, 49, [Kind.DROP]),
        (0, 0, []),
    ],
)
def test_the_last_day_is_held_against_the_days_before(received: int, rejected: int, wanted: list[Kind]) -> None:
    assert kinds(last_day(received, rejected)) == wanted


def test_a_fault_rate_that_vanishes_is_worth_a_word() -> None:
    bad = tuple(replace(day, rejected=300) for day in NORMAL[:-1])

    assert kinds(replace(STEADY, days=(*bad, NORMAL[-1]))) == [Kind.FAULTS_DROP]


@given(received=st.integers(0, 10**6), share=st.floats(0, 1))
def test_few_days_say_nothing(received: int, share: float) -> None:
    days = (*NORMAL[-4:-1], Day(NORMAL[-1].day, received, int(received * share)))

    assert kinds(replace(STEADY, days=days)) == []


def test_an_alert_names_its_owner() -> None:
    [one] = concerns(CARD, lambda _: DAY, Seen(NOW - 90 * DAY, None, {}, ()), NOW)

    assert one.owner == "技术科"
    assert "至今没有报送" in one.message_zh
