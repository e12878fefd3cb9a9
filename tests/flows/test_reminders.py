"""Reminders and escalation go out once each, to whom the configuration says; nobody is forgotten."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.notices import Actor, Notice, Role
from exchange_hub.flows import answers
from exchange_hub.flows.context import Hub
from exchange_hub.flows.deadlines import keep_time
from exchange_hub.flows.notify import deliver
from exchange_hub.flows.reminders import send_reminders
from feedback.answers import Answer
from warehouse import alarms

pytestmark = pytest.mark.stack

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)  # due Monday 2026-11-30 24:00
NANYANG = "12411300MA3DEM035H"


@pytest.fixture
def notice(fresh: Hub, put_notice: Callable[..., Notice]) -> Notice:
    """A notice received on Monday, due on the Monday after."""
    made = put_notice(MONDAY)
    deliver(fresh, made.notice_no, MONDAY)
    return made


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The inbox of the office of Nanyang's region."""
    monkeypatch.setenv("HUB_CONN_OFFICE", json.dumps({"path": str(tmp_path)}))
    config = tmp_path / "feedback.yaml"
    config.write_text("offices: {'4113': {kind: folder, connection: office, options: {path: office}}}\n", "utf-8")
    monkeypatch.setenv("HUB_FEEDBACK_FILE", str(config))
    return tmp_path / "office"


def steps(fresh: Hub, day: int, hour: int = 9) -> list[tuple[str, str]]:
    at = MONDAY.replace(hour=hour) + timedelta(days=day - 23)
    return [(sent.step, sent.recipient) for sent in send_reminders(fresh, at)]


def test_each_step_goes_out_once_when_its_day_has_come(fresh: Hub, notice: Notice, office: Path, inbox: Path) -> None:
    assert steps(fresh, 25) == []
    assert steps(fresh, 26) == [("reminder", "platform")]
    assert steps(fresh, 26, hour=15) == []
    assert steps(fresh, 30) == [("last_day", "platform")]
    assert steps(fresh, 31) == [("overdue", "platform"), ("overdue", "office")]
    assert steps(fresh, 32) == []
    [reminder] = inbox.glob(f"{notice.notice_no}-reminder-*")
    assert "还剩 2 个工作日" in reminder.read_text("utf-8")
    [copy] = office.glob(f"{notice.notice_no}-overdue-*")
    assert "已超期" in copy.read_text("utf-8")


def test_a_reminder_is_not_caught_up_after_the_due_date(fresh: Hub, notice: Notice, office: Path) -> None:
    assert {step for step, _ in steps(fresh, 32)} == {"overdue"}


def test_a_step_without_a_way_becomes_an_alarm(fresh: Hub, notice: Notice) -> None:
    sent = steps(fresh, 32)

    assert ("overdue", "office") in sent
    with fresh.database() as conn:
        [alarm] = [a for a in alarms.open_alarms(conn) if a.kind == "escalation_unsent"]
    assert "office" in alarm.subject


def test_a_notice_whose_items_all_have_a_result_is_left_in_peace(fresh: Hub, notice: Notice, office: Path) -> None:
    every = [Answer(item.item_no, "objection", "规则不适用") for item in notice.items]
    answers.answer_items(fresh, notice.notice_no, NANYANG, every, Actor(Role.PLATFORM, "wang"), MONDAY)

    assert steps(fresh, 32) == []


def test_the_daily_run_marks_and_reminds_and_may_be_repeated(fresh: Hub, notice: Notice, office: Path) -> None:
    late = MONDAY + timedelta(days=9)

    first, second = keep_time(fresh, late), keep_time(fresh, late)

    assert first["overdue"] == [notice.notice_no]
    assert len(first["reminders"]) == 2
    assert second == {"recomputed": [], "overdue": [], "reminders": []}
