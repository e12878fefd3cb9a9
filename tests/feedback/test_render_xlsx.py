"""The workbook: opened by another library, every value is the text that was sent."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.notices import Notice
from exchange_hub.core.records import Counts, Finding, Report, Verdict
from feedback import render_xlsx
from feedback.render import notice_xlsx
from feedback.render_xlsx import write_report

Make = Callable[..., Any]
NOW = datetime(2026, 11, 24, 10, 15, tzinfo=SHANGHAI)
VALUE = "报送值（已掩码）"


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(content))


def rows_of(book: openpyxl.Workbook, sheet: str = "退回明细") -> list[dict[str, Any]]:
    lines = book[sheet].iter_rows()
    names = [cell.value for cell in next(lines)]
    return [dict(zip(names, line, strict=True)) for line in lines]


def test_each_finding_is_a_row_with_the_columns_to_answer_in(notice: Make, finding: Make, labels: Any) -> None:
    made = notice(finding(row=1), finding(row=1, rule_id="VAL-009", severity="query"), finding(row=2))

    book = opened(notice_xlsx(made, labels))
    rows = rows_of(book)

    assert book.sheetnames == ["说明", "退回明细", "规则汇总"]
    assert [(row["序号"].value, row["规则"].value) for row in rows] == [
        ("1", "IDN-003"),
        ("1", "VAL-009"),
        ("2", "IDN-003"),
    ]
    assert rows[0]["字段"].value == "标段（包）编号 BID_SECTION_CODE"
    assert rows[0]["数据集"].value == "标段（包） SECTION"
    assert {"处理方式", "说明"} <= rows[0].keys()


def test_the_answer_is_chosen_from_a_list_that_covers_every_row(notice: Make, finding: Make) -> None:
    sheet = opened(notice_xlsx(notice(finding(row=1), finding(row=2)), {}))["退回明细"]

    (choice,) = sheet.data_validations.dataValidation
    assert str(choice.sqref) == "O2:O3"
    assert choice.formula1 == '"数据属实,撤回该记录,提出异议,无法更正"'
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:P3"


@pytest.mark.parametrize(
    "value",
    ["=1+1", "+86", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "0012", "1E5", "http://x.cn", "{=1}", " a ", "TRUE"],
)
def test_no_value_becomes_a_formula_a_number_or_a_link(notice: Make, finding: Make, value: str) -> None:
    (row,) = rows_of(opened(notice_xlsx(notice(finding(value=value, expected_zh=value)), {})))

    assert (row[VALUE].value, row[VALUE].data_type) == (value, "s")
    assert row[VALUE].hyperlink is None
    assert row[VALUE].quotePrefix
    assert row[VALUE].number_format == "@"


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Cn"]), min_size=1, max_size=60))
def test_every_printable_text_comes_back_as_it_went_in(text: str) -> None:
    finding = Finding("SECTION", "f", 1, "K", "F", "VAL-001", 1, "reject", "accuracy", text, "m", "m", "e")
    report = Report("P", "B", "2.0.0", Verdict.REJECTED, Counts(1, 0, 1), findings=(finding,), findings_total=1)
    target = BytesIO()

    write_report(report, {}, NOW, target)

    (row,) = rows_of(opened(target.getvalue()))
    assert row[VALUE].value == text


def test_control_characters_are_named_and_escapes_stay_text(notice: Make, finding: Make) -> None:
    (row,) = rows_of(opened(notice_xlsx(notice(finding(value="a\x00b\ufffe_x0041_<&>")), {})))

    # Excel reads _x005F_ as an underscore; openpyxl leaves that to the caller.
    assert unescape(row[VALUE].value) == "a‹U+0000›b‹U+FFFE›_x0041_<&>"


def test_the_summary_states_number_counts_deadline_and_law(notice: Make) -> None:
    sheet = opened(notice_xlsx(notice(), {}))["说明"]
    facts = {row[0].value: row[1].value for row in sheet.iter_rows()}

    assert facts["通知编号"] == "FK-41010001-2026-000012"
    assert facts["核查截止 Answer due"] == "2026年12月1日（星期二）24:00"
    assert facts["记录 Records"].startswith("收到 10，接收 9，退回 1")
    assert "豫公管办〔2018〕28号" in facts["办理依据 Legal basis"]


def test_rules_are_summed_up(notice: Make, finding: Make) -> None:
    book = opened(notice_xlsx(notice(finding(row=1), finding(row=2), finding(row=3, rule_id="PRS-001")), {}))

    rows = rows_of(book, "规则汇总")

    assert [(row["规则"].value, row["条数"].value) for row in rows] == [("IDN-003", 2), ("PRS-001", 1)]


def test_a_refused_batch_has_a_summary_with_the_cause(refused: Notice) -> None:
    book = opened(notice_xlsx(refused, {}))

    facts = {row[0].value: row[1].value for row in book["说明"].iter_rows()}
    assert facts["拒收原因 Refused"] == "文件校验值不符 / the hash of a file differs"
    assert facts["位置 Where"] == "data/SECTION.csv"


def test_findings_beyond_one_sheet_go_to_the_next(notice: Make, finding: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_xlsx, "ROWS_PER_SHEET", 3)

    book = opened(notice_xlsx(notice(*(finding(row=row) for row in range(1, 8))), {}))

    assert book.sheetnames == ["说明", "退回明细", "退回明细2", "退回明细3", "规则汇总"]
    numbers = [row["序号"].value for name in book.sheetnames[1:4] for row in rows_of(book, name)]
    assert numbers == ["1", "2", "3", "4", "5", "6", "7"]


def test_a_check_report_has_no_columns_to_answer_in() -> None:
    finding = Finding("SECTION", "f", 1, "K", "F", "VAL-001", 1, "reject", "accuracy", "v", "m", "m", "e")
    rules = (("VAL-001", "reject", 7),)
    report = Report("P", "B", "2.0.0", Verdict.REJECTED, Counts(9, 2, 7), None, (), rules, (finding,), 7)
    target = BytesIO()

    write_report(report, {}, NOW, target)

    book = opened(target.getvalue())
    (row,) = rows_of(book)
    assert "处理方式" not in row
    assert rows_of(book, "规则汇总")[0]["条数"].value == 7


def test_a_clean_report_is_a_workbook_too() -> None:
    target = BytesIO()

    write_report(Report("P", "B", "2.0.0", Verdict.ACCEPTED, Counts(5, 5)), {}, NOW, target)

    assert opened(target.getvalue())["说明"]["B3"].value == "全部接收 accepted"
