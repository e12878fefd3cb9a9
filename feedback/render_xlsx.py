"""Check reports and notices as an Excel workbook: 说明 (summary), 退回明细 (one row per finding), 规则汇总.

Every value is written as text: codes keep their leading zeros and a value that begins with = + - @ is no formula,
also after somebody edits the cell (quote prefix).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from exchange_hub.core.correctable import Correctable
from exchange_hub.core.notices import Notice
from exchange_hub.core.records import Report
from feedback import wording
from feedback.facts import correction_facts, notice_facts, report_facts
from feedback.render_correctable import add_sheets
from feedback.sheet_rows import Row, fill
from feedback.view import Line, RuleGroup, across_lines, group_by_rule, notice_lines, report_lines
from feedback.wording import ANSWERS, Labels, visible

ROWS_PER_SHEET = 1_000_000  # Excel takes 1,048,576 with the header
DETAIL_SHEET = wording.DETAIL_SHEET
ANSWER_COLUMN, REASON_COLUMN = "处理方式", "说明"
NOTICE_LABEL = wording.NOTICE_LABEL
_FONT = "微软雅黑"
_VALUE_LENGTH = 2_000  # characters of one cell; Excel takes 32,767
_OPTIONS = {
    "strings_to_numbers": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
}
# Heading and width (characters) of each detail column.
DETAIL = (
    ("序号", 7), ("数据集", 30), ("文件", 26), ("行", 7), ("记录键 DATA_KEY", 25), ("记录", 30), ("字段", 30),
    ("报送值（已掩码）", 28), ("问题", 44), ("Problem", 44), ("应为", 30), ("示例", 22), ("规则", 10), ("级别", 8),
)  # fmt: skip
_ANSWER = ((ANSWER_COLUMN, 14), (REASON_COLUMN, 40))


_Columns = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class _Content:
    """What one workbook shows. `rows` is consumed sheet by sheet."""

    title: str
    facts: Iterable[tuple[str, str]]
    columns: _Columns
    rows: Iterator[Row]
    groups: Sequence[RuleGroup]
    correctable: Correctable | None = None
    across: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class _Formats:
    """Cell formats of one workbook."""

    text: Any
    head: Any
    title: Any
    strong: Any
    answer: Any


def write_notice(notice: Notice, labels: Labels, target: BinaryIO | Path) -> None:
    """Write the notice as a workbook that can be filled in (处理方式, 说明) and sent back."""
    answers = {item.item_no: ANSWERS.get(item.answer, item.answer) for item in notice.items if item.answer}
    rows = ((*detail_cells(line), answers.get(line.item_no or 0, ""), "") for line in notice_lines(notice, labels))
    groups = group_by_rule(notice_lines(notice, labels), 0)
    title = "未成功归集信息反馈通知 Notice of data not collected"
    _write(_Content(title, notice_facts(notice), (*DETAIL, *_ANSWER), rows, groups), target)


def write_report(
    report: Report,
    labels: Labels,
    made_at: datetime,
    target: BinaryIO | Path,
    correctable: Correctable | None = None,
) -> None:
    """Write the report on a batch as a workbook; no answer columns, but where given the records to correct."""
    rows = (detail_cells(line) for line in report_lines(report, labels))
    groups = group_by_rule(report_lines(report, labels), 0)
    counted = {(rule, severity): count for rule, severity, count in report.rules}
    for group in groups:  # a capped report counts more findings than it lists
        group.count = max(group.count, counted.get((group.rule_id, group.severity), 0))
    facts = [*report_facts(report, labels, made_at), *([] if report.refusal else correction_facts(correctable))]
    across = [detail_cells(line) for line in across_lines(report, labels)]
    _write(_Content("数据包校验报告 Report on a batch", facts, DETAIL, rows, groups, correctable, across), target)


def _write(content: _Content, target: BinaryIO | Path) -> None:
    left = sum(group.listable for group in content.groups)
    parts: dict[str, Iterable[Row]] = {}
    book = BytesIO()
    with xlsxwriter.Workbook(book, _OPTIONS) as workbook:
        formats = _formats(workbook)
        _summary(workbook, formats, content.title, content.facts)
        while left:
            here = min(left, ROWS_PER_SHEET)
            number = len(parts) + 1
            name = DETAIL_SHEET if number == 1 else f"{DETAIL_SHEET}{number}"
            _detail_sheet(_table(workbook, formats, name, content.columns), formats, content.columns, here)
            parts[f"xl/worksheets/sheet{number + 1}.xml"] = islice(content.rows, here)
            left -= here
        _rules(workbook, formats, content.groups)
        if content.across:
            _across(workbook, formats, content.across)
        if content.correctable is not None and content.correctable.sheets:
            add_sheets(workbook, content.correctable)
    fill(book, parts, target)


def _summary(book: Any, formats: _Formats, title: str, facts: Iterable[tuple[str, str]]) -> None:
    sheet = book.add_worksheet("说明")
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 26, formats.text)
    sheet.set_column(1, 1, 96, formats.text)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, title, formats.title)
    for place, (name, value) in enumerate(facts, start=2):
        sheet.write_string(place, 0, name, formats.strong)
        sheet.write_string(place, 1, visible(value, _VALUE_LENGTH), formats.text)


def _detail_sheet(sheet: Any, formats: _Formats, columns: _Columns, rows: int) -> None:
    """Filter, drop-down and the model row, whose styles the rows will have."""
    sheet.autofilter(0, 0, rows, len(columns) - 1)
    for place in range(len(columns)):
        sheet.write_string(1, place, "", formats.text if place < len(DETAIL) else formats.answer)
    if len(columns) > len(DETAIL):
        place = len(DETAIL)
        sheet.data_validation(1, place, rows, place, _choices())


def detail_cells(line: Line) -> tuple[str, ...]:
    """The detail columns of one finding, as text."""
    finding = line.finding
    field = finding.field or ""
    return (
        str(line.item_no) if line.item_no is not None else "",
        f"{line.dataset_zh} {finding.dataset}" if line.dataset_zh else finding.dataset,
        visible(finding.file, _VALUE_LENGTH),
        str(finding.row) if finding.row is not None else "",
        visible(finding.data_key, _VALUE_LENGTH),
        visible(line.label, _VALUE_LENGTH),
        f"{line.field_zh} {field}" if line.field_zh else field,
        visible(finding.value, _VALUE_LENGTH),
        visible(finding.message_zh, _VALUE_LENGTH),
        visible(finding.message_en, _VALUE_LENGTH),
        visible(finding.expected_zh, _VALUE_LENGTH),
        visible(line.example, _VALUE_LENGTH),
        finding.rule_id,
        wording.SEVERITIES[finding.severity][0],
    )


def _rules(book: Any, formats: _Formats, groups: Iterable[RuleGroup]) -> None:
    columns = (("规则", 12), ("版本", 7), ("级别", 8), ("质量维度", 12), ("条数", 9), ("示例", 60), ("Example", 60))
    sheet = _table(book, formats, "规则汇总", columns)
    for row, group in enumerate(groups, start=1):
        cells = (group.rule_id, f"v{group.rule_version}", group.severity_zh, group.dimension_zh)
        for column, value in enumerate(cells):
            sheet.write_string(row, column, value, formats.text)
        sheet.write_number(row, 4, group.count, formats.text)
        sheet.write_string(row, 5, visible(group.example_zh, _VALUE_LENGTH), formats.text)
        sheet.write_string(row, 6, visible(group.example_en, _VALUE_LENGTH), formats.text)


def _across(book: Any, formats: _Formats, rows: Sequence[Row]) -> None:
    """The findings of rules across datasets: few, so they are written cell by cell."""
    sheet = _table(book, formats, wording.ACROSS_ZH, DETAIL)
    sheet.autofilter(0, 0, len(rows), len(DETAIL) - 1)
    for number, cells in enumerate(rows[:ROWS_PER_SHEET], start=1):
        for place, cell in enumerate(cells):
            sheet.write_string(number, place, cell, formats.text)


def _table(book: Any, formats: _Formats, name: str, columns: _Columns) -> Any:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    for place, (_, width) in enumerate(columns):
        sheet.set_column(place, place, width, formats.text)
    for place, (heading, _) in enumerate(columns):
        sheet.write_string(0, place, heading, formats.head)
    return sheet


def _choices() -> dict[str, Any]:
    return {
        "validate": "list",
        "source": list(ANSWERS.values()),
        "input_title": "处理方式",
        "input_message": "更正重报的记录留空；其余请选择并在右侧填写说明",
        "error_title": "无法识别",
        "error_message": "请从下拉列表中选择",
    }


def _formats(book: Any) -> _Formats:
    base = {"font_name": _FONT, "font_size": 10, "valign": "top", "num_format": "@"}
    return _Formats(
        text=book.add_format({**base, "text_wrap": True, "quote_prefix": True}),
        head=book.add_format({**base, "bold": True, "bottom": 1, "bg_color": "#F3E3E2", "valign": "vcenter"}),
        title=book.add_format({**base, "bold": True, "font_size": 16, "font_color": "#B3201E"}),
        strong=book.add_format({**base, "font_color": "#5B626B"}),
        answer=book.add_format({**base, "text_wrap": True, "bg_color": "#FDF6E7"}),
    )
