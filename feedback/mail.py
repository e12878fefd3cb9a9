"""What a mail about a notice says; its files are attached."""

from exchange_hub.core.notices import Notice
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


def _plain(text: str) -> str:
    """One line without controls: a header may hold nothing else."""
    return "".join(c if c.isprintable() else " " for c in text)
