"""The CSV of all findings: opens in Excel, holds everything, runs nothing."""

import csv
from pathlib import Path

import pytest

from exchange_hub.core.records import Across, Counts, Finding, Report, Verdict
from feedback.render_csv import HEADINGS, write_findings


def _finding(value: str) -> Finding:
    return Finding(
        "SECTION", "data/S.csv", 7, "K", "CODE", "VAL-001", 1, "reject", "accuracy", value, "有误", "wrong", "应为"
    )


def _report(*findings: Finding, across: Across | None = None) -> Report:
    return Report("P", "b-1", "2.0.0", Verdict.REJECTED, Counts(), findings=findings, across=across)


def test_every_finding_is_there_and_chinese_opens_in_excel(tmp_path: Path) -> None:
    target = tmp_path / "all.csv"

    count = write_findings(_report(*(_finding(str(n)) for n in range(20_000))), {("SECTION", ""): "标段"}, target)

    assert count == 20_000
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(target.read_text("utf-8-sig").splitlines()))
    assert tuple(rows[0]) == HEADINGS
    assert len(rows) == 20_001
    assert rows[1][:5] == ["SECTION", "标段", "data/S.csv", "7", "K"]


@pytest.mark.parametrize(("value", "cell"), [("=1+1", "'=1+1"), ("@x", "'@x"), ("-cmd", "'-cmd"), ("-5", "-5")])
def test_no_value_is_a_formula(tmp_path: Path, value: str, cell: str) -> None:
    write_findings(_report(_finding(value)), {}, tmp_path / "all.csv")

    assert list(csv.reader((tmp_path / "all.csv").read_text("utf-8-sig").splitlines()))[1][10] == cell


def test_what_rules_across_datasets_ask_comes_last_and_marked(tmp_path: Path) -> None:
    report = _report(_finding("1"), across=Across(1, (_finding("2"),)))

    count = write_findings(report, {}, tmp_path / "all.csv")

    rows = list(csv.reader((tmp_path / "all.csv").read_text("utf-8-sig").splitlines()))
    assert count == 2
    assert [(row[10], row[8]) for row in rows[1:]] == [("1", "退回"), ("2", "退回（包内关联核对）")]
