"""What a centre does with a notice: acknowledge, answer one or many items, send the filled-in workbook back."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange_hub.core.clock import system_now
from exchange_hub.core.errors import UsageError
from exchange_hub.core.notices import ItemState
from exchange_hub.flows import answers
from exchange_hub.flows.answers import Answered
from exchange_hub.flows.signin import Visitor
from exchange_hub.portal.pages.notices import actor_of, notice_page, own_notice
from exchange_hub.portal.pages.uploads import on_disk
from exchange_hub.portal.pages.visits import SafeForm, VisitorOf, centre_code, numbers, see_other, text, upload
from exchange_hub.portal.state import address_of, hub_of
from feedback.answers import MAX_BYTES, Answer
from warehouse import actions, notice_items
from warehouse.actions import Action

router = APIRouter(include_in_schema=False)
MOST_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Done:
    """What the page says after answers were taken."""

    taken: int = 0
    not_taken: tuple[Any, ...] = ()
    row_errors: tuple[Any, ...] = ()
    fault: UsageError | None = None


@router.post("/notices/{no}/acknowledgement")
def acknowledge(request: Request, visitor: VisitorOf, no: str, form: SafeForm) -> Response:
    """签收."""
    row = own_notice(request, visitor, no)
    answers.acknowledge(hub_of(request), no, centre_code(visitor), actor_of(visitor), system_now())
    note(request, visitor, "notice.acknowledge", row["notice_no"])
    return see_other(f"/notices/{no}")


@router.post("/notices/{no}/answers")
def answer(request: Request, visitor: VisitorOf, no: str, form: SafeForm) -> Response:
    """Answer the chosen items, or all open ones that the page was narrowed to."""
    row, code = own_notice(request, visitor, no), centre_code(visitor)
    rule, state = text(form, "rule"), text(form, "state")
    chosen = _open_items(request, no, rule) if text(form, "all") else numbers(form, "item")
    if not chosen:
        fault = UsageError("NO_ITEM", "请先选择要答复的记录", "choose the records to answer")
        return notice_page(request, visitor, row, state=state, rule=rule, done=Done(fault=fault), status=422)
    kind, reason = text(form, "answer"), text(form, "reason")
    said = [Answer(number, kind, reason) for number in chosen]
    result = answers.answer_items(hub_of(request), no, code, said, actor_of(visitor), system_now())
    return _said(request, visitor, no, "notice.answer", Done(len(result.taken), _few(result)), state=state, rule=rule)


@router.post("/upload/answers/{no}")
def answer_file(request: Request, visitor: VisitorOf, no: str, form: SafeForm) -> Response:
    """Take the answers of a filled-in workbook."""
    row, code = own_notice(request, visitor, no), centre_code(visitor)
    try:
        with on_disk(upload(form, "workbook"), MAX_BYTES) as path:
            result = answers.import_workbook(hub_of(request), no, code, path, actor_of(visitor), system_now())
    except UsageError as error:
        return notice_page(request, visitor, row, done=Done(fault=error), status=422)
    done = Done(len(result.answered.taken), _few(result.answered), result.row_errors[:100])
    return _said(request, visitor, no, "notice.answer_file", done)


def note(request: Request, visitor: Visitor, action: str, place: str, reason: str = "") -> None:
    """Write what was done into the book."""
    done = Action(visitor.account.login, action, place, reason=reason, address=address_of(request))
    with hub_of(request).database() as conn:
        actions.record(conn, done, system_now())
        conn.commit()


def _said(request: Request, visitor: Visitor, no: str, action: str, done: Done, **narrowed: Any) -> Response:
    note(request, visitor, action, no, f"{done.taken} taken, {len(done.not_taken)} not taken")
    status = 200 if done.taken or not done.not_taken else 409
    row = own_notice(request, visitor, no)
    return notice_page(request, visitor, row, done=done, status=status, **narrowed)


def _few(result: Answered) -> tuple[Any, ...]:
    return result.not_taken[:100]


def _open_items(request: Request, no: str, rule: str) -> list[int]:
    with hub_of(request).database() as conn:
        found = notice_items.page(conn, no, limit=MOST_AT_ONCE, state=ItemState.OPEN, rule_id=rule or None)
    return [item.item_no for item in found]
