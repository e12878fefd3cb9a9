"""States of notices and their items as tables, and what follows from them. Pure.

Every change of state in the warehouse is one conditional update that this table allows, with actor, time and reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from exchange_hub.core.notices import ItemState, NoticeState, Progress, Role

S = TypeVar("S", NoticeState, ItemState)

HUB, PLATFORM, OPERATOR = Role.HUB, Role.PLATFORM, Role.OPERATOR


@dataclass(frozen=True, slots=True)
class Transition(Generic[S]):
    """One allowed change of state: who may set it, and when."""

    before: S
    after: S
    actors: tuple[Role, ...]
    when_zh: str
    when_en: str


_N, _I = NoticeState, ItemState
NOTICE_TRANSITIONS: tuple[Transition[NoticeState], ...] = (
    Transition(_N.ISSUED, _N.DELIVERED, (HUB,), "送达得到证实，开始计时", "delivery is proved; the clock starts"),
    Transition(
        _N.ISSUED,
        _N.RECEIVED,
        (HUB,),
        "中心查阅、签收或答复，开始计时",
        "the centre fetches, acknowledges or answers; the clock starts",
    ),
    Transition(_N.ISSUED, _N.CLOSED, (HUB,), "送达前全部办结", "every item is settled before delivery"),
    Transition(
        _N.DELIVERED, _N.RECEIVED, (HUB,), "中心查阅、签收或答复", "the centre fetches, acknowledges or answers"
    ),
    *(
        step
        for before in (_N.DELIVERED, _N.RECEIVED)
        for step in (
            Transition(
                before,
                _N.ANSWERED,
                (HUB,),
                "每条均有核查结果，尚有未办结的",
                "every item has a result, some are not settled",
            ),
            Transition(
                before,
                _N.OVERDUE,
                (HUB,),
                "超过截止时间仍有未答复的记录",
                "the deadline passed with items unanswered",
            ),
            Transition(before, _N.CLOSED, (HUB,), "全部办结", "every item is settled"),
            Transition(
                _N.OVERDUE, before, (HUB,), "截止时间因官方日历顺延", "the official calendar moved the deadline later"
            ),
            Transition(
                _N.ANSWERED,
                before,
                (HUB,),
                "异议不成立，原通知重新计时（按约定）",
                "an objection is dismissed and, where so agreed, the clock of this notice goes on",
            ),
        )
    ),
    Transition(_N.OVERDUE, _N.ANSWERED, (HUB,), "超期后每条均有核查结果", "late, but every item has a result"),
    Transition(_N.OVERDUE, _N.CLOSED, (HUB,), "超期后全部办结", "late, but every item is settled"),
    Transition(
        _N.ANSWERED,
        _N.OVERDUE,
        (HUB,),
        "更正重报未通过且原通知时限已过（按约定）",
        "a resubmission failed and, where so agreed, this notice's own time is over",
    ),
    Transition(_N.ANSWERED, _N.CLOSED, (HUB,), "未办结的全部办结", "what was not settled is settled"),
)
ITEM_TRANSITIONS: tuple[Transition[ItemState], ...] = (
    *(
        step
        for before in (_I.OPEN, _I.OBJECTED, _I.CANNOT_CORRECT, _I.CONFIRMED_TRUE)
        for step in (
            Transition(
                before,
                _I.CORRECTED,
                (HUB,),
                "更正的记录通过校验并入库（不论渠道）",
                "the corrected record passed and is loaded, by whichever channel",
            ),
            Transition(
                before,
                _I.REVOKED_BY_HUB,
                (OPERATOR,),
                "异议成立，或规则有误，枢纽撤销退回",
                "the objection is upheld or our rule was wrong; the rejection is revoked",
            ),
        )
    ),
    Transition(
        _I.OPEN,
        _I.WITHDRAWN,
        (PLATFORM, HUB),
        "中心撤回该记录，或撤回记录已入库",
        "the centre withdraws the record, or its deletion is loaded",
    ),
    Transition(
        _I.OPEN, _I.CONFIRMED_TRUE, (PLATFORM, HUB), "中心说明数据属实", "the centre confirms the data, with reason"
    ),
    Transition(_I.OPEN, _I.OBJECTED, (PLATFORM,), "中心提出异议并说明理由", "the centre objects, with reason"),
    Transition(
        _I.OPEN, _I.CANNOT_CORRECT, (PLATFORM,), "中心说明无法更正的原因", "the centre cannot correct it, with reason"
    ),
    Transition(
        _I.OBJECTED,
        _I.OPEN,
        (OPERATOR,),
        "异议不成立：由后续通知继续，或按约定在原通知上继续",
        "the objection is dismissed: it goes on as a child notice, or where so agreed on this one",
    ),
    Transition(
        _I.OBJECTED,
        _I.WITHDRAWN,
        (PLATFORM, HUB),
        "提出异议后撤回该记录",
        "withdrawn after all",
    ),
    Transition(
        _I.CANNOT_CORRECT,
        _I.WITHDRAWN,
        (PLATFORM, OPERATOR, HUB),
        "撤回该记录，或同意不再归集",
        "withdrawn, or it is agreed not to collect it",
    ),
    Transition(_I.CONFIRMED_TRUE, _I.WITHDRAWN, (HUB,), "撤回记录已入库", "its deletion is loaded"),
)

# The record needs nothing more from anybody.
SETTLED = frozenset({_I.CORRECTED, _I.WITHDRAWN, _I.CONFIRMED_TRUE, _I.REVOKED_BY_HUB})
# What a centre's answer (interfaces, section 6) makes of an item.
STATE_OF_ANSWER = {
    "confirmed_true": _I.CONFIRMED_TRUE,
    "withdrawn": _I.WITHDRAWN,
    "objection": _I.OBJECTED,
    "cannot_correct": _I.CANNOT_CORRECT,
}


def allowed(before: S, after: S, actor: Role) -> bool:
    """Whether `actor` (hub, platform, operator) may change that state."""
    table: Sequence[Transition[NoticeState]] | Sequence[Transition[ItemState]]
    table = NOTICE_TRANSITIONS if isinstance(before, NoticeState) else ITEM_TRANSITIONS
    return any(step.before is before and step.after is after and actor in step.actors for step in table)


def item_steps(actor: Role, *targets: ItemState) -> tuple[tuple[ItemState, ItemState], ...]:
    """The steps (before, after) of an item that `actor` may make; only into `targets`, where any are given."""
    return tuple(
        (step.before, step.after)
        for step in ITEM_TRANSITIONS
        if actor in step.actors and (not targets or step.after in targets)
    )


def closable() -> tuple[ItemState, ...]:
    """States from which a correction closes an item."""
    return tuple(before for before, _ in item_steps(HUB, ItemState.CORRECTED))


def settled(progress: Progress) -> bool:
    """Whether every item is settled, so that the notice closes."""
    return progress.unsettled == 0


def answered(progress: Progress, *, sent_again_counts: bool = True) -> bool:
    """Whether a result was submitted for every item (核查完毕; working-day rule, O3 and O4).

    Args:
        sent_again_counts: whether a record sent again and rejected again is a result on the first notice.
    """
    return progress.unanswered == 0 and (sent_again_counts or progress.carried_on == 0)


def next_notice_state(
    current: NoticeState,
    progress: Progress,
    now: datetime,
    due_at: datetime | None,
    *,
    fetched: bool = False,
    sent_again_counts: bool = True,
) -> NoticeState:
    """The state that a notice has now, by its items and its clock.

    Args:
        due_at: exclusive end of the period; None while receipt is not proved, when only closing can happen.
        fetched: whether somebody of the centre has fetched, acknowledged or answered it.
        sent_again_counts: see `answered`.
    """
    if current is NoticeState.CLOSED or settled(progress):
        return NoticeState.CLOSED
    if due_at is None:
        return current
    if answered(progress, sent_again_counts=sent_again_counts):
        return NoticeState.ANSWERED
    if now >= due_at:
        return NoticeState.OVERDUE
    return NoticeState.RECEIVED if fetched else NoticeState.DELIVERED


def as_markdown() -> str:
    """The two tables as the reference page docs/reference/states.md."""
    lines = [
        "# 通知与条目的状态 States of notices and items",
        "",
        "Generated from `feedback/states.py`; do not edit.",
        "",
    ]
    for title, table in (("通知 Notice", NOTICE_TRANSITIONS), ("条目 Item", ITEM_TRANSITIONS)):
        lines += [f"## {title}", "", "| 由 from | 到 to | 由谁 who | 何时 when |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {step.before} | {step.after} | {', '.join(step.actors)} | {step.when_zh}；{step.when_en} |"
            for step in table
        ]
        lines.append("")
    return "\n".join(lines)
