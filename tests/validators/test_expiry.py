"""Held records whose parent never came."""

from typing import Any

from exchange_hub.core.records import FINDING_COLUMNS
from validators.expiry import expired_findings


def test_each_missing_parent_is_named(bench: Any) -> None:
    codes = "E4101002105250001001001;E4101002105250001001002"
    held = bench.run({"NOTICE": [bench.row("NOTICE", BID_SECTION_CODES=codes)]}).datasets["NOTICE"].held

    findings = expired_findings(held, bench.release.datasets["NOTICE"])

    assert findings.columns == [name for name, _ in FINDING_COLUMNS]
    assert findings["rule_id"].to_list() == ["REF-002", "REF-002"]
    assert findings["field"].to_list() == ["BID_SECTION_CODES"] * 2
    assert findings["value"].to_list() == codes.split(";")
    assert "上级数据集 SECTION 中没有“E4101002105250001001001”" in findings["message_zh"][0]


def test_nothing_held_gives_no_findings(bench: Any) -> None:
    accepted = bench.run({"NOTICE": [bench.row("NOTICE")]}, assume_parents=True).datasets["NOTICE"]

    assert expired_findings(accepted.held, bench.release.datasets["NOTICE"]).height == 0
