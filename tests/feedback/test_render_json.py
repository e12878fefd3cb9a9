"""The JSON of notices and reports: stable keys in a stable order."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.notices import Notice
from exchange_hub.core.records import Counts, Finding, RefusalInfo, Report, Verdict
from feedback.render_json import notice_document, notice_json
from feedback.report import report_document

Make = Callable[..., Any]
NOW = datetime(2026, 11, 24, 10, 15, tzinfo=SHANGHAI)


def test_a_report_has_the_keys_of_the_interface_in_their_order() -> None:
    finding = Finding(
        "SECTION", "data/SECTION.csv", 17, "K", "BID_SECTION_CODE", "IDN-003", 1, "reject", "accuracy",
        "A41", "有误", "wrong", "23 位",
    )  # fmt: skip
    report = Report(
        "P", "B", "2.0.0", Verdict.PARTIALLY_ACCEPTED, Counts(10, 9, 1), None, (("SECTION", Counts(10, 9, 1)),),
        (("IDN-003", "reject", 1),), (finding,), 24, "FK-41010001-2026-000001",
    )  # fmt: skip

    document = report_document(report)

    assert list(document) == [
        "report_version", "platform_code", "batch_no", "contract_version", "verdict", "refusal", "counts", "datasets",
        "rules", "findings", "findings_total", "findings_listed", "notice_no", "reminders",
    ]  # fmt: skip
    assert list(document["counts"]) == ["received", "accepted", "rejected", "held", "flagged"]
    assert list(document["datasets"][0]) == ["dataset", "received", "accepted", "rejected", "held", "flagged"]
    assert document["rules"] == [{"rule_id": "IDN-003", "severity": "reject", "count": 1}]
    assert list(document["findings"][0]) == [
        "dataset", "file", "row", "data_key", "field", "rule_id", "severity", "dimension", "value",
        "message_zh", "message_en", "expected_zh",
    ]  # fmt: skip
    assert (document["report_version"], document["findings_total"], document["findings_listed"]) == ("1", 24, 1)
    assert document["refusal"] is None
    assert json.loads(json.dumps(document)) == document


def test_a_refused_report_says_why() -> None:
    refusal = RefusalInfo("NO_MANIFEST", "缺少清单", "no manifest", "manifest.json")

    document = report_document(Report("", "", "", Verdict.REFUSED, Counts(), refusal))

    assert document["verdict"] == "refused"
    assert list(document["refusal"]) == ["code", "message_zh", "message_en", "where"]


def test_a_notice_as_text_is_the_notice_as_data(notice: Make, labels: Any) -> None:
    made: Notice = notice()

    assert json.loads(notice_json(made, labels)) == notice_document(made, labels)


def test_a_notice_has_items_with_findings_and_both_deadlines(notice: Make, labels: Any) -> None:
    document = notice_document(notice(), labels)

    assert document["deadline"] is None
    assert document["expected_deadline"]["due_date"] == "2026-12-01"
    assert document["expected_deadline"]["due_at"] == "2026-12-02T00:00:00+08:00"
    (item,) = document["items"]
    assert (item["item_no"], item["dataset_zh"], item["state"]) == (1, "标段（包）", "open")
    assert item["findings"][0]["field_zh"] == "标段（包）编号"


def test_a_refused_notice_is_a_document_too(refused: Notice) -> None:
    document = json.loads(notice_json(refused, {}))

    assert document["refusal"]["code"] == "BAD_HASH"
    assert document["items_total"] == 1
