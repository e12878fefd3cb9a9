"""The first sheet of a workbook (说明): facts about a notice or a report as name and value."""

from collections.abc import Iterator
from datetime import datetime

from exchange_hub.core.correctable import Correctable
from exchange_hub.core.notices import Notice
from exchange_hub.core.records import Counts, Report
from feedback import wording
from feedback.wording import ANSWERS, Labels


def notice_facts(notice: Notice) -> Iterator[tuple[str, str]]:
    """Facts of a notice."""
    yield wording.NOTICE_LABEL, notice.notice_no
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
        yield "其他答复 Answer", f"在“{wording.DETAIL_SHEET}”表中选择处理方式（{choices}）并填写说明，另存后交回"
    for reminder in notice.reminders:
        yield "提示 Reminder", reminder


def report_facts(report: Report, labels: Labels, made_at: datetime) -> Iterator[tuple[str, str]]:
    """Facts of a report on a batch."""
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
    if report.across is not None:
        yield wording.ACROSS_ZH, f"共 {report.across.total:,} 项存疑，见“{wording.ACROSS_ZH}”表；不计入上面的数"
    for name, counts in report.datasets:
        yield f"{labels.get((name, ''), '')} {name}".strip(), _counts_text(counts)
    for reminder in report.reminders:
        yield "提示 Reminder", reminder


def correction_facts(found: Correctable | None) -> Iterator[tuple[str, str]]:
    """How the records in the workbook are corrected; nothing where there are none. None: they cannot be, here."""
    if found is None:
        yield (
            "如何更正 To correct",
            "本报告没有更正表：按其他省报文格式（方言）报送的，请在原系统中更正后重新导出、校验",
        )
        return
    if not found.sheets:
        return
    yield (
        "如何更正 To correct",
        f"以红色标签的工作表列出有问题的记录 {found.records:,} 条：直接改红色单元格后存盘，运行 "
        f"hub correct 本工作簿 -o 更正包.zip --original {found.package}，即生成更正包",
    )
    yield "", "带 * 的个人信息已作掩码；不改动即按原报送值，要改须填完整值。“问题”一列供查看，不参与更正"
    if found.left_out:
        yield "", f"另有 {found.left_out:,} 条有问题的记录未列入更正表，请由程序更正；明细表和 CSV 列出全部问题"


def _count_facts(counts: Counts) -> Iterator[tuple[str, str]]:
    yield "记录 Records", _counts_text(counts)


def _counts_text(counts: Counts) -> str:
    return (
        f"收到 {counts.received:,}，接收 {counts.accepted:,}，退回 {counts.rejected:,}，"
        f"挂起 {counts.held:,}，存疑标记 {counts.flagged:,}"
    )
