"""A notice as PDF: the formal letter with its findings by rule, Chinese type embedded, A4, no system package needed.

Large notices list a share of each rule; the workbook, the CSV and the JSON hold all. Text is placed as text: nothing of
what was sent is read as markup.
"""

import warnings
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn as fonts
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, WrapMode
from fpdf.fonts import FontFace

from exchange_hub.core.notices import Notice
from feedback import wording
from feedback.view import RuleGroup, group_by_rule, notice_lines
from feedback.wording import ANSWERS, Labels, visible

LISTED = 300  # findings listed in all
_VALUE = 160  # characters of one value
_RED, _SOFT, _INK = (179, 32, 30), (91, 98, 107), (28, 31, 35)
_METHOD = "  接收当日不计；周末、法定节假日不计，调休上班日计入"
_SUMMARY = (("规则", 12), ("处理", 9), ("质量维度", 12), ("条数", 9), ("示例", 58))
_ROWS = (("序号", 6), ("文件与行", 15), ("记录", 19), ("字段", 14), ("报送值", 13), ("问题", 20), ("应为", 23))


class _Letter(FPDF):
    """A4 with the notice's number and the page at the foot."""

    def __init__(self, number: str) -> None:
        super().__init__(format="A4")
        self._number = number
        self.set_margins(18, 18, 18)
        self.set_auto_page_break(True, 18)
        self.add_font("sans", fname=_font("sans"))
        self.add_font("serif", fname=_font("serif"))

    def footer(self) -> None:
        self.set_y(-13)
        self.set_font("sans", size=8)
        self.set_text_color(*_SOFT)
        self.cell(0, 5, f"{self._number}    第 {self.page_no()} 页 / 共 {{nb}} 页", align="C")
        self.set_text_color(*_INK)


def notice_pdf(notice: Notice, labels: Labels) -> bytes:
    """The notice as the bytes of a PDF. Cost: about two seconds, most of it reading the typefaces."""
    letter = _Letter(notice.notice_no)
    letter.set_title(f"{notice.notice_no} 未成功归集信息反馈通知")
    letter.set_lang("zh-CN")
    letter.set_creation_date(notice.issued_at)  # the same notice gives the same bytes
    letter.add_page()
    _head(letter, notice)
    _due(letter, notice)
    _how(letter, notice)
    if notice.refusal is None:
        groups = group_by_rule(notice_lines(notice, labels), LISTED)
        _heading(letter, "三、问题汇总 Findings by rule")
        _table(letter, _SUMMARY, (_summary_cells(group) for group in groups))
        _heading(letter, "四、退回明细 Rejected records")
        for group in groups:
            _group(letter, group)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a character that the typeface lacks is drawn as a box
        return bytes(letter.output())


def _head(letter: FPDF, notice: Notice) -> None:
    letter.set_text_color(*_RED)
    _line(letter, "公共资源交易数据交换枢纽", 13, "serif", "C")
    letter.set_text_color(*_INK)
    _line(letter, "未成功归集信息反馈通知", 21, "serif", "C", 12)
    letter.ln(2)
    _line(letter, f"编号 No. {notice.notice_no}    签发 Issued {wording.instant_zh(notice.issued_at)}", 9)
    letter.set_draw_color(*_RED)
    letter.set_line_width(0.5)
    letter.line(18, letter.get_y() + 1, 192, letter.get_y() + 1)
    letter.ln(5)
    _line(letter, f"{notice.platform_name_zh}（{notice.platform_code}）：", 11, "serif")
    batch, c = visible(notice.batch_no, _VALUE), notice.counts
    if notice.refusal is not None:
        text = f"你单位报送的数据包（批次 {batch}）未能读取，已整包拒收，其中数据均未归集。请核查原因，更正后重新报送。"
    else:
        text = (
            f"你单位报送的数据包（批次 {batch}）共 {c.received:,} 条记录，其中接收 {c.accepted:,} 条，"
            f"退回 {c.rejected:,} 条，挂起 {c.held:,} 条。请对退回的记录逐条核查，并在下列时限内办结。"
        )
    _line(letter, f"        {text}", 11, "serif")
    if notice.parents:
        _line(letter, f"        本通知承接通知 {'、'.join(notice.parents)}，另行计算时限。", 11, "serif")


