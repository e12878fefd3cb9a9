"""Feedback notices: listed, read in five forms, acknowledged, answered."""

import re
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from exchange_hub.core.clock import iso, system_now
from exchange_hub.core.notices import Actor, NoticeState, Role
from exchange_hub.flows import answers
from exchange_hub.flows.context import Hub
from exchange_hub.flows.notices import notice_as as notice_form
from exchange_hub.flows.notices import notice_document
from exchange_hub.portal.api.caller import SCHEMES, Caller, CallerOf
from exchange_hub.portal.api.described import problems
from exchange_hub.portal.api.models import Answer, Notice, NoticePage, Standing
from exchange_hub.portal.problems import Problem, not_found
from exchange_hub.portal.state import address_of, hub_of
from feedback.answers import Answer as Said
from feedback.render import MEDIA_TYPES
from warehouse import actions, browse
from warehouse.actions import Action

router = APIRouter(tags=["反馈通知 notices"], dependencies=SCHEMES)
NO_NOTICE = ("没有这份通知", "no such notice")
NUMBER = re.compile(r"FK-[0-9]{8}-[0-9]{4}-[0-9]{6,}")
FORMS = ("json", "html", "xlsx", "csv", "pdf")
STATUS_OF_FAULT = {"ITEM_UNKNOWN": 404, "BAD_ANSWER": 422}
HIDDEN = ("platform_name_zh", "refusal_code")


