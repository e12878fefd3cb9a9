"""Adding a calendar file when the State Council publishes: what it would change first, then into force."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange_hub.core.clock import system_now
from exchange_hub.core.errors import ConfigurationError, UsageError
from exchange_hub.flows.calendar_files import MOST_BYTES, add_file, try_file
from exchange_hub.flows.signin import Visitor
from exchange_hub.portal.pages.answering import note
from exchange_hub.portal.pages.render import page
from exchange_hub.portal.pages.visits import SafeForm, VisitorOf, text, upload
from exchange_hub.portal.problems import Problem
from exchange_hub.portal.state import hub_of

router = APIRouter(include_in_schema=False)
LISTED = 200  # moved deadlines shown


def may_publish(visitor: Visitor) -> bool:
    """Whether the visitor may change everybody's calendar: administrators of the hub and of the province's office."""
    account = visitor.account
    provincial = account.kind == "office" and (account.region or "").endswith("0000")
    return account.is_admin and (account.kind == "hub" or provincial)


@router.post("/calendar/trial")
def trial(request: Request, visitor: VisitorOf, form: SafeForm) -> Response:
    """What the file would change; nothing is stored."""
    _must_publish(visitor)
    file = upload(form, "calendar")
    content = file.file.read(MOST_BYTES + 1)
    try:
        found = try_file(hub_of(request), content)
    except (ConfigurationError, UsageError) as error:
        return _page(request, visitor, fault=error, status=422)
    return _page(request, visitor, trial=found, moved=found.moved, content=content.decode("utf-8"))


@router.post("/calendar/files")
def add(request: Request, visitor: VisitorOf, form: SafeForm) -> Response:
    """Put the file in force and recompute open notices."""
    _must_publish(visitor)
    content = text(form, "content").replace("\r\n", "\n").encode()
    try:
        moved = add_file(hub_of(request), content, system_now())
    except (ConfigurationError, UsageError) as error:
        return _page(request, visitor, fault=error, status=422)
    note(request, visitor, "calendar.add", "", f"{len(moved)} deadlines differ")
    return _page(request, visitor, moved=tuple(moved), added=True)


def _must_publish(visitor: Visitor) -> None:
    if not may_publish(visitor):
        zh = "此操作由省级监管部门或枢纽的管理员办理"
        raise Problem(
            403, "NOT_THE_PROVINCE", zh, "only an administrator of the province's office or the hub does this"
        )


def _page(request: Request, visitor: Visitor, *, status: int = 200, **values: Any) -> Response:
    shown = {"trial": None, "moved": (), "content": "", "added": False, "fault": None, "listed": LISTED, **values}
    return page(request, "calendar_file.html.j2", visitor, status=status, **shown)
