"""Feedback notices: the list with its countdown, one notice with its faulty rows, its files and its history."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from exchange_hub.core.clock import system_now
from exchange_hub.core.notices import Actor, ItemState, NoticeState, Role
from exchange_hub.flows import answers
from exchange_hub.flows.signin import Visitor
from exchange_hub.portal.api.notices import FORMS, NUMBER, notice_as
from exchange_hub.portal.pages.clock import countdown
from exchange_hub.portal.pages.labels import labels_of
from exchange_hub.portal.pages.render import page
from exchange_hub.portal.pages.visits import VisitorOf, must_reach, reach
from exchange_hub.portal.problems import not_found
from exchange_hub.portal.state import hub_of
from warehouse import browse, notice_items, notice_receipts
from warehouse.browse import Row

router = APIRouter(include_in_schema=False)
PER_PAGE = 50
ITEMS_PER_PAGE = 25
EVENTS = 200


@router.get("/notices")
def list_notices(
    request: Request,
    visitor: VisitorOf,
    state: Annotated[str, Query(max_length=20)] = "",
    platform: Annotated[str, Query(max_length=40)] = "",
    after: Annotated[str, Query(pattern=rf"^(|{NUMBER.pattern})$")] = "",
) -> Response:
    """Notices within reach, newest first."""
    now, codes = system_now(), reach(request, visitor)
    chosen = [code for code in codes if platform in ("", code)]
    wanted = state if state in set(NoticeState) else None
    with hub_of(request).database() as conn:
        rows = browse.notices(conn, chosen, state=wanted, after=after or None, limit=PER_PAGE + 1)
    following = rows[PER_PAGE - 1]["notice_no"] if len(rows) > PER_PAGE else None
    return page(
        request,
        "notices.html.j2",
        visitor,
        rows=rows[:PER_PAGE],
        clocks={row["notice_no"]: countdown(row, now) for row in rows},
        platforms=[hub_of(request).platforms[code] for code in codes if code in hub_of(request).platforms],
        chosen={"state": wanted or "", "platform": platform},
        following=following,
    )


@router.get("/notices/{no}")
def show(
    request: Request,
    visitor: VisitorOf,
    no: str,
    state: Annotated[str, Query(max_length=20)] = "",
    rule: Annotated[str, Query(max_length=40, pattern=r"^[A-Za-z0-9_.-]*$")] = "",
    after: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Response:
    """A notice; a suffix (.html, .pdf, .xlsx, .csv, .json) gives its file."""
    number, _, form = no.partition(".")
    row = own_notice(request, visitor, number)
    if visitor.account.kind == "platform":
        answers.fetched(hub_of(request), number, row["platform_code"], actor_of(visitor), system_now())
        row = own_notice(request, visitor, number)
    if form:
        if form not in FORMS:
            raise not_found()
        return notice_as(hub_of(request), number, form)
    return notice_page(request, visitor, row, state=state, rule=rule, after=after)


def notice_page(  # noqa: PLR0913 -- what the page is narrowed to, and what it has to say
    request: Request,
    visitor: Visitor,
    row: Row,
    *,
    state: str = "",
    rule: str = "",
    after: int = 0,
    done: object = None,
    status: int = 200,
) -> Response:
    """The page of one notice."""
    number, wanted = row["notice_no"], ItemState(state) if state in set(ItemState) else None
    with hub_of(request).database() as conn:
        found = notice_items.page(
            conn, number, after=after, limit=ITEMS_PER_PAGE + 1, state=wanted, rule_id=rule or None
        )
        rules, states = browse.rules_of(conn, number), browse.states_of(conn, number)
        history = browse.events(conn, number, EVENTS)
        acknowledged = notice_receipts.has(conn, number, "acknowledgement")
    return page(
        request,
        "notice.html.j2",
        visitor,
        status=status,
        n=row,
        clock=countdown(row, system_now()),
        found=found[:ITEMS_PER_PAGE],
        following=found[ITEMS_PER_PAGE - 1].item_no if len(found) > ITEMS_PER_PAGE else None,
        rules=rules,
        states=states,
        history=history,
        acknowledged=acknowledged,
        labels=labels_of(row["contract_version"]),
        chosen={"state": wanted or "", "rule": rule},
        after=after,
        done=done,
        can_answer=visitor.account.kind == "platform",
    )


def own_notice(request: Request, visitor: Visitor, number: str) -> Row:
    """The row of a notice within reach.

    Raises:
        Problem: 404.
    """
    if not NUMBER.fullmatch(number):
        raise not_found("没有这份通知", "no such notice")
    with hub_of(request).database() as conn:
        row = browse.notice_row(conn, number)
    must_reach(request, visitor, row["platform_code"] if row else None)
    if row is None:  # cannot be: nothing is not in reach
        raise not_found()
    return row


def actor_of(visitor: Visitor) -> Actor:
    """The visitor as the events of notices name it."""
    role = Role.PLATFORM if visitor.account.kind == "platform" else Role.OPERATOR
    return Actor(role, visitor.account.login)
