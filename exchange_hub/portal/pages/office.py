"""What an office does: decide objections, revoke rejections where our rule was wrong."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange_hub.core.clock import system_now
from exchange_hub.core.errors import UsageError
from exchange_hub.core.notices import Act
from exchange_hub.flows.decisions import decide_objections, revoke_items
from exchange_hub.flows.signin import Visitor
from exchange_hub.portal.pages.answering import Done, note
from exchange_hub.portal.pages.labels import labels_of
from exchange_hub.portal.pages.notices import actor_of, notice_page, own_notice
from exchange_hub.portal.pages.render import page
from exchange_hub.portal.pages.visits import SafeForm, VisitorOf, numbers, reach, see_other, text
from exchange_hub.portal.problems import Problem
from exchange_hub.portal.state import hub_of
from warehouse import browse

router = APIRouter(include_in_schema=False)


def must_be_office(visitor: Visitor) -> None:
    """A centre does not decide about itself.

    Raises:
        Problem: 403.
    """
    if visitor.account.kind == "platform":
        raise Problem(403, "NOT_AN_OFFICE", "此操作由监管部门账号办理", "only an office's account does this")


@router.get("/objections")
def objections(request: Request, visitor: VisitorOf) -> Response:
    """Objections that await a decision, by notice, the oldest first."""
    must_be_office(visitor)
    return _page(request, visitor)


@router.post("/objections/{no}")
def decide(request: Request, visitor: VisitorOf, no: str, form: SafeForm) -> Response:
    """Uphold or dismiss the chosen objections of one notice."""
    must_be_office(visitor)
    own_notice(request, visitor, no)
    act = Act(actor_of(visitor), system_now(), text(form, "reason"))
    chosen = numbers(form, "item")
    try:
        decided = decide_objections(hub_of(request), no, chosen, text(form, "decision"), act)
    except UsageError as error:
        return _page(request, visitor, fault=error)
    changed = sum(len(items) for items in decided.changed.values())
    note(request, visitor, "notice.decide", no, f"{text(form, 'decision')}: {changed} items")
    return see_other("/objections")


@router.post("/notices/{no}/revocation")
def revoke(request: Request, visitor: VisitorOf, no: str, form: SafeForm) -> Response:
    """Revoke the rejection of the chosen items: our rule was wrong."""
    must_be_office(visitor)
    row = own_notice(request, visitor, no)
    act = Act(actor_of(visitor), system_now(), text(form, "reason"))
    chosen = numbers(form, "item")
    try:
        if not chosen:
            raise UsageError("NO_ITEM", "请先选择记录", "choose the records")
        decided = revoke_items(hub_of(request), no, chosen, act)
    except UsageError as error:
        return notice_page(request, visitor, row, done=Done(fault=error), status=422)
    changed = sum(len(items) for items in decided.changed.values())
    note(request, visitor, "notice.revoke", no, f"{changed} items")
    return notice_page(request, visitor, own_notice(request, visitor, no), done=Done(taken=changed))


def _page(request: Request, visitor: Visitor, fault: UsageError | None = None) -> Response:
    with hub_of(request).database() as conn:
        rows = browse.objections(conn, reach(request, visitor))
    groups: dict[str, list[browse.Row]] = {}
    for row in rows:
        groups.setdefault(row["notice_no"], []).append(row)
    return page(
        request,
        "objections.html.j2",
        visitor,
        status=422 if fault else 200,
        groups=groups,
        total=len(rows),
        labels={number: labels_of(items[0]["contract_version"]) for number, items in groups.items()},
        fault=fault,
    )
