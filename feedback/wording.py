"""Fixed words of notices and reports, Chinese and English, and how dates and values are written. No frames."""

import re
from collections.abc import Mapping
from datetime import date, datetime

from exchange_hub.core.clock import in_shanghai
from exchange_hub.core.notices import ItemState, NoticeState
from exchange_hub.core.records import Report

# (dataset, field) -> Chinese name; (dataset, "") is the dataset's own; `example_key` -> a good value of the field.
Labels = Mapping[tuple[str, str], str]

DETAIL_SHEET = "退回明细"  # of a workbook: a row a finding
NOTICE_LABEL = "通知编号"  # by which a returned workbook is known
LEGAL_BASIS_ZH = (
    "《河南省公共资源交易在线监管平台运行管理暂行办法》（豫公管办〔2018〕28号）第十条："
    "对于未成功归集的数据向信息提供单位反馈，信息提供单位应于接收未成功归集的信息之日起5个工作日内核查完毕。"
)
LEGAL_BASIS_EN = (
    "Art. 10 of the Interim Measures (Yu Gong Guan Ban [2018] No. 28): data not collected are reported back to the "
    "provider, who completes verification within 5 working days from the day of receipt."
)
ACROSS_ZH = "包内关联核对"
ACROSS_NOTE_ZH = (
    "以下由跨数据集规则在本包已接收的记录之间核对得出，只作存疑，不影响上面的结论和计数。"
    "名单、录像等如已在别的批次报送，入库后会与全部记录一并核对。"
)
SEVERITIES = {"reject": ("退回", "reject"), "query": ("存疑", "query"), "alert": ("预警", "alert")}
DIMENSIONS = {
    "legality": "合法性",
    "completeness": "完整性",
    "accuracy": "准确性",
    "timeliness": "时效性",
    "consistency": "一致性",
    "reasonableness": "合理性",
}
VERDICTS = {
    "accepted": ("全部接收", "accepted"),
    "partially_accepted": ("部分接收", "partially accepted"),
    "rejected": ("全部退回", "rejected"),
    "refused": ("整包拒收", "refused"),
}
# Answers a centre may give by the XLSX; a corrected record comes as a new batch instead.
ANSWERS = {
    "confirmed_true": "数据属实",
    "withdrawn": "撤回该记录",
    "objection": "提出异议",
    "cannot_correct": "无法更正",
}
NOTICE_STATES = {
    NoticeState.ISSUED: ("已签发，尚未送达", "issued"),
    NoticeState.DELIVERED: ("已送达", "delivered"),
    NoticeState.RECEIVED: ("已签收", "received"),
    NoticeState.ANSWERED: ("已答复", "answered"),
    NoticeState.OVERDUE: ("已超期", "overdue"),
    NoticeState.CLOSED: ("已办结", "closed"),
}
ITEM_STATES = {
    ItemState.OPEN: ("待核查", "open"),
    ItemState.CORRECTED: ("已更正", "corrected"),
    ItemState.WITHDRAWN: ("已撤回", "withdrawn"),
    ItemState.CONFIRMED_TRUE: ("核实无误", "confirmed true"),
    ItemState.OBJECTED: ("有异议，待处理", "objected"),
    ItemState.CANNOT_CORRECT: ("无法更正，待处理", "cannot be corrected"),
    ItemState.REVOKED_BY_HUB: ("退回已撤销", "revoked by the hub"),
}
_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# Controls, zero-width and direction marks: shown by name, since they would hide or reorder what was sent.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")


DIGEST_MARK = "|#"  # stands before the digest of a business code with personal parts


def shown_key(natural_key: str | None) -> str | None:
    """A business code (labels.natural_key) as people and programs see it: without the digest it is compared by."""
    return natural_key and natural_key.partition(DIGEST_MARK)[0]


def headline_zh(report: Report) -> str:
    """What a report means for the person who must act on it, in one sentence."""
    counts = report.counts
    if report.refusal is not None:
        return "数据包未能读取，整包拒收：请按下列原因更正后重新打包。"
    parts = []
    if counts.rejected:
        parts.append(f"{counts.rejected:,} 条记录不合规范，将被退回，须更正")
    if counts.held:
        parts.append(f"{counts.held:,} 条记录因上级记录未到或被退回而挂起")
    if counts.flagged:
        parts.append(f"{counts.flagged:,} 条记录可以归集，但有存疑之处，请核对")
    if not parts:
        return f"未发现问题：{counts.received:,} 条记录全部可以归集。"
    return "；".join(parts) + "。"


def example_key(dataset: str, field: str) -> tuple[str, str]:
    """Where `Labels` holds an example of a good value of a field."""
    return dataset, f"{field}#example"


def day_zh(day: date) -> str:
    """2026年12月1日（星期二）."""
    return f"{day.year}年{day.month}月{day.day}日（星期{_WEEKDAYS_ZH[day.weekday()]}）"


def day_en(day: date) -> str:
    """Tue 2026-12-01."""
    return f"{_WEEKDAYS_EN[day.weekday()]} {day.isoformat()}"


def short_day_zh(day: date) -> str:
    """12月1日 周二."""
    return f"{day.month}月{day.day}日 周{_WEEKDAYS_ZH[day.weekday()]}"


def instant_zh(instant: datetime) -> str:
    """2026年11月24日 10:15（北京时间）."""
    local = in_shanghai(instant)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}（北京时间）"


def visible(text: str | None, limit: int) -> str:
    """The value as a person can read it: unseen characters by name, at most `limit` characters; None is empty."""
    if not text:
        return ""
    shown = text if len(text) <= limit else text[:limit] + "…"
    if not shown.isprintable():  # cheap, and true for nearly all; what is not printable may still be a space
        shown = _UNSEEN.sub(lambda m: f"‹U+{ord(m.group()):04X}›", shown)
    return shown
