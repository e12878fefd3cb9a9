"""Handing packages in and asking what became of them."""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from exchange_hub.core.clock import iso, system_now
from exchange_hub.flows.context import Hub
from exchange_hub.flows.receive import BatchRef, Received, receive
from exchange_hub.flows.worklist import CHANNEL
from exchange_hub.portal.api.caller import SCHEMES, CallerOf
from exchange_hub.portal.api.described import PACKAGE_BODY, problems
from exchange_hub.portal.api.models import Batch
from exchange_hub.portal.problems import Problem, not_found
from exchange_hub.portal.state import address_of, hub_of, state_of
from exchange_hub.portal.upload import body_on_disk
from warehouse import actions, batches, worklist
from warehouse.actions import Action

router = APIRouter(tags=["批次 batches"], dependencies=SCHEMES)
NO_BATCH = ("没有这个批次", "no such batch")


@router.post(
    "/batches",
    status_code=202,
    response_model=Batch,
    summary="报送数据包 hand a package in",
    responses=problems(400, 408, 409, 413, 415, 507),
    openapi_extra=PACKAGE_BODY,
)
async def hand_in(request: Request, caller: CallerOf) -> JSONResponse:
    """Keeps the bytes as evidence and answers at once with the batch's address; validation follows by itself.

    The same package again is harmless and answers the same. The same `batch_no` with other content is 409. A package
    that cannot be used is kept and refused as a whole: 202 with `state` refused, the cause in its report.
    """
    hub = hub_of(request)
    async with body_on_disk(request, hub.settings.max_package_bytes) as path:
        received = await run_in_threadpool(
            receive, hub, path, system_now(), channel=CHANNEL, sender=caller.platform.code
        )
    state_of(request).worker.wake()
    document = await run_in_threadpool(_received, hub, received, caller.name, address_of(request))
    return JSONResponse(document, 202, {"Location": document["address"]})


@router.get(
    "/batches/{platform}/{batch_no}",
    response_model=Batch,
    summary="查询批次状态与报告 state and report of a batch",
    responses=problems(404),
)
def show(request: Request, caller: CallerOf, platform: str, batch_no: str) -> JSONResponse:
    """State of a batch; its report once it is settled. Another platform's batch is 404."""
    caller.must_own(platform, *NO_BATCH)
    return JSONResponse(batch_document(hub_of(request), BatchRef(platform, batch_no)))


def batch_document(hub: Hub, ref: BatchRef) -> dict[str, Any]:
    """State and report of a batch as plain data.

    Raises:
        Problem: 404.
    """
    if "\x00" in ref.batch_no or not ref.batch_no.isprintable():
        raise not_found(*NO_BATCH)
    with hub.database() as conn:
        batch = batches.find(conn, ref.platform_code, ref.batch_no)
        if batch is None:
            raise not_found(*NO_BATCH)
        report = batches.read_report(conn, batch.id)
        progress = worklist.progress(conn, batch.id) if batch.state == "received" else "done"
    return {
        "platform_code": batch.platform_code,
        "batch_no": batch.batch_no,
        "address": f"/api/v1/batches/{batch.platform_code}/{quote(batch.batch_no, safe='')}",
        "state": batch.state,
        "progress": progress,
        "received_at": iso(batch.received_at),
        "settled_at": iso(batch.settled_at) if batch.settled_at else None,
        "sha256": batch.sha256,
        "size_bytes": batch.size_bytes,
        "contract_version": batch.contract_version,
        "verdict": batch.verdict,
        "report": report,
    }


def _received(hub: Hub, received: Received, actor: str, address: str) -> dict[str, Any]:
    place = f"{received.ref.platform_code}/{received.ref.batch_no}"
    outcome, reason = ("refused", "BATCH_CONFLICT") if received.conflict else ("done", received.said)
    with hub.database() as conn:
        actions.record(conn, Action(actor, "batch.hand_in", place, outcome, reason, address), system_now())
        conn.commit()
    document = batch_document(hub, received.ref)
    if received.conflict is not None:
        more = {"where": received.conflict.where, "batch": document["address"]}
        said = (received.conflict.message_zh, received.conflict.message_en)
        raise Problem(409, received.conflict.code, *said, more=more)
    return {**document, "repeat": received.repeat}
