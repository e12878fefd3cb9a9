"""What a trading centre does with a notice: fetch, acknowledge, answer (查阅、签收、答复).

The portal and the API call these. Every function opens its own connection and commits before it returns; it takes the
instant and the actor as arguments and may be repeated: what is done already is found done. The platform's own code
must be given; another platform's notice is unknown to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from exchange_hub.core.errors import UsageError
from exchange_hub.core.masking import mask_text
from exchange_hub.core.notices import Actor, ItemState, Receipt
from exchange_hub.flows.context import Hub
from exchange_hub.flows.receipts import book_receipt
from exchange_hub.flows.settling import settle
from feedback.answers import MAX_REASON, Answer, RowError, read_answers
from feedback.states import SETTLED, STATE_OF_ANSWER, item_steps
from feedback.wording import ITEM_STATES
from warehouse import notice_events, notice_items, notice_receipts, notices
from warehouse.notice_events import Event
from warehouse.notice_items import ItemChange


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a notice stands: its row of audit.notice (notice_no, state, due_at, items_open, received_at, …)."""

    notice_no: str
    state: str
    items_open: int
    received_at: datetime | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class NotTaken:
    """An answer that could not be taken: `code` is ITEM_UNKNOWN, ITEM_CLOSED, ITEM_ANSWERED or BAD_ANSWER."""

    item_no: int
    code: str
    message_zh: str
    message_en: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of some answers: the items taken, those not taken with the reason, and where the notice stands."""

    taken: tuple[int, ...]
    not_taken: tuple[NotTaken, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Imported:
    """A filled-in workbook: its answers, and the rows that could not be read, each with its place."""

    answered: Answered
    row_errors: tuple[RowError, ...]


def acknowledge(hub: Hub, notice_no: str, platform_code: str | None, actor: Actor, now: datetime) -> Standing:
    """Acknowledge a notice (签收). The first acknowledgement counts; another one is kept as a further proof only.

    Args:
        platform_code: the caller's platform; None for an operator, who may see every notice.

    Raises:
        UsageError: UNKNOWN_NOTICE, also where it is another platform's.
    """
    return _receive(hub, notice_no, platform_code, Receipt("acknowledgement", "portal", str(actor), now, actor), now)


def fetched(hub: Hub, notice_no: str, platform_code: str, actor: Actor, now: datetime) -> Standing:
    """A person or program of the centre has opened the notice in the portal or by the API; call at every opening.

    Only the first opening is kept. Where nothing else proved receipt before, it starts the clock.

    Raises:
        UsageError: UNKNOWN_NOTICE.
    """
    with hub.database() as conn:
        row = own_row(conn, notice_no, platform_code)
        if not notice_receipts.has(conn, notice_no, "portal_fetch"):
            book_receipt(conn, notice_no, Receipt("portal_fetch", "portal", str(actor), now, actor), now)
            conn.commit()
            row = own_row(conn, notice_no, platform_code)
    return standing_of(row)


def answer_items(
    hub: Hub, notice_no: str, platform_code: str, answers: Sequence[Answer], actor: Actor, now: datetime
) -> Answered:
    """Answer items, one or many at once: confirmed_true, withdrawn, objection, cannot_correct, each with its reason.

    Each answer stands for itself: those that can be taken are, in one transaction; the others are named. An answer
    also proves receipt. Personal numbers in a reason are masked before it is kept.

    Raises:
        UsageError: UNKNOWN_NOTICE.
    """
    wrong = [fault for answer in answers if (fault := _fault(answer))]
    bad = {fault.item_no for fault in wrong}
    changes = [
        ItemChange(a.item_no, STATE_OF_ANSWER[a.answer], mask_text(a.reason.strip()), a.answer)
        for a in answers
        if a.item_no not in bad
    ]
    with hub.database() as conn:
        own_row(conn, notice_no, platform_code)
        notices.lock(conn, [notice_no])
        before = notice_items.states_of(conn, notice_no, [change.item_no for change in changes])
        taken = notice_items.change(conn, notice_no, changes, item_steps(actor.role), actor, now)
        if taken:
            if not notice_receipts.has(conn, notice_no, "answer"):
                book_receipt(conn, notice_no, Receipt("answer", "portal", str(actor), now, actor), now)
            settle(conn, [notice_no], now)
        conn.commit()
        row = own_row(conn, notice_no, platform_code)
    left = [_why(change, before.get(change.item_no)) for change in changes if change.item_no not in set(taken)]
    return Answered(tuple(taken), (*wrong, *left), standing_of(row))


def import_workbook(hub: Hub, notice_no: str, platform_code: str, path: Path, actor: Actor, now: datetime) -> Imported:
    """Take the answers of a filled-in notice workbook; its bytes are kept as evidence.

    Rows that cannot be read are named with sheet and row; the other rows count.

    Raises:
        UsageError: UNKNOWN_NOTICE; BAD_ANSWER_FILE where it is no workbook of a notice; OTHER_NOTICE where it was
            made from another notice.
    """
    with hub.database() as conn:
        own_row(conn, notice_no, platform_code)
    read = read_answers(path)
    if read.notice_no is not None and read.notice_no != notice_no:
        raise UsageError(
            "OTHER_NOTICE",
            f"该文件是通知 {read.notice_no} 的，不是 {notice_no} 的",
            f"the workbook belongs to notice {read.notice_no}, not to {notice_no}",
            path.name,
        )
    hub.evidence.put_file(f"notices/{notice_no}/answers/{now:%Y%m%dT%H%M%S%f}.xlsx", path)
    return Imported(answer_items(hub, notice_no, platform_code, read.answers, actor, now), read.errors)


def history(hub: Hub, notice_no: str, platform_code: str | None, item_no: int | None = None) -> list[Event]:
    """Transitions of a notice and its items, or of one item, in the order they happened, with actor and reason.

    Raises:
        UsageError: UNKNOWN_NOTICE.
    """
    with hub.database() as conn:
        own_row(conn, notice_no, platform_code)
        return notice_events.history(conn, notice_no, item_no)


def own_row(conn: psycopg.Connection, notice_no: str, platform_code: str | None) -> dict[str, object]:
    """Row of audit.notice, if it is that platform's (None: any).

    Raises:
        UsageError: UNKNOWN_NOTICE.
    """
    row = notices.row_of(conn, notice_no)
    if row is None or (platform_code is not None and row["platform_code"] != platform_code):
        raise UsageError("UNKNOWN_NOTICE", f"没有反馈通知 {notice_no}", f"no notice {notice_no}")
    return row


def standing_of(row: dict[str, object]) -> Standing:
    """Where a notice stands, from its row of audit.notice."""
    return Standing(**{name: row[name] for name in Standing.__slots__})  # type: ignore[arg-type]


def _receive(hub: Hub, notice_no: str, platform_code: str | None, receipt: Receipt, now: datetime) -> Standing:
    with hub.database() as conn:
        own_row(conn, notice_no, platform_code)
        book_receipt(conn, notice_no, receipt, now)
        conn.commit()
        return standing_of(own_row(conn, notice_no, platform_code))


def _fault(answer: Answer) -> NotTaken | None:
    if answer.answer not in STATE_OF_ANSWER:
        known = "、".join(STATE_OF_ANSWER)
        return NotTaken(answer.item_no, "BAD_ANSWER", f"处理方式应为 {known}", f"answer must be one of {known}")
    if not answer.reason.strip():
        return NotTaken(answer.item_no, "BAD_ANSWER", "须填写说明", "a reason is required")
    if len(answer.reason) > MAX_REASON:
        return NotTaken(
            answer.item_no, "BAD_ANSWER", f"说明超过 {MAX_REASON} 字", f"a reason of over {MAX_REASON} characters"
        )
    return None


def _why(change: ItemChange, state: ItemState | None) -> NotTaken:
    """Why an item did not take its answer."""
    if state is None:
        return NotTaken(change.item_no, "ITEM_UNKNOWN", "没有这一条目", "no such item")
    zh, en = ITEM_STATES[state]
    if state in SETTLED:
        return NotTaken(
            change.item_no, "ITEM_CLOSED", f"该条目已办结（{zh}），不再接受答复", f"the item is closed ({en})"
        )
    return NotTaken(
        change.item_no, "ITEM_ANSWERED", f"该条目已答复（{zh}），不能改为该答复", f"the item was answered before ({en})"
    )
