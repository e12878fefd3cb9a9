"""A few rejected records corrected by form; they go as a new batch the normal way."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from exchange_hub.core.clock import system_now
from exchange_hub.core.errors import UsageError
from exchange_hub.flows.correct import MOST_AT_ONCE, correct, form_records
from exchange_hub.flows.signin import Visitor
from exchange_hub.portal.pages.answering import note
from exchange_hub.portal.pages.labels import labels_of
from exchange_hub.portal.pages.notices import own_notice
from exchange_hub.portal.pages.render import page
from exchange_hub.portal.pages.visits import SafeForm, VisitorOf, centre_code, numbers, see_other, text
from exchange_hub.portal.state import hub_of, state_of

router = APIRouter(include_in_schema=False)


@router.get("/notices/{no}/correct")
def form_page(
    request: Request, visitor: VisitorOf, no: str, item: Annotated[list[int] | None, Query(max_length=1_000)] = None
) -> Response:
    """The form for the chosen records."""
    centre_code(visitor)
    return _page(request, visitor, no, sorted(set(item or []))[:MOST_AT_ONCE])


@router.post("/notices/{no}/correct")
def send(request: Request, visitor: VisitorOf, no: str, form: SafeForm) -> Response:
    """Send the corrected records; the person goes on to the batch's page."""
    own_notice(request, visitor, no)
    code, chosen = centre_code(visitor), numbers(form, "item")
    typed: dict[int, dict[str, str]] = {number: {} for number in chosen}
    for name in form:
        head, _, field = name.partition(".")
        if head.isdecimal() and int(head) in typed and field:
            typed[int(head)][field] = text(form, name)
    try:
        received, batch_no = correct(hub_of(request), no, typed, system_now())
    except UsageError as error:
        return _page(request, visitor, no, chosen[:MOST_AT_ONCE], fault=error)
    state_of(request).worker.wake()
    note(request, visitor, "notice.correct", f"{no} {received.ref.batch_no}", f"{len(chosen)} records")
    return see_other(f"/batches/{code}/{quote(batch_no, safe='')}")


def _page(request: Request, visitor: Visitor, no: str, chosen: list[int], fault: UsageError | None = None) -> Response:
    row = own_notice(request, visitor, no)
    return page(
        request,
        "correct.html.j2",
        visitor,
        status=422 if fault else 200,
        n=row,
        records=form_records(hub_of(request), no, chosen),
        labels=labels_of(row["contract_version"]),
        fault=fault,
        most=MOST_AT_ONCE,
    )
