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

from exchange_hub.core.notices import Notice
from exchange_hub.core.records import Counts, Report
from feedback import wording
from feedback.sheet_rows import Row, fill
from feedback.view import Line, RuleGroup, group_by_rule, notice_lines, report_lines
from feedback.wording import ANSWERS, Labels, visible

ROWS_PER_SHEET = 1_000_000  # Excel takes 1,048,576 with the header
DETAIL_SHEET = "退回明细"
ANSWER_COLUMN, REASON_COLUMN = "处理方式", "说明"
NOTICE_LABEL = "通知编号"
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
    _write(_Content(title, _notice_facts(notice), (*DETAIL, *_ANSWER), rows, groups), target)


def write_report(report: Report, labels: Labels, made_at: datetime, target: BinaryIO | Path) -> None:
    """Write the report on a batch as a workbook; no answer columns."""
    rows = (detail_cells(line) for line in report_lines(report, labels))
    groups = group_by_rule(report_lines(report, labels), 0)
    counted = {(rule, severity): count for rule, severity, count in report.rules}
    for group in groups:  # a capped report counts more findings than it lists
        group.count = max(group.count, counted.get((group.rule_id, group.severity), 0))
    facts = _report_facts(report, labels, made_at)
    _write(_Content("数据包校验报告 Report on a batch", facts, DETAIL, rows, groups), target)


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


def _notice_facts(notice: Notice) -> Iterator[tuple[str, str]]:
    yield NOTICE_LABEL, notice.notice_no
    yield "致 To", f"{notice.platform_name_zh}（{notice.platform_code}）"
    yield "签发时间 Issued", wording.instant_zh(notice.issued_at)
    yield "批次 Batch", notice.batch_no
    yield "规范版本 Contract", notice.contract_version
    yield from _count_facts(notice.counts)
    if notice.refusal:
        yield "拒收原因 Refused", f"{notice.refusal.message_zh} / {notice.refusal.message_en}"
        yield "位置 Where", notice.refusal.where
    due = notice.deadline or notice.expected_deadline
    if due:
        mark = "（暂定 provisional）" if due.provisional else ""
        yield "核查截止 Answer due", f"{wording.day_zh(due.due_date)}24:00{mark}"
        yield "计入的工作日 Counted", "、".join(wording.short_day_zh(day) for day in due.counted_days)
        received = wording.instant_zh(due.received_at)
        yield "接收时间 Received", received if notice.deadline else f"按 {received} 送达计算，实际以送达回执为准"
        yield "工作日历 Calendar", due.calendar_version
    yield "办理依据 Legal basis", wording.LEGAL_BASIS_ZH
    yield "", wording.LEGAL_BASIS_EN
    yield "更正重报 Correct", f"用新的批次重新报送，manifest.json 中写明 corrects：{notice.notice_no}"
    if notice.refusal is None:
        choices = "、".join(ANSWERS.values())
        yield "其他答复 Answer", f"在“{DETAIL_SHEET}”表中选择处理方式（{choices}）并填写说明，另存后交回"
    for reminder in notice.reminders:
        yield "提示 Reminder", reminder


def _report_facts(report: Report, labels: Labels, made_at: datetime) -> Iterator[tuple[str, str]]:
    verdict = wording.VERDICTS[report.verdict.value]
    yield "结论 Verdict", f"{verdict[0]} {verdict[1]}"
    yield "平台 Platform", report.platform_code
    yield "批次 Batch", report.batch_no
    yield "规范版本 Contract", report.contract_version
    yield "生成时间 Made", wording.instant_zh(made_at)
    yield from _count_facts(report.counts)
    if report.refusal:
        yield "拒收原因 Refused", f"{report.refusal.message_zh} / {report.refusal.message_en}"
        yield "位置 Where", report.refusal.where
    yield "问题 Findings", f"共 {report.findings_total:,} 项，列出 {len(report.findings):,} 项"
    for name, counts in report.datasets:
        yield f"{labels.get((name, ''), '')} {name}".strip(), _counts_text(counts)
    for reminder in report.reminders:
        yield "提示 Reminder", reminder


def _count_facts(counts: Counts) -> Iterator[tuple[str, str]]:
    yield "记录 Records", _counts_text(counts)


def _counts_text(counts: Counts) -> str:
    return (
        f"收到 {counts.received:,}，接收 {counts.accepted:,}，退回 {counts.rejected:,}，"
        f"挂起 {counts.held:,}，存疑标记 {counts.flagged:,}"
    )
