"""The bulletin: an office sees the centres of its region and trades, a centre only itself.

Circulating results is the office's act (Art. 11), and what is shared may not be passed on without authority, "nor by
changing its form" (Art. 15): so a centre is shown neither other centres nor an average made of them.
"""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from exchange_hub.core.clock import in_shanghai, iso, parse_instant, system_now
from exchange_hub.core.errors import UsageError
from exchange_hub.flows.bulletin import Reader, make_bulletin, parse_month
from exchange_hub.flows.signin import Visitor
from exchange_hub.portal.pages.render import page
from exchange_hub.portal.pages.visits import VisitorOf, reach
from exchange_hub.portal.problems import Problem, not_found
from exchange_hub.portal.state import hub_of
from feedback.render_bulletin import MEDIA_TYPES, bulletin_body, bulletin_form, bulletin_style, scope_text

router = APIRouter(include_in_schema=False)
Asked = Annotated[str, Query(max_length=40)]


@router.get("/bulletin")
def show(request: Request, visitor: VisitorOf, month: Asked = "", as_of: Asked = "", region: Asked = "") -> Response:
    """The bulletin as a page; without a month that of this one, without a cut-off as known now."""
    return _answer(request, visitor, month, as_of, region)


@router.get("/bulletin.css")
def style() -> Response:
    """The style of the bulletin: the same in the page and in the file."""
    return Response(bulletin_style(), media_type="text/css")


@router.get("/bulletin.{form}")
def download(
    request: Request, visitor: VisitorOf, form: str, month: Asked = "", as_of: Asked = "", region: Asked = ""
) -> Response:
    """The bulletin as a file: html, xlsx or json."""
    if form not in MEDIA_TYPES:
        raise not_found()
    return _answer(request, visitor, month, as_of, region, form)


def _answer(
    request: Request, visitor: Visitor, month: str, as_of: str, region: str, form: str | None = None
) -> Response:
    try:
        instant = _cut_off(as_of)
        asked = parse_month(month or f"{instant:%Y-%m}")
        made = make_bulletin(hub_of(request), asked, instant, _reader(request, visitor, region))
    except UsageError as error:
        raise Problem(422, error.code, error.message_zh, error.message_en) from error
    if form:
        head = {"Content-Disposition": f'attachment; filename="{made.name}.{form}"'}
        return Response(bulletin_form(made, form), media_type=MEDIA_TYPES[form], headers=head)
    shown: dict[str, Any] = {"bulletin": made, "scope": scope_text(made), "body": bulletin_body(made)}
    chosen = {"month": f"{asked:%Y-%m}", "as_of": iso(instant), "region": region}
    regions = _regions(request, visitor)
    return page(request, "bulletin.html.j2", visitor, **shown, chosen=chosen, regions=regions)


def _cut_off(as_of: str) -> datetime:
    """To the second, so that the address of a bulletin gives the same one again."""
    return in_shanghai(parse_instant(as_of) if as_of else system_now()).replace(microsecond=0)


def _reader(request: Request, visitor: Visitor, region: str) -> Reader:
    hub, account = hub_of(request), visitor.account
    codes = tuple(c for c in reach(request, visitor) if c in hub.platforms)
    if account.kind == "platform":
        return Reader("、".join(hub.platform(code).name_zh for code in codes), codes)
    chosen = tuple(code for code in codes if hub.platform(code).region.startswith(region))
    scope = f"行政区划 {region or account.region}" if region or account.region else "全部平台"
    return Reader(scope, chosen, tuple(account.trades))


def _regions(request: Request, visitor: Visitor) -> list[str]:
    if visitor.account.kind == "platform":
        return []
    platforms = hub_of(request).platforms
    return sorted({platforms[code].region for code in reach(request, visitor) if code in platforms})
