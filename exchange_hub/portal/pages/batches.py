"""Batches: the list, and one with live progress and its report."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from exchange_hub.flows.context import Hub
from exchange_hub.flows.receive import BatchRef
from exchange_hub.portal.api.batches import batch_document
from exchange_hub.portal.pages.labels import labels_of
from exchange_hub.portal.pages.render import page
from exchange_hub.portal.pages.visits import VisitorOf, must_reach, reach
from exchange_hub.portal.state import hub_of
from warehouse import browse

router = APIRouter(include_in_schema=False)
PER_PAGE = 50
LISTED = 200  # findings shown


@router.get("/batches")
def list_batches(
    request: Request, visitor: VisitorOf, before: Annotated[int | None, Query(ge=1, le=2**53)] = None
) -> Response:
    """Batches within reach, newest first."""
    with hub_of(request).database() as conn:
        rows = browse.batches(conn, reach(request, visitor), before=before, limit=PER_PAGE + 1)
    following = rows[PER_PAGE - 1]["id"] if len(rows) > PER_PAGE else None
    return page(request, "batches.html.j2", visitor, rows=rows[:PER_PAGE], following=following)


@router.get("/batches/{platform}/{batch_no}")
def show_batch(request: Request, visitor: VisitorOf, platform: str, batch_no: str) -> Response:
    """One batch; the page asks by itself until it is settled."""
    must_reach(request, visitor, platform)
    batch = batch_document(hub_of(request), BatchRef(platform, batch_no))
    return page(request, "batch.html.j2", visitor, batch=batch, **report_parts(hub_of(request), batch["report"]))


@router.get("/batches/{platform}/{batch_no}/progress")
def progress(request: Request, visitor: VisitorOf, platform: str, batch_no: str) -> Response:
    """Where the batch stands, for the page's script."""
    must_reach(request, visitor, platform)
    batch = batch_document(hub_of(request), BatchRef(platform, batch_no))
    return JSONResponse({"state": batch["state"], "progress": batch["progress"]})


def report_parts(_hub: Hub, report: dict[str, Any] | None) -> dict[str, Any]:
    """What the template of a report needs."""
    if report is None:
        return {"report": None, "labels": {}, "findings": []}
    labels = labels_of(report["contract_version"])
    return {"report": report, "labels": labels, "findings": report["findings"][:LISTED]}
