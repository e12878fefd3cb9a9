"""A centre fetches, acknowledges and answers; the office decides; corrections close items: on real servers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import UsageError
from exchange_hub.core.notices import Act, Actor, Role
from exchange_hub.flows import answers, decisions
from exchange_hub.flows.context import Hub
from exchange_hub.flows.deadlines import mark_overdue
from exchange_hub.flows.ingest import ingest
from exchange_hub.flows.notices import list_overdue, notice_document, write_notice_files
from exchange_hub.sample.fault_table import FAULTS, REJECT
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from feedback.answers import Answer

pytestmark = pytest.mark.stack

NANYANG, LUOYANG = "12411300MA3DEM035H", "12410300MA3DEM027A"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
LATER = NOW + timedelta(hours=3)
SEEDS = count(7015)
CENTRE, OFFICE = Actor(Role.PLATFORM, "wang"), Actor(Role.OPERATOR, "office-zz")


@dataclass(frozen=True)
class Case:
    """A delivered notice, and a way to send the same records again, faulty or right."""

    notice_no: str
    items: int
    send: Callable[..., dict[str, Any]]


@pytest.fixture
def case(hub: Hub, tmp_path: Path) -> Case:
    """A notice with at least three rejected records."""
    seed = next(SEEDS)
    names = tuple(fault.name for fault in FAULTS.values() if fault.severity == REJECT and fault.rule_id is not None)

    def send(batch_no: str, faults: float = 0.0, at: datetime = NOW) -> dict[str, Any]:
        folder = tmp_path / batch_no
        options: dict[str, Any] = {"faults": faults, "fault_names": names} if faults else {}
        write_package(
            folder, SampleOptions(platform=NANYANG, seed=seed, projects=2, batch_no=f"{seed}-{batch_no}", **options)
        )
        return ingest(hub, folder, at, channel="cli")

    report = send("wrong", 12.0)
    assert report["counts"]["rejected"] >= 3
    return Case(report["notice_no"], report["counts"]["rejected"], send)


def item(hub: Hub, notice_no: str, number: int) -> dict[str, Any]:
    _, document = notice_document(hub, notice_no)
    return next(found for found in document["items"] if found["item_no"] == number)


def state(hub: Hub, notice_no: str) -> str:
    row, _ = notice_document(hub, notice_no)
    return str(row["state"])


def answer_all(hub: Hub, case: Case, answer: str, at: datetime = LATER) -> answers.Answered:
    every = [Answer(number, answer, "已逐条核对原件") for number in range(1, case.items + 1)]
    return answers.answer_items(hub, case.notice_no, NANYANG, every, CENTRE, at)


def test_acknowledging_is_kept_and_does_not_move_a_clock_that_runs(hub: Hub, case: Case) -> None:
    standing = answers.acknowledge(hub, case.notice_no, NANYANG, CENTRE, LATER)

    assert (standing.state, standing.received_at) == ("received", NOW)
    happened = [(e.to_state, e.actor) for e in answers.history(hub, case.notice_no, NANYANG) if e.item_no is None]
    assert happened == [("issued", "hub"), ("delivered", "hub"), ("received", "hub")]


def test_another_platforms_notice_is_unknown(hub: Hub, case: Case) -> None:
    with pytest.raises(UsageError) as caught:
        answers.acknowledge(hub, case.notice_no, LUOYANG, CENTRE, LATER)

    assert caught.value.code == "UNKNOWN_NOTICE"


def test_an_answer_is_kept_with_reason_actor_and_time(hub: Hub, case: Case) -> None:
    done = answers.answer_items(
        hub, case.notice_no, NANYANG, [Answer(1, "confirmed_true", "合同原件属实，经办人 13812345678")], CENTRE, LATER
    )

    assert (done.taken, done.not_taken) == ((1,), ())
    found = item(hub, case.notice_no, 1)
    assert (found["state"], found["answer"]) == ("confirmed_true", "confirmed_true")
    [event] = answers.history(hub, case.notice_no, NANYANG, item_no=1)
    assert (event.from_state, event.to_state, event.actor, event.at) == (
        "open",
        "confirmed_true",
        "platform:wang",
        LATER,
    )
    assert event.reason == "合同原件属实，经办人 138******78"


def test_an_answer_to_a_closed_item_says_so_and_the_others_are_taken(hub: Hub, case: Case) -> None:
    answers.answer_items(hub, case.notice_no, NANYANG, [Answer(1, "withdrawn", "重复报送")], CENTRE, LATER)

    done = answers.answer_items(
        hub,
        case.notice_no,
        NANYANG,
        [Answer(1, "objection", "x"), Answer(2, "objection", "规则不适用"), Answer(99_999, "objection", "x")],
        CENTRE,
        LATER,
    )

    assert done.taken == (2,)
    assert {left.item_no: left.code for left in done.not_taken} == {1: "ITEM_CLOSED", 99_999: "ITEM_UNKNOWN"}


@pytest.mark.parametrize(("answer", "reason"), [("corrected", "x"), ("objection", "  "), ("objection", "长" * 2001)])
def test_an_answer_of_no_kind_or_without_reason_is_not_taken(hub: Hub, case: Case, answer: str, reason: str) -> None:
    done = answers.answer_items(hub, case.notice_no, NANYANG, [Answer(1, answer, reason)], CENTRE, LATER)

    assert (done.taken, done.not_taken[0].code) == ((), "BAD_ANSWER")
    assert item(hub, case.notice_no, 1)["state"] == "open"


def test_a_notice_whose_every_item_is_settled_closes(hub: Hub, case: Case) -> None:
    done = answer_all(hub, case, "confirmed_true")

    assert (done.standing.state, done.standing.items_open) == ("closed", 0)


def test_objections_in_time_are_a_result_and_never_overdue(hub: Hub, case: Case) -> None:
    answer_all(hub, case, "objection")

    late = {row["notice_no"] for row in list_overdue(hub, NOW + timedelta(days=60))}
    assert state(hub, case.notice_no) == "answered"
    assert case.notice_no not in late


def test_a_workbook_filled_in_and_sent_back_answers_its_items(hub: Hub, case: Case, tmp_path: Path) -> None:
    path = tmp_path / "answers.xlsx"
    write_notice_files(hub, case.notice_no, None, path)
    book = load_workbook(path)
    sheet = book["退回明细"]
    heading = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        row[heading.index("处理方式")].value = "数据属实"
        row[heading.index("说明")].value = "已核对"
    book.save(path)

    done = answers.import_workbook(hub, case.notice_no, NANYANG, path, CENTRE, LATER)

    assert done.row_errors == ()
    assert len(done.answered.taken) == case.items
    assert state(hub, case.notice_no) == "closed"


def test_an_upheld_objection_revokes_the_rejection(hub: Hub, case: Case) -> None:
    answer_all(hub, case, "objection")

    done = decisions.decide_objections(
        hub, case.notice_no, range(1, case.items + 1), decisions.UPHELD, Act(OFFICE, LATER, "规则有误")
    )

    assert done.changed == {case.notice_no: tuple(range(1, case.items + 1))}
    assert (state(hub, case.notice_no), item(hub, case.notice_no, 1)["state"]) == ("closed", "revoked_by_hub")


def test_a_dismissed_objection_goes_on_as_a_child_notice_that_settles_its_parent(hub: Hub, case: Case) -> None:
    answer_all(hub, case, "objection")

    child = decisions.decide_objections(
        hub, case.notice_no, [1, 2], decisions.DISMISSED, Act(OFFICE, LATER, "依据规范第3条")
    ).child_no

    assert child is not None
    row, document = notice_document(hub, child)
    assert (row["items"], row["parents"]) == (2, [case.notice_no])
    assert "异议不成立" in document["reminders"][0]
    answers.answer_items(
        hub, child, NANYANG, [Answer(n, "withdrawn", "同意撤回") for n in (1, 2)], CENTRE, LATER + timedelta(days=1)
    )
    assert state(hub, child) == "closed"
    assert item(hub, case.notice_no, 2)["state"] == "withdrawn"


def test_only_an_objection_can_be_decided_and_only_with_a_reason(hub: Hub, case: Case) -> None:
    with pytest.raises(UsageError) as nothing:
        decisions.decide_objections(hub, case.notice_no, [1], decisions.UPHELD, Act(OFFICE, LATER, "x"))
    with pytest.raises(UsageError) as silent:
        decisions.revoke_items(hub, case.notice_no, [1], Act(OFFICE, LATER, " "))

    assert (nothing.value.code, silent.value.code) == ("NOTHING_TO_DECIDE", "REASON_WANTED")
    assert item(hub, case.notice_no, 1)["state"] == "open"


def test_a_centre_cannot_revoke(hub: Hub, case: Case) -> None:
    done = decisions.revoke_items(hub, case.notice_no, [1], Act(CENTRE, LATER, "we would like that"))

    assert done.changed == {}


def test_a_rule_of_ours_that_was_wrong_is_revoked_wherever_it_alone_rejected(hub: Hub, case: Case) -> None:
    _, document = notice_document(hub, case.notice_no)
    found = document["items"][0]
    rejects = {f["rule_id"] for f in found["findings"] if f["severity"] == "reject"}
    rule = min(rejects)

    done = decisions.revoke_rule(hub, rule, None, Act(OFFICE, LATER, "规则阈值有误"))

    assert (found["item_no"] in done.changed.get(case.notice_no, ())) == (len(rejects) == 1)
    assert done.left or done.changed


def test_records_rejected_again_go_on_as_a_child_and_a_right_batch_closes_both(hub: Hub, case: Case) -> None:
    again = case.send("again", 12.0, LATER)["notice_no"]

    row, _ = notice_document(hub, again)
    assert row["parents"] == [case.notice_no]
    assert state(hub, case.notice_no) == "answered"

    case.send("right", at=LATER + timedelta(days=1))
    assert (state(hub, case.notice_no), state(hub, again)) == ("closed", "closed")


def test_every_change_leaves_a_transition_and_the_open_count_is_kept(hub: Hub, case: Case) -> None:
    answers.answer_items(hub, case.notice_no, NANYANG, [Answer(1, "cannot_correct", "项目已终止")], CENTRE, LATER)
    decisions.agree_not_to_collect(hub, case.notice_no, [1], Act(OFFICE, LATER, "同意"))

    trail = [(e.from_state, e.to_state) for e in answers.history(hub, case.notice_no, NANYANG, item_no=1)]
    assert trail == [("open", "cannot_correct"), ("cannot_correct", "withdrawn")]
    row, document = notice_document(hub, case.notice_no)
    unsettled = [i for i in document["items"] if i["state"] in {"open", "objected", "cannot_correct"}]
    assert row["items_open"] == len(unsettled) == case.items - 1


def test_overdue_is_marked_once_and_an_answer_then_ends_it(hub: Hub, case: Case) -> None:
    late = NOW + timedelta(days=14)

    first, second = mark_overdue(hub, late), mark_overdue(hub, late)

    assert case.notice_no in first
    assert case.notice_no not in second
    assert answer_all(hub, case, "objection", late).standing.state == "answered"
