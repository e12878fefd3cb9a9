"""The life cycle of a release, and the days agreed with a platform: what a batch may use on the day it is received."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from contracts.model import Release, ReleaseStatus
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import Refusal
from exchange_hub.core.platforms import Platform, Window
from exchange_hub.flows import releases
from exchange_hub.flows.refuse import stranger
from exchange_hub.flows.releases import next_release, release_for, reminders_for

ACTIVE, DEPRECATED, RETIRED, DRAFT = (
    ReleaseStatus.ACTIVE,
    ReleaseStatus.DEPRECATED,
    ReleaseStatus.RETIRED,
    ReleaseStatus.DRAFT,
)
OLD = Release("1.0.0", DEPRECATED, date(2025, 1, 1), date(2026, 7, 1), date(2027, 1, 1), "2.0.0", (), {}, {})
NOW = replace(OLD, version="2.0.0", status=ACTIVE, deprecated_from=None, retired_from=None, successor=None)
NEXT = replace(NOW, version="3.0.0", status=DRAFT, effective_from=date(2027, 1, 1))
KNOWN = {release.version: release for release in (OLD, NOW, NEXT)}
PLATFORM = replace(stranger("12410100MA3DEM0195"), contract_version="2.0.0")


@pytest.fixture(autouse=True)
def three_releases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "load_release", KNOWN.__getitem__)
    monkeypatch.setattr(releases, "release_versions", lambda: tuple(KNOWN))


def on(day: str, hour: int = 12) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=SHANGHAI)


def refused(version: str, at: datetime, platform: Platform | None = None) -> Refusal:
    with pytest.raises(Refusal) as caught:
        release_for(version, at, platform)
    return caught.value


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("2024-12-31", DRAFT),
        ("2025-01-01", ACTIVE),
        ("2026-06-30", ACTIVE),
        ("2026-07-01", DEPRECATED),
        ("2026-12-31", DEPRECATED),
        ("2027-01-01", RETIRED),
    ],
)
def test_the_dates_of_a_release_decide_its_status(day: str, status: ReleaseStatus) -> None:
    assert OLD.status_on(date.fromisoformat(day)) is status


@pytest.mark.parametrize("status", [DRAFT, DEPRECATED, RETIRED])
def test_a_stated_status_without_a_date_holds(status: ReleaseStatus) -> None:
    release = replace(NOW, status=status)

    assert release.status_on(date(2026, 11, 24)) is status


def test_a_draft_does_not_come_into_force_by_its_planned_date() -> None:
    assert NEXT.status_on(date(2028, 1, 1)) is DRAFT


def test_a_retired_release_is_refused_and_the_successor_named() -> None:
    refusal = refused("1.0.0", on("2027-01-01", 0))

    assert refusal.code == "RETIRED_CONTRACT"
    assert "请改用 2.0.0" in refusal.message_zh
    assert "use 2.0.0" in refusal.message_en


def test_the_day_is_that_of_shanghai() -> None:
    last_minute = datetime.fromisoformat("2026-12-31T15:59:59+00:00")

    release, _ = release_for("1.0.0", last_minute)

    assert release is OLD
    assert refused("1.0.0", datetime.fromisoformat("2026-12-31T16:00:00+00:00")).code == "RETIRED_CONTRACT"


def test_a_deprecated_release_is_taken_with_a_reminder_that_names_day_and_successor() -> None:
    release, (reminder,) = release_for("1.0.0", on("2026-11-24"))

    assert release is OLD
    assert "2027-01-01" in reminder
    assert "2.0.0" in reminder


def test_an_active_release_is_taken_without_a_word() -> None:
    assert release_for("2.0.0", on("2026-11-24")) == (NOW, ())


@pytest.mark.parametrize(("version", "code"), [("3.0.0", "DRAFT_CONTRACT"), ("9.9.9", "UNKNOWN_CONTRACT")])
def test_a_draft_and_an_unknown_release_are_refused(version: str, code: str) -> None:
    assert refused(version, on("2026-11-24")).code == code


WINDOWS = (Window("1.0.0", None, date(2026, 9, 30)), Window("2.0.0", date(2026, 9, 1), date(2026, 12, 20)))


@pytest.mark.parametrize(
    ("windows", "version", "day", "code", "instead"),
    [
        (WINDOWS, "1.0.0", "2026-10-01", "CONTRACT_WINDOW_CLOSED", "2.0.0"),
        (WINDOWS, "2.0.0", "2026-08-31", "CONTRACT_TOO_EARLY", "1.0.0"),
        (WINDOWS[1:], "1.0.0", "2026-10-01", "CONTRACT_NOT_AGREED", "2.0.0"),
    ],
)
def test_outside_its_window_a_platform_is_refused_and_told_what_is_open(
    windows: tuple[Window, ...], version: str, day: str, code: str, instead: str
) -> None:
    refusal = refused(version, on(day), replace(PLATFORM, windows=windows))

    assert refusal.code == code
    assert f"现在可用：{instead}" in refusal.message_zh
    assert f"open now: {instead}" in refusal.message_en


@pytest.mark.parametrize("day", ["2026-09-01", "2026-11-19"])
def test_inside_its_window_a_platform_hears_nothing(day: str) -> None:
    assert release_for("2.0.0", on(day), replace(PLATFORM, windows=WINDOWS))[1] == ()


def test_a_window_about_to_close_is_pointed_out() -> None:
    _, (reminder,) = release_for("2.0.0", on("2026-12-20"), replace(PLATFORM, windows=WINDOWS))

    assert "2026-12-20（还有 0 天）" in reminder


def test_what_was_let_in_keeps_no_refusal_as_reminder() -> None:
    assert reminders_for("1.0.0", on("2027-06-01"), PLATFORM) == ()


def test_the_next_release_is_the_cards_else_the_one_after() -> None:
    assert next_release(PLATFORM) == "3.0.0"
    assert next_release(replace(PLATFORM, next_release="2.0.0")) == "2.0.0"
    assert next_release(replace(PLATFORM, contract_version="3.0.0")) is None
    assert next_release(replace(PLATFORM, contract_version="0.9.0")) is None
