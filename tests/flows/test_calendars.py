"""A calendar that changes moves the deadlines of open notices: logged, later dates apply, communicated dates stay."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import ConfigurationError, UsageError
from exchange_hub.core.notices import Notice
from exchange_hub.flows import calendar_files, calendars
from exchange_hub.flows.context import Hub
from exchange_hub.flows.deadlines import mark_overdue
from exchange_hub.flows.notices import notice_document
from exchange_hub.flows.notify import deliver
from warehouse import alarms, notice_receipts

pytestmark = pytest.mark.stack

CHRISTMAS = datetime(2026, 12, 25, 9, 0, tzinfo=SHANGHAI)  # due 2027-01-04, provisional


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty calendars folder in force."""
    monkeypatch.setenv("HUB_CALENDARS_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def notice_no(fresh: Hub, put_notice: Callable[..., Notice], folder: Path) -> str:
    """A notice received on 2026-12-25."""
    notice = put_notice(CHRISTMAS)
    deliver(fresh, notice.notice_no, CHRISTMAS)
    return notice.notice_no


def publish(folder: Path, days_off: str, made_up: str = "") -> None:
    text = f"version: test\nofficial_years: [2027]\ndays_off: [{days_off}]\nmake_up_days: [{made_up}]\n"
    (folder / "2027.yaml").write_text(text, "utf-8")


def deadlines(fresh: Hub, notice_no: str) -> list[tuple[date, bool, str]]:
    with fresh.database() as conn:
        rows = notice_receipts.deadlines(conn, notice_no)
    return [(row["due_date"], row["provisional"], row["reason"]) for row in rows]


def test_a_provisional_deadline_is_listed_as_such(fresh: Hub, notice_no: str) -> None:
    assert notice_no in {row["notice_no"] for row in calendars.provisional_notices(fresh)}


def test_a_later_date_applies_as_a_new_row_and_ends_an_overdue_mark(fresh: Hub, notice_no: str, folder: Path) -> None:
    late = datetime(2027, 1, 5, 9, 0, tzinfo=SHANGHAI)
    assert notice_no in mark_overdue(fresh, late)
    publish(folder, "2027-01-01, 2027-01-04, 2027-01-05")

    [moved] = [move for move in calendars.recompute(fresh, late) if move.notice_no == notice_no]

    assert (moved.before, moved.after, moved.kept) == (date(2027, 1, 4), date(2027, 1, 6), False)
    first, second = deadlines(fresh, notice_no)
    assert (first[0], first[1]) == (date(2027, 1, 4), True)
    assert (second[0], second[1]) == (date(2027, 1, 6), False)
    assert "later" in second[2]
    assert notice_document(fresh, notice_no)[0]["state"] == "delivered"
    assert calendars.recompute(fresh, late + timedelta(hours=1)) == []


def test_an_earlier_date_keeps_what_was_communicated(fresh: Hub, notice_no: str, folder: Path) -> None:
    publish(folder, "2027-01-01", "2027-01-02")

    [moved] = [move for move in calendars.recompute(fresh, CHRISTMAS) if move.notice_no == notice_no]

    assert (moved.after, moved.kept) == (date(2027, 1, 2), True)
    assert deadlines(fresh, notice_no)[-1][:2] == (date(2027, 1, 4), False)
    assert calendars.recompute(fresh, CHRISTMAS) == []


def test_a_date_that_stays_is_confirmed(fresh: Hub, notice_no: str, folder: Path) -> None:
    publish(folder, "2027-01-01")

    assert notice_no not in {move.notice_no for move in calendars.recompute(fresh, CHRISTMAS)}

    assert [row[:2] for row in deadlines(fresh, notice_no)] == [(date(2027, 1, 4), True), (date(2027, 1, 4), False)]


def test_a_file_can_be_tried_before_it_is_added(fresh: Hub, notice_no: str, tmp_path: Path, folder: Path) -> None:
    (tmp_path / "later").mkdir()
    publish(tmp_path / "later", "2027-01-01, 2027-01-04")

    moved = {move.notice_no: move.after for move in calendars.preview(fresh, tmp_path / "later" / "2027.yaml")}

    assert moved[notice_no] == date(2027, 1, 5)
    assert len(deadlines(fresh, notice_no)) == 1


def test_a_schedule_missing_in_mid_december_calls_an_operator_until_it_is_there(fresh: Hub, folder: Path) -> None:
    december = datetime(2026, 12, 15, 8, 0, tzinfo=SHANGHAI)

    assert not calendars.watch_calendar(fresh, december - timedelta(days=1))
    assert calendars.watch_calendar(fresh, december)
    publish(folder, "2027-01-01")
    assert not calendars.watch_calendar(fresh, december)

    with fresh.database() as conn:
        assert "calendar_missing" not in {alarm.kind for alarm in alarms.open_alarms(conn)}


def test_an_added_file_lies_uppermost_and_moves_the_deadline(fresh: Hub, notice_no: str, folder: Path) -> None:
    publish(folder, "2027-01-01")
    content = b"version: t\ndays_off: [2027-01-04]\n"

    tried = calendar_files.try_file(fresh, content)
    before = deadlines(fresh, notice_no)
    added = calendar_files.add_file(fresh, content, CHRISTMAS)

    assert [move.after for move in tried.moved if move.notice_no == notice_no] == [date(2027, 1, 5)]
    assert len(before) == 1
    assert notice_no in {move.notice_no for move in added}
    assert deadlines(fresh, notice_no)[-1][0] == date(2027, 1, 5)
    assert max(path.name for path in folder.iterdir()).startswith("portal-")
    with pytest.raises(UsageError, match="in force already"):
        calendar_files.add_file(fresh, content, CHRISTMAS)


WRONG = (
    b"",
    b"a: [",
    b"version: 1",
    b"\xff",
    b"x" * 70_000,
    b"version: t\ndays_off: [1]",
    "version: t".encode("utf-16"),
)


@pytest.mark.parametrize("content", WRONG)
def test_a_wrong_file_is_not_added(fresh: Hub, folder: Path, content: bytes) -> None:
    with pytest.raises((ConfigurationError, UsageError)):
        calendar_files.add_file(fresh, content, CHRISTMAS)

    assert list(folder.iterdir()) == []
