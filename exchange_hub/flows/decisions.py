"""What the office decides about notices: objections, records that cannot be corrected, rules of ours that were wrong.

Each function opens its own connection and commits before it returns. An `Act` says who (an operator), when and why; a
reason is always wanted, and personal numbers in it are masked before it is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import psycopg

from exchange_hub.core.clock import in_shanghai
from exchange_hub.core.errors import UsageError
from exchange_hub.core.masking import mask_text
from exchange_hub.core.notices import Act, ItemState, Notice
from exchange_hub.flows.context import Hub
from exchange_hub.flows.refuse import stranger
from exchange_hub.flows.settling import settle
from feedback.answers import MAX_REASON
from feedback.configuration import configuration_in_force
from feedback.notice import child_of, notice_number
from feedback.policy import Objection
from feedback.states import item_steps
from feedback.working_days import resume
from warehouse import notice_decisions, notice_items, notice_links, notice_receipts, notices
from warehouse.notice_items import ItemChange
from warehouse.notice_links import Carried

UPHELD, DISMISSED = "upheld", "dismissed"


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision did: the items it changed, by notice, and the child notice that a dismissal issued."""

    changed: dict[str, tuple[int, ...]]
    child_no: str | None = None
    left: int = 0  # items of the same rule that stay, since another rule rejected them too


def decide_objections(hub: Hub, notice_no: str, item_nos: Sequence[int], decision: str, act: Act) -> Decided:
    """Decide objections (异议): `upheld` revokes the rejection, `dismissed` sends the items on (O5).

    A dismissed item goes on as a child notice with its own five working days, or, where that was agreed, on its own
    notice whose clock stood still from filing to decision.

    Raises:
        UsageError: UNKNOWN_NOTICE; BAD_DECISION; REASON_WANTED; NOTHING_TO_DECIDE where no item is objected.
    """
    if decision not in {UPHELD, DISMISSED}:
        raise UsageError("BAD_DECISION", f"决定应为 {UPHELD} 或 {DISMISSED}", f"decide {UPHELD} or {DISMISSED}")
    said = _checked(act)
    after = ItemState.REVOKED_BY_HUB if decision == UPHELD else ItemState.OPEN
    with hub.database() as conn:
        notice = _read(conn, notice_no)
        changed = _change(conn, notice_no, item_nos, (ItemState.OBJECTED,), after, said)
        if not changed:
            raise UsageError("NOTHING_TO_DECIDE", "所选条目没有待处理的异议", "none of these items is objected to")
        number = notice_decisions.record(conn, notice_no, decision, changed, said)
        child = _go_on(hub, conn, notice, changed, number, said) if decision == DISMISSED else None
        settle(conn, [notice_no], act.at)
        conn.commit()
    return Decided({notice_no: tuple(changed)}, child)


def revoke_items(hub: Hub, notice_no: str, item_nos: Sequence[int], act: Act) -> Decided:
    """Revoke rejections because our rule was wrong (撤销退回); items that are settled already stay as they are.

    Raises:
        UsageError: UNKNOWN_NOTICE; REASON_WANTED.
    """
    return _decide(hub, notice_no, item_nos, ItemState.REVOKED_BY_HUB, _checked(act))


def agree_not_to_collect(hub: Hub, notice_no: str, item_nos: Sequence[int], act: Act) -> Decided:
    """Agree that records which cannot be corrected are not collected: they count as withdrawn.

    Raises:
        UsageError: UNKNOWN_NOTICE; REASON_WANTED.
    """
    return _decide(hub, notice_no, item_nos, ItemState.WITHDRAWN, _checked(act))


def revoke_rule(hub: Hub, rule_id: str, rule_version: int | None, act: Act) -> Decided:
    """Revoke every unsettled item that this rule alone rejected, on whichever notice.

    Args:
        rule_version: only findings of that version; None: of any.

    Raises:
        UsageError: REASON_WANTED.
    """
    said = _checked(act)
    said = replace(said, reason=f"rule {rule_id}: {said.reason}")
    with hub.database() as conn:
        found, left = notice_items.open_of_rule(conn, rule_id, rule_version)
        changed = {no: tuple(_change(conn, no, nos, None, ItemState.REVOKED_BY_HUB, said)) for no, nos in found.items()}
        settle(conn, changed, act.at)
        conn.commit()
    return Decided({no: items for no, items in changed.items() if items}, left=left)


def _decide(hub: Hub, notice_no: str, item_nos: Sequence[int], after: ItemState, act: Act) -> Decided:
    with hub.database() as conn:
        if notices.row_of(conn, notice_no) is None:
            raise _unknown(notice_no)
        changed = _change(conn, notice_no, item_nos, None, after, act)
        settle(conn, [notice_no], act.at)
        conn.commit()
    return Decided({notice_no: tuple(changed)} if changed else {})


def _change(
    conn: psycopg.Connection,
    notice_no: str,
    item_nos: Sequence[int],
    before: tuple[ItemState, ...] | None,
    after: ItemState,
    act: Act,
) -> list[int]:
    """Bring items into `after` by the steps that the actor may make, from `before` or from anywhere."""
    notices.lock(conn, [notice_no])
    steps = tuple(step for step in item_steps(act.actor.role, after) if before is None or step[0] in before)
    changes = [ItemChange(number, after, act.reason) for number in item_nos]
    return notice_items.change(conn, notice_no, changes, steps, act.actor, act.at)


def _go_on(
    hub: Hub, conn: psycopg.Connection, notice: Notice, item_nos: Sequence[int], decision_id: int, act: Act
) -> str | None:
    """Issue the child notice of dismissed objections, or let the notice's own clock go on."""
    policy = configuration_in_force().clock_of(notice.platform_code)
    if policy.objection is Objection.STOPS_CLOCK and notice.deadline is not None:
        filed = min(item.answered_at or act.at for item in notice.items if item.item_no in set(item_nos))
        later = resume(notice.deadline, filed, act.at, policy=policy)
        if later.due_at > notice.deadline.due_at:
            why = "objection dismissed: the clock stood still from filing to decision"
            notice_receipts.change_deadline(conn, notice.notice_no, later, why, act.at)
        return None
    platform = hub.platforms.get(notice.platform_code) or stranger(notice.platform_code)
    year = in_shanghai(act.at).year
    number = notice_number(platform.short_code, year, notices.number_for(conn, platform.short_code, year))
    source = replace(notices.source_of(conn, notice.notice_no), decision_id=decision_id)
    notices.insert(conn, child_of(notice, item_nos, number, act.reason, act.at), source)
    carried = [Carried(notice.notice_no, old, new) for new, old in enumerate(sorted(item_nos), start=1)]
    notice_links.carry_on(conn, carried, number, f"objection dismissed: goes on as {number}", act.at)
    return number


def _checked(act: Act) -> Act:
    said = mask_text(act.reason.strip())
    if not said or len(said) > MAX_REASON:
        raise UsageError(
            "REASON_WANTED", f"须填写理由（不超过 {MAX_REASON} 字）", f"a reason of 1 to {MAX_REASON} characters"
        )
    return replace(act, reason=said)


def _read(conn: psycopg.Connection, notice_no: str) -> Notice:
    notices.lock(conn, [notice_no])
    notice = notices.read(conn, notice_no)
    if notice is None:
        raise _unknown(notice_no)
    return notice


def _unknown(notice_no: str) -> UsageError:
    return UsageError("UNKNOWN_NOTICE", f"没有反馈通知 {notice_no}", f"no notice {notice_no}")
