"""A notice lists every rejected record with all that is wrong with it, and nothing else."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.notices import Notice, NoticeState
from feedback.calendar import published_calendar
from feedback.labels import REJECTED_SCHEMA
from feedback.notice import BatchOutcome, build, delivered, notice_number
from feedback.working_days import deadline

Make = Callable[..., Any]
NOW = datetime(2026, 11, 24, 10, 15, tzinfo=SHANGHAI)


def test_each_rejected_record_is_one_item_with_rejects_before_queries(notice: Make, finding: Make) -> None:
    made: Notice = notice(
        finding(row=2, rule_id="VAL-013", severity="query"),
        finding(row=2, rule_id="IDN-003"),
        finding(row=1, rule_id="PRS-001"),
        finding(row=2, rule_id="VAL-009"),
    )

    assert [(item.item_no, item.row) for item in made.items] == [(1, 1), (2, 2)]
    assert [f.rule_id for f in made.items[1].findings] == ["IDN-003", "VAL-009", "VAL-013"]
    assert made.items[1].label == "某道路工程一标段"


def test_findings_of_accepted_records_are_not_on_the_notice(notice: Make, finding: Make) -> None:
    made: Notice = notice(finding(row=1), finding(row=7, severity="query", rule_id="VAL-013"))

    assert [item.row for item in made.items] == [1]


def test_alerts_are_for_the_supervisors_and_not_on_the_notice(notice: Make, finding: Make) -> None:
    made: Notice = notice(finding(row=1), finding(row=1, severity="alert", rule_id="TIM-090"))

    assert [f.rule_id for f in made.items[0].findings] == ["IDN-003"]


def test_items_follow_dataset_file_and_row_as_numbers(notice: Make, finding: Make) -> None:
    made: Notice = notice(
        finding(row=10), finding(row=9), finding(dataset="PROJECT", file="z.csv", row=3), finding(file="a.csv", row=99)
    )

    assert [(i.dataset, i.file, i.row) for i in made.items] == [
        ("PROJECT", "z.csv", 3),
        ("SECTION", "a.csv", 99),
        ("SECTION", "data/SECTION.csv", 9),
        ("SECTION", "data/SECTION.csv", 10),
    ]


def test_a_record_without_a_key_is_still_an_item(notice: Make, finding: Make) -> None:
    made: Notice = notice(finding(row=3, data_key=None, rule_id="STR-001", field="DATA_KEY", value=None))

    assert made.items[0].data_key is None
    assert made.items[0].row == 3


def test_a_refused_batch_is_one_item(refused: Notice) -> None:
    assert len(refused.items) == 1
    assert (refused.items[0].dataset, refused.items[0].data_key, refused.items[0].file) == (
        "",
        None,
        "data/SECTION.csv",
    )


def test_before_receipt_is_proved_only_the_expected_deadline_is_known(notice: Make) -> None:
    made: Notice = notice()

    assert made.state is NoticeState.ISSUED
    assert made.deadline is None
    assert made.expected_deadline is not None
    assert made.expected_deadline.due_date == date(2026, 12, 1)


def test_proved_receipt_starts_the_clock(notice: Make) -> None:
    due = deadline(NOW.replace(day=25), "sftp://host/inbox/x.html", published_calendar())

    made = delivered(notice(), due)

    assert made.state is NoticeState.DELIVERED
    assert made.deadline == due


def test_a_batch_without_rejections_makes_no_notice(outcome: Make) -> None:
    with pytest.raises(ValueError, match="rejected record"):
        build(outcome(), "FK-41010001-2026-000001", NOW, published_calendar())


def test_a_rejection_that_nothing_explains_is_our_error(outcome: Make, finding: Make) -> None:
    facts: BatchOutcome = outcome(finding(row=1), finding(row=2))
    assert facts.findings is not None
    unexplained = BatchOutcome(
        facts.platform, "B", "2.0.0", facts.counts, facts.findings.filter(pl.col("row") == 1), facts.rejected
    )

    with pytest.raises(ConfigurationError) as caught:
        build(unexplained, "FK-41010001-2026-000001", NOW, published_calendar())

    assert caught.value.where == "data/SECTION.csv:2"


def test_a_query_alone_does_not_explain_a_rejection(outcome: Make, finding: Make) -> None:
    facts: BatchOutcome = outcome(finding(row=1), finding(row=2, severity="query"))
    rows = {"dataset": "SECTION", "file": "data/SECTION.csv", "row": 2, "data_key": None}
    more = pl.DataFrame([rows | {"natural_key": None, "label": ""}], schema=REJECTED_SCHEMA)
    assert facts.rejected is not None
    both = BatchOutcome(facts.platform, "B", "2.0.0", facts.counts, facts.findings, pl.concat([facts.rejected, more]))

    with pytest.raises(ConfigurationError):
        build(both, "FK-41010001-2026-000001", NOW, published_calendar())


def test_notice_numbers_carry_platform_year_and_serial() -> None:
    assert notice_number("41010001", 2026, 12) == "FK-41010001-2026-000012"
