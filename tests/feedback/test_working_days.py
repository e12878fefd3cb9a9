"""The five-working-day clock: the worked examples of the working-day rule, and what must always hold."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.provisional import provisional_days_off
from feedback.calendar import Calendar, calendar_in_force, load_calendar, published_calendar
from feedback.policy import STATUTE, ClockPolicy, DayZero
from feedback.working_days import deadline, is_workday, latest_letter_date, overdue_working_days, resume

CALENDAR = published_calendar()

# Working-day rule, section 5: number, received (Asia/Shanghai), the counted days (month-day), due date.
EXAMPLES = [
    (1, "2025-03-03 10:00:00", "03-04 03-05 03-06 03-07 03-10", "2025-03-10"),
    (2, "2025-01-20 09:00:00", "01-21 01-22 01-23 01-24 01-26", "2025-01-26"),
    (3, "2025-01-24 16:00:00", "01-26 01-27 02-05 02-06 02-07", "2025-02-07"),
    (4, "2025-01-26 11:00:00", "01-27 02-05 02-06 02-07 02-08", "2025-02-08"),
    (5, "2025-01-29 09:00:00", "02-05 02-06 02-07 02-08 02-10", "2025-02-10"),
    (6, "2025-04-25 23:59:00", "04-27 04-28 04-29 04-30 05-06", "2025-05-06"),
    (7, "2025-04-27 08:30:00", "04-28 04-29 04-30 05-06 05-07", "2025-05-07"),
    (8, "2025-09-26 17:45:00", "09-28 09-29 09-30 10-09 10-10", "2025-10-10"),
    (9, "2025-09-28 23:59:59", "09-29 09-30 10-09 10-10 10-11", "2025-10-11"),
    (10, "2025-10-08 12:00:00", "10-09 10-10 10-11 10-13 10-14", "2025-10-14"),
    (11, "2025-12-29 15:00:00", "12-30 12-31 01-04 01-05 01-06", "2026-01-06"),
    (12, "2025-12-31 23:59:59", "01-04 01-05 01-06 01-07 01-08", "2026-01-08"),
    (13, "2026-01-01 00:00:00", "01-04 01-05 01-06 01-07 01-08", "2026-01-08"),
    (14, "2026-02-12 18:30:00", "02-13 02-14 02-24 02-25 02-26", "2026-02-26"),
    (15, "2026-02-14 17:59:00", "02-24 02-25 02-26 02-27 02-28", "2026-02-28"),
    (16, "2026-02-22 20:00:00", "02-24 02-25 02-26 02-27 02-28", "2026-02-28"),
    (17, "2026-04-30 23:59:00", "05-06 05-07 05-08 05-09 05-11", "2026-05-11"),
    (18, "2026-06-18 09:00:00", "06-22 06-23 06-24 06-25 06-26", "2026-06-26"),
    (19, "2026-09-18 10:00:00", "09-20 09-21 09-22 09-23 09-24", "2026-09-24"),
    (20, "2026-09-20 09:00:00", "09-21 09-22 09-23 09-24 09-28", "2026-09-28"),
    (21, "2026-09-24 23:59:00", "09-28 09-29 09-30 10-08 10-09", "2026-10-09"),
    (22, "2026-09-30 17:00:00", "10-08 10-09 10-10 10-12 10-13", "2026-10-13"),
    (23, "2026-10-10 10:00:00", "10-12 10-13 10-14 10-15 10-16", "2026-10-16"),
    (24, "2026-11-21 14:00:00", "11-23 11-24 11-25 11-26 11-27", "2026-11-27"),
    (25, "2026-03-10 00:30:00", "03-11 03-12 03-13 03-16 03-17", "2026-03-17"),
    (26, "2026-12-24 09:00:00", "12-25 12-28 12-29 12-30 12-31", "2026-12-31"),
    (27, "2026-12-25 09:00:00", "12-28 12-29 12-30 12-31 01-04", "2027-01-04"),
    (28, "2026-12-31 23:59:00", "01-04 01-05 01-06 01-07 01-08", "2027-01-08"),
]

instants = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 bounds of hypothesis are naive


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(("number", "received", "counted", "due"), EXAMPLES, ids=[str(row[0]) for row in EXAMPLES])
def test_each_worked_example_gives_its_deadline(number: int, received: str, counted: str, due: str) -> None:
    answer = deadline(shanghai(received), "test", CALENDAR)

    assert [f"{day:%m-%d}" for day in answer.counted_days] == counted.split()
    assert answer.due_date == date.fromisoformat(due)
    assert answer.due_at == shanghai(due + " 00:00:00") + timedelta(days=1)
    assert answer.provisional is (number in (27, 28))


def test_the_local_date_counts_where_the_instant_is_written_in_utc() -> None:
    answer = deadline(datetime(2026, 3, 9, 16, 30, tzinfo=UTC), "test", CALENDAR)

    assert answer.due_date == date(2026, 3, 17)
    assert answer.received_at.utcoffset() == timedelta(hours=8)


def test_a_deadline_keeps_calendar_policy_and_evidence() -> None:
    answer = deadline(shanghai("2026-11-23 10:00:00"), "sftp://inbox/x", CALENDAR)

    assert answer.calendar_version.startswith("chinesecalendar 1.")
    assert (answer.policy, answer.evidence) == (str(STATUTE), "sftp://inbox/x")


@pytest.mark.parametrize(
    ("transfer", "latest"),
    [
        ("2025-03-10", "2025-03-05"),
        ("2025-02-05", "2025-01-24"),
        ("2026-01-05", "2025-12-30"),
        ("2026-02-24", "2026-02-12"),
        ("2026-10-08", "2026-09-28"),
    ],
)
def test_the_letter_of_article_14_is_due_three_working_days_before(transfer: str, latest: str) -> None:
    assert latest_letter_date(date.fromisoformat(transfer), CALENDAR) == date.fromisoformat(latest)


@pytest.mark.parametrize(
    ("now", "days"),
    [
        ("2026-09-24 23:59:59", 0),
        ("2026-09-25 00:00:00", 0),
        ("2026-09-27 12:00:00", 0),
        ("2026-09-28 00:00:00", 1),
        ("2026-10-09 09:00:00", 5),
    ],
)
def test_overdue_counts_working_days_only(now: str, days: int) -> None:
    due = deadline(shanghai("2026-09-18 10:00:00"), "test", CALENDAR)

    assert overdue_working_days(due, shanghai(now), CALENDAR) == days


@pytest.mark.parametrize("year", [2025, 2026])
def test_each_official_year_has_248_working_days(year: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(365))

    assert sum(is_workday(day, CALENDAR) for day in days) == 248


def test_the_provisional_days_off_of_2027_are_those_of_the_rule() -> None:
    expected = [
        "01-01",
        "02-05",
        "02-08",
        "02-09",
        "02-10",
        "04-05",
        "05-03",
        "05-04",
        "06-09",
        "09-15",
        "10-01",
        "10-04",
        "10-05",
    ]

    assert sorted(f"{day:%m-%d}" for day in provisional_days_off(2027)) == expected


def test_a_festival_inside_another_gives_one_more_substitute_day() -> None:
    off = {f"{day:%m-%d}" for day in provisional_days_off(2028)}

    assert {"10-02", "10-03", "10-04", "10-05"} <= off  # Mid-Autumn is 3 October, 1 October a Sunday
    assert "10-06" not in off


def test_the_first_receipt_that_needs_2027_is_25_december() -> None:
    days = [date(2026, 12, 1) + timedelta(days=n) for n in range(31)]
    provisional = [d for d in days if deadline(shanghai(f"{d} 09:00:00"), "test", CALENDAR).provisional]

    assert provisional[0] == date(2026, 12, 25)
    assert len(provisional) == 7


def test_a_receipt_on_the_last_day_of_a_year_looks_only_at_the_days_that_follow() -> None:
    official_2027 = Calendar("test", official_years=frozenset({2027}), days_off=frozenset({date(2027, 1, 1)}))

    assert deadline(shanghai("2026-12-31 09:00:00"), "test", official_2027).provisional is False


def test_an_operators_file_makes_a_year_official_and_wins_over_the_library(tmp_path: Path) -> None:
    path = tmp_path / "calendar.yaml"
    path.write_text(
        "version: 国办发明电〔2026〕7号\nofficial_years: [2027]\n"
        "days_off: [2027-01-01, 2027-01-04, 2026-11-26]\nmake_up_days: [2027-01-02]\n",
        "utf-8",
    )

    calendar = load_calendar(path)
    answer = deadline(shanghai("2026-12-25 09:00:00"), "test", calendar)

    assert (answer.due_date, answer.provisional) == (date(2027, 1, 2), False)
    assert not is_workday(date(2026, 11, 26), calendar)
    assert "国办发明电〔2026〕7号" in answer.calendar_version
    assert "chinesecalendar" in answer.calendar_version


@pytest.mark.parametrize(
    "text",
    [
        "- 2027-01-01",
        "official_years: [2027]",
        "version: a\ndays_of: []",
        "version: a\ndays_off: [someday]",
        "version: a\nofficial_years: [next]",
        "version: a\ndays_off: [2027-01-02]\nmake_up_days: [2027-01-02]",
        "version: a\nmake_up_days: [2027-01-04]",
        "version: a\nofficial_years: [2027]",
        "version: [",
    ],
)
def test_a_wrong_calendar_file_is_our_error_with_its_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "calendar.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(ConfigurationError) as caught:
        load_calendar(path)

    assert caught.value.code == "BAD_CALENDAR_FILE"
    assert caught.value.where == str(path)


def test_the_calendar_in_force_takes_the_operators_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_HOME", str(tmp_path))
    assert calendar_in_force() == CALENDAR

    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "2026-shift.yaml").write_text("version: shift\ndays_off: [2026-11-25]\n", "utf-8")

    assert deadline(shanghai("2026-11-23 09:00:00"), "test").due_date == date(2026, 12, 1)


def test_a_later_file_wins_over_an_earlier_one(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "version: first\nofficial_years: [2027]\ndays_off: [2027-01-01]\nmake_up_days: [2027-01-02]\n", "utf-8"
    )
    (tmp_path / "b.yaml").write_text("version: changed\ndays_off: [2027-01-02, 2027-01-04]\n", "utf-8")

    calendar = load_calendar(tmp_path / "a.yaml", tmp_path / "b.yaml")

    worked = [d for d in range(1, 6) if is_workday(date(2027, 1, d), calendar)]
    assert worked == [5]
    assert calendar.version.index("first") < calendar.version.index("changed")


# Working-day rule, section 5, last column: due where receipt on a day off counts as received on the next working day.
SHIFTED = {5: "2025-02-11", 10: "2025-10-15", 13: "2026-01-09", 16: "2026-03-02", 24: "2026-11-30"}


@pytest.mark.parametrize(("number", "received", "counted", "due"), EXAMPLES, ids=[str(row[0]) for row in EXAMPLES])
def test_each_worked_example_by_the_other_reading_of_the_day_of_receipt(
    number: int, received: str, counted: str, due: str
) -> None:
    answer = deadline(shanghai(received), "test", CALENDAR, ClockPolicy(day_zero=DayZero.DEEMED_NEXT_WORKDAY))

    assert answer.due_date == date.fromisoformat(SHIFTED.get(number, due))


def test_after_office_hours_counts_as_the_next_working_day_only_where_agreed() -> None:
    agreed = ClockPolicy(day_zero=DayZero.DEEMED_NEXT_WORKDAY, office_closes=time(18))
    late = shanghai("2026-11-23 18:00:00")

    assert deadline(late, "test", CALENDAR).due_date == date(2026, 11, 30)
    assert deadline(late, "test", CALENDAR, agreed).due_date == date(2026, 12, 1)


def test_the_last_day_ends_with_office_hours_only_where_agreed() -> None:
    answer = deadline(shanghai("2026-11-23 10:00:00"), "test", CALENDAR, ClockPolicy(cut_off=time(17, 30)))

    assert answer.due_at == shanghai("2026-11-30 17:30:00")
    assert "17:30" in answer.policy


def test_a_clock_that_stood_still_goes_on_with_the_days_that_were_left() -> None:
    due = deadline(shanghai("2026-11-23 10:00:00"), "test", CALENDAR)  # 24, 25, 26, 27, 30 November

    later = resume(due, shanghai("2026-11-25 09:00:00"), shanghai("2026-12-07 09:00:00"), CALENDAR)

    assert [f"{day:%m-%d}" for day in later.counted_days] == ["11-24", "11-25", "12-08", "12-09", "12-10"]
    assert later.due_at == shanghai("2026-12-11 00:00:00")


@given(instants, st.integers(0, 20), st.integers(0, 30))
def test_standing_still_never_shortens_a_clock(received: datetime, filed: int, decided: int) -> None:
    due = deadline(received, "", CALENDAR)
    stopped = received + timedelta(days=filed)

    later = resume(due, stopped, stopped + timedelta(days=decided), CALENDAR)

    assert later.due_at >= due.due_at or stopped >= due.due_at
    assert len(later.counted_days) == 5
    assert is_workday(later.due_date, CALENDAR)


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2041, 1, 2)])
def test_a_year_nobody_knows_is_an_error_not_a_guess(day: date) -> None:
    with pytest.raises(ConfigurationError) as caught:
        is_workday(day, CALENDAR)

    assert caught.value.code == "NO_CALENDAR"


@given(instants, instants)
def test_a_later_receipt_never_gives_an_earlier_deadline(one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))

    assert deadline(first, "", CALENDAR).due_at <= deadline(second, "", CALENDAR).due_at


@given(instants)
def test_a_deadline_is_a_working_day_with_exactly_five_of_them_counted(received: datetime) -> None:
    answer = deadline(received, "", CALENDAR)
    day0 = answer.received_at.date()
    between = [day0 + timedelta(days=n) for n in range(1, (answer.due_date - day0).days + 1)]

    assert is_workday(answer.due_date, CALENDAR)
    assert tuple(day for day in between if is_workday(day, CALENDAR)) == answer.counted_days
    assert len(answer.counted_days) == 5


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        deadline(datetime(2026, 11, 23, 9), "", CALENDAR)  # noqa: DTZ001 the missing zone is the point
