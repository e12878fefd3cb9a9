"""States of notices and their items as tables, and what follows from them. Pure.

Every change of state in the warehouse is one conditional update that this table allows, with actor, time and reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from exchange_hub.core.notices import ItemState, NoticeState

S = TypeVar("S", NoticeState, ItemState)

HUB, PLATFORM, OPERATOR = "hub", "platform", "operator"


@dataclass(frozen=True, slots=True)
class Transition(Generic[S]):
    """One allowed change of state: who may set it, and when."""

    before: S
    after: S
    actors: tuple[str, ...]
    when_zh: str
    when_en: str


_N, _I = NoticeState, ItemState
NOTICE_TRANSITIONS: tuple[Transition[NoticeState], ...] = (
    Transition(_N.ISSUED, _N.DELIVERED, (HUB,), "送达得到证实，开始计时", "receipt is proved; the clock starts"),
    Transition(_N.ISSUED, _N.CLOSED, (HUB,), "送达前全部办结", "every item is settled before delivery"),
    Transition(
        _N.DELIVERED,
        _N.ANSWERED,
        (HUB,),
        "每条均有核查结果，尚有待处理的异议",
        "every item has a result, some await a decision",
    ),
    Transition(
        _N.DELIVERED, _N.OVERDUE, (HUB,), "超过截止时间仍有未答复的记录", "the deadline passed with items unanswered"
    ),
    Transition(_N.DELIVERED, _N.CLOSED, (HUB,), "全部办结", "every item is settled"),
    Transition(_N.OVERDUE, _N.ANSWERED, (HUB,), "超期后每条均有核查结果", "late, but every item has a result"),
    Transition(
        _N.OVERDUE, _N.DELIVERED, (HUB,), "截止时间因官方日历顺延", "the official calendar moved the deadline later"
    ),
    Transition(_N.OVERDUE, _N.CLOSED, (HUB,), "超期后全部办结", "late, but every item is settled"),
    Transition(
        _N.ANSWERED, _N.CLOSED, (HUB,), "待处理的答复全部办结", "the answers that awaited a decision are settled"
    ),
)
ITEM_TRANSITIONS: tuple[Transition[ItemState], ...] = (
    Transition(_I.OPEN, _I.CORRECTED, (HUB,), "更正的记录通过校验并入库", "the corrected record passed and is loaded"),
    Transition(_I.OPEN, _I.WITHDRAWN, (PLATFORM,), "中心撤回该记录", "the centre withdraws the record"),
    Transition(
        _I.OPEN, _I.CONFIRMED_TRUE, (PLATFORM,), "中心说明数据属实", "the centre confirms the data, with reason"
    ),
    Transition(_I.OPEN, _I.OBJECTED, (PLATFORM,), "中心提出异议并说明理由", "the centre objects, with reason"),
    Transition(
        _I.OPEN, _I.CANNOT_CORRECT, (PLATFORM,), "中心说明无法更正的原因", "the centre cannot correct it, with reason"
    ),
    Transition(
        _I.OPEN,
        _I.REVOKED_BY_HUB,
        (OPERATOR,),
        "规则有误，枢纽撤销退回",
        "our rule was wrong; the rejection is revoked",
    ),
    Transition(_I.OBJECTED, _I.REVOKED_BY_HUB, (OPERATOR,), "异议成立", "the objection is upheld"),
    Transition(_I.OBJECTED, _I.CORRECTED, (HUB,), "提出异议后仍更正重报", "corrected after all"),
    Transition(_I.OBJECTED, _I.WITHDRAWN, (PLATFORM,), "提出异议后撤回该记录", "withdrawn after all"),
    Transition(_I.CANNOT_CORRECT, _I.CORRECTED, (HUB,), "后来更正重报", "corrected later"),
    Transition(
        _I.CANNOT_CORRECT,
        _I.WITHDRAWN,
        (PLATFORM, OPERATOR),
        "撤回该记录或同意不再归集",
        "withdrawn, or it is agreed not to collect it",
    ),
    Transition(_I.CANNOT_CORRECT, _I.REVOKED_BY_HUB, (OPERATOR,), "枢纽撤销退回", "the rejection is revoked"),
    Transition(_I.CONFIRMED_TRUE, _I.CORRECTED, (HUB,), "后来更正重报", "corrected later"),
    Transition(
        _I.CONFIRMED_TRUE, _I.REVOKED_BY_HUB, (OPERATOR,), "核实属实，规则有误", "confirmed; our rule was wrong"
    ),
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


def allowed(before: S, after: S, actor: str) -> bool:
    """Whether `actor` (hub, platform, operator) may change that state."""
    table: Sequence[Transition[NoticeState]] | Sequence[Transition[ItemState]]
    table = NOTICE_TRANSITIONS if isinstance(before, NoticeState) else ITEM_TRANSITIONS
    return any(step.before is before and step.after is after and actor in step.actors for step in table)


def settled(item_states: Iterable[ItemState]) -> bool:
    """Whether every item is settled, so that the notice closes."""
    return all(state in SETTLED for state in item_states)


def answered(item_states: Iterable[ItemState]) -> bool:
    """Whether a result was submitted for every item (核查完毕; working-day rule, O3)."""
    return all(state is not ItemState.OPEN for state in item_states)


def next_notice_state(
    current: NoticeState, item_states: Sequence[ItemState], now: datetime, due_at: datetime | None
) -> NoticeState:
    """The state that a notice has now, by its items and its clock.

    Args:
        due_at: exclusive end of the period; None while receipt is not proved, when only closing can happen.
    """
    if current is NoticeState.CLOSED or settled(item_states):
        return NoticeState.CLOSED
    if current is NoticeState.ISSUED or due_at is None:
        return current
    if answered(item_states):
        return NoticeState.ANSWERED
    return NoticeState.OVERDUE if now >= due_at else NoticeState.DELIVERED


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