@router.get("/notices", response_model=NoticePage, summary="通知列表 list notices", responses=problems(422))
def list_notices(
    request: Request,
    caller: CallerOf,
    state: Annotated[NoticeState | None, Query(description="状态 state")] = None,
    batch_no: Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00-\x1f]+$")] = None,
    after: Annotated[str | None, Query(pattern=rf"^{NUMBER.pattern}$")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> JSONResponse:
    """The platform's own notices, newest first; `next` is the address of the page that follows."""
    with hub_of(request).database() as conn:
        rows = browse.notices(
            conn, [caller.platform.code], state=state, batch_no=batch_no, after=after, limit=limit + 1
        )
    page = rows[:limit]
    following = None
    if len(rows) > limit:
        chosen = {"state": state, "batch_no": batch_no, "after": page[-1]["notice_no"], "limit": limit}
        following = "/api/v1/notices?" + urlencode({key: value for key, value in chosen.items() if value is not None})
    return JSONResponse({"notices": [_row(row) for row in page], "next": following})


@router.get(
    "/notices/{no}",
    response_model=Notice,
    summary="一份通知 one notice",
    responses={
        200: {
            "content": {
                "text/html": {"schema": {"type": "string"}},
                "text/csv": {"schema": {"type": "string"}},
                MEDIA_TYPES["xlsx"]: {"schema": {"type": "string", "format": "binary"}},
                MEDIA_TYPES["pdf"]: {"schema": {"type": "string", "format": "binary"}},
            }
        },
        **problems(404, 406),
    },
)
def show(request: Request, caller: CallerOf, no: str) -> Response:
    """A notice as JSON, HTML, XLSX, CSV or PDF: by `Accept`, or by a suffix of the number (`.json`, `.xlsx`, …)."""
    number, _, suffix = no.partition(".")
    form = suffix or chosen_form(request.headers.get("accept", ""))
    own(hub_of(request), caller, number)
    answers.fetched(hub_of(request), number, caller.platform.code, actor_of(caller), system_now())
    if form not in FORMS:
        said = ("可提供 json、html、xlsx、csv、pdf", "there are json, html, xlsx, csv and pdf")
        raise not_found(*NO_NOTICE) if suffix else Problem(406, "NOT_ACCEPTABLE", *said)
    return notice_as(hub_of(request), number, form)


@router.post(
    "/notices/{no}/acknowledgement", response_model=Standing, summary="签收 acknowledge", responses=problems(404)
)
def acknowledge(request: Request, caller: CallerOf, no: str) -> JSONResponse:
    """Acknowledges a notice; the first proof of receipt starts the five working days. Again: nothing changes."""
    hub = hub_of(request)
    own(hub, caller, no)
    standing = answers.acknowledge(hub, no, caller.platform.code, actor_of(caller), system_now())
    note(request, caller, "notice.acknowledge", no)
    return JSONResponse(_standing(standing))


@router.post(
    "/notices/{no}/items/{id}/answer",
    response_model=Standing,
    summary="答复条目 answer an item",
    responses=problems(404, 409, 415, 422),
)
def answer(
    request: Request,
    caller: CallerOf,
    no: str,
    item_no: Annotated[int, Path(alias="id", ge=1, le=10**9)],
    said: Answer,
) -> JSONResponse:
    """Answers a rejected record that is not corrected; `id` is its `item_no`, the reason is required.

    An item that is closed or was answered before is 409. A corrected record comes as a new batch instead.
    """
    hub = hub_of(request)
    own(hub, caller, no)
    given = [Said(item_no, said.answer.value, said.reason)]
    result = answers.answer_items(hub, no, caller.platform.code, given, actor_of(caller), system_now())
    for fault in result.not_taken:
        note(request, caller, "notice.answer", f"{no} {item_no}", fault.code)
        status = STATUS_OF_FAULT.get(fault.code, 409)
        raise Problem(status, fault.code, fault.message_zh, fault.message_en)
    note(request, caller, "notice.answer", f"{no} {item_no}")
    return JSONResponse(_standing(result.standing))


def actor_of(caller: Caller) -> Actor:
    """The caller as the events of notices name it."""
    return Actor(Role.PLATFORM, caller.name)


def note(request: Request, caller: Caller, action: str, place: str, refused: str = "") -> None:
    """Write what was done or refused into the book."""
    done = Action(caller.name, action, place, "refused" if refused else "done", refused, address_of(request))
    with hub_of(request).database() as conn:
        actions.record(conn, done, system_now())
        conn.commit()


def own(hub: Hub, caller: Caller, number: str) -> None:
    """Another platform's notice does not exist for this caller.

    Raises:
        Problem: 404.
    """
    if not NUMBER.fullmatch(number):
        raise not_found(*NO_NOTICE)
    with hub.database() as conn:
        caller.must_own(browse.notice_owner(conn, number) or "", *NO_NOTICE)


def notice_as(hub: Hub, number: str, form: str) -> Response:
    """A notice in one of its forms."""
    if form == "json":
        return JSONResponse(notice_document(hub, number)[1])
    content = notice_form(hub, number, form)
    headers = {"Content-Disposition": f'attachment; filename="{number}.{form}"'} if form not in {"html", "json"} else {}
    if form == "html":  # the letter carries its own style and script by hash
        headers["Content-Security-Policy"] = "sandbox allow-scripts; frame-ancestors 'none'"
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


def chosen_form(accept: str) -> str:
    """The form that an Accept header asks for; JSON where anything goes; empty where none of them is taken."""
    wanted = {kind.partition(";")[0]: form for form, kind in MEDIA_TYPES.items()}
    wanted |= {"application/*": "json", "*/*": "json", "text/*": "html"}
    best, form = 0.0, ""
    for part in accept.split(",") if accept.strip() else ["*/*"]:
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        weight = _weight(parameters)
        if kind.lower() in wanted and weight > best:
            best, form = weight, wanted[kind.lower()]
    return form


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            return float(value) if re.fullmatch(r"[01](\.[0-9]{0,3})?", value) else 0.0
    return 1.0


def _standing(standing: answers.Standing) -> dict[str, Any]:
    return {name: _plain(getattr(standing, name)) for name in answers.Standing.__slots__}


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items() if name not in HIDDEN}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    return value.isoformat() if isinstance(value, date) else value
