"""The first page: what waits for this person."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange_hub.core.clock import system_now
from exchange_hub.flows.alarms import list_alarms
from exchange_hub.portal.pages.clock import countdown
from exchange_hub.portal.pages.render import page
from exchange_hub.portal.pages.visits import VisitorOf, reach
from exchange_hub.portal.state import hub_of
from warehouse import actions, browse

router = APIRouter(include_in_schema=False)
FIRST = 12  # notices and batches shown
ACTIONS = 100


@router.get("/")
def home(request: Request, visitor: VisitorOf) -> Response:
    """A centre: its due notices and newest batches. An office: its centres, the most overdue first."""
    hub, now, codes = hub_of(request), system_now(), reach(request, visitor)
    with hub.database() as conn:
        waiting = browse.due_first(conn, codes, FIRST)
        counted = browse.overview(conn, codes, now)
        newest = browse.batches(conn, codes, limit=8)
    clocks = {row["notice_no"]: countdown(row, now) for row in waiting}
    nothing: dict[str, Any] = {"notices": 0, "overdue": 0, "items_open": 0, "objected": 0, "next_due": None}
    centres = [(hub.platforms[code], nothing | counted.get(code, {})) for code in codes if code in hub.platforms]
    centres.sort(key=lambda pair: (-pair[1]["overdue"], -pair[1]["objected"], -pair[1]["items_open"], pair[0].code))
    total = {name: sum(c[name] for _, c in centres) for name in ("notices", "overdue", "items_open", "objected")}
    template = "home_centre.html.j2" if visitor.account.kind == "platform" else "home_office.html.j2"
    alarms = list_alarms(hub) if visitor.account.kind == "hub" else []
    return page(
        request,
        template,
        visitor,
        waiting=waiting,
        clocks=clocks,
        centres=centres,
        batches=newest,
        total=total,
        alarms=alarms,
    )


@router.get("/actions")
def own_actions(request: Request, visitor: VisitorOf) -> Response:
    """What this account did, newest first."""
    with hub_of(request).database() as conn:
        rows = actions.newest(conn, [visitor.account.login], ACTIONS)
    return page(request, "actions.html.j2", visitor, rows=rows, title="我的操作记录")