def _due(letter: FPDF, notice: Notice) -> None:
    due = notice.deadline or notice.expected_deadline
    if due is None:
        return
    letter.ln(2)
    letter.set_fill_color(251, 241, 240)
    mark = "（暂定：下一年度放假安排尚未公布）" if due.provisional else ""
    letter.set_text_color(*_RED)
    letter.set_font("serif", size=15)
    letter.multi_cell(
        0, 10, f" 核查截止 {wording.day_zh(due.due_date)}24:00{mark}", fill=True, new_x="LMARGIN", new_y="NEXT"
    )
    letter.set_text_color(*_INK)
    received = wording.instant_zh(due.received_at) if notice.deadline else "按签发当日送达计算，实际以送达回执为准"
    days = "、".join(wording.short_day_zh(day) for day in due.counted_days)
    letter.set_font("sans", size=9)
    text = f"  接收时间：{received}\n  计入的 {len(due.counted_days)} 个工作日：{days}\n{_METHOD}"
    letter.multi_cell(0, 5.5, text, fill=True, align="L", wrapmode=WrapMode.CHAR, new_x="LMARGIN", new_y="NEXT")


def _how(letter: FPDF, notice: Notice) -> None:
    _heading(letter, "一、办理依据 Legal basis")
    _line(letter, wording.LEGAL_BASIS_ZH, 9.5)
    if notice.refusal is not None:
        _heading(letter, "二、拒收原因与更正 Why it was refused")
        r = notice.refusal
        where = f"位置：{visible(r.where, _VALUE)}" if r.where else ""
        _line(letter, f"{r.code}：{visible(r.message_zh, 600)}\n{visible(r.message_en, 600)}\n{where}", 9.5)
    else:
        _heading(letter, "二、如何答复 How to answer")
    corrects = f'用新的批次号重新报送，并在 manifest.json 中写明 "corrects": ["{notice.notice_no}"]。'
    _line(letter, f"更正重报：DATA_KEY 不变，{corrects}通过校验的记录自动办结。", 9.5)
    if notice.refusal is None:
        choices = "、".join(ANSWERS.values())
        _line(letter, f"不需更正的：在门户或随附的 XLSX 中逐条选择（{choices}）并填写说明。", 9.5)
    for reminder in notice.reminders:
        _line(letter, f"提示：{visible(reminder, 600)}", 9.5)


def _group(letter: FPDF, group: RuleGroup) -> None:
    more = f"，列出前 {len(group.lines):,} 条，全部见 XLSX、CSV 和 JSON" if group.unlisted else ""
    letter.ln(2)
    if letter.will_page_break(30):  # a heading is not left alone at the foot
        letter.add_page()
    _line(letter, f"{group.rule_id}　{group.severity_zh}　{group.dimension_zh}　{group.count:,} 条{more}", 9.5)
    _table(letter, _ROWS, (_row_cells(line) for line in group.lines))


def _summary_cells(group: RuleGroup) -> tuple[str, ...]:
    example = visible(group.example_zh, _VALUE)
    return group.rule_id, group.severity_zh, group.dimension_zh, f"{group.count:,}", example


def _row_cells(line: Any) -> tuple[str, ...]:
    finding = line.finding
    place = visible(finding.file, _VALUE) + (f" 第{finding.row}条" if finding.row is not None else "")
    name = line.label if line.label and line.label != finding.data_key else ""
    example = f"（示例 {visible(line.example, _VALUE)}）" if line.example else ""
    return (
        str(line.item_no or ""),
        place,
        visible(f"{name} {finding.data_key or '无 DATA_KEY'}".strip(), _VALUE),
        f"{line.field_zh} {finding.field or '整条记录'}".strip(),
        visible(finding.value, _VALUE) or "空",
        visible(finding.message_zh, 300),
        visible(finding.expected_zh, 300) + example,
    )


def _table(letter: FPDF, columns: Sequence[tuple[str, int]], rows: Iterable[tuple[str, ...]]) -> None:
    letter.set_font("sans", size=7.5)
    letter.set_draw_color(217, 221, 226)
    letter.set_line_width(0.15)
    letter.set_fill_color(255, 255, 255)
    head = FontFace(emphasis="", fill_color=(246, 247, 249))
    widths = tuple(width for _, width in columns)
    with letter.table(
        col_widths=widths, line_height=4, headings_style=head, borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        text_align="LEFT", padding=0.8, wrapmode=WrapMode.CHAR,
    ) as table:  # fmt: skip
        table.row([heading for heading, _ in columns])
        for cells in rows:
            table.row(cells)


def _heading(letter: FPDF, text: str) -> None:
    letter.ln(3)
    if letter.will_page_break(35):
        letter.add_page()
    _line(letter, text, 12.5, "serif", height=8)


def _line(letter: FPDF, text: str, size: float, face: str = "sans", align: str = "L", height: float = 0) -> None:
    letter.set_font(face, size=size)
    letter.multi_cell(
        0, height or size * 0.58, text, align=align, wrapmode=WrapMode.CHAR, new_x="LMARGIN", new_y="NEXT"
    )


@lru_cache(maxsize=2)
def _font(face: str) -> Path:
    return fonts.serif_path() if face == "serif" else fonts.sans_path()
