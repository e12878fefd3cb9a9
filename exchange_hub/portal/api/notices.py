"""Feedback notices: listed, read in three forms, acknowledged, answered."""

import re
from datetime import date, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from exchange_hub.core.clock import iso
from exchange_hub.core.notices import NoticeState
from exchange_hub.flows.context import Hub
from exchange_hub.flows.notices import notice_document, write_notice_files
from exchange_hub.portal.api.caller import SCHEMES, Caller, CallerOf
from exchange_hub.portal.api.described import problems
from exchange_hub.portal.api.models import Notice, NoticePage
from exchange_hub.portal.problems import Problem, not_found
from exchange_hub.portal.state import hub_of
from feedback.render import MEDIA_TYPES
from warehouse import browse

router = APIRouter(tags=["反馈通知 notices"], dependencies=SCHEMES)
NO_NOTICE = ("没有这份通知", "no such notice")
NUMBER = re.compile(r"FK-[0-9]{8}-[0-9]{4}-[0-9]{6,}")
FORMS = ("json", "html", "xlsx")
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
                MEDIA_TYPES["xlsx"]: {"schema": {"type": "string", "format": "binary"}},
            }
        },
        **problems(404, 406),
    },
)
def show(request: Request, caller: CallerOf, no: str) -> Response:
    """A notice as JSON, HTML or XLSX: by `Accept`, or by a suffix of the number (`….json`, `….html`, `….xlsx`)."""
    number, _, suffix = no.partition(".")
    form = suffix or chosen_form(request.headers.get("accept", ""))
    own(hub_of(request), caller, number)
    if form not in FORMS:
        said = ("可提供 json、html、xlsx", "there are json, html and xlsx")
        raise not_found(*NO_NOTICE) if suffix else Problem(406, "NOT_ACCEPTABLE", *said)
    return notice_as(hub_of(request), number, form)


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
    with NamedTemporaryFile(prefix="hub-notice-", suffix=f".{form}") as file:
        path = Path(file.name)
        write_notice_files(hub, number, *((path, None) if form == "html" else (None, path)))
        content = path.read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="{number}.{form}"'} if form == "xlsx" else {}
    if form == "html":  # the letter carries its own style and script by hash
        headers["Content-Security-Policy"] = "sandbox allow-scripts; frame-ancestors 'none'"
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


def chosen_form(accept: str) -> str:
    """json, html or xlsx by an Accept header; JSON where anything goes; empty where none of them is taken."""
    wanted = {"application/json": "json", "application/*": "json", "*/*": "json", "text/html": "html", "text/*": "html"}
    wanted[MEDIA_TYPES["xlsx"]] = "xlsx"
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


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items() if name not in HIDDEN}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    return value.isoformat() if isinstance(value, date) else value
