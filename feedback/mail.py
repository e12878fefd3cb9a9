"""What a mail about a notice says; its files are attached."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from exchange_hub.core.notices import Deadline, Notice
from feedback.wording import day_zh, instant_zh


def notice_mail(notice: Notice) -> tuple[str, str]:
    """Subject and text of the mail that brings a notice."""
    due = notice.deadline or notice.expected_deadline
    until = f"，按当日接收计算应于 {day_zh(due.due_date)}24:00 前核查完毕" if due else ""
    subject = f"【反馈通知】{notice.notice_no} 批次 {_plain(notice.batch_no)}"
    what = "整包拒收" if notice.refusal else f"退回 {len(notice.items):,} 条记录"
    text = (
        f"{notice.platform_name_zh}：\n\n"
        f"反馈通知 {notice.notice_no}（签发 {instant_zh(notice.issued_at)}）："
        f"批次 {_plain(notice.batch_no)} {what}{until}。\n"
        "依据豫公管办〔2018〕28号第十条，请自接收之日起5个工作日内核查完毕。\n"
        "正式通知、明细和答复方式见附件。请登录门户签收。\n\n"
        f"Notice {notice.notice_no}: see the attached letter; the answer is due within 5 working days of receipt.\n"
    )
    return subject, text


def reminder_text(
    row: Mapping[str, Any], due: Deadline, now: datetime, days_left: int, days_late: int
) -> tuple[str, str]:
    """Subject and text of a reminder or an escalation.

    Args:
        row: the notice's row of audit.notice.
    """
    over = now >= due.due_at
    mark = "（暂定）" if due.provisional else ""
    state = f"已超期 {days_late} 个工作日" if over else ("今日截止" if not days_left else f"还剩 {days_left} 个工作日")
    subject = f"【{'超期' if over else '催办'}】{row['notice_no']} {state}"
    text = (
        f"{row['platform_name_zh']}：\n\n"
        f"反馈通知 {row['notice_no']}（批次 {_plain(row['batch_no'])}）共 {row['items']:,} 条，"
        f"未办结 {row['items_open']:,} 条，{state}。\n"
        f"核查截止：{day_zh(due.due_date)}24:00{mark}；接收时间：{instant_zh(due.received_at)}。\n"
        "请更正重报，或在门户、明细表中逐条答复。依据豫公管办〔2018〕28号第十条、第二十二条。\n\n"
        f"Notice {row['notice_no']}: {row['items_open']:,} of {row['items']:,} items open, due {due.due_date} 24:00"
        f"{f', {days_late} working days overdue' if over else ''}.\n"
    )
    return subject, text


def _plain(text: str) -> str:
    """One line without controls: a header may hold nothing else."""
    return "".join(c if c.isprintable() else " " for c in text)
